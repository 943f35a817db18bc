//! The responder as a service: the real program over the loopback, and what
//! befalls it. Right answers go on, nothing is lost, and each fault is logged once.

// What the tests prepare is there; what fails is a failed test.
#![allow(clippy::unwrap_used)]

#[path = "support/programs.rs"]
mod programs;

#[path = "responder/client.rs"]
mod client;
#[path = "responder/floods.rs"]
mod floods;
#[path = "responder/life.rs"]
mod life;
#[path = "responder/reload.rs"]
mod reload;
#[path = "responder/server.rs"]
mod server;
#[path = "responder/units.rs"]
mod units;
