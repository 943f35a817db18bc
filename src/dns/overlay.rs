//! Other readings of DNS: a record that is not published yet, a policy read at
//! another name, terms left out.
//!
//! Each overlay changes TXT answers only, so that everything behind it, the
//! oracle as well as the compiler, sees one and the same policy.

use std::sync::Arc;

use super::{Answer, Lookup, Question, RecordType, Records, Reply, Txt};
use crate::name::DomainName;
use crate::syntax::is_spf_record;

/// DNS as it would be with these SPF records published: at each of the names
/// they are the only TXT records.
#[derive(Clone, Debug)]
pub struct Published<L> {
    inner: L,
    records: Vec<(DomainName, Vec<u8>)>,
}

impl<L> Published<L> {
    /// Publishes a record at each of the names.
    pub fn new(inner: L, records: impl IntoIterator<Item = (DomainName, Vec<u8>)>) -> Self {
        Published { inner, records: records.into_iter().collect() }
    }
}

impl<L: Lookup> Lookup for Published<L> {
    fn lookup(&self, question: &Question) -> Result<Arc<Answer>, Question> {
        let published: Vec<&Vec<u8>> = match question.record_type {
            RecordType::Txt => self
                .records
                .iter()
                .filter(|(name, _)| *name == question.name)
                .map(|(_, text)| text)
                .collect(),
            _ => Vec::new(),
        };
        if published.is_empty() {
            return self.inner.lookup(question);
        }
        Ok(Arc::new(Answer::new(Reply::Records(Records::Txt(
            published.into_iter().map(|text| Txt::new([text])).collect(),
        )))))
    }
}

/// The policy at `source` read as that of `domain`: the TXT records of
/// `domain` are those of `source`.
#[derive(Clone, Debug)]
pub struct SourceAs<L> {
    inner: L,
    domain: DomainName,
    source: DomainName,
}

impl<L> SourceAs<L> {
    /// Reads the policy at `source` as that of `domain`.
    pub fn new(inner: L, domain: DomainName, source: DomainName) -> Self {
        SourceAs { inner, domain, source }
    }
}

impl<L: Lookup> Lookup for SourceAs<L> {
    fn lookup(&self, question: &Question) -> Result<Arc<Answer>, Question> {
        if question.record_type == RecordType::Txt && question.name == self.domain {
            return self.inner.lookup(&Question::new(self.source.clone(), RecordType::Txt));
        }
        self.inner.lookup(question)
    }
}

/// DNS with other texts for some TXT records; what stands beside them stays.
#[derive(Clone, Debug)]
pub struct Replaced<L> {
    inner: L,
    texts: Vec<(DomainName, Txt, Txt)>,
}

impl<L> Replaced<L> {
    /// Replaces, at each of the names, the record with the octets of the first
    /// text by the second one.
    pub fn new(inner: L, texts: impl IntoIterator<Item = (DomainName, Txt, Txt)>) -> Self {
        Replaced { inner, texts: texts.into_iter().collect() }
    }
}

impl<L: Lookup> Lookup for Replaced<L> {
    fn lookup(&self, question: &Question) -> Result<Arc<Answer>, Question> {
        let answer = self.inner.lookup(question)?;
        if question.record_type != RecordType::Txt || answer.texts().is_empty() {
            return Ok(answer);
        }
        let mut texts = answer.texts().to_vec();
        for (_, old, new) in self.texts.iter().filter(|(name, ..)| *name == question.name) {
            if let Some(text) = texts.iter_mut().find(|text| text.joined() == old.joined()) {
                *text = new.clone();
            }
        }
        let reply = Reply::Records(Records::Txt(texts));
        Ok(Arc::new(Answer { reply, ..Answer::clone(&answer) }))
    }
}

/// DNS with terms left out of every SPF record that holds them.
#[derive(Clone, Debug)]
pub struct Repaired<L> {
    inner: L,
    without: Vec<Vec<u8>>,
}

impl<L> Repaired<L> {
    /// Leaves out each term whose text is one of `without`, case aside.
    pub fn new(inner: L, without: impl IntoIterator<Item = Vec<u8>>) -> Self {
        Repaired { inner, without: without.into_iter().collect() }
    }

    fn repair(&self, text: &[u8]) -> Option<Vec<u8>> {
        if !is_spf_record(text) {
            return None;
        }
        let left_out = |term: &[u8]| self.without.iter().any(|out| out.eq_ignore_ascii_case(term));
        let terms: Vec<&[u8]> = text.split(|octet| *octet == b' ').collect();
        if !terms.iter().any(|term| left_out(term)) {
            return None;
        }
        let kept: Vec<&[u8]> = terms.into_iter().filter(|term| !left_out(term)).collect();
        Some(kept.join(&b' '))
    }
}

impl<L: Lookup> Lookup for Repaired<L> {
    fn lookup(&self, question: &Question) -> Result<Arc<Answer>, Question> {
        let answer = self.inner.lookup(question)?;
        if !answer.texts().iter().any(|text| self.repair(&text.joined()).is_some()) {
            return Ok(answer);
        }
        let texts = answer.texts().iter().map(|text| match self.repair(&text.joined()) {
            Some(repaired) => Txt::new([repaired]),
            None => text.clone(),
        });
        let reply = Reply::Records(Records::Txt(texts.collect()));
        Ok(Arc::new(Answer { reply, ..Answer::clone(&answer) }))
    }
}
