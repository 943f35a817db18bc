//! Tenants: domains whose policies include some of the providers.

use std::collections::{BTreeMap, BTreeSet};

use spfc::dns::{Question, RecordType};
use spfc::image::{Layout, Order, ZoneMechanism, ZoneOutcome, ZoneTerms};
use spfc::name::DomainName;
use spfc::outcome::Qualifier;
use spfc::refresh::{AddressSource, Plan, PolicySource, ZoneAsked, ZonePlan};

use super::providers::Provider;

/// Lookups that a policy may cost (RFC 7208 section 4.6.4).
const LOOKUPS: u32 = 10;
const ZONE: &str = "_spf.responder.example";

/// A domain with its policy.
#[derive(Clone, Debug)]
pub(crate) struct Tenant {
    pub(crate) domain: DomainName,
    pub(crate) policy: String,
    /// All that is asked to read it.
    pub(crate) questions: BTreeSet<Question>,
    /// Those of them whose policies change.
    pub(crate) changing: Vec<Question>,
}

/// As many tenants, each with one to four of the providers.
pub(crate) fn tenants(count: usize, providers: &[Provider]) -> Vec<Tenant> {
    (0..count).map(|number| tenant(number, providers)).collect()
}

fn tenant(number: usize, providers: &[Provider]) -> Tenant {
    let domain = DomainName::parse(format!("t{number}.tenants.test")).unwrap();
    let own = format!("11.{}.{}.0/{}", number / 256, number % 256, 24);
    let mut policy = format!("v=spf1 ip4:{own}");
    let mut questions = BTreeSet::from([Question::new(domain.clone(), RecordType::Txt)]);
    let mut lookups = 0;
    // Steps that are prime to most counts, so that providers meet in many ways.
    for step in 0..=number % 4 {
        let provider = &providers[(number + step * (7 + number / 16)) % providers.len()];
        let term = format!(" include:{}", provider.name);
        if lookups + 1 + provider.lookups <= LOOKUPS && !policy.contains(&term) {
            lookups += 1 + provider.lookups;
            policy.push_str(&term);
            questions.extend(provider.questions.iter().cloned());
        }
    }
    Tenant { domain, policy: policy + " -all", questions, changing: Vec::new() }
}

/// One zone with all the tenants, each with a source of its own.
pub(crate) fn plan(tenants: &[Tenant]) -> Plan {
    let zone = DomainName::parse(ZONE).unwrap();
    let pass = ZoneOutcome { name: DomainName::root(), qualifier: Qualifier::Pass };
    let terms = ZoneTerms {
        layout: Layout::new(&zone, Order::Reversed, true).unwrap(),
        mechanism: ZoneMechanism::Exists,
        by_domain: true,
        outcomes: vec![pass],
    };
    let record = format!("v=spf1 exists:%{{ir}}.%{{v}}.%{{d}}.{ZONE} -all");
    let source = |tenant: &Tenant| {
        let (source, recording, record) = (None, None, None);
        let policy = PolicySource { domain: tenant.domain.clone(), source, recording, record };
        (tenant.domain.to_string(), AddressSource::Policy(policy))
    };
    let domains: BTreeMap<_, _> =
        tenants.iter().map(|it| (it.domain.clone(), it.domain.to_string())).collect();
    let asked = ZoneAsked { terms, record };
    Plan {
        sources: tenants.iter().map(source).collect(),
        zones: vec![ZonePlan { asked, tenants: domains }],
    }
}
