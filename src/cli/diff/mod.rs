//! `spfc diff`: what changed in DNS since a recording was taken, as records and
//! as addresses.

mod difference;
mod document;
mod human;

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;

use super::dns::Dns;
use super::error::CliError;
use super::exit::Exit;
use super::global::Format;
use super::output::Session;
use super::recorded::Recorded;
use crate::lint::MAX_SHRINK_PERCENT;

use difference::Difference;

const COMMAND: &str = "diff";

/// Ask DNS again and show what changed since a recording was taken
#[derive(Debug, Args)]
#[command(
    after_help = "Exits 1 on change, and 4 when DNS failed and nothing else changed. Only what SPF reads counts: \
                  other TXT records at the same names, preferences of mail exchanges and TTLs are no change, \
                  and -v tells them. What passes is weighed in each family by itself, IPv4 by addresses and \
                  IPv6 by networks of 64 bits; whichever lost the larger share counts for --max-shrink. \
                  Terms that only the message can decide have no size."
)]
pub(super) struct DiffArgs {
    /// The lock file
    #[arg(short, long, value_name = "FILE", default_value = "spf.lock")]
    file: PathBuf,
    /// How much of what passed may be lost before that is an error of its own (SPF902)
    #[arg(
        long,
        value_name = "PERCENT",
        default_value_t = MAX_SHRINK_PERCENT,
        value_parser = clap::value_parser!(u32).range(0..=100)
    )]
    max_shrink: u32,
}

/// Runs `spfc diff`.
///
/// # Errors
///
/// A file that is no recording; DNS failing where nothing else changed.
pub(super) fn run(args: &DiffArgs, session: &Session) -> Result<Exit, CliError> {
    session.global.published_only(COMMAND)?;
    let format = session.global.format_of(COMMAND, &[Format::Human, Format::Json])?;
    let before = Recorded::read(&args.file)?;
    let mut dns = Dns::open(session)?;
    let mut known = BTreeMap::new();
    let domains =
        dns.run(|lookup| difference::ask(lookup, &before, args.max_shrink, &mut known))?;
    let difference = Difference::new(&before, dns.answers(), domains);
    match format {
        Format::Json => session.json(&document::document(&difference))?,
        _ => session.print(&human::text(&difference, session.global.verbose))?,
    }
    match (difference.changed(), difference.failed.is_empty()) {
        (true, _) => Ok(Exit::No),
        (false, true) => Ok(Exit::Done),
        (false, false) => Err(CliError::Unanswered(difference.failed)),
    }
}
