//! The responder as a service: the real program over the loopback, and what
//! befalls it. Right answers go on, nothing is lost, and each fault is logged once.

// What the tests prepare is there; what fails is a failed test.
#![allow(clippy::unwrap_used)]

#[path = "support/asking.rs"]
mod asking;
#[path = "support/nsd.rs"]
mod nsd;
#[path = "support/programs.rs"]
mod programs;
#[path = "support/resolver.rs"]
mod resolver;
#[path = "support/running.rs"]
mod running;
#[path = "support/shared.rs"]
mod shared;

#[path = "responder/behind_unbound.rs"]
mod behind_unbound;
#[path = "responder/client.rs"]
mod client;
#[path = "responder/example.rs"]
mod example;
#[path = "responder/floods.rs"]
mod floods;
#[path = "responder/life.rs"]
mod life;
#[path = "responder/outcomes.rs"]
mod outcomes;
#[path = "responder/policies.rs"]
mod policies;
#[path = "responder/probes.rs"]
mod probes;
#[path = "responder/receivers.rs"]
mod receivers;
#[path = "responder/reload.rs"]
mod reload;
#[path = "responder/server.rs"]
mod server;
#[path = "responder/tenants.rs"]
mod tenants;
#[path = "responder/units.rs"]
mod units;
#[path = "responder/web.rs"]
mod web;
