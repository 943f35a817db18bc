//! How often DNS may be asked: each question once in each life of its answer.
//!
//! A pair is a question that the policies need and one period of its answer's life,
//! the TTL or the least time that answers are kept, begun while DNS answers for its
//! name. Questions that fail are counted apart: they are tried again.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use spfc::dns::Question;

use super::script::Script;
use super::world::Asked;

/// What was asked, and what might have been.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Tally {
    pub(crate) distinct: u64,
    pub(crate) pairs: u64,
    pub(crate) answered: u64,
    pub(crate) failed: u64,
}

impl Tally {
    /// Questions that were answered for each pair.
    pub(crate) fn ratio(&self) -> f64 {
        self.answered as f64 / self.pairs as f64
    }
}

/// The time within `until` at which the faults let a question be answered.
fn answering(script: &Script, question: &Question, until: Duration) -> Duration {
    let faults = script.faults.iter().filter(|fault| fault.meets(&question.name));
    let failing = faults.map(|fault| fault.until.min(until).saturating_sub(fault.from)).sum();
    until.saturating_sub(failing)
}

/// Counts the pairs of a time, and what was asked in it.
pub(crate) fn tally(
    script: &Script,
    needed: &BTreeSet<Question>,
    asked: &HashMap<Question, Asked>,
    until: Duration,
) -> Tally {
    let mut tally = Tally::default();
    for question in needed {
        let kept = script.kept(question).as_secs();
        tally.distinct += 1;
        tally.pairs += answering(script, question, until).as_secs().div_ceil(kept);
    }
    for asked in asked.values() {
        tally.answered += asked.answered;
        tally.failed += asked.failed;
    }
    tally
}

/// Nothing but what is needed is asked, each question as often as its answer ends, and
/// while it fails as often as a failure is kept.
pub(crate) fn check(
    script: &Script,
    needed: &BTreeSet<Question>,
    asked: &HashMap<Question, Asked>,
    until: Duration,
    failure_kept: Duration,
) {
    for question in needed {
        assert!(asked.contains_key(question), "{question} was never asked");
    }
    for (question, asked) in asked {
        assert!(needed.contains(question), "{question} is asked, and no policy needs it");
        let kept = script.kept(question).as_secs();
        let faults: Vec<_> = script.faults.iter().filter(|it| it.meets(&question.name)).collect();
        let periods = answering(script, question, until).as_secs().div_ceil(kept);
        // After a failure an answer may come early.
        let most = periods + faults.len() as u64;
        assert!(asked.answered <= most, "{question}: {asked:?}, {periods} periods");
        let failing: Duration = faults.iter().map(|fault| fault.until - fault.from).sum();
        let tries = failing.as_secs() / failure_kept.as_secs() + faults.len() as u64;
        assert!(asked.failed <= tries, "{question}: {asked:?}, {tries} tries");
    }
}
