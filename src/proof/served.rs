//! DNS with the zones of a macro record served.

use std::sync::Arc;

use crate::dns::{Answer, Lookup, Question, RecordType, Records, Reply, Txt, ZoneFile};
use crate::image::{NameAnswer, ServedZone};

use super::PrintedZone;

/// DNS in which a responder answers for these zones.
pub struct Served<L> {
    inner: L,
    zones: Vec<ServedZone>,
}

impl<L> Served<L> {
    /// Serves each zone.
    pub fn new(inner: L, zones: Vec<ServedZone>) -> Self {
        Served { inner, zones }
    }
}

impl<L: Lookup> Lookup for Served<L> {
    fn lookup(&self, question: &Question) -> Result<Arc<Answer>, Question> {
        // The zone of one set may lie below that of another.
        let zones =
            self.zones.iter().filter(|zone| question.name.is_at_or_below(zone.layout.zone()));
        let Some(zone) = zones.max_by_key(|zone| zone.layout.zone().label_count()) else {
            return self.inner.lookup(question);
        };
        let reply = match (zone.answer(&question.name), question.record_type) {
            (NameAnswer::Address, RecordType::A) => {
                Reply::Records(Records::A(vec![[127, 0, 0, 2].into()]))
            }
            (NameAnswer::Policy(text), RecordType::Txt) => {
                Reply::Records(Records::Txt(vec![Txt::new([text])]))
            }
            (NameAnswer::NoName, _) => Reply::NoName,
            _ => Reply::NoData,
        };
        Ok(Arc::new(Answer::new(reply)))
    }
}

/// DNS with a generated zone in front of it.
pub struct Printed<L> {
    zone: PrintedZone,
    inner: L,
}

impl<L> Printed<L> {
    /// Puts a zone in front of DNS.
    pub fn new(zone: PrintedZone, inner: L) -> Self {
        Printed { zone, inner }
    }
}

impl<L: Lookup> Lookup for Printed<L> {
    fn lookup(&self, question: &Question) -> Result<Arc<Answer>, Question> {
        match self.zone.reply(question) {
            Some(reply) => Ok(Arc::new(Answer::new(reply))),
            None => self.inner.lookup(question),
        }
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
