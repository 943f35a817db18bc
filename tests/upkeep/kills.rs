//! A server that is killed at any moment of busy work: what it left can be read, and
//! the next one answers from it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use spfc::history::History;
use spfc::name::DomainName;

use crate::client::{Client, Said};
use crate::running::free_address;
use crate::server::Server;
use crate::site::{Site, ZONE};
use crate::support::dns_server;
use crate::support::zone::{Behaviour, Zone};

/// Sources, each of a tenant.
const SOURCES: usize = 20;
/// How often the server is killed, where `SPFC_KILLS` does not say it.
const KILLS: u64 = 30;
/// The longest time that it has until it is killed, in milliseconds.
const LONGEST: u64 = 400;

/// A zone of tenants.
fn tables() -> String {
    let (mut sources, mut tenants) = (String::new(), String::new());
    for number in 0..SOURCES {
        let _ = writeln!(sources, "[source.s{number}]\ndomain = \"t{number}.test\"");
        let _ = write!(tenants, "\"t{number}.test\" = \"s{number}\", ");
    }
    format!(
        "{sources}[[zone]]\nrecord = \"v=spf1 exists:%{{ir}}.%{{v}}.%{{d}}.z.example -all\"\n\
         ns = [\"ns.example.net\"]\ntenants = {{ {} }}\n",
        tenants.trim_end_matches(", ")
    )
}

/// All policies with a network that stays and an address that does not.
fn policies(round: u64) -> Zone {
    (0..SOURCES).fold(Zone::default().with_ttl(1), |zone, number| {
        let [.., high, low] = round.to_be_bytes();
        let record = format!("v=spf1 ip4:10.{number}.0.0/24 ip4:172.16.{high}.{low} -all");
        zone.txt(&format!("t{number}.test"), &[record.as_bytes()])
    })
}

/// Numbers without order, from a seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 33) % end
    }
}

#[test]
fn a_server_killed_at_any_moment_leaves_all_that_the_next_one_needs() {
    let kills = std::env::var("SPFC_KILLS").map_or(KILLS, |kills| kills.parse().unwrap());
    let seed = RandomState::new().hash_one(0);
    eprintln!("seed {seed}");
    let dns = dns_server::Server::start(policies(0), Duration::ZERO);
    let (stop, down) = (AtomicBool::new(false), AtomicBool::new(false));
    let site = Site::new(dns.address, &tables());
    scope(|scope| {
        scope.spawn(|| {
            for round in 1.. {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                let zone = policies(round);
                dns.change(match down.load(Ordering::SeqCst) {
                    true => zone.behave_everywhere(Behaviour::Silent),
                    false => zone,
                });
                sleep(Duration::from_millis(5));
            }
        });
        let _stop = Stop(&stop);
        kill_and_look(&site, kills, Dice(seed), &down);
    });
}

/// Ends the other thread, also where the test fails.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

fn kill_and_look(site: &Site, kills: u64, mut dice: Dice, down: &AtomicBool) {
    let begun = Instant::now();
    let address = free_address();
    let mut server = Server::start_at(site, "t0.test.z.example", address);
    site.wait_for_status(0);
    let mut numbers = BTreeMap::new();
    let (mut worst, mut with_dns) = (Duration::ZERO, 0);
    for _ in 0..kills {
        sleep(Duration::from_millis(dice.below(LONGEST)));
        server.signal(Signal::SIGKILL);
        server.ended();
        look(site, &mut numbers);
        let is_down = dice.below(4) == 0;
        down.store(is_down, Ordering::SeqCst);
        with_dns += u64::from(!is_down);
        // Until DNS has changed its mind as well.
        sleep(Duration::from_millis(15));
        server = Server::start_at(site, "t0.test.z.example", address);
        worst = worst.max(server.start);
        let mut client = Client::new(address);
        for number in 0..SOURCES {
            let zone = format!("t{number}.test.{ZONE}");
            assert_eq!(client.ask(&zone, &format!("10.{number}.0.7")), Said::Passes, "{zone}");
        }
    }
    down.store(false, Ordering::SeqCst);
    site.wait_for_status(0);
    assert_eq!(site.logged("damaged"), 0, "{}", site.log());
    assert_eq!(site.logged("is lost"), 0, "{}", site.log());
    assert_eq!(site.logged("history lacks"), 0, "{}", site.log());
    eprintln!(
        "{kills} kills in {:?}, {with_dns} starts with DNS, the longest start {worst:?}, versions {:?}",
        begun.elapsed(),
        numbers.values().collect::<Vec<_>>()
    );
}

/// Looks at what a server left. `numbers` has the versions of before.
fn look(site: &Site, numbers: &mut BTreeMap<String, u64>) {
    let state = site.state();
    let (files, unread) = state.read_sources().unwrap();
    assert!(unread.is_empty(), "{unread:?}");
    assert_eq!(files.len(), SOURCES);
    let zone = state.read_zone(&DomainName::parse(ZONE).unwrap()).unwrap().unwrap();
    assert_eq!(zone.zone.trees().len(), SOURCES);
    let mut history = History::read_only(state.history()).unwrap();
    for file in files {
        let good = file.state.good.unwrap();
        let before = numbers.insert(file.source.clone(), good.number);
        assert!(before.is_none_or(|before| before <= good.number), "{} {before:?}", file.source);
        let newest = history.latest_number(&file.source).unwrap().unwrap_or(0);
        let (least, most) = (good.number.saturating_sub(1), good.number);
        assert!((least..=most).contains(&newest), "{}: {newest} of {most}", file.source);
        if newest == most {
            // The same, not only of the same number.
            let version = history.version(&file.source, newest).unwrap().unwrap();
            assert_eq!(version.lock, good.answers.map(|answers| answers.to_string()));
        }
    }
}
