//! How long a policy takes over the network: an include tree of depth 3 with 16
//! distinct questions, on a server that delays each answer by 20 ms.
//!
//! The time runs from the first question to the last answer, as the server sees
//! it. Four round trips are the least; the bench fails when the median is over
//! 1.10 of that. Its zone is read from `bench/latency-zone.json` of the shared
//! folder: the environment variable `SPFC_SHARED`, or `../shared` beside the
//! crate.

// What fails here is a failed run.
#![allow(clippy::unwrap_used)]

#[path = "../tests/support/shared.rs"]
mod shared;
#[path = "../tests/support/mod.rs"]
mod support;

use std::time::Duration;

use shared::shared;
use spfc::dns::{Hickory, Lookup, Source, Step};
use spfc::name::DomainName;
use spfc::policy::{WalkOptions, walk};
use support::dns_server::Server;
use support::zone::Zone;

const DELAY: Duration = Duration::from_millis(20);
const ROUND_TRIPS: u32 = 4;
const QUESTIONS: usize = 16;
const RUNS: usize = 10;
const MOST: f64 = 1.10;

fn main() {
    let Some(path) = shared("bench/latency-zone.json") else { return };
    let text = std::fs::read_to_string(path).unwrap();
    let server = Server::start(Zone::from_json(&text), DELAY);
    let mut times: Vec<Duration> = (0..RUNS).map(|_| run(&server)).collect();
    times.sort();
    let least = DELAY * ROUND_TRIPS;
    let milliseconds = |time: &Duration| format!("{:.1}", time.as_secs_f64() * 1e3);
    println!(
        "latency: {} ms of {RUNS} runs, least {} ms possible",
        times.iter().map(milliseconds).collect::<Vec<_>>().join(" "),
        milliseconds(&least)
    );
    let median = times[RUNS / 2].as_secs_f64() / least.as_secs_f64();
    println!("latency: median {median:.3} of the least possible, at most {MOST:.2} allowed");
    assert!(median <= MOST, "too slow");
}

/// One run from nothing, as a command does it.
fn run(server: &Server) -> Duration {
    server.forget();
    let hickory = Hickory::new(&[server.address], Duration::from_secs(5)).unwrap();
    let mut source = Source::network(hickory).unwrap();
    let domain = DomainName::parse("example.test").unwrap();
    let program = |lookup: &dyn Lookup| match walk(lookup, &domain, &WalkOptions::default()) {
        Ok(graph) => Step::Done(graph),
        Err(questions) => Step::Need(questions),
    };
    let graph = source.run(program).unwrap();
    assert_eq!(graph.asked.len(), QUESTIONS);
    assert_eq!(server.asked().len(), QUESTIONS);
    server.span()
}
