//! RFC 1035 zone files as a source of answers.
//!
//! A file is a closed world: a name that no zone of the file holds does not
//! exist. A zone begins at its SOA; a file without one is read as a single zone
//! at the root. Wildcards answer as RFC 4592 says. Delegations are not
//! followed: records below an NS are answered, where a server would refer.
//! Types that SPF does not use make their owners exist and answer nothing.
//! `$INCLUDE` is followed only where the caller opens the files. `$GENERATE` and
//! DNAME are refused.

mod include;
mod octodns;
mod place;
mod prepare;
mod read;
mod scan;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

pub use include::{IncludeFault, Includes, NoIncludes};
pub use octodns::{OctodnsFault, YamlFault};
pub use place::{Place, Writing};
pub use read::{ZoneFileError, ZoneFileFault};
pub use scan::ScanFault;

use super::alias::{Found, follow};
use super::closed::{Names, Owner};
use super::{Answer, Lookup, Question, RecordType, Reply, Txt};
use crate::message::STRING_OCTETS;
use crate::name::DomainName;
use crate::syntax::is_spf_record;

/// The zones of a file.
#[derive(Clone, Debug, Default)]
pub struct ZoneFile {
    names: Names,
    /// Where the zones begin, with the TTL of negative answers.
    apexes: HashMap<DomainName, u32>,
    texts: Vec<ZoneText>,
    /// Names whose addresses are known elsewhere.
    elsewhere: HashSet<DomainName>,
}

/// A TXT record with its place in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneText {
    /// The name of the record.
    pub owner: DomainName,
    /// The record.
    pub text: Txt,
    /// Where it stands.
    pub place: Place,
}

impl ZoneFile {
    /// Reads a zone file. Relative names are below `origin` until the file says
    /// otherwise; without both they are an error.
    ///
    /// # Errors
    ///
    /// A [`ZoneFileError`] with the line of the first entry that cannot be read.
    pub fn read(text: &[u8], origin: Option<&DomainName>) -> Result<ZoneFile, ZoneFileError> {
        read::read(text, origin, &mut NoIncludes)?.without_long_strings()
    }

    /// Reads a zone file as it is meant: a TXT record with a character-string of
    /// more than 255 octets, for which servers refuse the zone, is taken as if
    /// the string were split. [`Txt::given`] tells how it is written.
    ///
    /// The files that it includes are read with it, and `includes` opens them.
    /// An included file begins without an owner and a TTL, and with the origin
    /// that `$INCLUDE` gives or the one in force; nothing of it stays in force
    /// behind its end.
    ///
    /// # Errors
    ///
    /// As [`ZoneFile::read`], long strings apart, in any of the files.
    pub fn read_as_meant(
        text: &[u8],
        origin: Option<&DomainName>,
        includes: &mut dyn Includes,
    ) -> Result<ZoneFile, ZoneFileError> {
        read::read(text, origin, includes)
    }

    /// Reads a zone as OctoDNS keeps it, in YAML. Such a file does not say where
    /// its zone begins, so it only answers for the names that it holds.
    ///
    /// # Errors
    ///
    /// A [`ZoneFileError`] with the line of what cannot be read.
    pub fn read_octodns(text: &[u8], zone: &DomainName) -> Result<ZoneFile, ZoneFileError> {
        octodns::read(text, zone)
    }

    /// The same, unless a TXT record has a character-string that is too long.
    fn without_long_strings(self) -> Result<ZoneFile, ZoneFileError> {
        let longest = |text: &ZoneText| text.text.given().into_iter().max().unwrap_or(0);
        match self.texts.iter().find(|text| longest(text) > STRING_OCTETS) {
            None => Ok(self),
            Some(text) => {
                let fault = ZoneFileFault::LongString(longest(text));
                let Place { file, line, octets, .. } = &text.place;
                Err(ZoneFileError { file: *file, line: *line, offset: octets.start, fault })
            }
        }
    }

    /// Every name with a record, and what it holds of the types that SPF uses,
    /// in the order of the file. Wildcards are here as they are written.
    pub fn owners(&self) -> impl Iterator<Item = &Owner> {
        self.names.owners().iter()
    }

    /// Whether the file is the one to ask: for what lies in its zones, or, where
    /// it does not say where they begin, for the names that hold records in it.
    pub fn answers_for(&self, question: &Question) -> bool {
        let address = matches!(question.record_type, RecordType::A | RecordType::Aaaa);
        if address && self.elsewhere.contains(&question.name) {
            return false;
        }
        match self.apexes.is_empty() {
            true => self.names.owner(&question.name).is_some(),
            false => self.zone_of(&question.name).is_some(),
        }
    }

    /// The names at which the zones begin, in no order; none for a file without
    /// SOA.
    pub fn apexes(&self) -> impl Iterator<Item = &DomainName> {
        self.apexes.keys()
    }

    /// The TXT records, in the order of the file.
    pub fn texts(&self) -> &[ZoneText] {
        &self.texts
    }

    /// The TXT records that are SPF records (RFC 7208 section 4.5), in the order
    /// of the file.
    pub fn spf_records(&self) -> impl Iterator<Item = &ZoneText> {
        self.texts.iter().filter(|text| is_spf_record(&text.text.joined()))
    }

    /// The apex of the zone that a name is in, with the TTL of negative answers.
    fn zone_of(&self, name: &DomainName) -> Option<(DomainName, Option<u32>)> {
        if self.apexes.is_empty() {
            return Some((DomainName::root(), None));
        }
        let mut above = Some(name.clone());
        while let Some(name) = above {
            if let Some(ttl) = self.apexes.get(&name) {
                return Some((name, Some(*ttl)));
            }
            above = name.parent();
        }
        None
    }

    fn find(&self, name: &DomainName, record_type: RecordType) -> Found {
        let Some((apex, negative)) = self.zone_of(name) else {
            return Found::Reply(Reply::NoName, None);
        };
        let held = |name: &DomainName| match self.names.owner(name) {
            Some(owner) => owner.find(record_type, negative),
            None => Found::Reply(Reply::NoData, negative),
        };
        if self.names.exists(name) {
            return held(name);
        }
        // RFC 4592 section 3.3.1: the wildcard of the closest encloser, and of
        // no name above it.
        let mut above = name.parent();
        while let Some(encloser) = above {
            if self.names.exists(&encloser) || encloser == apex {
                return match encloser.child(b"*") {
                    Ok(wildcard) if self.names.exists(&wildcard) => held(&wildcard),
                    _ => Found::Reply(Reply::NoName, negative),
                };
            }
            above = encloser.parent();
        }
        Found::Reply(Reply::NoName, negative)
    }
}

impl Lookup for ZoneFile {
    fn lookup(&self, question: &Question) -> Result<Arc<Answer>, Question> {
        Ok(Arc::new(follow(question, |name| self.find(name, question.record_type))))
    }
}

#[cfg(test)]
mod tests;
