//! What changed since a policy was recorded, with the policy as it is now.

use std::sync::Arc;

use crate::dns::{Lookup, Question};
use crate::lint::baseline::Baseline;
use crate::lint::finding::Place;
use crate::name::DomainName;
use crate::policy::{Drift, LookupCount, NodeState, Reading, drift};
use crate::syntax::Span;

/// What changed.
#[derive(Debug)]
pub(in crate::lint) struct Drifted {
    /// The changes.
    pub(in crate::lint) drift: Drift,
    /// The lookups when the policy was recorded.
    pub(in crate::lint) lookups_before: LookupCount,
    /// The policy now.
    pub(in crate::lint) now: Reading,
}

impl Drifted {
    /// Reads the policy as it is now and compares it with what it was.
    ///
    /// # Errors
    ///
    /// Questions to ask first.
    pub(super) fn find(
        lookup: &dyn Lookup,
        domain: &DomainName,
        baseline: &Baseline,
    ) -> Result<Drifted, Vec<Question>> {
        let now = Reading::read(lookup, domain, baseline.source())?;
        let before = baseline.reading();
        Ok(Drifted { drift: drift(before, &now), lookups_before: before.lookups, now })
    }

    /// The place of a term in the record that a domain has now; all of the
    /// record where it has no such term, the domain where it has no record.
    pub(in crate::lint) fn place(&self, domain: &DomainName, term: Option<&str>) -> Place {
        let node = self.now.graph.nodes.iter().find(|node| node.domain == *domain);
        let record = node.and_then(|node| match &node.state {
            NodeState::Found(found) => Some(&found.record),
            NodeState::Broken { record, .. } => record.as_ref(),
        });
        let span = |term: &str| -> Option<Span> {
            let record = record?;
            let terms = record.terms().iter().map(|term| term.span);
            terms.into_iter().find(|span| record.slice_text(*span) == term)
        };
        Place {
            domain: Some(domain.clone()),
            record: record.map(|record| Arc::from(record.text())),
            span: term.and_then(span),
            file: None,
        }
    }
}
