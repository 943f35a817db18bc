//! What a question is answered with: zones and a question in, an answer as data
//! out.
//!
//! No packet is written here, and neither time nor the client's own address has
//! a say.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::image::{AddressIndex, ZoneMechanism};

use super::Zones;
use super::name::QuestionName;
use super::reading::{Part, Reading};
use super::record::{Record, rtype};
use super::zone::{Host, Zone};

/// The class of the Internet (RFC 1035 section 3.2.4).
pub const CLASS_IN: u16 = 1;

/// Codes of responses (RFC 1035 section 4.1.1, RFC 6891 section 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rcode {
    /// All is well.
    NoError = 0,
    /// The question cannot be read.
    FormErr = 1,
    /// The server cannot answer for now.
    ServFail = 2,
    /// The name does not exist, and none below it.
    NxDomain = 3,
    /// An operation that this server does not have.
    NotImp = 4,
    /// A question that this server is not there for.
    Refused = 5,
    /// A signature that this server has no key for (RFC 8945 section 5.2).
    NotAuth = 9,
    /// A version of EDNS that this server does not have.
    BadVers = 16,
}

/// Why there is no answer, for people (RFC 8914 section 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExtendedError {
    /// The server has no data yet.
    NotReady = 14,
    /// No zone of this server.
    NotAuthoritative = 20,
    /// Zone transfer, or an operation.
    NotSupported = 21,
}

/// The records of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content<'z> {
    /// Nothing at all, as with every refusal.
    Nothing,
    /// The address that says that a client passes.
    Address,
    /// The policy of one client.
    Policy {
        /// The client.
        client: IpAddr,
        /// Whether it passes.
        passes: bool,
    },
    /// Records of the zone's own name.
    Apex(&'z [Record]),
    /// The addresses of a host that lies in the zone.
    Host(&'z Host),
    /// The start of the zone in the authority section, with this time to live.
    Negative(u32),
}

/// An answer.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'z> {
    /// The code.
    pub rcode: Rcode,
    /// The zone that it comes from, with the octet of the question's name at which
    /// its own begins; none where it is refused.
    pub zone: Option<(&'z Zone, usize)>,
    /// The records.
    pub content: Content<'z>,
    /// What else is said of a refusal.
    pub extended: Option<ExtendedError>,
}

impl<'z> Answer<'z> {
    /// An answer without records or zone.
    pub fn refusal(rcode: Rcode, extended: Option<ExtendedError>) -> Answer<'z> {
        Answer { rcode, zone: None, content: Content::Nothing, extended }
    }

    /// The answer to names of which nothing is known here for now: somebody who asks
    /// again, here or at another server, may be answered.
    fn not_ready() -> Answer<'z> {
        Answer::refusal(Rcode::ServFail, Some(ExtendedError::NotReady))
    }
}

/// Answers a question of class IN, or refuses one of another class.
#[inline]
pub fn answer<'z>(zones: &'z Zones, name: &QuestionName, qtype: u16, qclass: u16) -> Answer<'z> {
    if let Some(refusal) = refusal(qtype, qclass) {
        return refusal;
    }
    let Some((zone, first)) = zones.find(name) else {
        return elsewhere_or_unready(zones, name);
    };
    let found = match first {
        0 => Some((Rcode::NoError, apex(zone, qtype))),
        _ => below(zone, name, first, qtype),
    };
    let Some((rcode, content)) = found else { return Answer::not_ready() };
    Answer { rcode, zone: Some((zone, name.start(first))), content, extended: None }
}

/// The answer to names of no zone that is served.
fn elsewhere_or_unready<'z>(zones: &Zones, name: &QuestionName) -> Answer<'z> {
    match zones.is_unready(name) {
        true => Answer::not_ready(),
        false => Answer::refusal(Rcode::Refused, Some(ExtendedError::NotAuthoritative)),
    }
}

/// Questions that no zone answers.
fn refusal<'z>(qtype: u16, qclass: u16) -> Option<Answer<'z>> {
    let (rcode, extended) = match (qclass, qtype) {
        // The type of a pseudo-record, which nobody asks for (RFC 6891 section 6.1.1).
        (_, rtype::OPT) => (Rcode::FormErr, None),
        // IXFR and AXFR.
        (CLASS_IN, 251 | 252) => (Rcode::Refused, Some(ExtendedError::NotSupported)),
        // TKEY, TSIG, MAILB and MAILA.
        (CLASS_IN, 249 | 250 | 253 | 254) => (Rcode::NotImp, Some(ExtendedError::NotSupported)),
        (CLASS_IN, _) => return None,
        _ => (Rcode::Refused, Some(ExtendedError::NotAuthoritative)),
    };
    Some(Answer::refusal(rcode, extended))
}

/// What the zone's own name holds. Any type is answered with one of them (RFC 8482
/// section 4.1).
fn apex(zone: &Zone, qtype: u16) -> Content<'_> {
    match qtype {
        rtype::SOA | rtype::ANY => Content::Apex(std::slice::from_ref(zone.soa())),
        rtype::NS => Content::Apex(zone.servers()),
        rtype::TXT if !zone.texts().is_empty() => Content::Apex(zone.texts()),
        _ => Content::Negative(zone.ttls().partial),
    }
}

/// What a name below the zone's holds; none where that is not known.
fn below<'z>(
    zone: &'z Zone,
    name: &QuestionName,
    first: usize,
    qtype: u16,
) -> Option<(Rcode, Content<'z>)> {
    let reading = Reading::new(name, first, zone.form());
    let held = match zone.tree(name, reading.tree, first) {
        Some(set) => held(zone.mechanism(), &reading, set),
        None => Held::NoName,
    };
    let (rcode, content) = match held {
        Held::Address if matches!(qtype, rtype::A | rtype::ANY) => {
            (Rcode::NoError, Content::Address)
        }
        Held::Policy { client, passes } if matches!(qtype, rtype::TXT | rtype::ANY) => {
            (Rcode::NoError, Content::Policy { client, passes })
        }
        Held::Address | Held::Policy { .. } => {
            (Rcode::NoError, Content::Negative(zone.ttls().miss))
        }
        Held::NoData { full: true } => (Rcode::NoError, Content::Negative(zone.ttls().miss)),
        Held::NoData { full: false } => (Rcode::NoError, Content::Negative(zone.ttls().partial)),
        Held::NoName => return elsewhere(zone, name, first, qtype),
    };
    Some((rcode, content))
}

/// What a name holds that has nothing to do with addresses; none where that is not
/// known.
fn elsewhere<'z>(
    zone: &'z Zone,
    name: &QuestionName,
    first: usize,
    qtype: u16,
) -> Option<(Rcode, Content<'z>)> {
    let node = if zone.is_plain() { None } else { zone.node(name, first) };
    let (rcode, content) = match node {
        None if zone.is_unready(name, first) => return None,
        None => (Rcode::NxDomain, Content::Negative(zone.ttls().miss)),
        Some(Some(host)) if host.addresses.iter().any(|record| matches_type(record, qtype)) => {
            (Rcode::NoError, Content::Host(host))
        }
        Some(_) => (Rcode::NoError, Content::Negative(zone.ttls().partial)),
    };
    Some((rcode, content))
}

/// Whether a record is of the type that is asked for.
pub(super) fn matches_type(record: &Record, qtype: u16) -> bool {
    qtype == record.rtype || qtype == rtype::ANY
}

/// What a name holds that was read as an address.
enum Held {
    Address,
    Policy {
        client: IpAddr,
        passes: bool,
    },
    /// Nothing, but names below it do, or may; `full` where it is an address too,
    /// that may be added at any time.
    NoData {
        full: bool,
    },
    NoName,
}

/// The set decides. Without the family in names, one name may be an address of
/// IPv4 and lie above addresses of IPv6: what either of them has, it has.
#[inline]
fn held(mechanism: ZoneMechanism, reading: &Reading, set: &AddressIndex) -> Held {
    let Reading { ip4, ip6, .. } = *reading;
    let include = mechanism == ZoneMechanism::Include;
    let (mut full, mut above) = (false, false);
    match ip4 {
        Part::No => {}
        Part::Full(bits) => {
            full = true;
            let passes = set.contains_ip4(bits);
            match include {
                true => return Held::Policy { client: Ipv4Addr::from_bits(bits).into(), passes },
                false if passes => return Held::Address,
                false => {}
            }
        }
        Part::Above(range) => above |= include || set.meets_ip4(range),
    }
    match ip6 {
        Part::No => {}
        Part::Full(bits) => {
            full = true;
            let passes = set.contains_ip6(bits);
            match include {
                true => return Held::Policy { client: Ipv6Addr::from_bits(bits).into(), passes },
                false if passes => return Held::Address,
                false => {}
            }
        }
        Part::Above(range) => above |= include || set.meets_ip6(range),
    }
    match above {
        true => Held::NoData { full },
        false => Held::NoName,
    }
}
