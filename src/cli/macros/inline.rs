//! The flags of hybrid records, and what is to be known about them.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::Args;
use ipnet::IpNet;

use super::busy;
use crate::cli::describe::{counted, number};
use crate::cli::error::CliError;
use crate::cli::output::Session;
use crate::compile::{InlineOptions, InlinedRanges};

/// Which ranges of the zone stand in the record too.
#[derive(Debug, Args)]
pub(super) struct InlineFlags {
    /// Put this many ranges of the zone into the record too: the busiest, or the widest without --busy
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    inline: Option<u32>,
    /// Count the messages of this file: a client address a line, with a count or without ('-' is standard input)
    #[arg(long, value_name = "FILE", requires = "inline")]
    busy: Option<PathBuf>,
    /// Put this range of the zone into the record too, an address or a prefix (repeatable)
    #[arg(long, value_name = "PREFIX", value_parser = read_range)]
    inline_range: Vec<IpNet>,
}

fn read_range(text: &str) -> Result<IpNet, String> {
    let address = || text.parse::<IpAddr>().map(IpNet::from);
    match text.parse::<IpNet>().or_else(|_| address()) {
        Ok(range) => Ok(range.trunc()),
        Err(_) => Err("expected an address or a prefix".to_owned()),
    }
}

impl InlineFlags {
    /// What the flags ask for; reads the file of messages.
    ///
    /// # Errors
    ///
    /// A file that cannot be read or counted.
    pub(super) fn options(&self) -> Result<InlineOptions, CliError> {
        Ok(InlineOptions {
            ranges: self.inline.unwrap_or(0) as usize,
            named: self.inline_range.clone(),
            messages: self.busy.as_deref().map(busy::read).transpose()?,
        })
    }

    /// Says what stands in the record, and why.
    pub(super) fn remarks(&self, inlined: &InlinedRanges, session: &Session) {
        let asked = self.inline.unwrap_or(0) as usize;
        let chosen = counted(inlined.chosen, "range");
        if self.busy.is_some() {
            let share = |messages: u64| number(messages.into());
            let of = counted(usize::try_from(inlined.counted).unwrap_or(usize::MAX), "message");
            session.note(format!(
                "the ranges in the record pass {} of {of}, those of the zone {}",
                share(inlined.carried),
                share(inlined.passed)
            ));
            if inlined.chosen < asked {
                session.note(format!("only {chosen} of the zone had messages"));
            }
        } else if asked > 0 {
            session.note(format!(
                "{chosen} of the zone in the record, the widest; --busy FILE takes those with the most mail"
            ));
        }
        if !inlined.terms.is_empty() {
            session.note("the zone keeps the ranges that stand in the record too");
        }
    }
}
