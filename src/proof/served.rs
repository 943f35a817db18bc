//! DNS with the zones of a macro record served.

use std::sync::Arc;

use crate::addr::AddressSet;
use crate::dns::{Answer, Lookup, Question, RecordType, Records, Reply};
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

/// DNS in which these zones are answered by one lookup and all else by another.
pub struct Zoned<Z, L> {
    /// Answers for the zones.
    pub zone: Z,
    /// Their apexes.
    pub apexes: Vec<crate::name::DomainName>,
    /// Answers for all else.
    pub inner: L,
}

impl<Z: Lookup, L: Lookup> Lookup for Zoned<Z, L> {
    fn lookup(&self, question: &Question) -> Result<Arc<Answer>, Question> {
        match self.apexes.iter().any(|apex| question.name.is_at_or_below(apex)) {
            true => self.zone.lookup(question),
            false => self.inner.lookup(question),
        }
    }
}
