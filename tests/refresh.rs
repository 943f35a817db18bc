//! Sources kept up to date for two days in seconds: what is served gets no smaller
//! without a person, DNS is asked as often as its answers end, and the history has all
//! that happened.

// What fails here is a failed test.
#![allow(clippy::unwrap_used)]

#[path = "support/shared.rs"]
mod shared;
#[path = "refresh/mod.rs"]
mod week;

use std::sync::Arc;
use std::time::Duration;

use spfc::dns::ZoneMap;
use spfc::refresh::Health;

use week::annals;
use week::providers::providers;
use week::simulation::{Simulation, run};
use week::tenants::tenants;
use week::timetable::{Timetable, timetable};

const DAY: Duration = Duration::from_secs(86_400);
const TENANTS: usize = 60;
const PROVIDERS: usize = 60;
const DAYS: u32 = 2;

fn two_days() -> Option<Timetable> {
    let zones = std::fs::read(shared::shared("corpus/zones.json")?).unwrap();
    let zones = ZoneMap::read(&zones).unwrap();
    let providers = providers(&zones, PROVIDERS);
    assert_eq!(providers.len(), PROVIDERS);
    let tenants = tenants(TENANTS, &providers);
    Some(timetable(zones, &providers, tenants, DAYS * DAY))
}

#[test]
fn two_days_of_dns_leave_what_is_served_right() {
    let Some(timetable) = two_days() else { return };
    let folder = tempfile::tempdir().unwrap();
    let timetable = Arc::new(timetable);
    run(async {
        let mut simulation = Simulation::new(Arc::clone(&timetable), folder.path());
        simulation.go_on(Duration::from_secs(60)).await;
        simulation.check_served();
        let mut sizes = Vec::new();
        for day in 1..=DAYS {
            simulation.go_on(day * DAY).await;
            sizes.push((simulation.answers.len(), simulation.served.size));
        }
        simulation.check_served();
        let status = simulation.engine.status();
        assert!(status.sources.iter().all(|source| source.health == Health::Fine));
        // What is kept does not grow, but for the ranges that came.
        let [(_, first), .., (answers, last)] = sizes[..] else { panic!("{DAYS} days") };
        assert!(answers <= simulation.needed.len());
        assert_eq!((first.names, first.sets), (last.names, last.sets));
        assert!(last.ranges <= first.ranges + first.ranges / 50, "{first:?} {last:?}");
        simulation.check_questions();
        let tally = simulation.tally();
        println!("{tally:?}, {:.3} for each pair", tally.ratio());
        assert!((0.8..1.1).contains(&tally.ratio()), "{tally:?}");
    });
    let counts = annals::check(&timetable, folder.path());
    println!("{counts:?}");
    // The timetable has all that it should.
    assert!(counts.versions > 2 * TENANTS && counts.held > 0, "{counts:?}");
    assert!(counts.failed >= TENANTS && counts.recovered == counts.failed, "{counts:?}");
    assert!(counts.released == counts.held && counts.ranges > TENANTS, "{counts:?}");
}
