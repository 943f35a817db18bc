//! Records of a zone, and a zone file of them (RFC 1035 section 5).

use std::fmt::Write;
use std::net::Ipv4Addr;

use crate::name::{DomainName, NameError};
use crate::optimize::split_strings;

use super::OutputRecord;

/// Seconds of a zone's start that are for secondary servers: refresh, retry and
/// expire (two hours, half an hour, two weeks).
pub const SECONDARY_SECONDS: [u32; 3] = [7_200, 1_800, 1_209_600];

/// One record of a zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneRecord {
    /// Its owner.
    pub name: DomainName,
    /// Seconds that it may be cached.
    pub ttl: u32,
    /// What it says.
    pub data: ZoneData,
}

/// The data of a zone's records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ZoneData {
    /// The start of a zone (RFC 1035 section 3.3.13).
    Soa {
        /// The primary server.
        primary: DomainName,
        /// The mailbox of who is responsible, as a name.
        mailbox: DomainName,
        /// The version of the zone.
        serial: u32,
        /// Seconds that a negative answer may be cached (RFC 2308).
        minimum: u32,
    },
    /// A server of the zone.
    Ns(DomainName),
    /// An address.
    A(Ipv4Addr),
    /// A text, in as many strings as it needs.
    Txt(String),
}

impl ZoneData {
    /// The type's mnemonic.
    pub fn record_type(&self) -> &'static str {
        match self {
            ZoneData::Soa { .. } => "SOA",
            ZoneData::Ns(_) => "NS",
            ZoneData::A(_) => "A",
            ZoneData::Txt(_) => "TXT",
        }
    }

    /// The data as a zone file has it, names absolute.
    pub fn presentation(&self) -> String {
        match self {
            ZoneData::Soa { primary, mailbox, serial, minimum } => {
                let (primary, mailbox) = (absolute(primary), absolute(mailbox));
                let [refresh, retry, expire] = SECONDARY_SECONDS;
                format!("{primary} {mailbox} {serial} {refresh} {retry} {expire} {minimum}")
            }
            ZoneData::Ns(server) => absolute(server),
            ZoneData::A(address) => address.to_string(),
            ZoneData::Txt(text) => {
                let quoted = |string: &String| quoted_string(string.as_bytes(), decimal_escape);
                let quoted: Vec<String> = split_strings(text).iter().map(quoted).collect();
                quoted.join(" ")
            }
        }
    }
}

/// The name of a host or mailbox that goes with a zone: `label` below the nearest
/// name, from `at` upwards, that hosts may have names below (RFC 1123 section
/// 2.1). BIND warns of `hostmaster._spf.example.com`.
///
/// # Errors
///
/// A name over 253 octets.
pub fn host_name(label: &[u8], at: &DomainName) -> Result<DomainName, NameError> {
    let mut above = at.clone();
    while !above.labels().all(is_host_label) {
        above = above.parent().unwrap_or_else(DomainName::root);
    }
    above.child(label)
}

/// Letters, digits and hyphens, no hyphen at an end.
fn is_host_label(label: &[u8]) -> bool {
    let plain = |octet: &u8| octet.is_ascii_alphanumeric() || *octet == b'-';
    label.iter().all(plain) && label.first() != Some(&b'-') && label.last() != Some(&b'-')
}

/// The lines of a zone file, one a record.
pub fn zone_file(records: &[ZoneRecord]) -> String {
    let mut text = String::new();
    for record in records {
        text.push_str(&zone_line(record));
        text.push('\n');
    }
    text
}

/// The line of a zone file for one record, without its end.
pub fn zone_line(record: &ZoneRecord) -> String {
    let mut line = absolute(&record.name);
    let data = record.data.presentation();
    let _ = write!(line, "\t{}\tIN\t{}\t{data}", record.ttl, record.data.record_type());
    line
}

impl From<&OutputRecord> for ZoneRecord {
    fn from(record: &OutputRecord) -> ZoneRecord {
        let data = ZoneData::Txt(record.text.clone());
        ZoneRecord { name: record.name.clone(), ttl: record.ttl, data }
    }
}

/// A name with its final dot; whatever a zone file gives a meaning to is
/// escaped.
fn absolute(name: &DomainName) -> String {
    if name.is_root() {
        return String::from(".");
    }
    // A zone has a million names: octet by octet, without formatting.
    let mut text = String::with_capacity(name.wire_octets() + 32);
    for label in name.labels() {
        for &octet in label {
            match octet {
                b'.' | b'\\' | b'"' | b';' | b'(' | b')' | b'@' | b'$' => {
                    text.push('\\');
                    text.push(char::from(octet));
                }
                0x21..=0x7e => text.push(char::from(octet)),
                _ => decimal_escape(&mut text, octet),
            }
        }
        text.push('.');
    }
    text
}

/// A character-string in quotation marks (RFC 1035 section 5.1); octets that are
/// not printable ASCII are written by `escape`.
pub fn quoted_string(string: &[u8], escape: impl Fn(&mut String, u8)) -> String {
    let mut text = String::from("\"");
    for &octet in string {
        match octet {
            b'"' | b'\\' => {
                text.push('\\');
                text.push(char::from(octet));
            }
            b' '..=b'~' => text.push(char::from(octet)),
            _ => escape(&mut text, octet),
        }
    }
    text.push('"');
    text
}

/// An octet in three decimal digits (RFC 1035 section 5.1).
pub fn decimal_escape(text: &mut String, octet: u8) {
    let _ = write!(text, "\\{octet:03}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::ZoneFile;
    use proptest::prelude::*;

    #[test]
    fn hosts_stand_below_names_of_hosts() {
        let host = |at: &str| {
            let at = DomainName::parse(at).unwrap();
            host_name(b"hostmaster", &at).unwrap().to_string()
        };
        assert_eq!(host("_spf.example.com"), "hostmaster.example.com");
        assert_eq!(host("spf.example.com"), "hostmaster.spf.example.com");
        assert_eq!(host("x.a_b.-c.d-.Example-1.com"), "hostmaster.Example-1.com");
        assert_eq!(host("a._com"), "hostmaster");
    }

    proptest! {
        #[test]
        fn any_owner_reads_back(
            labels in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..20), 1..6),
            text in "v=spf1( [!-~]{1,40}){0,12}",
        ) {
            let name = DomainName::from_labels(labels.iter().map(Vec::as_slice)).unwrap();
            let data = ZoneData::Txt(text.clone());
            let line = zone_file(&[ZoneRecord { name: name.clone(), ttl: 300, data }]);
            let file = ZoneFile::read(line.as_bytes(), None).unwrap();
            let owner = file.owners().next().unwrap();
            prop_assert_eq!(&owner.name, &name);
            prop_assert_eq!(file.texts()[0].text.joined().into_owned(), text.into_bytes());
        }
    }
}
