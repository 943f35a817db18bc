//! DNS with the zones of a macro record served.

use std::sync::Arc;

use crate::addr::AddressSet;
use crate::dns::{Answer, Lookup, Question, RecordType, Records, Reply, ZoneFile};
use crate::image::Layout;

/// DNS in which a responder answers for these sets: an address for each name
/// of a client in the set, no such name otherwise.
pub struct Served<L> {
    inner: L,
    sets: Vec<(Layout, AddressSet)>,
}

impl<L> Served<L> {
    /// Serves each set in its layout's zone.
    pub fn new(inner: L, sets: Vec<(Layout, AddressSet)>) -> Self {
        Served { inner, sets }
    }
}

impl<L: Lookup> Lookup for Served<L> {
    fn lookup(&self, question: &Question) -> Result<Arc<Answer>, Question> {
        // The zone of one set may lie below that of another.
        let zones =
            self.sets.iter().filter(|(layout, _)| question.name.is_at_or_below(layout.zone()));
        let Some((layout, set)) = zones.max_by_key(|(layout, _)| layout.zone().label_count())
        else {
            return self.inner.lookup(question);
        };
        let client = layout.client(&question.name).filter(|client| set.contains(*client));
        let reply = match client {
            Some(_) if question.record_type == RecordType::A => {
                Reply::Records(Records::A(vec![[127, 0, 0, 2].into()]))
            }
            Some(_) => Reply::NoData,
            None => Reply::NoName,
        };
        Ok(Arc::new(Answer::new(reply)))
    }
}

/// DNS with a zone file in front of it: the file answers for its zones, and one
/// without a zone's start for the names that it holds.
pub struct Zoned<L> {
    file: Arc<ZoneFile>,
    inner: L,
}

impl<L> Zoned<L> {
    /// Puts a zone file in front of DNS.
    pub fn new(file: impl Into<Arc<ZoneFile>>, inner: L) -> Self {
        Zoned { file: file.into(), inner }
    }

    /// The file.
    pub fn file(&self) -> &ZoneFile {
        &self.file
    }
}

impl<L: Lookup> Lookup for Zoned<L> {
    fn lookup(&self, question: &Question) -> Result<Arc<Answer>, Question> {
        let held = self.file.answers_for(question);
        if held { self.file.lookup(question) } else { self.inner.lookup(question) }
    }
}
