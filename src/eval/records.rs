//! Which of the TXT records at a name is its SPF record (RFC 7208 sections 4.4
//! and 4.5), parsed once for any number of evaluations.
//!
//! What the selection means for a result is not said here.

use std::collections::HashMap;
use std::sync::Arc;

use crate::dns::Answer;
use crate::name::DomainName;
use crate::syntax::{Parse, is_spf_record, parse_record};

/// The SPF records of a TXT answer.
#[derive(Clone, Debug)]
pub enum Selection {
    /// There is none.
    None,
    /// There is one; it may have syntax errors.
    One(Arc<Parse>),
    /// There are so many.
    Several(usize),
}

impl Selection {
    /// Selects among the texts of an answer: those that begin with the version
    /// (RFC 7208 section 4.5).
    pub fn of(answer: &Answer) -> Selection {
        let mut selected = answer.texts().iter().filter(|text| is_spf_record(&text.joined()));
        let Some(first) = selected.next() else { return Selection::None };
        match selected.count() {
            0 => Selection::One(Arc::new(parse_record(&first.joined()))),
            more => Selection::Several(1 + more),
        }
    }
}

/// Records that were selected and parsed before.
///
/// One store serves any number of evaluations, of different sources too: a
/// selection is used again only for an equal answer.
#[derive(Clone, Debug, Default)]
pub struct RecordStore {
    selections: HashMap<DomainName, (Arc<Answer>, Selection)>,
}

impl RecordStore {
    /// An empty store.
    pub fn new() -> RecordStore {
        RecordStore::default()
    }

    /// The SPF records of `answer`, the TXT answer of `name`.
    pub fn select(&mut self, name: &DomainName, answer: &Arc<Answer>) -> Selection {
        if let Some((seen, selection)) = self.selections.get(name)
            && (Arc::ptr_eq(seen, answer) || seen.reply == answer.reply)
        {
            return selection.clone();
        }
        let selection = Selection::of(answer);
        self.selections.insert(name.clone(), (Arc::clone(answer), selection.clone()));
        selection
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::{Records, Reply, Txt};

    fn answer(texts: &[&str]) -> Arc<Answer> {
        let texts = texts.iter().map(|text| Txt::new([text])).collect();
        Arc::new(Answer::new(Reply::from(Records::Txt(texts))))
    }

    #[test]
    fn selects_by_the_version_alone() {
        assert!(matches!(Selection::of(&answer(&[])), Selection::None));
        assert!(matches!(Selection::of(&answer(&["v=spf10", "spf1", ""])), Selection::None));
        assert!(matches!(Selection::of(&answer(&["x", "V=SPF1", "y"])), Selection::One(_)));
        assert!(matches!(
            Selection::of(&answer(&["v=spf1", "v=spf1 -all"])),
            Selection::Several(2)
        ));
    }

    #[test]
    fn an_equal_answer_is_not_parsed_again_and_another_is() {
        let name = DomainName::parse("example.com").unwrap();
        let mut store = RecordStore::new();
        let parse = |selection| match selection {
            Selection::One(parse) => parse,
            other => panic!("{other:?}"),
        };
        let first = parse(store.select(&name, &answer(&["v=spf1 -all"])));
        let equal = parse(store.select(&name, &answer(&["v=spf1 -all"])));
        let other = parse(store.select(&name, &answer(&["v=spf1 +all"])));
        assert!(Arc::ptr_eq(&first, &equal));
        assert_eq!(other.record.text(), b"v=spf1 +all");
    }
}
