//! The questions behind the static terms of a policy, gathered from its records
//! once more: what the compiler's walk forgot to ask would otherwise be made up
//! on both sides and be seen by neither.

use std::collections::HashSet;

use crate::dns::{Lookup, Question, RecordType};
use crate::name::DomainName;
use crate::policy::{FoundRecord, Graph};
use crate::syntax::{DomainSpec, DomainTarget, Mechanism};

/// What the walk asked, what the static terms of its records name, and both
/// families of every host of their mail exchanges.
///
/// # Errors
///
/// Addresses of mail exchanges that have to be asked first.
pub(super) fn questions(
    lookup: &dyn Lookup,
    graph: &Graph,
    keep: &HashSet<DomainName>,
) -> Result<HashSet<Question>, Vec<Question>> {
    let mut all = graph.asked.clone();
    for node in &graph.nodes {
        let Some(found) = node.record() else { continue };
        let named = named(found, &node.domain);
        let named = named.into_iter().filter(|question| !keep.contains(&question.name));
        // Terms that no address reaches are not asked for.
        all.extend(named.filter(|question| lookup.lookup(question).is_ok()));
    }
    let exchanges: Vec<Question> =
        all.iter().filter(|question| question.record_type == RecordType::Mx).cloned().collect();
    let mut missing = Vec::new();
    for question in exchanges {
        let Ok(answer) = lookup.lookup(&question) else { continue };
        for exchange in answer.mail_exchanges().iter().filter(|mx| !mx.exchange.is_root()) {
            for record_type in [RecordType::A, RecordType::Aaaa] {
                let question = Question::new(exchange.exchange.clone(), record_type);
                missing.extend(lookup.lookup(&question).err());
                all.insert(question);
            }
        }
    }
    if missing.is_empty() { Ok(all) } else { Err(missing) }
}

/// The questions that the directives of a record name, up to its `all`.
fn named(found: &FoundRecord, domain: &DomainName) -> Vec<Question> {
    let target = |spec: Option<&DomainSpec>| match spec {
        None => Some(domain.clone()),
        Some(spec) => match found.record.domain_target(spec, domain) {
            DomainTarget::Static(name) => Some(name),
            _ => None,
        },
    };
    let mut questions = Vec::new();
    for (_, directive) in found.record.directives() {
        let (spec, types): (_, &[RecordType]) = match &directive.mechanism {
            Mechanism::All => break,
            Mechanism::A(spec, _) => (spec.as_ref(), &[RecordType::A, RecordType::Aaaa]),
            Mechanism::Mx(spec, _) => (spec.as_ref(), &[RecordType::Mx]),
            Mechanism::Exists(spec) => (Some(spec), &[RecordType::A]),
            Mechanism::Include(spec) => (Some(spec), &[RecordType::Txt]),
            Mechanism::Ptr(_) | Mechanism::Ip4(_) | Mechanism::Ip6(_) => continue,
        };
        let Some(name) = target(spec) else { continue };
        questions.extend(types.iter().map(|kind| Question::new(name.clone(), *kind)));
    }
    questions
}
