//! What stands, and what is to stand, at the names of a change.

use super::{NameChange, Plan, Stage};
use crate::dns::Txt;
use crate::name::DomainName;

/// The TXT records that are to stand at one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RecordSet<'a> {
    /// The name.
    pub(super) name: &'a DomainName,
    /// Which stage it belongs to.
    pub(super) stage: Stage,
    /// Seconds that they may be cached.
    pub(super) ttl: u32,
    /// The records of the policy; none where they are deleted.
    pub(super) policy: Vec<Txt>,
    /// Other records.
    pub(super) others: Vec<Txt>,
}

impl RecordSet<'_> {
    /// All records, the policy's first, each once.
    pub(super) fn records(&self) -> Vec<&Txt> {
        let mut records: Vec<&Txt> = Vec::new();
        for record in self.policy.iter().chain(&self.others) {
            if !records.contains(&record) {
                records.push(record);
            }
        }
        records
    }
}

/// What is to stand at all names of a change, in the order of publication: for
/// forms that say how DNS is to be. What is old is among it until it is dropped.
pub(super) fn desired(plan: &Plan, drop_old: bool) -> Vec<RecordSet<'_>> {
    plan.changes().map(|(stage, change)| set(stage, change, drop_old)).collect()
}

fn set(stage: Stage, change: &NameChange, drop_old: bool) -> RecordSet<'_> {
    let (ttl, policy) = match &change.after {
        Some(strings) => (change.ttl, vec![Txt::new(strings)]),
        None if stage == Stage::Old && !drop_old => (old_ttl(change), change.before.clone()),
        None => (old_ttl(change), Vec::new()),
    };
    RecordSet { name: &change.name, stage, ttl, policy, others: change.others.clone() }
}

/// Seconds that the published records of a name may be cached, as far as DNS
/// says so.
pub(super) fn old_ttl(change: &NameChange) -> u32 {
    change.before_ttl.unwrap_or(change.ttl)
}
