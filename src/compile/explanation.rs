//! Which explanation the output carries, and what it cannot say any more.
//!
//! `exp=` belongs to the record that gives the fail (RFC 7208 section 6.2): the
//! policy's own, or the last one that it redirects to. An output has one.

use crate::name::DomainName;
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

/// Chooses the explanation for a policy whose output can fail somebody.
pub(super) fn explanation(graph: &Graph, fails: bool) -> Explanation {
    let chain = redirect_chain(graph);
    let terms: Vec<(&DomainName, String)> = chain
        .iter()
        .filter_map(|(domain, found)| {
            let (term, _) = found.record.explanation()?;
            Some((*domain, exp_text(&found.record, term, domain)))
        })
        .collect();
    if !fails {
        return Explanation::default();
    }
    let mut explanation = Explanation::default();
    let last_is_own = chain.len() == 1;
    match terms.last() {
        Some((domain, term)) if chain.last().is_some_and(|(last, _)| last == domain) => {
            explanation.term = Some(term.clone());
            if !last_is_own {
                explanation.notes.push(format!(
                    "the explanation of {domain} is carried over; where its text uses %{{d}} it now shows another domain"
                ));
            }
        }
        _ => {}
    }
    for (domain, term) in &terms {
        if explanation.term.as_ref() != Some(term) {
            explanation
                .notes
                .push(format!("the explanation '{term}' of {domain} is not carried over"));
        }
    }
    explanation
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
