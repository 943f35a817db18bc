//! Reading zone files: contents by the library, places by the scanner.

use std::collections::HashMap;

use domain::base::iana::Class;
use domain::base::name::{Name, ToLabelIter};
use domain::rdata::ZoneRecordData;
use domain::zonefile::inplace::{Entry as ReadEntry, ScannedRecord, Zonefile};
use thiserror::Error;

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
    /// The line on which the entry begins, from 1.
    pub line: usize,
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
    /// A character-string of more than 255 octets: servers refuse the zone.
    #[error("a character-string has {0} octets, more than the 255 that one can have")]
    LongString(usize),
    /// `$INCLUDE`: a zone file is read alone.
    #[error("$INCLUDE is not followed; put the zone into one file")]
    Include,
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
pub(super) fn read(text: &[u8], origin: Option<&DomainName>) -> Result<ZoneFile, ZoneFileError> {
    // The reader fails badly on what is open at the end, so that is found first.
    let entries = scan(text)
        .map_err(|(line, fault)| ZoneFileError { line, fault: ZoneFileFault::Tokens(fault) })?;
    let mut reader = Zonefile::from(prepare(text, &entries).as_slice());
    reader.set_default_class(Class::IN);
    if let Some(origin) = origin.and_then(wire_name) {
        reader.set_origin(origin);
    }
    let mut zone = Reading::default();
    // The entries that were not read yet.
    let mut rest = entries.as_slice();
    loop {
        let read = match reader.next_entry() {
            Ok(Some(read)) => read,
            Ok(None) => break,
            Err(error) => return Err(syntax_error(text, rest, &error.to_string())),
        };
        let is_read = |entry: &Entry| {
            let include = entry.token(text, 0).eq_ignore_ascii_case(b"$INCLUDE");
            include || !entry.is_directive(text)
        };
        let position = rest.iter().position(is_read);
        let Some((entry, behind)) =
            position.and_then(|index| rest.get(index..)).and_then(<[Entry]>::split_first)
        else {
            return Err(syntax_error(text, rest, "an entry without a place"));
        };
        rest = behind;
        zone.add(text, entry, &read).map_err(|fault| ZoneFileError { line: entry.line, fault })?;
    }
    zone.finish()
}

/// The error of the reader, with the line of the entry that it stopped in: the
/// last one that begins before the place that the reader tells.
fn syntax_error(text: &[u8], rest: &[Entry], message: &str) -> ZoneFileError {
    let mut parts = message.splitn(3, ':');
    let told = parts.next().and_then(|line| line.trim().parse::<usize>().ok());
    let reason = parts.nth(1).unwrap_or(message).trim().to_owned();
    let last_line = 1 + text.iter().filter(|octet| **octet == b'\n').count();
    let before = rest.iter().take_while(|entry| told.is_none_or(|told| entry.line <= told));
    let directives = rest.iter().take_while(|entry| entry.is_directive(text)).count();
    let entry = before.take(directives + 1).last().or(rest.first());
    let line = entry.map(|entry| entry.line).or(told).unwrap_or(last_line);
    ZoneFileError { line, fault: ZoneFileFault::Syntax(reason) }
}

/// What was read so far.
#[derive(Default)]
struct Reading {
    names: Names,
    apexes: HashMap<DomainName, u32>,
    texts: Vec<ZoneText>,
    /// The line of the first record of each name.
    lines: HashMap<DomainName, usize>,
}

impl Reading {
    fn add(&mut self, text: &[u8], entry: &Entry, read: &ReadEntry) -> Result<(), ZoneFileFault> {
        let record: &ScannedRecord = match read {
            ReadEntry::Record(record) => record,
            ReadEntry::Include { .. } => return Err(ZoneFileFault::Include),
        };
        if record.class() != Class::IN {
            return Err(ZoneFileFault::Class);
        }
        let name = domain_name(record.owner())?;
        let ttl = record.ttl().as_secs();
        self.lines.entry(name.clone()).or_insert(entry.line);
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
                self.text(text, entry, &name, read)
            }
            // Generic data (RFC 3597 section 5).
            ZoneRecordData::Unknown(data) if entry.text_type(text).is_some() => {
                let read = Txt::from_rdata(data.data().as_ref());
                let bad = || ZoneFileFault::Syntax("bad character-string".to_owned());
                self.text(text, entry, &name, read.ok_or_else(bad)?)
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
    fn text(&mut self, text: &[u8], entry: &Entry, owner: &DomainName, read: Txt) -> Records {
        let txt = as_written(text, entry, read);
        if entry.text_type(text) == Some(TextType::Spf) {
            return Records::Spf(vec![txt]);
        }
        let place = entry.place(text, txt.given().len());
        self.texts.push(ZoneText { owner: owner.clone(), text: txt.clone(), place });
        Records::Txt(vec![txt])
    }

    fn finish(mut self) -> Result<ZoneFile, ZoneFileError> {
        self.names.drop_repeated();
        let zone = ZoneFile { names: self.names, apexes: self.apexes, texts: self.texts };
        for owner in zone.owners() {
            let name = owner.name.clone();
            let fault = if owner.alias.is_some() && !owner.sets.is_empty() {
                ZoneFileFault::AliasBesideRecords(name)
            } else if zone.zone_of(&owner.name).is_none() {
                ZoneFileFault::OutOfZone(name)
            } else {
                continue;
            };
            let line = self.lines.get(&owner.name).copied().unwrap_or(1);
            return Err(ZoneFileError { line, fault });
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
