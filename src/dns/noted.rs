//! Which questions a program asks.

use std::cell::RefCell;
use std::collections::HashSet;
use std::sync::Arc;

use super::{Answer, Lookup, Question};

/// Answers as another lookup does, and notes what is asked, whether it is known or not.
pub struct Noted<'a> {
    lookup: &'a dyn Lookup,
    asked: RefCell<HashSet<Question>>,
}

impl<'a> Noted<'a> {
    /// Nothing is asked yet.
    pub fn new(lookup: &'a dyn Lookup) -> Noted<'a> {
        Noted { lookup, asked: RefCell::default() }
    }

    /// What was asked.
    pub fn into_asked(self) -> HashSet<Question> {
        self.asked.into_inner()
    }
}

impl Lookup for Noted<'_> {
    fn lookup(&self, question: &Question) -> Result<Arc<Answer>, Question> {
        self.asked.borrow_mut().insert(question.clone());
        self.lookup.lookup(question)
    }
}
