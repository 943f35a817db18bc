//! `--output rbldnsd`: the data file of one family, and how it is used.

use clap::ValueEnum;

use crate::addr::Family;
use crate::cli::error::CliError;
use crate::cli::output::Session;
use crate::cli::usage::UsageError;
use crate::compile::{CompileError, MacroOutput, NEGATIVE_TTL};
use crate::name::DomainName;
use crate::publish::{RbldnsdError, rbldnsd, rbldnsd_data_set, rbldnsd_zone};
use crate::target::{ZoneApex, host_name};

/// Which of the two data files is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum FamilyChoice {
    /// Of the IPv4 addresses
    Ip4,
    /// Of the IPv6 addresses
    Ip6,
}

/// What names the servers of a zone, besides the zone itself.
pub(super) struct ZoneServers {
    /// The servers; the first is the primary.
    pub(super) servers: Vec<DomainName>,
    /// The version of the zone.
    pub(super) serial: u32,
}

/// Prints the data file, and says beside it how it is used.
///
/// # Errors
///
/// A policy that needs several zones, and names without room.
pub(super) fn print(
    output: &MacroOutput,
    zone: &DomainName,
    family: FamilyChoice,
    servers: &ZoneServers,
    session: &Session,
) -> Result<(), CliError> {
    let family = match family {
        FamilyChoice::Ip4 => Family::Ip4,
        FamilyChoice::Ip6 => Family::Ip6,
    };
    let (zone, addresses) = match output.sets.as_slice() {
        [] => (zone, Default::default()),
        [set] => {
            let unreadable = |why: String| CompileError::Unreadable(why);
            (set.layout.zone(), set.read().map_err(|error| unreadable(error.to_string()))?)
        }
        sets => return Err(UsageError::SeveralZones { zones: sets.len() }.into()),
    };
    let long = |reason| RbldnsdError::Name { zone: zone.clone(), reason };
    let apex = ZoneApex {
        zone: zone.clone(),
        servers: servers.servers.clone(),
        mailbox: host_name(b"hostmaster", zone).map_err(long)?,
        serial: servers.serial,
        ttl: output.compiled.records.first().map_or(NEGATIVE_TTL, |record| record.ttl),
        negative_ttl: NEGATIVE_TTL,
    };
    let text = rbldnsd(&apex, &addresses, family)?;
    for record in &output.compiled.records {
        session.note(format!("publish at {}: {}", record.name, record.text));
    }
    remarks(zone, session)?;
    session.print(&text)
}

fn remarks(zone: &DomainName, session: &Session) -> Result<(), CliError> {
    session.warn(
        "rbldnsd says of the names between the zone and an address that they do not exist: behind \
         resolvers with strict QNAME minimisation every authorised sender fails",
    );
    let [ip4, ip6] = Family::BOTH;
    session.note(format!(
        "this is one of two files, --family has the other: rbldnsd -b ADDRESS {} {}",
        rbldnsd_data_set(zone, ip4, "IP4-FILE")?,
        rbldnsd_data_set(zone, ip6, "IP6-FILE")?
    ));
    session.note(format!(
        "delegate {} and {} to its servers",
        rbldnsd_zone(zone, ip4)?,
        rbldnsd_zone(zone, ip6)?
    ));
    Ok(())
}
