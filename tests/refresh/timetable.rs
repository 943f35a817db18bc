//! When what happens: ranges that come and go, outages, a provider in error, and one
//! that loses most of its addresses for an hour.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use spfc::dns::{Failure, Question, RecordType, ZoneMap};

use super::providers::Provider;
use super::script::{Fault, Policy, Script};
use super::tenants::Tenant;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
/// What stands at the provider in error.
const BROKEN: &str = "v=spf1 ip4:192.0.2.0/99 -all";

/// Everything that is to happen, with who is met by it.
#[derive(Clone, Debug)]
pub(crate) struct Timetable {
    pub(crate) script: Script,
    pub(crate) tenants: Vec<Tenant>,
    /// All names fail.
    pub(crate) outage: Fault,
    /// The names of one provider do not answer.
    pub(crate) silence: Fault,
    /// The policy of a provider is in error.
    pub(crate) broken: Fault,
    /// A provider has lost most of its addresses.
    pub(crate) shrunk: Fault,
}

/// Makes the timetable of so long a time.
pub(crate) fn timetable(
    base: ZoneMap,
    providers: &[Provider],
    tenants: Vec<Tenant>,
    horizon: Duration,
) -> Timetable {
    let [silent, broken, shrinking] = special(providers);
    let fault = |part: f64, long: Duration, provider: Option<&Provider>, failure| {
        let from = horizon.mul_f64(part);
        let names = provider.map(|it| it.questions.iter().map(|it| it.name.clone()).collect());
        Fault { from, until: from + long, names, failure }
    };
    let outage = fault(0.4, 2 * HOUR, None, Failure::ServerFailure);
    let silence = fault(0.1, 10 * MINUTE, Some(silent), Failure::Timeout);
    // Of these two the names are the ones that change; they answer.
    let broken_fault = fault(0.2, 3 * HOUR, Some(broken), Failure::Malformed);
    let shrunk = fault(0.6, HOUR, Some(shrinking), Failure::Malformed);
    let steady = tenants.iter().map(|it| (it.domain.clone(), it.policy.clone()));
    let mut script = Script {
        base: Arc::new(base),
        steady: steady.collect(),
        changing: BTreeMap::new(),
        faults: vec![outage.clone(), silence.clone()],
        short: [silent, broken, shrinking].map(|it| it.name.clone()).into(),
    };
    let less = shrink(&shrinking.policy);
    script.changing.insert(broken.name.clone(), for_a_while(broken, &broken_fault, BROKEN, true));
    script.changing.insert(shrinking.name.clone(), for_a_while(shrinking, &shrunk, &less, false));
    for (number, provider) in providers.iter().enumerate() {
        if !script.short.contains(&provider.name) && number.is_multiple_of(2) {
            let policies = coming_and_going(number, provider, &script, horizon);
            script.changing.insert(provider.name.clone(), policies);
        }
    }
    let tenants = tenants.into_iter().map(|tenant| with_changes(tenant, &script)).collect();
    Timetable { script, tenants, outage, silence, broken: broken_fault, shrunk }
}

/// The providers to which something special happens, none of them in the tree of
/// another one: one whose record is all that it has shrinks.
fn special(providers: &[Provider]) -> [&Provider; 3] {
    let alone = |provider: &&Provider| {
        let question = Question::new(provider.name.clone(), RecordType::Txt);
        let trees = providers.iter().filter(|it| it.questions.contains(&question));
        provider.questions.len() == 1
            && trees.count() == 1
            && shrink(&provider.policy).contains(" ip4:")
    };
    let mut found = providers.iter().filter(alone);
    [(); 3].map(|()| found.next().unwrap())
}

/// Each network cut to three eighths, those that are too small left out.
fn shrink(policy: &str) -> String {
    let part = |term: &str| {
        let (address, length) = term.rsplit_once('/')?;
        let length: u8 = length.parse().ok()?;
        let (name, address) = address.split_once(':')?;
        let next = match name {
            "ip4" if length < 28 => {
                let first = u32::from(address.parse::<std::net::Ipv4Addr>().ok()?);
                std::net::Ipv4Addr::from(first | 1 << (32 - length - 2)).to_string()
            }
            "ip6" if length < 60 => {
                let first = u128::from(address.parse::<std::net::Ipv6Addr>().ok()?);
                std::net::Ipv6Addr::from(first | 1 << (128 - length - 2)).to_string()
            }
            _ => return None,
        };
        Some(format!(" {name}:{address}/{} {name}:{next}/{}", length + 2, length + 3))
    };
    let terms: String = policy.split(' ').filter_map(part).collect();
    format!("v=spf1{terms} -all")
}

fn for_a_while(provider: &Provider, fault: &Fault, text: &str, broken: bool) -> Vec<Policy> {
    let usual = |from| Policy { from, text: provider.policy.clone(), broken: false };
    let other = Policy { from: fault.from, text: text.to_owned(), broken };
    vec![usual(Duration::ZERO), other, usual(fault.until)]
}

/// A range comes, and goes again where there is time for everybody to see it.
fn coming_and_going(
    number: usize,
    provider: &Provider,
    script: &Script,
    horizon: Duration,
) -> Vec<Policy> {
    let kept = script.kept(&Question::new(provider.name.clone(), RecordType::Txt));
    // Whoever reads last does so a tenth later, or after an outage.
    let last = horizon.saturating_sub(kept.mul_f64(1.1) + 3 * HOUR);
    let mut ranges = format!(" ip4:198.18.{number}.0/28");
    if number.is_multiple_of(3) {
        ranges.push_str(&format!(" ip6:2001:db8:{number:x}::/48"));
    }
    let with = |from, ranges: &str| {
        let text = provider.policy.replacen("v=spf1", &format!("v=spf1{ranges}"), 1);
        Policy { from, text, broken: false }
    };
    let mut policies = vec![with(Duration::ZERO, "")];
    let comes = horizon.mul_f64(0.03 + 0.8 * (number as f64 * 0.37).fract()).min(last);
    if comes > kept {
        policies.push(with(comes, &ranges));
    }
    let goes = comes + kept.mul_f64(1.3) + 4 * HOUR;
    // Networks that go are so many that a person would be asked.
    if comes > kept && goes < last && !number.is_multiple_of(3) {
        policies.push(with(goes, ""));
    }
    policies
}

fn with_changes(tenant: Tenant, script: &Script) -> Tenant {
    let changes = |it: &&Question| {
        it.record_type == RecordType::Txt && script.changing.contains_key(&it.name)
    };
    let changing = tenant.questions.iter().filter(changes).cloned().collect();
    Tenant { changing, ..tenant }
}

impl Fault {
    /// Whether a tenant reads one of the names.
    pub(crate) fn concerns(&self, tenant: &Tenant) -> bool {
        tenant.questions.iter().any(|question| self.meets(&question.name))
    }
}

/// All questions of some tenants.
pub(crate) fn questions(tenants: &[Tenant]) -> BTreeSet<Question> {
    tenants.iter().flat_map(|tenant| tenant.questions.iter().cloned()).collect()
}

/// Whether a time lies in a fault or so shortly after that it may still be felt.
pub(crate) fn felt(fault: &Fault, at: Duration, after: Duration) -> bool {
    (fault.from..fault.until + after).contains(&at)
}
