//! Providers of the corpus that tenants may include: those whose trees are static and
//! of terms that pass.

use std::collections::BTreeSet;

use spfc::dns::{Lookup, Question, RecordType, ZoneMap};
use spfc::name::DomainName;
use spfc::outcome::Qualifier;
use spfc::policy::{Graph, GraphTerm, Meaning, Reading};

/// An include with all that is behind it.
#[derive(Clone, Debug)]
pub(crate) struct Provider {
    pub(crate) name: DomainName,
    /// Its own record.
    pub(crate) policy: String,
    /// What is asked to read it.
    pub(crate) questions: BTreeSet<Question>,
    /// The lookups that it costs, its own include not counted.
    pub(crate) lookups: u32,
}

/// The first providers by name, as many as are wanted or there are.
pub(crate) fn providers(zones: &ZoneMap, most: usize) -> Vec<Provider> {
    let mut targets = BTreeSet::new();
    for owner in zones.owners() {
        let record = policy(zones, &owner.name).unwrap_or_default();
        let includes = record.split(' ').filter_map(|term| term.strip_prefix("include:"));
        targets.extend(includes.filter_map(|name| DomainName::parse(name.to_lowercase()).ok()));
        let first = owner.name.labels().next().unwrap_or_default();
        if first.starts_with(b"_spf") || first.starts_with(b"spf") {
            targets.insert(owner.name.to_lowercase());
        }
    }
    targets.iter().filter_map(|name| provider(zones, name)).take(most).collect()
}

fn policy(zones: &ZoneMap, name: &DomainName) -> Option<String> {
    let answer = zones.lookup(&Question::new(name.clone(), RecordType::Txt)).ok()?;
    let texts = answer.texts().iter();
    let mut texts = texts.map(|text| String::from_utf8_lossy(&text.joined()).into_owned());
    texts.find(|text| text.starts_with("v=spf1 "))
}

fn provider(zones: &ZoneMap, name: &DomainName) -> Option<Provider> {
    let policy = policy(zones, name)?;
    let reading = Reading::read(zones, name, None).ok()?;
    let questions = reading.answers().map(|(question, _)| question.clone()).collect();
    let lookups = reading.lookups.terms;
    is_plain(&reading.graph).then(|| Provider { name: name.clone(), policy, questions, lookups })
}

/// Whether all is known of the policy, and all that matches passes.
fn is_plain(graph: &Graph) -> bool {
    let passes = |term: &GraphTerm| term.qualifier == Qualifier::Pass;
    let plain = |term: &GraphTerm| match &term.meaning {
        Meaning::Ip4(_) | Meaning::Ip6(_) | Meaning::Include(_) => passes(term),
        Meaning::Addresses(hosts) => passes(term) && !hosts.is_void(),
        Meaning::All => !passes(term),
        Meaning::Redirect(_) | Meaning::Unreached => true,
        Meaning::Exists(_) | Meaning::Dynamic(_) | Meaning::Broken(_) => false,
    };
    let terms = |node: &spfc::policy::Node| node.record().map(|record| record.terms.clone());
    let records: Option<Vec<Vec<GraphTerm>>> = graph.nodes.iter().map(terms).collect();
    let all: Vec<GraphTerm> = records.into_iter().flatten().flatten().collect();
    let ip4 = |term: &GraphTerm| matches!(term.meaning, Meaning::Ip4(_));
    all.iter().any(ip4) && all.iter().all(plain)
}
