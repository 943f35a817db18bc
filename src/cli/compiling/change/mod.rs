//! What has to change in DNS: shown with `--diff`, made with `--apply`.

mod document;
mod human;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use super::PublishFlags;
use crate::cli::describe::counted;
use crate::cli::dns::Dns;
use crate::cli::error::{CliError, shown};
use crate::cli::exit::Exit;
use crate::cli::global::{Format, GlobalOptions};
use crate::cli::output::Session;
use crate::cli::usage::UsageError;
use crate::compile::{Compiled, Halt, SourceOptions, published_difference};
use crate::dns::read_server_address;
use crate::update::{Applied, Server, UpdateKey, apply};

/// Octets of a key's file at most.
const MOST_KEY_OCTETS: u64 = 65_536;

/// What is done with the records beside printing them.
#[derive(Debug, Args)]
pub(in crate::cli) struct ChangeFlags {
    /// Show what has to change at DOMAIN; exit 1 when something has
    #[arg(long, conflicts_with = "output")]
    diff: bool,
    /// Make the changes, by signed dynamic updates (RFC 2136) of this server over TCP
    #[arg(long, value_name = "ADDR[:PORT]", value_parser = read_server_address, requires = "tsig_key", conflicts_with_all = ["output", "diff"])]
    apply: Option<SocketAddr>,
    /// The file with the key of the updates, as tsig-keygen writes it
    #[arg(long, value_name = "FILE", requires = "apply")]
    tsig_key: Option<PathBuf>,
}

impl ChangeFlags {
    /// Whether a change is asked for.
    pub(in crate::cli) fn wanted(&self) -> bool {
        self.diff || self.apply.is_some()
    }

    /// Refuses what cannot be.
    ///
    /// # Errors
    ///
    /// A change to be made of what a file says.
    pub(in crate::cli) fn check(&self, global: &GlobalOptions) -> Result<(), CliError> {
        match self.apply.is_some() && global.dns_file.is_some() {
            true => Err(UsageError::Excluded("--apply", "--dns-file").into()),
            false => Ok(()),
        }
    }

    /// Shows or makes the change.
    ///
    /// # Errors
    ///
    /// DNS failing; a key that cannot be read; an update that is not made.
    pub(in crate::cli) fn run(
        &self,
        compiled: &Compiled,
        source: &SourceOptions,
        publish: &PublishFlags,
        format: Format,
        dns: &mut Dns,
        session: &Session,
    ) -> Result<Exit, CliError> {
        let difference =
            dns.run(|lookup| Halt::step(published_difference(lookup, source, compiled)))??;
        let applied = match self.apply {
            Some(address) => Some(self.applied(address, compiled, source, publish, session)?),
            None => None,
        };
        match format {
            Format::Json => {
                session.json(&document::document(compiled, &difference, applied))?;
            }
            _ => {
                let text = human::text(compiled, &difference, session.global.verbose);
                session.print(&text)?;
            }
        }
        let plan = &compiled.plan;
        let leftovers = publish.drop_old && !plan.old.is_empty();
        match applied {
            Some(applied) => {
                tell(applied, compiled, publish.drop_old, session);
                Ok(Exit::Done)
            }
            None if plan.is_done() && !leftovers => Ok(Exit::Done),
            None => Ok(Exit::No),
        }
    }

    fn applied(
        &self,
        address: SocketAddr,
        compiled: &Compiled,
        source: &SourceOptions,
        publish: &PublishFlags,
        session: &Session,
    ) -> Result<Applied, CliError> {
        let zone = publish.zone(&source.domain)?;
        let key = self.key()?;
        let server = Server { address, zone, key, timeout: session.global.timeout };
        let now = || jiff::Timestamp::now().as_second().unsigned_abs();
        Ok(apply(&compiled.plan, &server, publish.drop_old, &now)?)
    }

    fn key(&self) -> Result<UpdateKey, CliError> {
        let Some(path) = &self.tsig_key else { return Err(UsageError::NoKey.into()) };
        let read = |path: &PathBuf| {
            let length = std::fs::metadata(path)?.len();
            if length > MOST_KEY_OCTETS {
                return Err(std::io::Error::other("it is far too long for a key"));
            }
            std::fs::read_to_string(path)
        };
        let text = read(path).map_err(|error| CliError::read(path, error))?;
        UpdateKey::read(&text).map_err(|error| CliError::UpdateKey { path: shown(path), error })
    }
}

/// Says what was done, and what is left for later.
fn tell(applied: Applied, compiled: &Compiled, drop_old: bool, session: &Session) {
    let Applied { chunks, own, old } = applied;
    let plan = &compiled.plan;
    match chunks + own + old {
        0 => session.note("nothing had to change"),
        _ => session.note(format!(
            "written: {} and {} of the policy's own; deleted: {}",
            counted(chunks, "chunk"),
            counted(own, "record"),
            counted(old, "old name")
        )),
    }
    if old < plan.old.len() {
        let names: Vec<String> = plan.old.iter().map(|change| change.name.to_string()).collect();
        let how = if drop_old { "run again then" } else { "run again with --drop-old then" };
        session.note(format!(
            "{} stay for receivers that still have the old record: they may go in {} seconds, {how}",
            names.join(", "),
            plan.wait
        ));
    }
}
