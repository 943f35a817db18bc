//! What each part of the responder is told, as data. Where the words come from
//! is not known here.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use crate::name::DomainName;

/// A name server of a zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneServer {
    /// Its name.
    pub name: DomainName,
    /// Its addresses: needed where the name lies in the zone, and empty elsewhere.
    pub addresses: Vec<IpAddr>,
}

/// Times to live, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ttls {
    /// Of what passing addresses are answered with: how long a removal takes.
    pub hit: u32,
    /// Of answers about addresses that do not pass, and of names that do not
    /// exist: how long an addition takes.
    pub miss: u32,
    /// Of names that lie above addresses and hold nothing.
    pub partial: u32,
    /// Of the records at the zone's own name and of its servers' addresses.
    pub apex: u32,
}

impl Default for Ttls {
    fn default() -> Ttls {
        Ttls { hit: 300, miss: 60, partial: 3600, apex: 3600 }
    }
}

/// How a zone presents itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneOptions {
    /// Its name servers, at least one; the first is the primary.
    pub servers: Vec<ZoneServer>,
    /// The mailbox of who runs it, as a name (RFC 1035 section 3.3.13).
    pub hostmaster: DomainName,
    /// What an `exists:` is answered with.
    pub address: Ipv4Addr,
    /// TXT records at the zone's own name.
    pub texts: Vec<Vec<u8>>,
    /// How long answers may be kept.
    pub ttls: Ttls,
    /// The zone's version (RFC 1982).
    pub serial: u32,
}

/// How many answers clients get over UDP before they are asked to come over TCP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateOptions {
    /// Answers of one kind to one network, a second, at each address of the server; 0
    /// lifts the limit.
    pub per_second: u32,
    /// Networks that are never limited, as address and prefix length.
    pub allow: Vec<(IpAddr, u8)>,
}

impl Default for RateOptions {
    /// The machine itself is never limited: nobody else can send from its
    /// loopback addresses.
    fn default() -> RateOptions {
        let allow =
            vec![(Ipv4Addr::LOCALHOST.into(), 8), (std::net::Ipv6Addr::LOCALHOST.into(), 128)];
        RateOptions { per_second: 1000, allow }
    }
}

/// How many connections there may be and how long they may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TcpOptions {
    /// Connections at once.
    pub connections: usize,
    /// Connections at once from one address.
    pub per_client: usize,
    /// How long a connection may be without a question, or leave an answer unread.
    pub idle: Duration,
    /// How long a connection may last.
    pub total: Duration,
}

impl Default for TcpOptions {
    fn default() -> TcpOptions {
        TcpOptions {
            connections: 4096,
            per_client: 64,
            idle: Duration::from_secs(10),
            total: Duration::from_secs(120),
        }
    }
}

/// How questions over UDP are taken from the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UdpOptions {
    /// Threads, each with a socket of its own for every address.
    pub threads: usize,
    /// Octets of the receive buffer that are asked for.
    pub receive_buffer: usize,
}

impl Default for UdpOptions {
    fn default() -> UdpOptions {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        UdpOptions { threads, receive_buffer: 4 << 20 }
    }
}

/// What a server is told besides its zones.
#[derive(Clone, PartialEq, Eq)]
pub struct ServerOptions {
    /// The addresses that it listens at, over UDP and TCP.
    pub listen: Vec<SocketAddr>,
    /// How it takes questions over UDP.
    pub udp: UdpOptions,
    /// How it takes connections.
    pub tcp: TcpOptions,
    /// Where it stops answering over UDP.
    pub rate: RateOptions,
    /// Its name for those who ask for it (RFC 5001).
    pub nsid: Option<Vec<u8>>,
    /// The secret of its DNS cookies, shared by servers of the same addresses
    /// (RFC 9018 section 4); drawn anew at each start where there is none.
    pub cookie_secret: Option<[u8; 16]>,
    /// One in so many questions is logged; 0 logs none.
    pub log_one_in: u32,
}

/// The secret is not shown.
impl fmt::Debug for ServerOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerOptions")
            .field("listen", &self.listen)
            .field("udp", &self.udp)
            .field("tcp", &self.tcp)
            .field("rate", &self.rate)
            .field("nsid", &self.nsid)
            .field("log_one_in", &self.log_one_in)
            .finish_non_exhaustive()
    }
}
