//! The flags that all subcommands share.

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anstream::ColorChoice;
use clap::{Args, ValueEnum};

use super::error::{CliError, shown};
use super::usage::{UsageError, read_domain};
use crate::compile::SourceOptions;
use crate::dns::read_server_address;
use crate::escape;
use crate::name::DomainName;
use crate::syntax::is_spf_record;

/// Seconds that a name server has to answer.
const TIMEOUT_SECONDS: &str = "5";
/// The most seconds that can be asked for: a day.
const MOST_SECONDS: f64 = 86_400.0;

/// The flags that all subcommands share; they may stand before or after the
/// subcommand.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(super) struct GlobalOptions {
    /// Ask this name server instead of the system's (repeatable)
    #[arg(long, global = true, value_name = "ADDR[:PORT]", value_parser = read_server_address)]
    pub(super) dns: Vec<SocketAddr>,
    /// Answer every DNS question from a lock file or zone map, never from the network
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) dns_file: Option<PathBuf>,
    /// Take TXT as the record published at DOMAIN, whatever DNS says
    #[arg(long, global = true, value_name = "TXT|@FILE")]
    pub(super) record: Option<String>,
    /// Read the policy at NAME as DOMAIN's
    #[arg(long, global = true, value_name = "NAME")]
    pub(super) source: Option<String>,
    /// How results are printed
    #[arg(long, global = true, value_enum, default_value_t = Format::Human)]
    pub(super) format: Format,
    /// How long a name server has to answer
    #[arg(long, global = true, value_name = "SECONDS", default_value = TIMEOUT_SECONDS, value_parser = read_seconds)]
    pub(super) timeout: Duration,
    /// When to use colours
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub(super) color: Color,
    /// Say nothing on standard error but errors
    #[arg(short, long, global = true)]
    pub(super) quiet: bool,
    /// Say more
    #[arg(short, long, global = true)]
    pub(super) verbose: bool,
}

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Human,
    /// One JSON document
    Json,
    /// Graphviz (tree)
    Dot,
    /// SARIF 2.1.0, for code scanning (lint)
    Sarif,
    /// Annotations of GitHub Actions (lint)
    Github,
    /// JUnit's XML, for GitLab and Jenkins (lint)
    Junit,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Format::Human => "human",
            Format::Json => "json",
            Format::Dot => "dot",
            Format::Sarif => "sarif",
            Format::Github => "github",
            Format::Junit => "junit",
        })
    }
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Everywhere
    Always,
    /// Nowhere
    Never,
}

impl From<Color> for ColorChoice {
    fn from(color: Color) -> ColorChoice {
        match color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        }
    }
}

impl GlobalOptions {
    /// The format, if it is one that the subcommand has.
    ///
    /// # Errors
    ///
    /// [`UsageError::Format`] for any other.
    pub(super) fn format_of(
        &self,
        command: &'static str,
        known: &[Format],
    ) -> Result<Format, UsageError> {
        match known.contains(&self.format) {
            true => Ok(self.format),
            false => Err(UsageError::Format { format: self.format, command }),
        }
    }

    /// Refuses `--record` and `--source` where they mean nothing.
    ///
    /// # Errors
    ///
    /// [`UsageError::NotHere`].
    pub(super) fn published_only(&self, command: &'static str) -> Result<(), UsageError> {
        let refuse = |flag| Err(UsageError::NotHere { flag, command });
        match (&self.record, &self.source) {
            (Some(_), _) => refuse("--record"),
            (_, Some(_)) => refuse("--source"),
            _ => Ok(()),
        }
    }

    /// How the policy of a domain is read.
    ///
    /// # Errors
    ///
    /// A `--record` that is none, a `--source` that is no domain.
    pub(super) fn source_options(&self, domain: DomainName) -> Result<SourceOptions, CliError> {
        if self.record.is_some() && self.source.is_some() {
            return Err(UsageError::Excluded("--record", "--source").into());
        }
        let record = self.record.as_deref().map(read_record).transpose()?;
        let source = self.source.as_deref().map(read_domain).transpose()?;
        Ok(SourceOptions { record, source, ..SourceOptions::new(domain) })
    }
}

/// The record of `--record TXT` or `--record @FILE`.
fn read_record(argument: &str) -> Result<Vec<u8>, CliError> {
    let (text, place) = match argument.strip_prefix('@') {
        None => (argument.as_bytes().to_vec(), None),
        Some(path) => {
            let path = Path::new(path);
            let text = std::fs::read(path).map_err(|error| CliError::read(path, error))?;
            (text, Some(shown(path)))
        }
    };
    let text = text.trim_ascii();
    let lines = text.split(|octet| *octet == b'\n').count();
    if let (Some(path), 2..) = (&place, lines) {
        return Err(UsageError::RecordLines { path: path.clone(), lines }.into());
    }
    if !is_spf_record(text) {
        let beginning = escape::octets(&text[..text.len().min(40)]);
        let said = place.unwrap_or_else(|| format!("'{beginning}'"));
        return Err(UsageError::NoRecord(said).into());
    }
    Ok(text.to_vec())
}

fn read_seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "expected a number of seconds".to_owned())?;
    if !(seconds > 0.0 && seconds <= MOST_SECONDS) {
        return Err(format!("expected more than 0 and at most {MOST_SECONDS} seconds"));
    }
    Ok(Duration::from_secs_f64(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_fractions_of_seconds() {
        assert_eq!(read_seconds("0.25"), Ok(Duration::from_millis(250)));
        for text in ["0", "-1", "nan", "inf", "1e9", "", "5s"] {
            assert!(read_seconds(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_record_has_to_begin_as_one() {
        assert_eq!(read_record(" v=spf1 -all ").unwrap(), b"v=spf1 -all");
        let error = read_record("v=spf10\x1b").unwrap_err();
        assert!(error.to_string().contains("'v=spf10\\027' is no SPF record"), "{error}");
    }
}
