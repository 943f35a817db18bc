//! DNSSEC validation over the network: zones that are signed as the test runs,
//! served on the loopback below a root of their own.

// What the tests prepare is there; what fails is a failed test.
#![allow(clippy::unwrap_used)]

#[path = "support/nsd.rs"]
mod nsd;
#[path = "support/programs.rs"]
mod programs;
#[path = "support/resolver.rs"]
mod resolver;
#[path = "support/running.rs"]
mod running;

#[path = "dnssec/asking.rs"]
mod asking;
#[path = "dnssec/meddling.rs"]
mod meddling;
#[path = "dnssec/relay.rs"]
mod relay;
#[path = "dnssec/signing.rs"]
mod signing;
#[path = "dnssec/world.rs"]
mod world;
