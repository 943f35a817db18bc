//! Mistakes about zones, their sources and their server. The fault lies with
//! who wrote the configuration.

use thiserror::Error;

use crate::config::error::Meant;
use crate::image::LayoutError;
use crate::name::{DomainName, NameError};

use super::RecordFault;

/// What is wrong with a table. May hold text of the file.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ServeFault {
    /// Text that is no address, with or without a port.
    #[error(
        "{0:?} is no address: expected one of IPv4 or IPv6, or one with a port, as in 192.0.2.53:5300 or \
         [2001:db8::53]:5300"
    )]
    SocketAddress(String),
    /// Text that is no address.
    #[error("{0:?} is no IPv{1} address")]
    Address(String, &'static str),
    /// Text that is no address with a port.
    #[error("{0:?} is no address with a port, as 127.0.0.1:8380 or [::1]:8380")]
    HttpAddress(String),
    /// An address for everybody, without a word about who may come.
    #[error(
        "{0} is open to others: name a 'token-file' of those who may read, or say 'behind-proxy' where a \
         proxy lets them in"
    )]
    OpenHttp(std::net::SocketAddr),
    /// Text that is no network.
    #[error("{0:?} is no network: expected an address, or one with a prefix length")]
    Network(String),
    /// The same twice.
    #[error("{0} stands here twice")]
    Twice(String),
    /// Text that is no secret of DNS cookies (RFC 9018 section 4).
    #[error("a secret of cookies is 32 hexadecimal digits")]
    CookieSecret,
    /// Text that is empty or too long.
    #[error("expected 1 to {most} octets, found {octets}")]
    Octets {
        /// How many there are.
        octets: usize,
        /// How many there may be.
        most: usize,
    },
    /// Two keys that exclude each other.
    #[error("'{0}' and '{1}' exclude each other")]
    Excluded(&'static str, &'static str),
    /// A key that only goes with another one.
    #[error("'{0}' goes with '{1}' alone")]
    OnlyWith(&'static str, &'static str),
    /// A key that has to be there.
    #[error("'{0}' is missing{1}")]
    Missing(&'static str, &'static str),
    /// Less time for a whole connection than for a pause in it.
    #[error("'tcp-total' is less than 'tcp-idle'")]
    TcpTimes,
    /// Answers that would be kept no longer than they have to be kept.
    #[error("'most' is less than 'least'")]
    RefreshTimes,
    /// More resolvers than there are.
    #[error(
        "'quorum' wants {needed} resolvers to agree, and 'resolvers' in [serve] has {resolvers}"
    )]
    Quorum {
        /// How many have to agree.
        needed: usize,
        /// How many there are.
        resolvers: usize,
    },
    /// A name of a source that lists could not hold.
    #[error("{0:?} cannot name a source: up to 128 letters, digits, '-', '_' and '.' can")]
    SourceName(String),
    /// A source without addresses.
    #[error("a source is the policy of a 'domain', or the prefixes of the file 'cidrs'")]
    EmptySource,
    /// A source that there is not.
    #[error("there is no source {name:?}{}", Meant(nearest))]
    NoSource {
        /// Its name.
        name: String,
        /// The source that may be meant.
        nearest: Option<String>,
    },
    /// Text that is no domain name.
    #[error("{text:?} {reason}")]
    Name {
        /// The text.
        text: String,
        /// What is wrong with it.
        reason: NameError,
    },
    /// The root, where a domain belongs.
    #[error("{0:?} names no domain")]
    NoDomain(String),
    /// A record that does not begin as one.
    #[error("{0:?} is no SPF record, it does not begin with 'v=spf1'")]
    NoRecord(String),
    /// A macro record that no zone can be served for.
    #[error(transparent)]
    Record(#[from] RecordFault),
    /// Names without room.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// The same zone twice.
    #[error("the zone {0} stands here twice")]
    ZoneTwice(DomainName),
    /// A zone inside of another.
    #[error(
        "one of the zones {0} and {1} lies in the other, so that a name would be of both: give one of them another name, or both to one zone as its domains, with %{{d}}"
    )]
    Nested(DomainName, DomainName),
    /// Two zones in one file.
    #[error("the zones {0} and {1} have the same 'image'")]
    OneImage(DomainName, DomainName),
    /// A zone without addresses.
    #[error(
        "the zone {0} has no addresses: 'source' names them{1}, or 'image' the file that holds them"
    )]
    EmptyZone(DomainName, &'static str),
    /// A record without `%{d}` for a zone of many domains.
    #[error("'{0}' is for records with %{{d}}, and the one of {1} has none")]
    NoTenants(&'static str, DomainName),
    /// One source for a record with `%{d}`.
    #[error(
        "the record of {0} has %{{d}}: [zone.tenants] or 'tenants-file' say which domain has which source"
    )]
    WantsTenants(DomainName),
    /// A server of the zone whose address only the zone can tell.
    #[error("{0} lies in the zone: [zone.addresses] has to say its addresses")]
    NoAddresses(DomainName),
    /// Addresses that the zone does not answer for.
    #[error("{0} is no server in the zone: its addresses are told elsewhere")]
    OtherAddresses(DomainName),
    /// A server at a name of other things.
    #[error("the server {host} {reason}")]
    Host {
        /// Its name.
        host: DomainName,
        /// Why it cannot stand there.
        reason: &'static str,
    },
    /// A server at or below a domain of the zone.
    #[error("the server {host} stands at or below the names of {domain}")]
    HostInTree {
        /// Its name.
        host: DomainName,
        /// The name of the domain within the zone.
        domain: DomainName,
    },
    /// A name below which the addresses of two domains would stand.
    #[error("the record asks {name} for {domain} and for {other}: one of them has to go")]
    SharedName {
        /// The name within the zone.
        name: DomainName,
        /// The domain.
        domain: DomainName,
        /// The domain that stands there before it.
        other: DomainName,
    },
    /// A domain whose names could be those of addresses.
    #[error(
        "{0} has the label 'in-addr' or 'ip6', which ends the names of addresses of another domain"
    )]
    FamilyLabel(DomainName),
    /// More at the zone's own name than an answer has room for.
    #[error("{what} take {octets} octets, and at most {most} have room in an answer")]
    Apex {
        /// What.
        what: &'static str,
        /// How many octets.
        octets: usize,
        /// How many there may be.
        most: usize,
    },
    /// More than there may be.
    #[error("{count} are more than {most}")]
    Many {
        /// How many there are.
        count: usize,
        /// How many there may be.
        most: usize,
    },
}
