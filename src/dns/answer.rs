//! What DNS can answer: records, nothing, no such name, or a failure.

use std::borrow::Cow;
use std::hash::{Hash, Hasher};
use std::net::{Ipv4Addr, Ipv6Addr};

use thiserror::Error;

use super::RecordType;
use crate::message::STRING_OCTETS;
use crate::name::DomainName;

/// An answer with what came with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The answer itself.
    pub reply: Reply,
    /// How long the answer holds, in seconds: the shortest TTL of the alias
    /// chain and the records, for negative answers that of the SOA
    /// (RFC 2308); `None` where nothing says.
    pub ttl: Option<u32>,
    /// The names that the aliases (CNAME) led through, the asked one not
    /// included, the last being the owner of the records.
    pub aliases: Vec<DomainName>,
    /// What there is to say of a failure, for people: which resolver said what. It is
    /// short, and no part of what is recorded.
    pub remark: Option<Box<str>>,
}

impl Answer {
    /// An answer without TTL and aliases.
    pub fn new(reply: Reply) -> Answer {
        Answer { reply, ttl: None, aliases: Vec::new(), remark: None }
    }

    /// Whether a receiver counts the lookup as void: no such name, or no
    /// record of the type (RFC 7208 section 4.6.4).
    pub fn is_void(&self) -> bool {
        matches!(self.reply, Reply::NoData | Reply::NoName)
    }

    /// The IPv4 addresses of an A answer; none for any other.
    pub fn ip4_addresses(&self) -> &[Ipv4Addr] {
        match &self.reply {
            Reply::Records(Records::A(addresses)) => addresses,
            _ => &[],
        }
    }

    /// The IPv6 addresses of an AAAA answer; none for any other.
    pub fn ip6_addresses(&self) -> &[Ipv6Addr] {
        match &self.reply {
            Reply::Records(Records::Aaaa(addresses)) => addresses,
            _ => &[],
        }
    }

    /// The hosts of an MX answer, in the order of the answer; none for any other.
    pub fn mail_exchanges(&self) -> &[MailExchange] {
        match &self.reply {
            Reply::Records(Records::Mx(exchanges)) => exchanges,
            _ => &[],
        }
    }

    /// The texts of a TXT answer; none for any other.
    pub fn texts(&self) -> &[Txt] {
        match &self.reply {
            Reply::Records(Records::Txt(texts)) => texts,
            _ => &[],
        }
    }

    /// The texts of an answer of the obsolete type SPF; none for any other.
    pub fn obsolete_texts(&self) -> &[Txt] {
        match &self.reply {
            Reply::Records(Records::Spf(texts)) => texts,
            _ => &[],
        }
    }

    /// The names of a PTR answer; none for any other.
    pub fn names(&self) -> &[DomainName] {
        match &self.reply {
            Reply::Records(Records::Ptr(names)) => names,
            _ => &[],
        }
    }

    /// The failure, where DNS gave no answer.
    pub fn failure(&self) -> Option<Failure> {
        match self.reply {
            Reply::Failure(failure) => Some(failure),
            _ => None,
        }
    }

    /// About how many octets of records the answer carries.
    pub fn octets(&self) -> usize {
        match &self.reply {
            Reply::Records(records) => records.octets(),
            _ => 0,
        }
    }
}

/// The four kinds of answers, which SPF keeps apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// At least one record of the type.
    Records(Records),
    /// The name exists, with no record of the type.
    NoData,
    /// The name does not exist (NXDOMAIN).
    NoName,
    /// No answer: a temperror to SPF (RFC 7208 section 2.6.6).
    Failure(Failure),
}

/// Why there is no answer. The fault lies with the name's servers or the way to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
#[non_exhaustive]
pub enum Failure {
    /// SERVFAIL.
    #[error("the server failed (SERVFAIL)")]
    ServerFailure,
    /// REFUSED.
    #[error("the server refused (REFUSED)")]
    Refused,
    /// Another response code that is no answer.
    #[error("the server answered with response code {0}")]
    ResponseCode(u16),
    /// No answer in time.
    #[error("no answer in time")]
    Timeout,
    /// An answer that makes no sense.
    #[error("the answer makes no sense")]
    Malformed,
    /// A chain of aliases that is a loop or too long.
    #[error("too many aliases (CNAME)")]
    Aliases,
    /// The server cannot be reached.
    #[error("the server cannot be reached")]
    Unreachable,
    /// Too few of the resolvers that were asked gave the same answer.
    #[error("the resolvers disagree")]
    Disagreement,
    /// The answer of a signed zone is not validly signed (RFC 4033 section 5).
    #[error("the answer is not validly signed (DNSSEC: bogus)")]
    Bogus,
    /// An answer of an unsigned zone, where only signed ones are taken.
    #[error("the answer is not signed, and DNSSEC is required")]
    Unsigned,
}

/// The records of an answer, at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Records {
    /// IPv4 addresses.
    A(Vec<Ipv4Addr>),
    /// IPv6 addresses.
    Aaaa(Vec<Ipv6Addr>),
    /// Mail exchanges.
    Mx(Vec<MailExchange>),
    /// Texts.
    Txt(Vec<Txt>),
    /// Names.
    Ptr(Vec<DomainName>),
    /// Texts of the obsolete type SPF.
    Spf(Vec<Txt>),
}

impl Records {
    /// The type of the records.
    pub fn record_type(&self) -> RecordType {
        match self {
            Records::A(_) => RecordType::A,
            Records::Aaaa(_) => RecordType::Aaaa,
            Records::Mx(_) => RecordType::Mx,
            Records::Txt(_) => RecordType::Txt,
            Records::Ptr(_) => RecordType::Ptr,
            Records::Spf(_) => RecordType::Spf,
        }
    }

    /// Whether there is no record: such an answer is [`Reply::NoData`].
    pub fn is_empty(&self) -> bool {
        match self {
            Records::A(list) => list.is_empty(),
            Records::Aaaa(list) => list.is_empty(),
            Records::Mx(list) => list.is_empty(),
            Records::Txt(list) | Records::Spf(list) => list.is_empty(),
            Records::Ptr(list) => list.is_empty(),
        }
    }

    fn octets(&self) -> usize {
        match self {
            Records::A(list) => 4 * list.len(),
            Records::Aaaa(list) => 16 * list.len(),
            Records::Mx(list) => list.iter().map(|mx| 2 + mx.exchange.wire_octets()).sum(),
            Records::Txt(list) | Records::Spf(list) => list.iter().map(Txt::rdata_octets).sum(),
            Records::Ptr(list) => list.iter().map(DomainName::wire_octets).sum(),
        }
    }
}

impl From<Records> for Reply {
    fn from(records: Records) -> Reply {
        if records.is_empty() { Reply::NoData } else { Reply::Records(records) }
    }
}

/// One MX record (RFC 1035 section 3.3.9).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MailExchange {
    /// Lower is preferred.
    pub preference: u16,
    /// The host; the root in a null MX (RFC 7505).
    pub exchange: DomainName,
}

/// One TXT record: its character-strings, of at most 255 octets each. Two are
/// the same when their strings are.
#[derive(Clone, Debug)]
pub struct Txt {
    strings: Vec<Box<[u8]>>,
    /// The strings that continue the one before, which was given in one piece.
    continued: Vec<usize>,
}

impl Txt {
    /// A record of these character-strings; those over 255 octets are split.
    pub fn new<S: AsRef<[u8]>>(strings: impl IntoIterator<Item = S>) -> Txt {
        let mut txt = Txt { strings: Vec::new(), continued: Vec::new() };
        for string in strings {
            let mut pieces = string.as_ref().chunks(STRING_OCTETS);
            txt.strings.push(pieces.next().unwrap_or_default().into());
            for piece in pieces {
                txt.continued.push(txt.strings.len());
                txt.strings.push(piece.into());
            }
        }
        txt
    }

    /// The record with this data (RFC 1035 section 3.3.14); `None` where it is
    /// not made of character-strings.
    pub fn from_rdata(mut octets: &[u8]) -> Option<Txt> {
        let mut strings = Vec::new();
        while let Some((length, rest)) = octets.split_first() {
            let (string, behind) = rest.split_at_checked(usize::from(*length))?;
            strings.push(string);
            octets = behind;
        }
        Some(Txt::new(strings))
    }

    /// The octets of each string as it was given: over 255 where it was split
    /// here, which says nothing of how a server splits it.
    pub fn given(&self) -> Vec<usize> {
        let mut continued = self.continued.iter().peekable();
        let mut given: Vec<usize> = Vec::with_capacity(self.strings.len());
        for (index, string) in self.strings.iter().enumerate() {
            match given.last_mut() {
                Some(last) if continued.next_if_eq(&&index).is_some() => *last += string.len(),
                _ => given.push(string.len()),
            }
        }
        given
    }

    /// The character-strings.
    pub fn strings(&self) -> impl Iterator<Item = &[u8]> {
        self.strings.iter().map(AsRef::as_ref)
    }

    /// The strings joined with nothing between them (RFC 7208 section 3.3).
    pub fn joined(&self) -> Cow<'_, [u8]> {
        match self.strings.as_slice() {
            [one] => Cow::Borrowed(one),
            strings => Cow::Owned(strings.concat()),
        }
    }

    /// Octets of the record's data in a DNS message, length octets included.
    pub fn rdata_octets(&self) -> usize {
        self.strings.iter().map(|string| 1 + string.len()).sum()
    }
}

impl PartialEq for Txt {
    fn eq(&self, other: &Txt) -> bool {
        self.strings == other.strings
    }
}

impl Eq for Txt {}

impl Hash for Txt {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.strings.hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn record_data_is_character_strings() {
        assert_eq!(Txt::from_rdata(b"\x02ab\x00\x01c"), Some(Txt::new(["ab", "", "c"])));
        assert_eq!(Txt::from_rdata(b""), Some(Txt::new([[0u8; 0]; 0])));
        assert_eq!(Txt::from_rdata(b"\x05ab"), None);
    }

    #[test]
    fn long_strings_are_split_and_remembered() {
        let long = [b'x'; 600];
        let txt = Txt::new([&b"a"[..], &long, b""]);
        let strings: Vec<usize> = txt.strings().map(<[u8]>::len).collect();
        assert_eq!(strings, [1, 255, 255, 90, 0]);
        assert_eq!(txt.given(), [1, 600, 0]);
        let split = Txt::new(txt.strings());
        assert_eq!(split, txt);
        assert_eq!(split.given(), strings);
        assert_eq!(Txt::new([[0u8; 0]; 0]).given(), [0usize; 0]);
    }
}
