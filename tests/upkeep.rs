//! `spfc serve` as it keeps sources up to date: the real program over the loopback,
//! while DNS fails, disks are full and processes are killed. What is served never
//! gets smaller by accident, whatever happens is told once, and everything is well
//! again by itself.

// What the tests prepare is there; what fails is a failed test.
#![allow(clippy::unwrap_used)]

mod support;

#[path = "support/asking.rs"]
mod asking;
#[path = "support/running.rs"]
mod running;

#[path = "upkeep/client.rs"]
mod client;
#[path = "upkeep/disks.rs"]
mod disks;
#[path = "upkeep/dns.rs"]
mod dns;
#[path = "upkeep/kills.rs"]
mod kills;
#[path = "upkeep/orders.rs"]
mod orders;
#[path = "upkeep/server.rs"]
mod server;
#[path = "upkeep/site.rs"]
mod site;
#[path = "upkeep/trial.rs"]
mod trial;
#[path = "upkeep/watch.rs"]
mod watch;
