//! DNS that misbehaves: what is served stays, the reason is told once, and all is
//! well again by itself.

use std::thread::{scope, sleep};
use std::time::Duration;

use hickory_proto::op::ResponseCode;
use nix::sys::signal::Signal;

use crate::client::{Client, Said};
use crate::server::Server;
use crate::site::{ONE_SOURCE, Site, ZONE};
use crate::support::dns_server;
use crate::support::zone::{Behaviour, Zone};
use crate::watch::Watch;

/// An address of each half of what passes.
const HALVES: [&str; 2] = ["192.0.2.7", "198.51.100.7"];
/// How soon a server has to answer from what it left, in a build for tests, among
/// many others.
const AT_ONCE: Duration = Duration::from_secs(2);

const POLICY: &[u8] = b"v=spf1 include:_a.p.test include:_b.p.test -all";
const ONE: &[u8] = b"v=spf1 ip4:192.0.2.0/24 -all";
const OTHER: &[u8] = b"v=spf1 ip4:198.51.100.0/24 -all";

/// What can go wrong, how `spfc status` ends then, and which words it says.
struct Fault {
    name: &'static str,
    zone: Zone,
    status: i32,
    says: &'static str,
}

fn fault(name: &'static str, zone: Zone, status: i32, says: &'static str) -> Fault {
    Fault { name, zone: zone.with_ttl(1), status, says }
}

/// The zone without the other half.
fn half() -> Zone {
    Zone::default().txt("example.com", &[POLICY]).txt("_a.p.test", &[ONE])
}

fn good() -> Zone {
    half().txt("_b.p.test", &[OTHER]).with_ttl(1)
}

/// The zone with everything but this record in place of the other half.
fn with(record: &[u8]) -> Zone {
    half().txt("_b.p.test", &[record])
}

fn faults() -> Vec<Fault> {
    let everywhere = |behaviour| good().behave_everywhere(behaviour);
    let two = with(OTHER).txt("_b.p.test", &[b"v=spf1 -all"]);
    let loops = half().cname("_b.p.test", "_c.p.test").cname("_c.p.test", "_b.p.test");
    let nothing = Zone::default().txt("example.com", &[b"v=spf1 -all"]);
    let (silent, none) = ("no answer in time", "_b.p.test has no SPF record");
    let one_silent = good().behave("_b.p.test", Behaviour::Silent);
    vec![
        fault("servfail", everywhere(Behaviour::Code(ResponseCode::ServFail)), 4, "(SERVFAIL)"),
        fault("timeout", everywhere(Behaviour::Silent), 4, silent),
        fault("one name", one_silent, 4, "asking for _b.p.test TXT: no answer in time"),
        fault("refused", everywhere(Behaviour::Code(ResponseCode::Refused)), 4, "(REFUSED)"),
        fault("referral", everywhere(Behaviour::Referral), 4, "the answer makes no sense"),
        fault("no TCP", everywhere(Behaviour::CloseTcp), 4, "the server cannot be reached"),
        fault("wrong id", everywhere(Behaviour::WrongId), 4, silent),
        fault("garbage", everywhere(Behaviour::Garbage), 4, "the answer makes no sense"),
        fault("half", with(b"v=spf1 -all"), 1, "50 % of the IPv4 addresses"),
        fault("all", nothing, 1, "100 % of the IPv4 addresses"),
        fault("empty", with(b""), 3, none),
        fault("no TXT", half().a("_b.p.test", [192, 0, 2, 1]), 3, none),
        fault("no name", half(), 3, none),
        fault("two records", two, 3, "_b.p.test has 2 SPF records"),
        fault("syntax", with(b"v=spf1 ip4:198.51.100.0/33 -all"), 3, "has a syntax error"),
        fault("CNAME loop", loops, 4, "too many aliases (CNAME)"),
    ]
}

#[test]
fn whatever_dns_does_what_is_served_stays() {
    // So many at once that the machine has time for all of them.
    for faults in faults().chunks(6) {
        scope(|scope| {
            for fault in faults {
                scope.spawn(|| survives(fault));
            }
        });
    }
}

/// Resolvers that disagree are named, with what each of them says.
#[test]
fn who_of_the_resolvers_says_what_is_told() {
    let [one, two] = [good(), good()].map(|zone| dns_server::Server::start(zone, Duration::ZERO));
    let site = Site::new(one.address, &format!("quorum = 2\n{ONE_SOURCE}"));
    let config = std::fs::read_to_string(site.path("spfc.toml")).unwrap();
    let both = format!("\"{}\", \"{}\"", one.address, two.address);
    let config = config.replace(&format!("\"{}\"", one.address), &both);
    std::fs::write(site.path("spfc.toml"), config).unwrap();
    let _server = Server::start(&site, ZONE);
    site.wait_for_status(0);
    let asking = "example.com, term 'include:_b.p.test': asking for _b.p.test TXT: ";
    let refuses = good().behave("_b.p.test", Behaviour::Code(ResponseCode::Refused));
    for (zone, fault, says) in [
        (with(b"v=spf1 -all"), "the resolvers disagree", "1 other record"),
        (half(), "the resolvers disagree", "no such name"),
        (refuses, "the server refused (REFUSED)", "the server refused (REFUSED)"),
    ] {
        two.change(zone.with_ttl(1));
        let told = format!("{asking}{fault} ({}: 1 record; {}: {says})", one.address, two.address);
        site.wait_until(&told, || site.run(&["status"]).stdout.contains(&told));
        assert_eq!(site.run(&["status"]).status, Some(4));
        // Each failure in a row is asked about later than the one before.
        two.change(good());
        site.wait_for_status(0);
    }
}

/// Lets one fault begin, last over two restarts, and end.
fn survives(fault: &Fault) {
    let name = fault.name;
    let dns = dns_server::Server::start(good(), Duration::ZERO);
    let site = Site::new(dns.address, ONE_SOURCE);
    let mut server = Server::start(&site, ZONE);
    let watch = Watch::start(server.address, ZONE, &HALVES);
    site.wait_for_status(0);
    dns.change(fault.zone.clone());
    let said = site.wait_for_status(fault.status);
    assert!(said.contains(fault.says), "{name}: {said}");
    // It is tried again meanwhile.
    sleep(Duration::from_millis(2_500));
    for signal in [Signal::SIGTERM, Signal::SIGKILL] {
        watch.away(|| server.restart(&site, ZONE, signal));
        assert!(server.start < AT_ONCE, "{name}: {:?}", server.start);
        assert_eq!(site.run(&["status"]).status, Some(fault.status), "{name}: {}", site.log());
    }
    dns.change(good());
    site.wait_for_status(0);
    let (right, wrong) = watch.end();
    assert!(right > 100 && wrong.is_empty(), "{name}: {right} {wrong:?}");
    // Told once, whatever was restarted in between; and so is its end.
    let ends = || site.logged("it can be read again") + site.logged("nothing waits any more");
    site.wait_until("the end is not told", || ends() > 0);
    assert_eq!((site.logged("version 1 stays"), ends()), (1, 1), "{name}: {}", site.log());
    assert_eq!(site.logged("version 2"), 0, "{name}: {}", site.log());
}

#[test]
fn an_outage_and_a_server_that_cannot_make_up_its_mind() {
    let dns = dns_server::Server::start(good(), Duration::ZERO);
    let site = Site::new(dns.address, ONE_SOURCE);
    let mut server = Server::start(&site, ZONE);
    let watch = Watch::start(server.address, ZONE, &HALVES);
    let bad = [
        good().behave_everywhere(Behaviour::Code(ResponseCode::ServFail)),
        with(b"v=spf1 -all").with_ttl(1),
        half().with_ttl(1),
    ];
    for round in 0..24 {
        dns.change(if round % 2 == 0 { bad[round / 2 % 3].clone() } else { good() });
        sleep(Duration::from_millis(170));
        if round == 12 {
            watch.away(|| server.restart(&site, ZONE, Signal::SIGKILL));
        }
    }
    dns.change(good().behave_everywhere(Behaviour::Silent));
    site.wait_for_status(4);
    sleep(Duration::from_secs(5));
    watch.away(|| server.restart(&site, ZONE, Signal::SIGKILL));
    // What has come meanwhile is served when DNS is back.
    dns.change(with(b"v=spf1 ip4:198.51.100.0/24 ip4:203.0.113.0/24 -all").with_ttl(1));
    let mut client = Client::new(server.address);
    site.wait_until("what came is not served", || client.ask(ZONE, "203.0.113.7") == Said::Passes);
    site.wait_for_status(0);
    let (right, wrong) = watch.end();
    assert!(right > 100 && wrong.is_empty(), "{right} {wrong:?}");
    site.wait_for_log("version 2 is served");
    assert_eq!(site.logged("is served: it says something else"), 1, "{}", site.log());
}

#[test]
fn a_loss_is_served_once_it_is_accepted() {
    let dns = dns_server::Server::start(good(), Duration::ZERO);
    let site = Site::new(dns.address, ONE_SOURCE);
    let mut server = Server::start(&site, ZONE);
    let mut client = Client::new(server.address);
    let mut halves = || HALVES.map(|address| client.ask(ZONE, address));
    dns.change(with(b"v=spf1 -all").with_ttl(1));
    site.wait_for_status(1);
    assert_eq!(halves(), [Said::Passes, Said::Passes]);
    let accepted = site.run(&["accept", "mail"]);
    assert_eq!((accepted.status, accepted.stderr.as_str()), (Some(0), ""));
    assert_eq!(accepted.stdout, "version 2 of 'mail' is served; ranges gained: 0, lost: 1\n");
    site.wait_until("the loss is not served", || halves() == [Said::Passes, Said::Fails]);
    site.wait_for_status(0);
    // Nor does it come back by itself.
    dns.change(good().behave_everywhere(Behaviour::Silent));
    server.restart(&site, ZONE, Signal::SIGKILL);
    assert_eq!(halves(), [Said::Passes, Said::Fails]);
    // More than before needs nobody.
    dns.change(good());
    site.wait_until("what is there again is not served", || halves() == [Said::Passes; 2]);
    site.wait_for_status(0);
}
