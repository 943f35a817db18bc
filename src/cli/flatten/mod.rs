//! `spfc flatten`: a policy as flat records, proven.

mod document;
mod human;

use std::collections::HashSet;

use clap::{Args, ValueEnum};

use super::dns::Dns;
use super::error::CliError;
use super::exit::Exit;
use super::global::Format;
use super::output::Session;
use super::usage::read_domain;
use crate::compile::{
    ChunkChoice, FlattenOptions, Flattened, Halt, Publication, RecordOptions, SourceOptions,
};
use crate::name::DomainName;
use crate::outcome::Qualifier;
use crate::target::ChunkSet;

const COMMAND: &str = "flatten";
/// The longest time that records may be cached (RFC 2181 section 8).
const MOST_TTL: u32 = 0x7fff_ffff;

/// Compile the policy to flat ip4: and ip6: records that mean the same
#[derive(Debug, Args)]
#[command(
    after_help = "The records are printed only when they are proven to mean what the source means.\n\
                  Publish the chunk records first, and the domain's own record last."
)]
pub(super) struct FlattenArgs {
    /// The domain that the records are for
    domain: String,
    /// Octets of the largest DNS message
    #[arg(long, value_name = "OCTETS", default_value_t = 512, value_parser = clap::value_parser!(u32).range(128..=65_535))]
    max_message: u32,
    /// What the labels of chunk records begin with
    #[arg(long, value_name = "LABEL", default_value = "_spf", value_parser = read_prefix)]
    prefix: String,
    /// Which set of chunk names to write; auto takes the one that is not published
    #[arg(long, value_enum, default_value_t = SetChoice::Auto, value_name = "SET")]
    chunk_set: SetChoice,
    /// Leave this include, or a or mx host, as it is (repeatable)
    #[arg(long, value_name = "NAME")]
    keep: Vec<String>,
    /// Which terms to choose among those that mean the same
    #[arg(long, value_enum, default_value_t = Cover::Disjoint)]
    cover: Cover,
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
    /// How the records are printed
    #[arg(long, value_enum, default_value_t = OutputForm::Txt)]
    output: OutputForm,
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

/// Which terms are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Cover {
    /// In any order they mean the same
    Disjoint,
}

/// How people see the records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum OutputForm {
    /// Name and text of each record
    Txt,
    /// Lines of a zone file (RFC 1035)
    Zone,
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

/// Runs `spfc flatten`.
///
/// # Errors
///
/// Why there is no output.
pub(super) fn run(args: &FlattenArgs, session: &Session) -> Result<Exit, CliError> {
    let format = session.global.format_of(COMMAND, &[Format::Human, Format::Json])?;
    let Cover::Disjoint = args.cover;
    let source = session.global.source_options(read_domain(&args.domain)?)?;
    let mut dns = Dns::open(session)?;
    let options = options(args, source, !dns.recorded())?;
    if dns.recorded() {
        session.note(
            "a recording does not say what stands at the names to be written, so that is not looked at",
        );
    }
    let flattened = dns
        .run(|lookup| Halt::step(crate::compile::flatten(lookup, &options)))?
        .inspect_err(|error| human::advice(error, session))?;
    human::remarks(&flattened, &options, session);
    match (format, args.output) {
        (Format::Json, _) => session.json(&document::document(&flattened, &options))?,
        (_, OutputForm::Txt) => session.print(&human::text(&flattened.records))?,
        (_, OutputForm::Zone) => session.print(&human::zone(&flattened.records))?,
    }
    Ok(Exit::Done)
}

fn options(
    args: &FlattenArgs,
    source: SourceOptions,
    check: bool,
) -> Result<FlattenOptions, CliError> {
    let keep: Result<HashSet<DomainName>, _> =
        args.keep.iter().map(|name| read_domain(name)).collect();
    Ok(FlattenOptions {
        source: SourceOptions { keep: keep?, without: args.without.clone(), ..source },
        records: RecordOptions {
            max_message: args.max_message as usize,
            prefix: args.prefix.clone(),
            chunk_set: match args.chunk_set {
                SetChoice::Auto => ChunkChoice::Auto,
                SetChoice::A => ChunkChoice::Set(ChunkSet::A),
                SetChoice::B => ChunkChoice::Set(ChunkSet::B),
            },
            ttl: args.ttl,
        },
        qualifier: args.qualifier,
        publication: Publication { check, overwrite: args.overwrite },
    })
}

/// Terms of all records together.
fn terms(flattened: &Flattened) -> usize {
    flattened.records.iter().map(|record| record.text.split(' ').count() - 1).sum()
}

/// Octets of all records' texts.
fn octets(flattened: &Flattened) -> usize {
    flattened.records.iter().map(|record| record.text.len()).sum()
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
