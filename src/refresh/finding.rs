//! Reading a source anew: whether it says what it said, and what it says otherwise.
//!
//! Pure programs over [`Lookup`]. What becomes of a finding is judged elsewhere.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::compile::CompileError;
use crate::dns::{Answer, Cache, Lookup, Published, Question, Recording, Reply, Step};
use crate::history::{Change, RangeChange};
use crate::image::ZoneTerms;
use crate::policy::{Fault, Passing, PolicyError, Reading, drift, read_of};

use super::changes::range_changes;
use super::{FaultKind, PolicySets, PolicySource, SetsError, compile_sets};

/// A zone that a source is compiled for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneAsked {
    /// What its record asks.
    pub terms: ZoneTerms,
    /// The record, or the term, as written.
    pub record: String,
}

/// What a source says now.
#[derive(Clone, Debug)]
pub enum Found {
    /// What it said before.
    Same,
    /// Something else, or the first that is known.
    New(Box<NewFinding>),
    /// It cannot be read.
    Failed {
        /// Whose fault it is.
        kind: FaultKind,
        /// What is wrong, in a sentence.
        reason: String,
    },
}

/// Something else than before.
#[derive(Clone, Debug)]
pub struct NewFinding {
    /// All questions that it was compiled from, with their answers.
    pub answers: Vec<(Question, Arc<Answer>)>,
    /// For each zone, in their order, the sets.
    pub sets: Vec<PolicySets>,
    /// What changed against the version that is served; none where that cannot be said.
    pub difference: Option<PassedDifference>,
}

/// What passes, and what changed of that.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PassedDifference {
    /// IPv4 addresses that passed, and that do.
    pub ip4: Passing,
    /// The same of IPv6 networks of 64 bits.
    pub ip6: Passing,
    /// Ranges with another result than before, by who decides.
    pub changes: Vec<RangeChange>,
}

/// Reads a policy, for all zones that use it, where it says something else than `good`,
/// the policy and the answers that are served.
///
/// Answers that SPF reads as before are the same, whatever else is in them. So nothing
/// is compiled as long as nothing changes, unless it is said to be `anew`.
pub fn find(
    lookup: &dyn Lookup,
    policy: &PolicySource,
    zones: &[Arc<ZoneAsked>],
    good: Option<(&PolicySource, &Recording)>,
    anew: bool,
) -> Step<Found> {
    let same = good.filter(|(before, _)| !anew && before.reads_as(policy));
    if let Some((_, good)) = same {
        match says_the_same(lookup, good) {
            Step::Need(questions) => return Step::Need(questions),
            Step::Done(true) => return Step::Done(Found::Same),
            Step::Done(false) => {}
        }
    }
    let sets = match compile_all(lookup, policy, zones) {
        Step::Need(questions) => return Step::Need(questions),
        Step::Done(Ok(sets)) => sets,
        Step::Done(Err(error)) => return Step::Done(failed(lookup, policy, &error)),
    };
    let asked: BTreeSet<&Question> = sets.iter().flat_map(|sets| &sets.asked).collect();
    // All of them were answered, or nothing could be compiled.
    let answer = |question: &&Question| Some(((*question).clone(), lookup.lookup(question).ok()?));
    let answers: Vec<_> = asked.iter().filter_map(answer).collect();
    let good = good.map(|(before, good)| (before, good as &dyn Lookup));
    let difference = compare_answers(good, policy, lookup);
    Step::Done(Found::New(Box::new(NewFinding { answers, sets, difference })))
}

/// Whether the answers are what they were, as far as SPF reads them.
pub fn says_the_same(lookup: &dyn Lookup, before: &Recording) -> Step<bool> {
    let mut missing = Vec::new();
    let mut same = true;
    for (question, old) in before.iter() {
        match lookup.lookup(question) {
            Err(question) => missing.push(question),
            // Explanations are no part of what is compiled.
            Ok(new) => match (read_of(old, false), read_of(&new, false)) {
                (Some(old), Some(new)) => same &= old == new,
                _ => same = false,
            },
        }
    }
    if missing.is_empty() { Step::Done(same) } else { Step::Need(missing) }
}

/// Compiles a policy for each of the zones.
pub fn compile_all(
    lookup: &dyn Lookup,
    policy: &PolicySource,
    zones: &[Arc<ZoneAsked>],
) -> Step<Result<Vec<PolicySets>, SetsError>> {
    let mut compiled = Vec::with_capacity(zones.len());
    for zone in zones {
        match compile_sets(lookup, policy, &zone.terms, &zone.record) {
            Step::Need(questions) => return Step::Need(questions),
            Step::Done(Err(error)) => return Step::Done(Err(error)),
            Step::Done(Ok(sets)) => compiled.push(sets),
        }
    }
    Step::Done(Ok(compiled))
}

fn failed(lookup: &dyn Lookup, policy: &PolicySource, error: &SetsError) -> Found {
    let kind = if error.is_temporary() { FaultKind::Dns } else { FaultKind::Policy };
    let reason = match error {
        SetsError::Compile(CompileError::Policy(errors)) => {
            let reasons = errors.iter().map(|error| reason_of(lookup, policy, error));
            reasons.collect::<Vec<_>>().join("; ")
        }
        other => other.to_string(),
    };
    Found::Failed { kind, reason }
}

/// What is wrong, and where it stands; where DNS gave no answer, with which resolver said
/// what.
fn reason_of(lookup: &dyn Lookup, policy: &PolicySource, error: &PolicyError) -> String {
    let answer = match &error.fault {
        Fault::Dns { question, .. } => lookup.lookup(question).ok(),
        _ => None,
    };
    let mut reason = error.to_string();
    if let Some(remark) = answer.and_then(|answer| answer.remark.clone()) {
        reason = format!("{reason} ({remark})");
    }
    // A policy is read as if it stood at its domain; who looks there finds another one.
    match &policy.source {
        Some(source) if error.domain == policy.domain => {
            format!("{reason} (what is read of {} stands at {source})", policy.domain)
        }
        _ => reason,
    }
}

/// What changed between the answers that are served, if some are, and those of now.
/// None where they cannot be compared: an answer that one of them needs is not there. Each
/// is read as its own policy.
pub fn compare_answers(
    good: Option<(&PolicySource, &dyn Lookup)>,
    policy: &PolicySource,
    now: &dyn Lookup,
) -> Option<PassedDifference> {
    let now = read(now, policy)?;
    let drift = match good {
        Some((policy, good)) => drift(&read(good, policy)?, &now),
        None => drift(&read_nothing(policy)?, &now),
    };
    // Neither was served with an answer that failed.
    if drift.failed.is_some() {
        return None;
    }
    let changes = range_changes(&drift);
    Some(PassedDifference {
        ip4: drift.passing_ip4,
        ip6: drift.passing_ip6,
        // Against nothing, all but what passes is as it was.
        changes: match good {
            Some(_) => changes,
            None => changes.into_iter().filter(|it| it.change == Change::Gained).collect(),
        },
    })
}

/// Reads a policy from answers that are all that it was compiled from: nothing but the
/// texts of explanations may lack.
fn read(answers: &dyn Lookup, policy: &PolicySource) -> Option<Reading> {
    let closed = Closed { answers, missed: RefCell::default() };
    let read = Reading::read(&*policy.options().view(&closed), &policy.domain, None).ok()?;
    let missed = closed.missed.into_inner();
    missed.iter().all(|question| read.explains(question)).then_some(read)
}

/// A policy that passes nobody.
fn read_nothing(policy: &PolicySource) -> Option<Reading> {
    let nothing = [(policy.domain.clone(), b"v=spf1 -all".to_vec())];
    Reading::read(&Published::new(Cache::default(), nothing), &policy.domain, None).ok()
}

/// Answers with nothing behind them.
struct Closed<'a> {
    answers: &'a dyn Lookup,
    missed: RefCell<Vec<Question>>,
}

impl Lookup for Closed<'_> {
    fn lookup(&self, question: &Question) -> Result<Arc<Answer>, Question> {
        self.answers.lookup(question).or_else(|missing| {
            self.missed.borrow_mut().push(missing);
            Ok(Arc::new(Answer::new(Reply::NoData)))
        })
    }
}
