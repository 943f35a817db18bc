//! `spfc serve --check` beside what a server has left: what the next start would serve,
//! and that nothing is touched.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use hickory_proto::op::ResponseCode;
use nix::sys::signal::Signal;

use crate::server::Server;
use crate::site::{ONE_SOURCE, Site, ZONE, can_become_nobody};
use crate::support::dns_server;
use crate::support::zone::{Behaviour, Zone};

/// A policy with so many addresses.
fn policy(length: u8) -> Zone {
    let record = format!("v=spf1 ip4:192.0.2.0/{length} -all");
    Zone::default().with_ttl(1).txt("example.com", &[record.as_bytes()])
}

/// A site at which a server has served the policy of 256 addresses and runs.
fn served(tables: &str) -> (dns_server::Server, Site, Server) {
    let dns = dns_server::Server::start(policy(24), Duration::ZERO);
    let site = Site::new(dns.address, tables);
    std::fs::write(site.path("cidrs"), "198.51.100.0/24\n").unwrap();
    let server = Server::start(&site, ZONE);
    site.wait_for_status(0);
    (dns, site, server)
}

/// All files below a folder, with when they were changed and what they hold.
fn files(folder: &Path) -> BTreeMap<PathBuf, (SystemTime, Vec<u8>)> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let metadata = std::fs::symlink_metadata(&path).unwrap();
        let changed = metadata.modified().unwrap();
        if metadata.is_dir() {
            files.extend(self::files(&path));
            files.insert(path, (changed, Vec::new()));
        } else {
            let octets =
                if metadata.is_file() { std::fs::read(&path).unwrap() } else { Vec::new() };
            files.insert(path, (changed, octets));
        }
    }
    files
}

/// What a check says, which ends like this and has all of these words.
fn checked(site: &Site, status: i32, words: &[&str]) -> String {
    let before = files(&site.path("state"));
    let ran = site.run(&["serve", "--check", "--timeout", "1"]);
    assert!(files(&site.path("state")) == before, "something was written");
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(status), ""), "{ran:?}");
    for words in words {
        assert!(ran.stdout.contains(words), "{words}: {}", ran.stdout);
    }
    ran.stdout
}

#[test]
fn what_is_served_while_a_source_fails_is_told() {
    let (dns, site, mut server) = served(ONE_SOURCE);
    server.signal(Signal::SIGTERM);
    server.ended();
    let stays = "version 1, of 20";
    for (zone, status, fault) in [
        (policy(24).behave_everywhere(Behaviour::Code(ResponseCode::ServFail)), 4, "DNS fails: "),
        (
            Zone::default().txt("example.com", &[b"v=spf1 ip4:x -all"]),
            3,
            "the policy is in error: ",
        ),
    ] {
        dns.change(zone);
        let fault = format!("source mail, the policy of example.com\n  error: {fault}example.com");
        let said = checked(&site, status, &[&fault, stays, "is served as long as that lasts"]);
        assert!(said.contains("holds 1 name of 1 set: 1 IPv4 range, 0 IPv6 ranges, from mail\n"));
        assert!(!said.contains("not served"), "{said}");
    }
    // All that is wrong stands in one line.
    let failing = Behaviour::Code(ResponseCode::ServFail);
    let two =
        Zone::default().txt("example.com", &[b"v=spf1 a:x.test -all"]).behave("x.test", failing);
    dns.change(two);
    let fault = |kind: &str| format!("example.com, term 'a:x.test': asking for x.test {kind}: ");
    let both = format!("{}the server failed (SERVFAIL); {}the server", fault("A"), fault("AAAA"));
    checked(&site, 4, &[&both]);
    dns.change(Zone::default().txt("example.com", &[b"v=spf1 ip4:x -all"]));
    // Without what was left there is nothing.
    std::fs::remove_dir_all(site.path("state")).unwrap();
    std::fs::create_dir(site.path("state")).unwrap();
    let said =
        ["nothing is there to be served in its place", "not served: 1 of 1 zone, 1 of 1 source"];
    checked(&site, 3, &said);
}

#[test]
fn what_waits_and_what_a_person_chose_is_told_beside_a_server() {
    let (dns, site, mut server) = served(ONE_SOURCE);
    server.signal(Signal::SIGTERM);
    server.ended();
    // A record that is not the policy's is told, though what DNS says was known before.
    let config = std::fs::read_to_string(site.path("spfc.toml")).unwrap();
    std::fs::write(site.path("spfc.toml"), config.replace("-all", "~all")).unwrap();
    let other = "source mail, the policy of example.com\n  warning: ";
    checked(&site, 1, &[other, "compiles to 'v=spf1 exists:%{ir}.%{v}.z.example -all'"]);
    std::fs::write(site.path("spfc.toml"), config).unwrap();
    dns.change(policy(26));
    let why = "until 'spfc accept mail': 75 % of the IPv4 addresses that pass would be lost";
    checked(&site, 1, &[&format!("waits: a change would be held {why}"), "version 1, of 20"]);
    // A server has read it: so it waits already.
    server = Server::start(&site, ZONE);
    site.wait_for_status(1);
    std::thread::sleep(Duration::from_millis(1_100));
    let ran = site.run(&["serve", "--check", "--timeout", "1"]);
    assert!(ran.stdout.contains(&format!("a change waits {why}")), "{ran:?}");
    assert_eq!(site.run(&["accept", "mail"]).status, Some(0));
    assert_eq!(site.run(&["history", "mail", "--rollback", "2"]).status, Some(0));
    site.wait_until("it has not gone back", || site.logged("version 3 is served") == 1);
    server.signal(Signal::SIGTERM);
    server.ended();
    let pinned =
        "pinned: a person went back to version 2: 'spfc accept mail' lets DNS decide again";
    checked(&site, 1, &[pinned]);
}

#[test]
fn files_that_cannot_be_read_are_told_and_done_without() {
    let table = ONE_SOURCE.replace("domain = \"example.com\"", "cidrs = \"cidrs\"");
    let (_dns, mut site, mut server) = served(&table);
    server.signal(Signal::SIGTERM);
    server.ended();
    if can_become_nobody() {
        // Who may not look there need not be who serves.
        site.become_nobody();
        let ran = site.run(&["serve", "--check", "--dns-file", "none"]);
        assert!(ran.stdout.contains("state: it is not known what was served last"), "{ran:?}");
        assert!(ran.stdout.contains("holds 1 name of 1 set: 1 IPv4 range"), "{ran:?}");
        assert_eq!(ran.status, Some(0), "{ran:?}");
        site.become_oneself();
    }
    std::fs::remove_file(site.path("cidrs")).unwrap();
    // The addresses of a file are in the zone as it was last served.
    let said = checked(&site, 2, &["error: the file cannot be used: ", "version 1, of 20"]);
    assert!(said.contains("holds 1 name of 1 set: 1 IPv4 range"), "{said}");
    let path = site.path("state/zones/z.example.image");
    std::fs::write(&path, b"nonsense").unwrap();
    let lost = ["state: what was served is lost: ", "nothing is there to be served in its place"];
    checked(&site, 2, &lost);
    std::fs::write(site.path("cidrs"), "198.51.100.0/24\n").unwrap();
    std::fs::write(site.path("state/sources/mail.json"), b"nonsense").unwrap();
    checked(&site, 1, &["state: what was known of 'mail' is lost: "]);
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o777);
    std::fs::set_permissions(site.path("state"), open).unwrap();
    let said = checked(&site, 1, &["state: it is not known what was served last", "chmod go-w"]);
    assert!(!said.contains("is lost"), "{said}");
}
