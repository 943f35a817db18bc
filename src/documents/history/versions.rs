//! What changed from one version to another, or would with what waits.

use std::net::IpAddr;

use crate::dns::{Lookup, Recording};
use crate::documents::SCHEMA;
use crate::history::{Change, RangeChange, Version};
use crate::refresh::{Identity, PolicySource, SourceFile, compare_answers};

use super::shapes::{ChangedRangeShape, HeldWord, VersionsDocument, Which};

/// One of two versions, or what waits.
pub(crate) struct VersionSide {
    pub(crate) which: Which,
    pub(crate) policy: PolicySource,
    pub(crate) answers: Recording,
}

impl VersionSide {
    /// A version of the history; none where it does not have all that it was made of.
    pub(crate) fn of_version(version: &Version) -> Option<VersionSide> {
        let answers = Recording::read(version.lock.as_ref()?.as_bytes()).ok()?;
        let policy = Identity::of_version(version, &answers)?.policy()?;
        Some(VersionSide { which: Which::Number(version.number), policy, answers })
    }

    /// What waits for a person; none where that is a file of addresses, or nothing.
    pub(crate) fn held(file: &SourceFile) -> Option<VersionSide> {
        let answers = file.state.held.as_ref()?.answers.as_deref()?.clone();
        let policy = file.identity.policy()?;
        Some(VersionSide { which: Which::Held(HeldWord::Held), policy, answers })
    }
}

impl VersionsDocument {
    /// The document of two of them; none where they cannot be compared.
    pub(crate) fn new(
        source: &str,
        from: &VersionSide,
        to: &VersionSide,
    ) -> Option<VersionsDocument> {
        let before = Some((&from.policy, &from.answers as &dyn Lookup));
        let difference = compare_answers(before, &to.policy, &to.answers)?;
        let of = |change| -> Vec<ChangedRangeShape> {
            difference.changes.iter().filter(|it| it.change == change).map(shape).collect()
        };
        Some(VersionsDocument {
            schema: SCHEMA,
            source: source.to_owned(),
            from: from.which,
            to: to.which,
            gained: of(Change::Gained),
            lost: of(Change::Lost),
            changed: of(Change::Other),
        })
    }

    /// Whether nothing changed.
    pub(crate) fn is_empty(&self) -> bool {
        [&self.gained, &self.lost, &self.changed].iter().all(|ranges| ranges.is_empty())
    }
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
