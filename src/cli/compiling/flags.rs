//! The flags of every subcommand that compiles.

use std::collections::HashSet;

use clap::{Args, ValueEnum};

use crate::cli::error::CliError;
use crate::cli::global::GlobalOptions;
use crate::cli::usage::read_domain;
use crate::compile::{ChunkChoice, Publication, RecordOptions, SourceOptions};
use crate::name::DomainName;
use crate::outcome::Qualifier;
use crate::target::ChunkSet;

/// The longest time that records may be cached (RFC 2181 section 8).
const MOST_TTL: u32 = 0x7fff_ffff;

/// What is compiled, and how records are laid out.
#[derive(Debug, Args)]
pub(in crate::cli) struct CompileFlags {
    /// The domain that the records are for
    domain: String,
    /// Octets of the largest DNS message
    #[arg(long, value_name = "OCTETS", default_value_t = 512, value_parser = clap::value_parser!(u32).range(128..=65_535))]
    max_message: u32,
    /// Octets of the domain's other TXT records, taken as one [default: what DNS holds]
    #[arg(long, value_name = "OCTETS")]
    other_txt: Option<u16>,
    /// What the labels of chunk records begin with
    #[arg(long, value_name = "LABEL", default_value = "_spf", value_parser = read_prefix)]
    prefix: String,
    /// Which set of chunk names to write; auto takes the one that is not published
    #[arg(long, value_enum, default_value_t = SetChoice::Auto, value_name = "SET")]
    chunk_set: SetChoice,
    /// Leave this include, or a or mx host, as it is (repeatable)
    #[arg(long, value_name = "NAME")]
    keep: Vec<String>,
    /// How long the records may be cached [default: the shortest TTL met, within 300 to 3600]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(0..=i64::from(MOST_TTL)))]
    ttl: Option<u32>,
    /// Change the final all, as in '~all'
    #[arg(long, value_name = "ALL", allow_hyphen_values = true, value_parser = read_qualifier)]
    qualifier: Option<Qualifier>,
    /// Compile as if this term were not there, and print what that changes (repeatable)
    #[arg(long, value_name = "TERM", allow_hyphen_values = true)]
    without: Vec<String>,
    /// Replace what the names to be written hold
    #[arg(long)]
    overwrite: bool,
}

/// Which set of chunk names is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum SetChoice {
    /// The one that the published record does not use
    Auto,
    /// _spf1a, _spf2a, …
    A,
    /// _spf1b, _spf2b, …
    B,
}

impl CompileFlags {
    /// How the source is read.
    ///
    /// # Errors
    ///
    /// A name that is none, a record that is none.
    pub(in crate::cli) fn source(&self, global: &GlobalOptions) -> Result<SourceOptions, CliError> {
        let source = global.source_options(read_domain(&self.domain)?)?;
        let keep: Result<HashSet<DomainName>, _> =
            self.keep.iter().map(|name| read_domain(name)).collect();
        Ok(SourceOptions { keep: keep?, without: self.without.clone(), ..source })
    }

    /// How records are laid out.
    pub(in crate::cli) fn records(&self) -> RecordOptions {
        RecordOptions {
            max_message: self.max_message as usize,
            prefix: self.prefix.clone(),
            chunk_set: match self.chunk_set {
                SetChoice::Auto => ChunkChoice::Auto,
                SetChoice::A => ChunkChoice::Set(ChunkSet::A),
                SetChoice::B => ChunkChoice::Set(ChunkSet::B),
            },
            ttl: self.ttl,
            other_txt: self.other_txt.map(usize::from),
        }
    }

    /// Another final `all`.
    pub(in crate::cli) fn qualifier(&self) -> Option<Qualifier> {
        self.qualifier
    }

    /// How the names to be written are looked at.
    pub(in crate::cli) fn publication(&self, check: bool) -> Publication {
        Publication { check, overwrite: self.overwrite }
    }
}

fn read_prefix(text: &str) -> Result<String, String> {
    let sound = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_');
    if text.is_empty() || text.len() > 48 || !text.bytes().all(sound) {
        return Err("expected 1 to 48 letters, digits, hyphens and underscores".to_owned());
    }
    Ok(text.to_ascii_lowercase())
}

fn read_qualifier(text: &str) -> Result<Qualifier, String> {
    let (qualifier, rest) = match text.as_bytes() {
        [octet, rest @ ..] => match Qualifier::from_octet(*octet) {
            Some(qualifier) => (qualifier, rest),
            None => (Qualifier::Pass, text.as_bytes()),
        },
        [] => (Qualifier::Pass, &[][..]),
    };
    match rest.eq_ignore_ascii_case(b"all") {
        true => Ok(qualifier),
        false => Err("expected one of '-all', '~all', '?all', '+all'".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_final_all() {
        assert_eq!(read_qualifier("-all"), Ok(Qualifier::Fail));
        assert_eq!(read_qualifier("~ALL"), Ok(Qualifier::Softfail));
        assert_eq!(read_qualifier("all"), Ok(Qualifier::Pass));
        for text in ["", "-", "all:", "--all", "~"] {
            assert!(read_qualifier(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_prefix_is_part_of_a_label() {
        assert_eq!(read_prefix("_SPF"), Ok("_spf".to_owned()));
        for text in ["", "a.b", "a b", "ü", &"a".repeat(49)] {
            assert!(read_prefix(text).is_err(), "{text}");
        }
    }
}
