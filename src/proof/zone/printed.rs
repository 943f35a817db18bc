//! A zone read back from its printed lines, and its answers.
//!
//! It reads what this program prints and nothing else, whatever else zone files
//! may hold: absolute names, one record a line, SOA, NS, A and TXT. What is not
//! of that form is no generated zone.

use std::net::Ipv4Addr;

use thiserror::Error;

use crate::dns::{Question, RecordType, Records, Reply, Txt};
use crate::image::ZoneMechanism;
use crate::name::{DomainName, NameError};

use super::names::{Entry, Kind, ZoneNames, push_label};
use super::{ZoneFault, ZoneReading, reading};

/// Octets of one character-string at most (RFC 1035 section 3.3).
const STRING_OCTETS: usize = 255;

/// A zone as its lines say.
#[derive(Debug)]
pub struct PrintedZone {
    apex: DomainName,
    names: ZoneNames,
}

/// Why lines are no generated zone.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("line {line} {fault}")]
pub struct PrintedZoneError {
    /// The line, from 1.
    line: usize,
    fault: LineFault,
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
enum LineFault {
    #[error("is no record of owner, TTL, class, type and data")]
    Form,
    #[error("has a TTL that is no number")]
    Ttl,
    #[error("has a name that is not absolute or {0}")]
    Name(NameError),
    #[error("is no start of a zone, and none stands before it")]
    NoStart,
    #[error("has an owner outside of the zone")]
    OutOfZone,
    #[error("has a type that generated zones do not hold there")]
    Type,
    #[error("has data that its type does not have")]
    Data,
    #[error(transparent)]
    Size(#[from] ZoneFault),
}

impl PrintedZone {
    /// Reads the lines of a zone, the SOA first.
    ///
    /// # Errors
    ///
    /// The first line that is not of the form in which zones are printed.
    pub fn read<L: AsRef<str>>(
        lines: impl IntoIterator<Item = L>,
    ) -> Result<PrintedZone, PrintedZoneError> {
        let mut zone: Option<PrintedZone> = None;
        for (index, line) in lines.into_iter().enumerate() {
            let read = Line::read(line.as_ref()).and_then(|line| match &mut zone {
                Some(zone) => zone.add(&line),
                None => {
                    zone = Some(PrintedZone::start(&line)?);
                    Ok(())
                }
            });
            read.map_err(|fault| PrintedZoneError { line: index + 1, fault })?;
        }
        let no_start = PrintedZoneError { line: 1, fault: LineFault::NoStart };
        let mut zone = zone.ok_or(no_start)?;
        zone.names.sort();
        Ok(zone)
    }

    fn start(line: &Line<'_>) -> Result<PrintedZone, LineFault> {
        if line.record_type != "SOA" {
            return Err(LineFault::NoStart);
        }
        let mut names = ZoneNames::default();
        names.push(std::iter::empty(), Kind::Other, &[])?;
        Ok(PrintedZone { apex: absolute(line.owner)?, names })
    }

    fn add(&mut self, line: &Line<'_>) -> Result<(), LineFault> {
        let owner = absolute(line.owner)?;
        if !owner.is_at_or_below(&self.apex) {
            return Err(LineFault::OutOfZone);
        }
        let below = owner.label_count() - self.apex.label_count();
        let mut labels = [&[][..]; MOST_LABELS];
        let labels = labels.get_mut(..below).ok_or(LineFault::Form)?;
        for (place, label) in labels.iter_mut().rev().zip(owner.labels()) {
            *place = label;
        }
        let labels = labels.iter().copied();
        match line.record_type {
            "A" => {
                let address: Ipv4Addr = line.data.parse().map_err(|_| LineFault::Data)?;
                self.names.push(labels, Kind::Address, &address.octets())?;
            }
            "TXT" => self.names.push(labels, Kind::Text, &strings(line.data)?)?,
            "NS" if below == 0 => self.names.push(labels, Kind::Other, &[])?,
            _ => return Err(LineFault::Type),
        }
        Ok(())
    }

    /// Where the zone begins.
    pub fn apex(&self) -> &DomainName {
        &self.apex
    }

    /// For which clients a term of this mechanism matches whose names lie below
    /// `zone`, this one or one in it.
    ///
    /// # Errors
    ///
    /// What keeps the zone from deciding the term for every client.
    pub fn clients(
        &self,
        zone: &DomainName,
        mechanism: ZoneMechanism,
    ) -> Result<ZoneReading, ZoneFault> {
        reading(&self.names, &self.below_apex(zone), mechanism)
    }

    /// What the zone answers (RFC 1034 section 4.3.2, RFC 4592 section 3.3.1);
    /// `None` where the name is not in it.
    pub fn reply(&self, question: &Question) -> Option<Reply> {
        if !question.name.is_at_or_below(&self.apex) {
            return None;
        }
        let mut name = self.below_apex(&question.name);
        let found = self.names.below(&name);
        if !found.is_empty() {
            return Some(self.records(self.names.at(name.len(), found), question.record_type));
        }
        // The wildcard of the closest encloser, and of no name above it.
        while let Some(encloser) = parent(&name) {
            name.truncate(encloser);
            if !self.names.below(&name).is_empty() {
                push_label(&mut name, b"*");
                let found = self.names.below(&name);
                let records = self.names.at(name.len(), found);
                return Some(match found {
                    [] => Reply::NoName,
                    _ => self.records(records, question.record_type),
                });
            }
        }
        Some(Reply::NoName)
    }

    fn records(&self, records: &[Entry], record_type: RecordType) -> Reply {
        let of = |kind| records.iter().filter(move |record| record.kind == kind);
        let records = match record_type {
            RecordType::A => {
                let octets = of(Kind::Address).map(|record| self.names.data(record));
                let octets = octets.filter_map(|octets| <[u8; 4]>::try_from(octets).ok());
                Records::A(octets.map(Ipv4Addr::from).collect())
            }
            RecordType::Txt => {
                let texts = of(Kind::Text).map(|record| Txt::new([self.names.data(record)]));
                Records::Txt(texts.collect())
            }
            _ => return Reply::NoData,
        };
        match &records {
            Records::A(list) if list.is_empty() => Reply::NoData,
            Records::Txt(list) if list.is_empty() => Reply::NoData,
            _ => Reply::Records(records),
        }
    }

    /// A name in the zone as [`ZoneNames`] has it.
    fn below_apex(&self, name: &DomainName) -> Vec<u8> {
        let below = name.label_count().saturating_sub(self.apex.label_count());
        let labels: Vec<&[u8]> = name.labels().take(below).collect();
        let mut octets = Vec::with_capacity(name.wire_octets());
        labels.into_iter().rev().for_each(|label| push_label(&mut octets, label));
        octets
    }
}

/// Labels of a name at most: each has an octet and its length.
const MOST_LABELS: usize = 127;

/// Where the last label of a name begins; `None` for the zone itself.
fn parent(name: &[u8]) -> Option<usize> {
    let (mut last, mut at) = (None, 0);
    while let Some(length) = name.get(at) {
        last = Some(at);
        at += 1 + usize::from(*length);
    }
    last
}

/// The fields of a record.
struct Line<'a> {
    owner: &'a str,
    record_type: &'a str,
    data: &'a str,
}

impl<'a> Line<'a> {
    fn read(line: &'a str) -> Result<Line<'a>, LineFault> {
        let mut fields = line.splitn(5, '\t');
        let mut field = || fields.next().ok_or(LineFault::Form);
        let (owner, ttl, class, record_type, data) =
            (field()?, field()?, field()?, field()?, field()?);
        if class != "IN" || data.contains(['\t', '\r', '\n']) {
            return Err(LineFault::Form);
        }
        ttl.parse::<u32>().map_err(|_| LineFault::Ttl)?;
        Ok(Line { owner, record_type, data })
    }
}

/// A name with its final dot (RFC 1035 section 5.1).
fn absolute(text: &str) -> Result<DomainName, LineFault> {
    let Some(relative) = text.strip_suffix('.') else {
        return Err(LineFault::Name(NameError::EmptyLabel));
    };
    if !text.contains('\\') {
        return DomainName::parse(relative).map_err(LineFault::Name);
    }
    let mut labels = vec![Vec::new()];
    let mut rest = relative.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        match (first, labels.last_mut()) {
            (b'.', _) => labels.push(Vec::new()),
            (b'\\', Some(label)) => label.push(escaped(&mut rest).ok_or(LineFault::Form)?),
            (octet, Some(label)) => label.push(*octet),
            (_, None) => {}
        }
    }
    DomainName::from_labels(labels.iter().map(Vec::as_slice)).map_err(LineFault::Name)
}

/// The octet that stands behind a backslash: three digits, or itself.
fn escaped(rest: &mut &[u8]) -> Option<u8> {
    let (octet, behind) = match rest {
        [a @ b'0'..=b'9', b, c, behind @ ..] => {
            let digits = [*a, *b, *c];
            let number = std::str::from_utf8(&digits).ok()?.parse().ok()?;
            (number, behind)
        }
        [octet, behind @ ..] if !octet.is_ascii_digit() => (*octet, behind),
        _ => return None,
    };
    *rest = behind;
    Some(octet)
}

/// Character-strings in quotes, joined as receivers join them.
fn strings(data: &str) -> Result<Vec<u8>, LineFault> {
    let mut joined = Vec::with_capacity(data.len());
    let mut rest = data.as_bytes();
    loop {
        rest = rest.strip_prefix(b"\"").ok_or(LineFault::Data)?;
        let before = joined.len();
        loop {
            let (first, behind) = rest.split_first().ok_or(LineFault::Data)?;
            rest = behind;
            match first {
                b'"' => break,
                b'\\' => joined.push(escaped(&mut rest).ok_or(LineFault::Data)?),
                octet => joined.push(*octet),
            }
        }
        if joined.len() - before > STRING_OCTETS {
            return Err(LineFault::Data);
        }
        match rest.strip_prefix(b" ") {
            Some(behind) => rest = behind,
            None if rest.is_empty() => return Ok(joined),
            None => return Err(LineFault::Data),
        }
    }
}
