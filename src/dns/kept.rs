//! Answers that many programs share, within a bound of octets.
//!
//! An answer that was wanted again since it was last looked at stays; one that
//! a single program wanted goes first. So the records of providers, which
//! thousands of policies include, stay, and those of each domain itself go.
//! Whoever runs a program keeps what that program needs: nothing is held here
//! for anybody.

use std::cell::Cell;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::{Answer, Question};

/// What an answer takes beside its records: the entry, and the answer itself.
const ENTRY_OCTETS: usize = 320;
/// What the octets of names and records take in memory, for each of them.
const SPREAD: usize = 3;

/// A bounded number of answers.
#[derive(Debug)]
pub(super) struct KeptAnswers {
    answers: HashMap<Question, Kept>,
    /// All questions, the one that is looked at next in front.
    order: VecDeque<Question>,
    octets: usize,
    most: usize,
}

#[derive(Debug)]
struct Kept {
    answer: Arc<Answer>,
    octets: usize,
    wanted_again: Cell<bool>,
}

impl KeptAnswers {
    /// Room for about `most` octets of answers.
    pub(super) fn new(most: usize) -> KeptAnswers {
        KeptAnswers { answers: HashMap::new(), order: VecDeque::new(), octets: 0, most }
    }

    /// The answer to a question, which stays longer for being wanted again.
    pub(super) fn get(&self, question: &Question) -> Option<Arc<Answer>> {
        let kept = self.answers.get(question)?;
        kept.wanted_again.set(true);
        Some(kept.answer.clone())
    }

    /// Adds an answer; `shared` says that more than one program waited for it.
    pub(super) fn insert(&mut self, question: Question, answer: Arc<Answer>, shared: bool) {
        let octets = octets_of(&question, &answer);
        let kept = Kept { answer, octets, wanted_again: Cell::new(shared) };
        self.octets += octets;
        match self.answers.insert(question.clone(), kept) {
            Some(replaced) => self.octets -= replaced.octets,
            None => self.order.push_back(question),
        }
        self.make_room();
    }

    /// About how many octets of memory the answers take.
    #[cfg(test)]
    pub(super) fn octets(&self) -> usize {
        self.octets
    }

    fn make_room(&mut self) {
        while self.octets > self.most {
            let Some(question) = self.order.pop_front() else { return };
            let again = self.answers.get(&question).is_some_and(|kept| kept.wanted_again.take());
            if again {
                self.order.push_back(question);
            } else if let Some(kept) = self.answers.remove(&question) {
                self.octets -= kept.octets;
            }
        }
    }
}

/// About how many octets of memory an answer takes with its question, which is
/// there twice.
fn octets_of(question: &Question, answer: &Answer) -> usize {
    let aliases: usize = answer.aliases.iter().map(|alias| alias.wire_octets()).sum();
    ENTRY_OCTETS + 2 * question.name.wire_octets() + SPREAD * (answer.octets() + aliases)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::{RecordType, Records, Reply, Txt};
    use crate::name::DomainName;
    use proptest::prelude::*;

    fn question(name: &str) -> Question {
        Question::new(DomainName::parse(name).unwrap(), RecordType::Txt)
    }

    fn answer(octets: usize) -> Arc<Answer> {
        Arc::new(Answer::new(Reply::from(Records::Txt(vec![Txt::new([vec![b'x'; octets]])]))))
    }

    #[test]
    fn what_is_wanted_again_stays() {
        let mut kept = KeptAnswers::new(20_000);
        kept.insert(question("provider.test"), answer(100), true);
        for index in 0..1_000 {
            kept.insert(question(&format!("d{index}.test")), answer(100), false);
            assert!(kept.octets() <= 20_000);
            if index % 5 == 0 {
                assert!(kept.get(&question("provider.test")).is_some(), "{index}");
            }
        }
        assert!(kept.get(&question("d0.test")).is_none());
        assert!(kept.get(&question("d999.test")).is_some());
    }

    #[test]
    fn what_does_not_fit_is_not_kept() {
        let mut kept = KeptAnswers::new(1_000);
        kept.insert(question("large.test"), answer(5_000), true);
        assert!(kept.get(&question("large.test")).is_none());
        assert_eq!(kept.octets(), 0);
    }

    proptest! {
        #[test]
        fn the_bound_holds_and_answers_are_right(
            steps in proptest::collection::vec((0usize..40, 1usize..600, any::<bool>()), 1..300),
        ) {
            let mut kept = KeptAnswers::new(8_000);
            let mut latest = HashMap::new();
            for (name, octets, shared) in steps {
                let question = question(&format!("n{name}.test"));
                if let Some(found) = kept.get(&question) {
                    prop_assert_eq!(Some(&found), latest.get(&question));
                }
                let answer = answer(octets);
                latest.insert(question.clone(), answer.clone());
                kept.insert(question, answer, shared);
                prop_assert!(kept.octets() <= 8_000);
                prop_assert_eq!(kept.answers.len(), kept.order.len());
                let sum: usize = kept.answers.values().map(|kept| kept.octets).sum();
                prop_assert_eq!(sum, kept.octets());
            }
        }
    }
}
