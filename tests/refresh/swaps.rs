//! What is served, looked at whenever it changes: it is what a policy said at some
//! time within the lives of its answers, and never much less than before.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use spfc::addr::AddressSet;
use spfc::image::AddressIndex;
use spfc::name::DomainName;
use spfc::policy::Passing;
use spfc::refresh::ZoneOutput;

use super::oracle::Oracle;
use super::tenants::Tenant;

/// How much may be lost at once, in percent: what the engine has without a
/// configuration.
const MAX_SHRINK: u128 = 30;

/// How much is served.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) names: usize,
    pub(crate) sets: usize,
    pub(crate) ranges: usize,
}

/// What was last served.
#[derive(Default)]
pub(crate) struct Served {
    sets: BTreeMap<DomainName, Arc<AddressIndex>>,
    /// How often there was another zone.
    pub(crate) swaps: usize,
    /// How often a tenant had other addresses than before.
    pub(crate) changed: usize,
    pub(crate) size: Size,
}

impl Served {
    /// Takes a zone in place of the one before.
    pub(crate) fn take(
        &mut self,
        zone: &ZoneOutput,
        tenants: &BTreeMap<DomainName, Tenant>,
        oracle: &mut Oracle,
        at: Duration,
    ) {
        self.swaps += 1;
        let image = zone.image.as_ref().unwrap();
        let ranges = image.sets().iter().map(|set| set.range_counts());
        self.size = Size {
            names: image.trees().len(),
            sets: image.sets().len(),
            ranges: ranges.map(|(ip4, ip6)| ip4 + ip6).sum(),
        };
        for tree in image.trees() {
            let now = &image.sets()[tree.set as usize];
            let before = self.sets.insert(tree.name.clone(), Arc::clone(now));
            if before.as_ref().is_some_and(|before| Arc::ptr_eq(before, now) || before == now) {
                continue;
            }
            self.changed += 1;
            let tenant = &tenants[&tree.name];
            let now = now.to_set();
            if let Some(before) = before {
                assert_lost_little(tenant, &before.to_set(), &now, at);
            }
            assert_said(tenant, &now, oracle, at);
        }
        // No domain is lost that was there.
        assert_eq!(image.trees().len(), self.sets.len(), "at {at:?}");
    }

    /// Everything is as the world says now.
    pub(crate) fn assert_current(
        &self,
        tenants: &BTreeMap<DomainName, Tenant>,
        oracle: &mut Oracle,
        at: Duration,
    ) {
        assert_eq!(self.sets.len(), tenants.len());
        for (domain, tenant) in tenants {
            let places = oracle.current(tenant, at);
            let expected = oracle.passing(tenant, &places).unwrap();
            assert!(self.sets[domain].to_set() == *expected, "{domain} at {at:?}");
        }
    }
}

fn assert_said(tenant: &Tenant, now: &AddressSet, oracle: &mut Oracle, at: Duration) {
    let readable = oracle.readable(tenant, at);
    let said = readable.iter().any(|places| oracle.passing(tenant, places) == Some(now));
    assert!(said, "{} has what its policy never said, at {at:?}: {now:?}", tenant.domain);
}

fn assert_lost_little(tenant: &Tenant, before: &AddressSet, now: &AddressSet, at: Duration) {
    for Passing { before, kept, .. } in Passing::of_sets(before, now) {
        let lost = before - kept;
        assert!(lost * 100 <= before * MAX_SHRINK, "{} lost {lost} at {at:?}", tenant.domain);
    }
}
