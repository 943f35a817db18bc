//! What changed from one version to another.

use std::net::IpAddr;

use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::global::Format;
use crate::cli::json::{ChangedRangeShape, VersionsDocument};
use crate::cli::output::Session;
use crate::cli::state::StateError;
use crate::dns::{Lookup, Recording};
use crate::history::{Change, RangeChange, Version};
use crate::name::DomainName;
use crate::refresh::{PassedDifference, PolicySource, compare_answers};

use super::human;

/// Says it.
pub(super) fn run(
    from: &Version,
    to: &Version,
    format: Format,
    session: &Session,
) -> Result<Exit, CliError> {
    let source = from.source.clone();
    let difference = compare(from, to)
        .ok_or_else(|| StateError::NotComparable(source.clone(), from.number, to.number))?;
    let of = |change| -> Vec<ChangedRangeShape> {
        difference.changes.iter().filter(|it| it.change == change).map(shape).collect()
    };
    let document = VersionsDocument {
        schema: crate::cli::json::SCHEMA,
        source,
        from: from.number,
        to: to.number,
        gained: of(Change::Gained),
        lost: of(Change::Lost),
        changed: of(Change::Other),
    };
    match format {
        Format::Json => session.json(&document)?,
        _ => session.print(&human::difference(&document, session.global.verbose))?,
    }
    Ok(if difference.changes.is_empty() { Exit::Done } else { Exit::No })
}

/// Reads both from their answers.
fn compare(from: &Version, to: &Version) -> Option<PassedDifference> {
    let read = |version: &Version| Recording::read(version.lock.as_ref()?.as_bytes()).ok();
    let (before, after) = (read(from)?, read(to)?);
    let (old, new) = (policy(from, &before)?, policy(to, &after)?);
    compare_answers(Some((&old, &before as &dyn Lookup)), &new, &after)
}

/// The policy that a version is of, as its answers have it.
fn policy(version: &Version, answers: &Recording) -> Option<PolicySource> {
    let domain = DomainName::parse(&version.domain).ok()?;
    let source = answers.source(&domain).cloned();
    Some(PolicySource { domain, source, recording: None, record: None })
}

fn shape(change: &RangeChange) -> ChangedRangeShape {
    let range = match (change.first, change.last) {
        (first, last) if first == last => first.to_string(),
        (first, last) => prefix(first, last).unwrap_or_else(|| format!("{first}-{last}")),
    };
    ChangedRangeShape { range, provider: change.provider.to_string() }
}

/// A range that is a whole network, as one.
fn prefix(first: IpAddr, last: IpAddr) -> Option<String> {
    let (bits, one, two) = match (first, last) {
        (IpAddr::V4(first), IpAddr::V4(last)) => {
            (32, u128::from(first.to_bits()), u128::from(last.to_bits()))
        }
        (IpAddr::V6(first), IpAddr::V6(last)) => (128, first.to_bits(), last.to_bits()),
        _ => return None,
    };
    let host = (one ^ two).checked_add(1)?;
    let length = bits - host.trailing_zeros();
    (host.is_power_of_two() && one & (host - 1) == 0 && two & (host - 1) == host - 1)
        .then(|| format!("{first}/{length}"))
}
