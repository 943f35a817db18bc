//! What changed between two versions, range by range, as the history keeps it.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use crate::addr::{Address, AddressSet};
use crate::history::{Change, RangeChange};
use crate::outcome::Qualifier;
use crate::policy::{Branch, Decisions, Difference, Drift, Drifted, End};

/// An address of either family.
trait AnyAddress: Address {
    fn ip(self) -> IpAddr;
}

impl AnyAddress for u32 {
    fn ip(self) -> IpAddr {
        Ipv4Addr::from_bits(self).into()
    }
}

impl AnyAddress for u128 {
    fn ip(self) -> IpAddr {
        Ipv6Addr::from_bits(self).into()
    }
}

/// The ranges with another result, each with the domain whose owner decides about it:
/// the one that the policy includes, or the policy's own.
pub(super) fn range_changes(drift: &Drift) -> Vec<RangeChange> {
    let mut providers = Providers::default();
    let decisions = &drift.decisions;
    let ip4 = drift.ip4.iter().map(|it| providers.change(it, decisions)).collect::<Vec<_>>();
    let ip6 = drift.ip6.iter().map(|it| providers.change(it, decisions));
    let mut changes: Vec<RangeChange> = ip4.into_iter().chain(ip6).collect();
    changes.sort();
    changes
}

/// The ranges that are in one of the sets alone; `provider` is who is told to have
/// brought and lost them.
pub(super) fn set_changes(
    before: &AddressSet,
    after: &AddressSet,
    provider: &str,
) -> Vec<RangeChange> {
    let provider: Arc<str> = provider.into();
    let mut changes = Vec::new();
    let mut add = |change, one: &AddressSet, other: &AddressSet| {
        let (ip4, ip6) = (one.ip4.difference(&other.ip4), one.ip6.difference(&other.ip6));
        let ip4 = ip4.ranges().iter().map(|range| (range.first.ip(), range.last.ip()));
        let ip6 = ip6.ranges().iter().map(|range| (range.first.ip(), range.last.ip()));
        changes.extend(ip4.chain(ip6).map(|(first, last)| RangeChange {
            change,
            provider: Arc::clone(&provider),
            first,
            last,
        }));
    };
    add(Change::Gained, after, before);
    add(Change::Lost, before, after);
    changes
}

/// The names of providers, each once.
#[derive(Default)]
struct Providers {
    names: HashMap<Branch, Arc<str>>,
}

impl Providers {
    /// What passes by what a message says is neither gained nor lost, as it is no part
    /// of the counts of what passes.
    fn change<A: AnyAddress>(
        &mut self,
        drifted: &Drifted<A>,
        decisions: &Decisions,
    ) -> RangeChange {
        let Difference { range, first, second, .. } = drifted.difference;
        let passes = |id| decisions.get(id).end == End::Outcome(Qualifier::Pass);
        let change = match (passes(first), passes(second)) {
            (false, true) => Change::Gained,
            (true, false) => Change::Lost,
            _ => Change::Other,
        };
        RangeChange {
            change,
            provider: self.name(&drifted.decider.branch),
            first: range.first.ip(),
            last: range.last.ip(),
        }
    }

    fn name(&mut self, branch: &Branch) -> Arc<str> {
        if let Some(name) = self.names.get(branch) {
            return Arc::clone(name);
        }
        let name: Arc<str> = match &branch.include {
            Some(include) => {
                let target = include.split_once(':').map_or(include.as_str(), |(_, name)| name);
                target.to_ascii_lowercase().into()
            }
            None => branch.domain.to_string().into(),
        };
        self.names.insert(branch.clone(), Arc::clone(&name));
        name
    }
}
