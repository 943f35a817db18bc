//! What is compiled, in the servers of others: zone files load without a warning,
//! and served by them they mean what the source means.

// What the tests prepare is there; what fails is a failed test.
#![allow(clippy::unwrap_used)]

#[path = "support/bind.rs"]
mod bind;
#[path = "support/nsd.rs"]
mod nsd;
#[path = "support/programs.rs"]
mod programs;
#[path = "support/resolver.rs"]
mod resolver;
#[path = "support/running.rs"]
mod running;

#[path = "servers/outputs.rs"]
mod outputs;
#[path = "servers/rbldnsd.rs"]
mod rbldnsd;
#[path = "servers/served.rs"]
mod served;
#[path = "servers/updates.rs"]
mod updates;
#[path = "servers/zones.rs"]
mod zones;
