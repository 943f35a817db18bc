//! What changed from one version to another, or would with what waits.

use std::net::IpAddr;

use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::global::Format;
use crate::cli::output::Session;
use crate::cli::state::StateError;
use crate::dns::{Lookup, Recording};
use crate::documents::{ChangedRangeShape, HeldWord, VersionsDocument, Which};
use crate::history::{Change, RangeChange, Version};
use crate::refresh::{Identity, PolicySource, SourceFile, compare_answers};

use super::human;

/// One of two versions, or what waits.
pub(super) struct Side {
    pub(super) which: Which,
    pub(super) policy: PolicySource,
    pub(super) answers: Recording,
}

impl Side {
    /// A version of the history; none where it does not have all that it was made of.
    pub(super) fn of_version(version: &Version) -> Option<Side> {
        let answers = Recording::read(version.lock.as_ref()?.as_bytes()).ok()?;
        let policy = Identity::of_version(version, &answers)?.policy()?;
        Some(Side { which: Which::Number(version.number), policy, answers })
    }

    /// What waits for a person; none where that is a file of addresses, or nothing.
    pub(super) fn held(file: &SourceFile) -> Option<Side> {
        let answers = file.state.held.as_ref()?.answers.as_deref()?.clone();
        let policy = file.identity.policy()?;
        Some(Side { which: Which::Held(HeldWord::Held), policy, answers })
    }
}

/// Says it.
pub(super) fn run(
    source: &str,
    from: &Side,
    to: &Side,
    format: Format,
    session: &Session,
) -> Result<Exit, CliError> {
    let before = Some((&from.policy, &from.answers as &dyn Lookup));
    let difference = compare_answers(before, &to.policy, &to.answers)
        .ok_or_else(|| StateError::NotComparable(source.to_owned(), from.which, to.which))?;
    let of = |change| -> Vec<ChangedRangeShape> {
        difference.changes.iter().filter(|it| it.change == change).map(shape).collect()
    };
    let document = VersionsDocument {
        schema: crate::documents::SCHEMA,
        source: source.to_owned(),
        from: from.which,
        to: to.which,
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
