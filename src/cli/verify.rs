//! `spfc verify`: whether two policies mean the same, proven or refuted.

use std::collections::HashSet;

use clap::Args;

use super::compiling;
use super::describe::{counted, number};
use super::dns::Dns;
use super::error::CliError;
use super::exit::Exit;
use super::global::Format;
use super::output::Session;
use super::ranges;
use super::sides::Sides;
use super::style::{BAD, GOOD, WARN, paint};
use super::usage::read_domain;
use crate::compile::{Verified, verify};
use crate::documents::{OPEN, VerifyDocument};
use crate::limits::Ceilings;
use crate::name::DomainName;
use crate::policy::Verdict;

const COMMAND: &str = "verify";
/// Ranges that are listed at most.
const MOST_RANGES: usize = 40;

/// Prove that two policies mean the same, or show where they differ
#[derive(Debug, Args)]
#[command(
    after_help = "A and B are domains, records ('v=spf1 …') or files: a lock file or a zone map, or a zone \
                  file such as 'flatten --output zone' writes. A file of several policies is written \
                  FILE#DOMAIN. --record and --source are about A."
)]
pub(super) struct VerifyArgs {
    /// A policy
    a: String,
    /// The policy that it is compared with
    b: String,
    /// Take the targets of this name for the same in both (repeatable)
    #[arg(long, value_name = "NAME")]
    keep: Vec<String>,
}

/// Runs `spfc verify`.
///
/// # Errors
///
/// Policies that cannot be read or are in error.
pub(super) fn run(args: &VerifyArgs, session: &Session) -> Result<Exit, CliError> {
    let format = session.global.format_of(COMMAND, &[Format::Human, Format::Json])?;
    let keep: HashSet<DomainName> =
        args.keep.iter().map(|name| read_domain(name)).collect::<Result<_, _>>()?;
    let sides = Sides::read(&args.a, &args.b, session)?;
    let mut dns = if sides.closed() { Dns::nothing() } else { Dns::open(session)? };
    let verified = compiling::run(&mut dns, session, |lookup| {
        sides.with(lookup, |a, b| verify(a, b, &keep, Ceilings::DEFAULT))
    })?;
    match format {
        Format::Json => session.json(&VerifyDocument::new(&verified))?,
        _ => session.print(&text(&verified, session.global.verbose))?,
    }
    Ok(match verified.comparison.verdict {
        Verdict::Equal => Exit::Done,
        Verdict::Different | Verdict::Open => Exit::No,
    })
}

fn text(verified: &Verified, verbose: bool) -> String {
    let comparison = &verified.comparison;
    let changes = ranges::changes(comparison, &verified.decisions);
    let count = counted(changes.len(), "range");
    let mut out = match comparison.verdict {
        Verdict::Equal => paint(GOOD, "equal:") + " the same result for every address",
        Verdict::Different => paint(BAD, "different:") + &format!(" {count} of addresses, A → B"),
        Verdict::Open => {
            paint(WARN, "open:") + &format!(" {OPEN}, for {count} of addresses, A → B")
        }
    };
    if let Some(proof) = verified.proof {
        let tested = number(proof.tested as u128);
        out.push_str(&format!(", checked again at {tested} boundary addresses"));
    }
    out.push('\n');
    let most = if verbose { usize::MAX } else { MOST_RANGES };
    for line in ranges::lines(&changes, most) {
        out.push_str(&format!("  {line}\n"));
    }
    out
}
