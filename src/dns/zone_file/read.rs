//! Reading zone files: contents by the library, places by the scanner.

use std::collections::HashMap;
use std::sync::Arc;

use domain::base::iana::Class;
use domain::base::name::{Name, ToLabelIter};
use domain::rdata::ZoneRecordData;
use domain::zonefile::inplace::{Entry as ReadEntry, ScannedRecord, Zonefile};
use thiserror::Error;

use super::include::{IncludeFault, Includes, MOST_FILES, MOST_LEVELS, MOST_OCTETS};
use super::octodns::OctodnsFault;
use super::prepare::{prepare, written_octets};
use super::scan::{Entry, ScanFault, TextType, scan};
use super::{ZoneFile, ZoneText};
use crate::dns::closed::{Alias, Names};
use crate::dns::{MailExchange, Records, Txt};
use crate::message::STRING_OCTETS;
use crate::name::{DomainName, NameError};

/// Why a text is no zone file. The fault lies with who wrote the file.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("line {line}: {fault}")]
pub struct ZoneFileError {
    /// The file: 0 for the one that was read, then those that it includes.
    pub file: usize,
    /// The line on which the entry begins, from 1.
    pub line: usize,
    /// The octets of the file before what is wrong.
    pub offset: usize,
    /// What is wrong with the entry.
    pub fault: ZoneFileFault,
}

/// What is wrong with an entry of a zone file.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ZoneFileFault {
    /// Quotes or parentheses that do not match.
    #[error(transparent)]
    Tokens(#[from] ScanFault),
    /// The entry does not follow RFC 1035 section 5.1, or its data not its type.
    #[error("cannot be read ({0:?})")]
    Syntax(String),
    /// A relative name where nothing says what it is relative to.
    #[error("a name is relative, and no $ORIGIN says to what")]
    NoOrigin,
    /// `$INCLUDE` of a file that is not read.
    #[error(transparent)]
    Include(#[from] IncludeFault),
    /// A zone in YAML that cannot be read.
    #[error(transparent)]
    Octodns(#[from] OctodnsFault),
    /// `$GENERATE`, an extension of some servers.
    #[error("$GENERATE is not supported; write the records out")]
    Generate,
    /// A character-string of more than 255 octets: servers refuse the zone.
    #[error("a character-string has {0} octets, more than the 255 that one can have")]
    LongString(usize),
    /// A class other than IN.
    #[error("the class is not IN")]
    Class,
    /// A name that is too long.
    #[error("a name {0}")]
    Name(NameError),
    /// DNAME (RFC 6672), which would rename what lies below.
    #[error("DNAME at {0} is not supported")]
    Dname(DomainName),
    /// An alias beside other records, or two aliases (RFC 2181 section 10.1).
    #[error("{0} has a CNAME beside other records")]
    AliasBesideRecords(DomainName),
    /// A record above or beside the zones of the file.
    #[error("{0} lies in no zone of the file: no SOA is at or above it")]
    OutOfZone(DomainName),
}

impl From<NameError> for ZoneFileFault {
    fn from(error: NameError) -> ZoneFileFault {
        ZoneFileFault::Name(error)
    }
}

/// Reads a zone file, with relative names below `origin`.
pub(super) fn read(
    text: &[u8],
    origin: Option<&DomainName>,
    includes: &mut dyn Includes,
) -> Result<ZoneFile, ZoneFileError> {
    let mut zone = Reading::default();
    zone.file(FileText { number: 0, level: 0, text }, origin, includes)?;
    zone.finish()
}

/// One of the files that a zone is made of.
#[derive(Clone, Copy)]
struct FileText<'a> {
    number: usize,
    /// How many files include each other to here.
    level: usize,
    text: &'a [u8],
}

impl FileText<'_> {
    /// Something wrong behind `offset` octets.
    fn error(&self, offset: usize, fault: ZoneFileFault) -> ZoneFileError {
        let above = self.text.get(..offset).unwrap_or(self.text);
        let line = 1 + above.iter().filter(|octet| **octet == b'\n').count();
        ZoneFileError { file: self.number, line, offset, fault }
    }

    /// The error of the reader, at the entry that it stopped in: the last one
    /// that begins before the place that the reader tells.
    fn syntax_error(&self, rest: &[Entry], message: &str) -> ZoneFileError {
        let mut parts = message.splitn(3, ':');
        let told = parts.next().and_then(|line| line.trim().parse::<usize>().ok());
        let reason = parts.nth(1).unwrap_or(message).trim().to_owned();
        let before = rest.iter().take_while(|entry| told.is_none_or(|told| entry.line <= told));
        let directives = rest.iter().take_while(|entry| entry.is_directive(self.text)).count();
        let entry = before.take(directives + 1).last().or(rest.first());
        let is_generate =
            |entry: &&Entry| entry.token(self.text, 0).eq_ignore_ascii_case(b"$GENERATE");
        let fault = match reason.as_str() {
            _ if entry.filter(is_generate).is_some() => ZoneFileFault::Generate,
            "missing origin" => ZoneFileFault::NoOrigin,
            _ => ZoneFileFault::Syntax(reason),
        };
        self.error(entry.map_or(self.text.len(), |entry| entry.octets.start), fault)
    }
}

/// What was read so far.
#[derive(Default)]
struct Reading {
    names: Names,
    apexes: HashMap<DomainName, u32>,
    texts: Vec<ZoneText>,
    /// Where the first record of each name stands.
    first: HashMap<DomainName, FirstRecord>,
    /// How many files were included, and their octets.
    included: (usize, usize),
}

/// Where the first record of a name stands.
#[derive(Clone, Copy, Default)]
struct FirstRecord {
    file: usize,
    line: usize,
    offset: usize,
}

impl Reading {
    fn file(
        &mut self,
        file: FileText<'_>,
        origin: Option<&DomainName>,
        includes: &mut dyn Includes,
    ) -> Result<(), ZoneFileError> {
        let text = file.text;
        // The reader fails badly on what is open at the end, so that is found first.
        let entries = scan(text)
            .map_err(|(offset, fault)| file.error(offset, ZoneFileFault::Tokens(fault)))?;
        let mut reader = Zonefile::from(prepare(text, &entries).as_slice());
        reader.set_default_class(Class::IN);
        if let Some(origin) = origin.and_then(wire_name) {
            reader.set_origin(origin);
        }
        // The entries that were not read yet.
        let mut rest = entries.as_slice();
        loop {
            let read = match reader.next_entry() {
                Ok(Some(read)) => read,
                Ok(None) => return Ok(()),
                Err(error) => return Err(file.syntax_error(rest, &error.to_string())),
            };
            let is_read = |entry: &Entry| {
                let include = entry.token(text, 0).eq_ignore_ascii_case(b"$INCLUDE");
                include || !entry.is_directive(text)
            };
            let position = rest.iter().position(is_read);
            let Some((entry, behind)) =
                position.and_then(|index| rest.get(index..)).and_then(<[Entry]>::split_first)
            else {
                return Err(file.syntax_error(rest, "an entry without a place"));
            };
            rest = behind;
            let wrong = |fault| file.error(entry.octets.start, fault);
            match read {
                ReadEntry::Record(record) => self.add(&file, entry, &record).map_err(wrong)?,
                ReadEntry::Include { path, origin } => {
                    let found =
                        self.open(&file, &path, includes).map_err(|fault| wrong(fault.into()))?;
                    let origin = origin.or_else(|| reader.origin().ok());
                    let origin = origin.as_ref().map(domain_name).transpose();
                    let origin = origin.map_err(|error| wrong(error.into()))?;
                    let (number, level) = (self.included.0, file.level + 1);
                    let below = FileText { number, level, text: &found };
                    self.file(below, origin.as_ref(), includes)?;
                }
            }
        }
    }

    fn open(
        &mut self,
        file: &FileText<'_>,
        path: &str,
        includes: &mut dyn Includes,
    ) -> Result<Arc<[u8]>, IncludeFault> {
        if file.level >= MOST_LEVELS {
            return Err(IncludeFault::TooDeep);
        }
        if self.included.0 + 1 >= MOST_FILES {
            return Err(IncludeFault::TooMany);
        }
        let found = includes.open(file.number, path)?;
        self.included.0 += 1;
        self.included.1 += found.len();
        if self.included.1 > MOST_OCTETS { Err(IncludeFault::TooLarge) } else { Ok(found) }
    }

    fn add(
        &mut self,
        file: &FileText<'_>,
        entry: &Entry,
        record: &ScannedRecord,
    ) -> Result<(), ZoneFileFault> {
        if record.class() != Class::IN {
            return Err(ZoneFileFault::Class);
        }
        let name = domain_name(record.owner())?;
        let ttl = record.ttl().as_secs();
        let first = FirstRecord { file: file.number, line: entry.line, offset: entry.octets.start };
        self.first.entry(name.clone()).or_insert(first);
        // Records of other types make it exist too.
        self.names.owner_mut(&name);
        let records = match record.data() {
            ZoneRecordData::A(a) => Records::A(vec![a.addr()]),
            ZoneRecordData::Aaaa(aaaa) => Records::Aaaa(vec![aaaa.addr()]),
            ZoneRecordData::Mx(mx) => {
                let exchange = domain_name(mx.exchange())?;
                Records::Mx(vec![MailExchange { preference: mx.preference(), exchange }])
            }
            ZoneRecordData::Txt(strings) => {
                let read = Txt::new(strings.iter());
                self.text(file, entry, &name, read)
            }
            // Generic data (RFC 3597 section 5).
            ZoneRecordData::Unknown(data) if entry.text_type(file.text).is_some() => {
                let read = Txt::from_rdata(data.data().as_ref());
                let bad = || ZoneFileFault::Syntax("bad character-string".to_owned());
                self.text(file, entry, &name, read.ok_or_else(bad)?)
            }
            ZoneRecordData::Ptr(ptr) => Records::Ptr(vec![domain_name(ptr.ptrdname())?]),
            ZoneRecordData::Cname(cname) => {
                let target = domain_name(cname.cname())?;
                let owner = self.names.owner_mut(&name);
                if owner.alias.as_ref().is_some_and(|alias| alias.target != target) {
                    return Err(ZoneFileFault::AliasBesideRecords(name));
                }
                owner.alias = Some(Alias { target, ttl: Some(ttl) });
                return Ok(());
            }
            ZoneRecordData::Soa(soa) => {
                self.apexes.insert(name, ttl.min(soa.minimum().as_secs()));
                return Ok(());
            }
            ZoneRecordData::Dname(_) => return Err(ZoneFileFault::Dname(name)),
            _ => return Ok(()),
        };
        self.names.owner_mut(&name).add(records, Some(ttl));
        Ok(())
    }

    /// The record of a type that is made of character-strings.
    fn text(
        &mut self,
        file: &FileText<'_>,
        entry: &Entry,
        owner: &DomainName,
        read: Txt,
    ) -> Records {
        let txt = as_written(file.text, entry, read);
        if entry.text_type(file.text) == Some(TextType::Spf) {
            return Records::Spf(vec![txt]);
        }
        let place = entry.place(file.text, file.number, txt.given().len());
        self.texts.push(ZoneText { owner: owner.clone(), text: txt.clone(), place });
        Records::Txt(vec![txt])
    }

    fn finish(mut self) -> Result<ZoneFile, ZoneFileError> {
        self.names.drop_repeated();
        let Reading { names, apexes, texts, .. } = &mut self;
        let zone = ZoneFile {
            names: std::mem::take(names),
            apexes: std::mem::take(apexes),
            texts: std::mem::take(texts),
            ..ZoneFile::default()
        };
        for owner in zone.owners() {
            let name = owner.name.clone();
            let fault = if owner.alias.is_some() && !owner.sets.is_empty() {
                ZoneFileFault::AliasBesideRecords(name)
            } else if zone.zone_of(&owner.name).is_none() {
                ZoneFileFault::OutOfZone(name)
            } else {
                continue;
            };
            let FirstRecord { file, line, offset } =
                self.first.get(&owner.name).copied().unwrap_or_default();
            return Err(ZoneFileError { file, line, offset, fault });
        }
        Ok(zone)
    }
}

/// The record with its character-strings as the file has them: the reader was
/// given those over 255 octets in pieces.
fn as_written(text: &[u8], entry: &Entry, read: Txt) -> Txt {
    let lengths = entry.strings(text).iter().map(|token| written_octets(text, token).count());
    let lengths: Vec<usize> = lengths.collect();
    if lengths.iter().all(|octets| *octets <= STRING_OCTETS) {
        return read;
    }
    let joined = read.joined();
    let mut rest = &joined[..];
    Txt::new(lengths.into_iter().map(|octets| {
        let (string, behind) = rest.split_at(octets.min(rest.len()));
        rest = behind;
        string
    }))
}

fn domain_name(name: &impl ToLabelIter) -> Result<DomainName, NameError> {
    let labels = name.iter_labels().filter(|label| !label.is_root());
    let labels: Vec<Vec<u8>> = labels.map(|label| label.as_slice().to_vec()).collect();
    DomainName::from_labels(labels.iter().map(Vec::as_slice))
}

fn wire_name<O: From<Vec<u8>> + AsRef<[u8]>>(name: &DomainName) -> Option<Name<O>> {
    let mut wire = Vec::with_capacity(name.wire_octets());
    for label in name.labels() {
        wire.push(u8::try_from(label.len()).ok()?);
        wire.extend_from_slice(label);
    }
    wire.push(0);
    Name::from_octets(O::from(wire)).ok()
}
