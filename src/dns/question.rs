//! What can be asked.

use std::fmt;

use crate::name::DomainName;

/// The record types that SPF needs, and the one that it no longer does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RecordType {
    /// IPv4 addresses.
    A,
    /// IPv6 addresses.
    Aaaa,
    /// Mail exchanges.
    Mx,
    /// Texts.
    Txt,
    /// Names of an address.
    Ptr,
    /// The type that SPF records had besides TXT, obsolete (RFC 7208 section
    /// 3.1): no receiver evaluates it.
    Spf,
}

impl RecordType {
    /// All of them.
    pub const ALL: [RecordType; 6] = [
        RecordType::A,
        RecordType::Aaaa,
        RecordType::Mx,
        RecordType::Txt,
        RecordType::Ptr,
        RecordType::Spf,
    ];

    /// The mnemonic, as in zone files.
    pub fn as_str(self) -> &'static str {
        match self {
            RecordType::A => "A",
            RecordType::Aaaa => "AAAA",
            RecordType::Mx => "MX",
            RecordType::Txt => "TXT",
            RecordType::Ptr => "PTR",
            RecordType::Spf => "SPF",
        }
    }

    /// The type of a mnemonic, in any case.
    pub fn from_mnemonic(mnemonic: &str) -> Option<RecordType> {
        Self::ALL
            .into_iter()
            .find(|record_type| mnemonic.eq_ignore_ascii_case(record_type.as_str()))
    }
}

impl fmt::Display for RecordType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A name and a type, class IN.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Question {
    /// The name that is asked.
    pub name: DomainName,
    /// The type of the records asked for.
    pub record_type: RecordType,
}

impl Question {
    /// A question of this name and type.
    pub fn new(name: DomainName, record_type: RecordType) -> Question {
        Question { name, record_type }
    }
}

/// `example.com TXT`
impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.record_type)
    }
}
