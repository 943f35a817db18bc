//! Which of the TXT records at a name is its SPF record (RFC 7208 sections 4.4
//! and 4.5), parsed once for any number of evaluations.
//!
//! What the selection means for a result is not said here.

use std::collections::HashMap;
use std::sync::Arc;

use super::networks::NetworkIndex;
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
    kept: HashMap<DomainName, Kept>,
}

/// A selection that may be used again.
#[derive(Clone, Debug)]
struct Kept {
    answer: Arc<Answer>,
    selection: Selection,
    uses: u32,
    networks: Option<Arc<NetworkIndex>>,
}

/// Uses of a record, and terms that it has, from which on an index of its
/// networks costs less than it saves.
const INDEXED: (u32, usize) = (4, 256);

impl RecordStore {
    /// An empty store.
    pub fn new() -> RecordStore {
        RecordStore::default()
    }

    /// The SPF records of `answer`, the TXT answer of `name`.
    pub fn select(&mut self, name: &DomainName, answer: &Arc<Answer>) -> Selection {
        if let Some(kept) = self.kept.get_mut(name)
            && (Arc::ptr_eq(&kept.answer, answer) || kept.answer.reply == answer.reply)
        {
            kept.uses = kept.uses.saturating_add(1);
            return kept.selection.clone();
        }
        let selection = Selection::of(answer);
        let (answer, selected) = (Arc::clone(answer), selection.clone());
        let kept = Kept { answer, selection: selected, uses: 1, networks: None };
        self.kept.insert(name.clone(), kept);
        selection
    }

    /// Where the networks of the record of `name` stand, which was selected
    /// last; `None` for one that is short or not used often.
    pub(super) fn networks(&mut self, name: &DomainName) -> Option<Arc<NetworkIndex>> {
        let kept = self.kept.get_mut(name)?;
        let Selection::One(parse) = &kept.selection else { return None };
        if kept.uses < INDEXED.0 || parse.record.terms().len() < INDEXED.1 {
            return None;
        }
        let index = || Arc::new(NetworkIndex::new(&parse.record));
        Some(Arc::clone(kept.networks.get_or_insert_with(index)))
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
