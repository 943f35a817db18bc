//! What the policy of a tenant passes, by the symbolic reading of it and not by what
//! the engine compiles, while its records say what they said at given times.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use spfc::addr::AddressSet;
use spfc::dns::{Answer, Cache, Lookup, Published, Question};
use spfc::history::{Change, RangeChange};
use spfc::name::DomainName;
use spfc::policy::{self, Drift, Drifted, Passing, Reading, drift};

use super::script::Script;
use super::tenants::Tenant;

/// For each name of a tenant that changes, which of its policies it has.
pub(crate) type Places = BTreeMap<DomainName, usize>;

/// Readings of tenants, each made once.
pub(crate) struct Oracle {
    script: Arc<Script>,
    passing: HashMap<(DomainName, Places), Option<AddressSet>>,
}

/// DNS as it was when names had these policies.
struct Then<'a> {
    script: &'a Script,
    places: &'a Places,
}

impl Lookup for Then<'_> {
    fn lookup(&self, question: &Question) -> Result<Arc<Answer>, Question> {
        let place = self.places.get(&question.name).copied().unwrap_or_default();
        Ok(Arc::new(self.script.said(question, place, None)))
    }
}

impl Oracle {
    pub(crate) fn new(script: Arc<Script>) -> Oracle {
        Oracle { script, passing: HashMap::new() }
    }

    /// What passes; nothing is known where the policy is broken.
    pub(crate) fn passing(&mut self, tenant: &Tenant, places: &Places) -> Option<&AddressSet> {
        let key = (tenant.domain.clone(), places.clone());
        let script = &self.script;
        let passing =
            self.passing.entry(key).or_insert_with(|| passing(script, &tenant.domain, places));
        passing.as_ref()
    }

    /// All that may have been read at a time: for each name any policy that it had as
    /// long ago as an answer is kept.
    pub(crate) fn readable(&self, tenant: &Tenant, at: Duration) -> Vec<Places> {
        let mut all = vec![Places::new()];
        for question in &tenant.changing {
            let kept = self.script.kept(question) + Duration::from_secs(10);
            let name = &question.name;
            let first = self.script.place(name, at.saturating_sub(kept));
            let last = self.script.place(name, at);
            let with = |places: &Places, place| {
                let mut places = places.clone();
                places.insert(name.clone(), place);
                places
            };
            all = all
                .iter()
                .flat_map(|places| (first..=last).map(move |place| with(places, place)))
                .collect();
        }
        all
    }

    /// What each name says at a time.
    pub(crate) fn current(&self, tenant: &Tenant, at: Duration) -> Places {
        let place =
            |question: &Question| (question.name.clone(), self.script.place(&question.name, at));
        tenant.changing.iter().map(place).collect()
    }

    /// What changes for a tenant from one time to another, and what still passes.
    pub(crate) fn changes(
        &self,
        tenant: &Tenant,
        [before, after]: [&Places; 2],
    ) -> (Vec<RangeChange>, [Passing; 2]) {
        let read = |places| read(&self.script, &tenant.domain, places);
        let drift = drift(&read(before), &read(after));
        (changed(&tenant.domain, &drift), [drift.passing_ip4, drift.passing_ip6])
    }
}

fn read(script: &Script, domain: &DomainName, places: &Places) -> Reading {
    Reading::read(&Then { script, places }, domain, None).unwrap()
}

fn passing(script: &Script, domain: &DomainName, places: &Places) -> Option<AddressSet> {
    let nothing = [(domain.clone(), b"v=spf1 -all".to_vec())];
    let nothing = Reading::read(&Published::new(Cache::default(), nothing), domain, None).unwrap();
    let drift = drift(&nothing, &read(script, domain, places));
    if !drift.errors.is_empty() {
        return None;
    }
    let mapped = |address: u128| address >> 32 == 0xffff;
    let ip4 = drift.ip4.iter().filter(|it| it.difference.change() == policy::Change::Gained);
    let ip6 = drift.ip6.iter().filter(|it| it.difference.change() == policy::Change::Gained);
    Some(AddressSet {
        ip4: ip4.map(|it| it.difference.range).collect(),
        ip6: ip6.map(|it| it.difference.range).filter(|it| !mapped(it.first)).collect(),
    })
}

/// The ranges gained and lost, with the domain that the policy includes.
fn changed(domain: &DomainName, drift: &Drift) -> Vec<RangeChange> {
    fn change<A>(domain: &DomainName, it: &Drifted<A>) -> (Change, Arc<str>) {
        let change = match it.difference.change() {
            policy::Change::Gained => Change::Gained,
            policy::Change::Lost => Change::Lost,
            policy::Change::Other => Change::Other,
        };
        let include = it.decider.branch.include.as_deref();
        let include = include.and_then(|include| include.strip_prefix("include:"));
        (change, include.map_or_else(|| domain.to_string(), str::to_owned).into())
    }
    let ip4 = drift.ip4.iter().map(|it| {
        let (change, provider) = change(domain, it);
        let range = it.difference.range;
        let [first, last] = [range.first, range.last].map(|it| std::net::Ipv4Addr::from(it).into());
        RangeChange { change, provider, first, last }
    });
    let ip6 = drift.ip6.iter().map(|it| {
        let (change, provider) = change(domain, it);
        let range = it.difference.range;
        let [first, last] = [range.first, range.last].map(|it| std::net::Ipv6Addr::from(it).into());
        RangeChange { change, provider, first, last }
    });
    let mut changes: Vec<RangeChange> = ip4.chain(ip6).collect();
    changes.sort();
    changes
}
