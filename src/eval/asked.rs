//! The distinct questions of one evaluation.
//!
//! An ordinary policy asks a dozen, which a list finds faster than a hash
//! table does; past [`FEW`] the table takes over.

use std::collections::HashSet;

use crate::dns::Question;

/// How many questions are kept in the list.
const FEW: usize = 32;

#[derive(Debug, Default)]
pub(super) struct Asked {
    few: Vec<Question>,
    many: HashSet<Question>,
}

impl Asked {
    pub(super) fn len(&self) -> usize {
        self.few.len() + self.many.len()
    }

    pub(super) fn contains(&self, question: &Question) -> bool {
        self.few.iter().any(|few| few.record_type == question.record_type && few == question)
            || !self.many.is_empty() && self.many.contains(question)
    }

    /// Adds a question that is not in yet.
    pub(super) fn insert(&mut self, question: Question) {
        if self.few.len() < FEW {
            if self.few.is_empty() {
                self.few.reserve(FEW / 2);
            }
            self.few.push(question);
        } else {
            self.many.insert(question);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::RecordType;
    use crate::name::DomainName;

    #[test]
    fn finds_each_question_once_in_list_and_table() {
        let question = |index: usize, record_type| {
            Question::new(DomainName::parse(format!("h{index}.example")).unwrap(), record_type)
        };
        let mut asked = Asked::default();
        for index in 0..3 * FEW {
            assert!(!asked.contains(&question(index, RecordType::A)));
            asked.insert(question(index, RecordType::A));
        }
        assert_eq!(asked.len(), 3 * FEW);
        assert!((0..3 * FEW).all(|index| asked.contains(&question(index, RecordType::A))));
        assert!(!asked.contains(&question(0, RecordType::Aaaa)));
    }
}
