//! Which explanation the output carries, and what it cannot say any more.
//!
//! `exp=` belongs to the record that gives the fail (RFC 7208 section 6.2): the
//! policy's own, or the last one that it redirects to. An output has one.

use crate::name::DomainName;
use crate::outcome::Qualifier;
use crate::policy::{FoundRecord, Graph, Meaning};
use crate::syntax::{Record, Term, absolute_term};

/// The explanation of an output.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Explanation {
    /// The `exp=` term to publish.
    pub(super) term: Option<String>,
    /// What the user has to know about it.
    pub(super) notes: Vec<String>,
}

/// Chooses the explanation for a policy whose output can fail somebody: that of
/// the last record that can, for it is the one with the final `all`.
pub(super) fn explanation(graph: &Graph, fails: bool) -> Explanation {
    if !fails {
        return Explanation::default();
    }
    let chain = redirect_chain(graph);
    let own = |(domain, found): &(&DomainName, &FoundRecord)| {
        let term = found.record.explanation();
        term.map(|(term, _)| exp_text(&found.record, term, domain))
    };
    let failing: Vec<(&DomainName, Option<String>)> = chain
        .iter()
        .filter(|(_, found)| can_fail(found))
        .map(|record| (record.0, own(record)))
        .collect();
    let Some((domain, term)) = failing.last() else { return Explanation::default() };
    let mut explanation = Explanation { term: term.clone(), notes: Vec::new() };
    if term.is_some() && *domain != &graph.root().domain {
        explanation.notes.push(format!(
            "the explanation of {domain} is carried over: where its text uses %{{d}} it now shows another domain"
        ));
    }
    for (other, lost) in failing.iter().filter(|(_, other)| other != term) {
        explanation.notes.push(match lost {
            Some(lost) => format!("the explanation '{lost}' of {other} is not carried over"),
            None => {
                format!("what fails by the record of {other} had no explanation and now has one")
            }
        });
    }
    explanation
}

/// Whether some directive of a record fails its clients.
fn can_fail(found: &FoundRecord) -> bool {
    found.record.directives().any(|(_, directive)| directive.qualifier == Qualifier::Fail)
}

fn exp_text(record: &Record, term: &Term, domain: &DomainName) -> String {
    absolute_term(record, term, domain)
}

/// The records that can give the policy's result: its own, then those that it
/// redirects to.
fn redirect_chain(graph: &Graph) -> Vec<(&DomainName, &FoundRecord)> {
    let mut chain = Vec::new();
    let mut at = Some(Graph::ROOT);
    while let Some(id) = at {
        let node = graph.node(id);
        let Some(found) = node.record() else { break };
        chain.push((&node.domain, found));
        at = found.terms.last().and_then(|term| match term.meaning {
            Meaning::Redirect(child) if chain.len() <= graph.nodes.len() => Some(child),
            _ => None,
        });
    }
    chain
}
