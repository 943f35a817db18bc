//! What every compile target gives: records, what they cost, and the proof.

use crate::policy::{Comparison, Decisions, LookupCount};
use crate::proof::Proof;
use crate::publish::Plan;
use crate::target::OutputRecord;

use super::SourcePolicy;

/// A policy, compiled and proven.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Compiled {
    /// What was read; with its default changed, when that was asked for.
    pub source: SourcePolicy,
    /// The records to publish; the policy's own comes first.
    pub records: Vec<OutputRecord>,
    /// What has to change in DNS so that they are published.
    pub plan: Plan,
    /// The lookups that evaluating the output costs.
    pub lookups: LookupCount,
    /// Ranges whose result the changed default changes.
    pub changed: usize,
    /// What leaving out terms changes.
    pub repaired: Option<Comparison>,
    /// What the output cannot carry over, in words.
    pub notes: Vec<String>,
    /// The proof that the output means what was read.
    pub proof: Proof,
    /// The decisions that the comparison refers to.
    pub decisions: Decisions,
}

impl Compiled {
    /// Terms of all records together.
    pub fn terms(&self) -> usize {
        self.records.iter().map(|record| record.text.split(' ').count() - 1).sum()
    }

    /// Octets of all records' texts.
    pub fn octets(&self) -> usize {
        self.records.iter().map(|record| record.text.len()).sum()
    }
}
