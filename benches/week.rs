//! A week of DNS for a thousand tenants in minutes, and a start without any DNS.
//!
//! `cargo bench --bench week -- [TENANTS [DAYS]] [alone]`. Fails where something is served that
//! should not be, where DNS is asked too often, and where the history is not right. With
//! `alone` nothing is remembered to be compared: what the process holds is the engine's.

// What fails here ends the bench.
#![allow(clippy::unwrap_used)]

#[path = "../tests/support/shared.rs"]
mod shared;
#[path = "../tests/refresh/mod.rs"]
mod week;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use spfc::dns::{Answer, Ask, Failure, FreshAnswers, Question, Reply, ZoneMap};
use spfc::name::DomainName;
use spfc::refresh::{Engine, RefreshOptions, StateDirectory, SystemClock};
use spfc::responder::{Ttls, Zone, ZoneOptions, ZoneServer};

use week::annals;
use week::providers::providers;
use week::simulation::{Simulation, run};
use week::tenants::{plan, tenants};
use week::timetable::{Timetable, timetable};

const DAY: Duration = Duration::from_secs(86_400);
const PROVIDERS: usize = 60;
/// Questions for each question and life of its answer, at most.
const RATIO: f64 = 1.1;
/// What a start without DNS may take until all is ready to answer.
const READY: Duration = Duration::from_millis(100);

fn main() {
    let mut numbers = std::env::args().filter_map(|argument| argument.parse::<u32>().ok());
    let (count, days) = (numbers.next().unwrap_or(1000), numbers.next().unwrap_or(7));
    let Some(zones) = shared::shared("corpus/zones.json") else { return };
    let zones = ZoneMap::read(&std::fs::read(zones).unwrap()).unwrap();
    let providers = providers(&zones, PROVIDERS);
    let tenants = tenants(count as usize, &providers);
    println!("{} tenants, {} providers, {days} days", tenants.len(), providers.len());
    let timetable = Arc::new(timetable(zones, &providers, tenants, days * DAY));
    let folder = tempfile::tempdir().unwrap();
    if std::env::args().any(|argument| argument == "alone") {
        return run(alone(timetable, folder.path(), days));
    }
    run(simulate(Arc::clone(&timetable), folder.path(), days));
    let began = Instant::now();
    println!("{:?}, read in {:.1?}", annals::check(&timetable, folder.path()), began.elapsed());
    for _ in 0..5 {
        run(start(&timetable, folder.path()));
    }
}

async fn simulate(timetable: Arc<Timetable>, state: &Path, days: u32) {
    let began = Instant::now();
    let mut simulation = Simulation::new(timetable, state);
    simulation.go_on(Duration::from_secs(60)).await;
    simulation.check_served();
    println!("all are ready after {:.1?}; resident {} KiB", began.elapsed(), resident());
    for day in 1..=days {
        simulation.go_on(day * DAY).await;
        let tally = simulation.tally();
        println!(
            "day {day}: resident {} KiB, answers {}, {:?}, calls {}, swaps {}, changed {}, {tally:?}, {:.3} \
             for each pair, {:.1?}",
            resident(),
            simulation.answers.len(),
            simulation.served.size,
            simulation.calls,
            simulation.served.swaps,
            simulation.served.changed,
            tally.ratio(),
            began.elapsed()
        );
    }
    simulation.check_served();
    simulation.check_questions();
    let ratio = simulation.tally().ratio();
    assert!(ratio <= RATIO, "{ratio}");
}

/// The same week with nobody who looks: what the engine holds of it.
async fn alone(timetable: Arc<Timetable>, state: &Path, days: u32) {
    let mut simulation = Simulation::new(timetable, state);
    simulation.checks = false;
    simulation.go_on(Duration::from_secs(60)).await;
    println!("all are ready; resident {} KiB", resident());
    for day in 1..=days {
        simulation.go_on(day * DAY).await;
        println!("day {day}: resident {} KiB, answers {}", resident(), simulation.answers.len());
    }
}

/// DNS that does not answer.
struct Silence;

impl Ask for Silence {
    fn ask(&self, _: Question) -> BoxFuture<'static, Answer> {
        let silence = tokio::time::sleep(Duration::from_secs(5));
        silence.map(|()| Answer::new(Reply::Failure(Failure::Timeout))).boxed()
    }
}

/// Starts without DNS on what was left, and says how long each part takes.
async fn start(timetable: &Timetable, state: &Path) {
    let options = RefreshOptions::default();
    let plan = plan(&timetable.tenants);
    let began = Instant::now();
    let answers = FreshAnswers::new(Arc::new(Silence), options.freshness());
    let directory = StateDirectory::at(state).own().unwrap();
    let mut engine = Engine::new(options, Arc::new(SystemClock), answers, Some(directory));
    let opened = began.elapsed();
    engine.configure(plan);
    let configured = began.elapsed();
    let zones = engine.take_zones();
    let taken = began.elapsed();
    let zones: Vec<Zone> = zones
        .iter()
        .map(|zone| Zone::new(zone.image.as_ref().unwrap(), &zone_options()).unwrap())
        .collect();
    let ready = began.elapsed();
    engine.load();
    let loaded = began.elapsed();
    println!(
        "{} zone ready after {ready:.1?}: opened {opened:.1?}, configured {:.1?}, taken {:.1?}, made {:.1?}; \
         then loaded in {:.1?}",
        zones.len(),
        configured - opened,
        taken - configured,
        ready - taken,
        loaded - ready
    );
    assert!(ready <= READY, "{ready:?}");
    assert!(engine.take_zones().is_empty());
}

fn zone_options() -> ZoneOptions {
    let name = |text| DomainName::parse(text).unwrap();
    ZoneOptions {
        servers: vec![ZoneServer { name: name("ns.example.net"), addresses: Vec::new() }],
        hostmaster: name("hostmaster.example.net"),
        address: std::net::Ipv4Addr::new(127, 0, 0, 2),
        texts: Vec::new(),
        ttls: Ttls::default(),
        serial: 1,
    }
}

/// What the process holds in memory, in KiB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}
