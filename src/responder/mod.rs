//! An authoritative DNS server for the zones of macro records.
//!
//! What a name is answered with is decided without any input or output; sockets,
//! threads and time stand at the edges. Nothing here compiles policies, reads
//! configuration, or asks DNS.

mod answer;
mod cookie;
mod counters;
pub mod edns;
pub mod general;
mod limit;
pub mod name;
mod options;
mod pace;
pub mod question;
mod reading;
mod record;
mod reply;
mod service;
mod steering;
mod tcp;
mod udp;
mod unready;
mod worker;
mod zone;
mod zones;

pub use answer::{Answer, CLASS_IN, Content, ExtendedError, Rcode, answer};
pub use cookie::{COOKIE_AHEAD, COOKIE_LIFE, CookieKeys};
pub use counters::{Counted, Counters, Counts};
pub use limit::{AnswerKind, BUCKETS, Limiter};
pub use name::QuestionName;
pub use options::{
    RateOptions, ServerOptions, TcpOptions, Ttls, UdpOptions, ZoneOptions, ZoneServer,
};
pub use reading::Form;
pub use record::{Record, rtype};
pub use reply::BUFFER_OCTETS;
pub use service::{LoggedQuestion, Now, QueryLog, Service, Transport};
pub use steering::Steering;
pub use tcp::{Respond, TcpCounts, TcpServer, serve_tcp};
pub use udp::{BATCH, Clock, UdpPlace, serve};
pub use worker::{MAX_AMPLIFICATION, Worker};
pub use zone::{Host, MAX_APEX_TEXT_OCTETS, MAX_SERVERS, Zone, ZoneError};
pub use zones::{Zones, ZonesError};

#[cfg(test)]
mod tests;
