//! What a policy decides for one address: dynamic terms in their order, each
//! with the outcome of a match, and the outcome when none of them matches.
//!
//! Decisions are interned: a policy has few of them, however many ranges.

use std::collections::HashMap;

use crate::outcome::Qualifier;

use super::PolicyError;

/// The place of a decision in [`Decisions`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DecisionId(u32);

impl DecisionId {
    /// The place as an index.
    pub(super) fn place(self) -> usize {
        self.0 as usize
    }
}

/// The place of a dynamic term in [`Decisions`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DynamicId(u32);

/// The place of an error in [`Decisions`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ErrorId(u32);

/// A term that only the message can decide: an unknown with two values. Two
/// terms of the same text are the same unknown.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DynamicTerm {
    /// The term without its qualifier, every `%{d}` written out.
    pub text: String,
    /// The domain that it is bound to by a `%{p}`, in lower case; such a term
    /// means something else in another record.
    pub bound_to: Option<String>,
    /// Its include is one unknown because what it matches is more than its
    /// dynamic terms in a row.
    pub opaque: bool,
}

impl DynamicTerm {
    /// The term as something to include: a `redirect=` decides in an include
    /// by whether its target passes.
    fn as_include(&self) -> DynamicTerm {
        match self.text.strip_prefix("redirect=") {
            Some(target) => DynamicTerm { text: format!("include:{target}"), ..self.clone() },
            None => self.clone(),
        }
    }
}

/// What is decided when no dynamic term matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum End {
    /// Nothing: what stands behind decides.
    Undecided,
    /// One of the four results.
    Outcome(Qualifier),
    /// What the target of a dynamic redirect decides.
    Redirect(DynamicId),
    /// The evaluation stops with an error.
    Error(ErrorId),
}

/// What is decided for one address.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Decision {
    /// The dynamic terms in their order, and what a match gives.
    pub dynamic: Box<[(DynamicId, Qualifier)]>,
    /// What none of them matching gives.
    pub end: End,
}

/// All decisions, dynamic terms and errors of the policies that are compared
/// with each other.
#[derive(Clone, Debug, Default)]
pub struct Decisions {
    decisions: Vec<Decision>,
    decision_ids: HashMap<Decision, DecisionId>,
    terms: Vec<DynamicTerm>,
    term_ids: HashMap<(String, Option<String>), DynamicId>,
    errors: Vec<PolicyError>,
    error_ids: HashMap<PolicyError, ErrorId>,
    sequences: HashMap<(DecisionId, DecisionId), DecisionId>,
}

impl Decisions {
    /// The decision's place, the same for equal decisions.
    pub fn intern(&mut self, decision: Decision) -> DecisionId {
        if let Some(id) = self.decision_ids.get(&decision) {
            return *id;
        }
        let id = DecisionId(self.decisions.len() as u32);
        self.decisions.push(decision.clone());
        self.decision_ids.insert(decision, id);
        id
    }

    /// The place of the decision that only has an end.
    pub fn end(&mut self, end: End) -> DecisionId {
        self.intern(Decision { dynamic: Box::default(), end })
    }

    /// The place of the decision that one dynamic term makes and nothing else.
    pub fn single(&mut self, term: DynamicId, qualifier: Qualifier) -> DecisionId {
        let dynamic = Box::new([(term, qualifier)]);
        self.intern(Decision { dynamic, end: End::Undecided })
    }

    /// A decision by its place.
    pub fn get(&self, id: DecisionId) -> &Decision {
        &self.decisions[id.0 as usize]
    }

    /// The place of a dynamic term, the same for equal text, case aside.
    pub fn term(&mut self, term: DynamicTerm) -> DynamicId {
        let key = (term.text.clone(), term.bound_to.clone());
        if let Some(id) = self.term_ids.get(&key) {
            return *id;
        }
        let id = DynamicId(self.terms.len() as u32);
        self.terms.push(term);
        self.term_ids.insert(key, id);
        id
    }

    /// A dynamic term by its place.
    pub fn dynamic(&self, id: DynamicId) -> &DynamicTerm {
        &self.terms[id.0 as usize]
    }

    /// The place of an error.
    pub fn error(&mut self, error: PolicyError) -> ErrorId {
        if let Some(id) = self.error_ids.get(&error) {
            return *id;
        }
        let id = ErrorId(self.errors.len() as u32);
        self.errors.push(error.clone());
        self.error_ids.insert(error, id);
        id
    }

    /// An error by its place.
    pub fn policy_error(&self, id: ErrorId) -> &PolicyError {
        &self.errors[id.0 as usize]
    }

    /// Whether nothing that stands behind can change the decision.
    pub fn is_decided(&self, id: DecisionId) -> bool {
        self.get(id).end != End::Undecided
    }

    /// `first`, and `second` where it leaves the question open.
    pub fn sequence(&mut self, first: DecisionId, second: DecisionId) -> DecisionId {
        if self.is_decided(first) {
            return first;
        }
        if self.get(first).dynamic.is_empty() {
            return second;
        }
        if let Some(id) = self.sequences.get(&(first, second)) {
            return *id;
        }
        let mut dynamic = self.get(first).dynamic.to_vec();
        let behind = self.get(second).clone();
        for (term, qualifier) in behind.dynamic {
            // A term that did not match before does not match now.
            if !dynamic.iter().any(|(earlier, _)| *earlier == term) {
                dynamic.push((term, qualifier));
            }
        }
        let joined = self.intern(Decision { dynamic: dynamic.into(), end: behind.end });
        self.sequences.insert((first, second), joined);
        joined
    }

    /// What an include with this qualifier makes of a decision of its target:
    /// it matches exactly when the target passes. `None` where a dynamic term
    /// that does not pass stands before something that does.
    pub fn included(&mut self, id: DecisionId, qualifier: Qualifier) -> Option<DecisionId> {
        let decision = self.get(id).clone();
        let mut dynamic = decision.dynamic.to_vec();
        let mut end = End::Undecided;
        match decision.end {
            End::Undecided => {}
            End::Outcome(Qualifier::Pass) => end = End::Outcome(qualifier),
            End::Outcome(_) => {}
            End::Error(error) => {
                dynamic.retain(|(_, outcome)| *outcome == Qualifier::Pass);
                end = End::Error(error);
            }
            End::Redirect(target) => {
                let target = self.dynamic(target).as_include();
                let target = self.term(target);
                if !dynamic.iter().any(|(term, _)| *term == target) {
                    dynamic.push((target, Qualifier::Pass));
                }
            }
        }
        if end == End::Undecided {
            let passing = |(_, outcome): &(DynamicId, Qualifier)| *outcome == Qualifier::Pass;
            let kept = dynamic.iter().rposition(passing).map_or(0, |last| last + 1);
            dynamic.truncate(kept);
        }
        if dynamic.iter().any(|(_, outcome)| *outcome != Qualifier::Pass) {
            return None;
        }
        let dynamic = dynamic.into_iter().map(|(term, _)| (term, qualifier)).collect();
        Some(self.intern(Decision { dynamic, end }))
    }

    /// The one form that all decisions of the same meaning share, as long as
    /// the dynamic terms are free unknowns: trailing terms whose outcome is the
    /// final one are dropped, neighbours of equal outcome are sorted.
    pub fn canon(&mut self, id: DecisionId) -> DecisionId {
        let decision = self.get(id).clone();
        let mut dynamic = decision.dynamic.to_vec();
        if let End::Outcome(last) = decision.end {
            let kept = dynamic.iter().rposition(|(_, outcome)| *outcome != last);
            dynamic.truncate(kept.map_or(0, |at| at + 1));
        }
        for run in dynamic.chunk_by_mut(|a, b| a.1 == b.1) {
            run.sort_unstable();
        }
        self.intern(Decision { dynamic: dynamic.into(), end: decision.end })
    }
}
