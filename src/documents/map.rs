//! The document of `spfc map`.

use serde::Serialize;

use super::SCHEMA;
use crate::addr::{Address, Range};
use crate::policy::{Passed, PassedRange};

/// What a policy passes, and what changed.
#[derive(Debug, Serialize)]
pub(crate) struct MapDocument {
    pub(crate) schema: u32,
    /// `null` for a record without a domain.
    pub(crate) domain: Option<String>,
    #[serde(flatten)]
    pub(crate) passing: PassingMapShape,
    /// Compared with an earlier policy; `null` where there is none.
    pub(crate) change: Option<ChangeMapShape>,
    /// The errors that some address reaches.
    pub(crate) errors: Vec<String>,
}

/// What passes, where no dynamic term matches.
#[derive(Debug, Serialize)]
pub(crate) struct PassingMapShape {
    pub(crate) providers: Vec<ProviderMapShape>,
    /// The terms that only a message decides.
    pub(crate) decided_by_message: Vec<String>,
}

/// What changed.
#[derive(Debug, Serialize)]
pub(crate) struct ChangeMapShape {
    /// The policy that it is compared with, as it was named.
    pub(crate) against: String,
    pub(crate) gained: Vec<ProviderMapShape>,
    pub(crate) lost: Vec<ProviderMapShape>,
    /// The terms that only a message decided.
    pub(crate) decided_by_message_before: Vec<String>,
}

/// What one branch of a policy passes.
#[derive(Debug, Serialize)]
pub(crate) struct ProviderMapShape {
    /// The domain of the policy's own record, or of the one that it redirects to.
    pub(crate) domain: String,
    /// The `include` in it; `null` for its other terms.
    pub(crate) term: Option<String>,
    pub(crate) addresses: AddressesMapShape,
    pub(crate) ranges: Vec<RangeMapShape>,
}

/// How much it is.
#[derive(Debug, Serialize)]
pub(crate) struct AddressesMapShape {
    /// Addresses.
    pub(crate) ip4: u128,
    /// Prefixes, the fewest that say it.
    pub(crate) ip6_prefixes: usize,
}

/// A range of addresses.
#[derive(Debug, Serialize)]
pub(crate) struct RangeMapShape {
    pub(crate) family: &'static str,
    pub(crate) first: String,
    pub(crate) last: String,
}

impl MapDocument {
    /// The document of a policy, with what changed since `against`.
    pub(crate) fn new(
        domain: Option<String>,
        passed: &Passed,
        change: Option<ChangeMapShape>,
    ) -> MapDocument {
        MapDocument {
            schema: SCHEMA,
            domain,
            passing: PassingMapShape {
                providers: map_providers(passed),
                decided_by_message: passed.dynamic.clone(),
            },
            change,
            errors: passed.errors.iter().map(ToString::to_string).collect(),
        }
    }
}

/// What each branch passes, in the order of the branches; none without ranges.
pub(crate) fn map_providers(passed: &Passed) -> Vec<ProviderMapShape> {
    let shape = |index: usize| {
        let branch = passed.branches.get(index)?;
        let ip4: Vec<Range<u32>> = of(&passed.ip4, index).collect();
        let ip6: Vec<Range<u128>> = of(&passed.ip6, index).collect();
        if ip4.is_empty() && ip6.is_empty() {
            return None;
        }
        Some(ProviderMapShape {
            domain: branch.domain.to_string(),
            term: branch.include.clone(),
            addresses: AddressesMapShape {
                ip4: ip4.iter().map(Range::addresses).sum(),
                ip6_prefixes: ip6.iter().map(|range| range.prefixes().count()).sum(),
            },
            ranges: ip4.iter().map(range).chain(ip6.iter().map(range)).collect(),
        })
    };
    (0..passed.branches.len()).filter_map(shape).collect()
}

fn of<A: Address>(parts: &[PassedRange<A>], branch: usize) -> impl Iterator<Item = Range<A>> {
    parts.iter().filter(move |part| part.branch == branch).map(|part| part.range)
}

fn range<A: Address>(range: &Range<A>) -> RangeMapShape {
    RangeMapShape {
        family: A::FAMILY.as_str(),
        first: range.first.to_ip().to_string(),
        last: range.last.to_ip().to_string(),
    }
}
