//! An authoritative DNS server for the zones of macro records.
//!
//! What a name is answered with is decided without any input or output; sockets,
//! threads and time stand at the edges. Nothing here compiles policies, reads
//! configuration, or asks DNS.

pub mod cookie;
pub mod limit;
mod options;

pub use options::{
    RateOptions, ServerOptions, TcpOptions, Ttls, UdpOptions, ZoneOptions, ZoneServer,
};
