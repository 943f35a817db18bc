//! What people ask a server and order it to do, over its socket and without one.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use nix::sys::signal::Signal;
use serde_json::Value;

use crate::client::{Client, Said};
use crate::server::Server;
use crate::site::{ONE_SOURCE, Ran, Site, ZONE, can_become_nobody};
use crate::support::dns_server;
use crate::support::zone::{Behaviour, Zone};

/// Keys of the document of `spfc status`.
const STATUS: &str = "\
problem
running
schema
sources[].checked
sources[].domain
sources[].failing
sources[].health
sources[].held.providers[].change
sources[].held.providers[].ip4
sources[].held.providers[].ip6
sources[].held.providers[].provider
sources[].held.providers[].ranges
sources[].held.reason
sources[].held.since
sources[].ip4_addresses
sources[].ip6_networks
sources[].next
sources[].pinned
sources[].publish
sources[].since
sources[].source
sources[].version
sources[].why.kind
time
zones[].names
zones[].served
zones[].since
zones[].unready
zones[].zone";
/// Keys of the document of `spfc history SOURCE`.
const HISTORY: &str = "\
events[].kind
events[].sentence
events[].time
schema
source
versions[].domain
versions[].has_lock
versions[].ip4
versions[].ip6
versions[].number
versions[].providers[].change
versions[].providers[].ip4
versions[].providers[].ip6
versions[].providers[].provider
versions[].providers[].ranges
versions[].sentence
versions[].time
versions[].to
versions[].why";
/// Keys of the document of `spfc history SOURCE --diff A B`.
const DIFF: &str = "\
from
lost[].provider
lost[].range
schema
source
to";

/// All that passes, half of that, and nothing that is a policy.
const ALL: &str = "v=spf1 ip4:192.0.2.0/24 ip4:198.51.100.0/24 -all";
const HALF: &str = "v=spf1 ip4:192.0.2.0/24 -all";

fn policy(record: &str) -> Zone {
    Zone::default().with_ttl(1).txt("example.com", &[record.as_bytes()])
}

/// A server whose source waits for a person: `HALF` in place of `ALL`.
fn waiting() -> (dns_server::Server, Site, Server) {
    let dns = dns_server::Server::start(policy(ALL), Duration::ZERO);
    let site = Site::new(dns.address, ONE_SOURCE);
    let server = Server::start(&site, ZONE);
    site.wait_for_status(0);
    dns.change(policy(HALF));
    site.wait_for_status(1);
    (dns, site, server)
}

/// The keys of a document, one a line, elements of lists by `[]`.
fn keys(document: &Value) -> String {
    fn walk(value: &Value, path: &str, keys: &mut Vec<String>) {
        match value {
            Value::Object(map) => {
                map.iter().for_each(|(key, value)| walk(value, &format!("{path}.{key}"), keys));
            }
            Value::Array(list) => {
                list.iter().for_each(|value| walk(value, &format!("{path}[]"), keys));
            }
            _ => keys.push(path.trim_start_matches('.').to_owned()),
        }
    }
    let mut keys = Vec::new();
    walk(document, "", &mut keys);
    keys.sort();
    keys.dedup();
    keys.join("\n")
}

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:?}"))
}

/// How a command ends and what it says on standard error.
fn fails(site: &Site, args: &[&str], status: i32, words: &str) {
    let ran = site.run(args);
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(status), ""), "{args:?} {ran:?}");
    assert!(ran.stderr.contains(words), "{args:?} {ran:?}");
}

#[test]
fn documents_have_the_keys_that_they_had() {
    let (dns, site, _server) = waiting();
    let status = json(&site.run(&["status", "--format", "json"]));
    assert_eq!(keys(&status), STATUS);
    assert_eq!(site.run(&["accept", "mail"]).status, Some(0));
    let history = json(&site.run(&["history", "mail", "--format", "json"]));
    assert_eq!(keys(&history), HISTORY);
    assert_eq!(json(&site.run(&["history", "--format", "json"])), Value::Array(vec![history]));
    let diff = site.run(&["history", "mail", "--diff", "1", "2", "--format", "json"]);
    assert_eq!(diff.status, Some(1));
    assert_eq!(keys(&json(&diff)), DIFF);
    dns.change(policy(ALL));
    site.wait_until("version 3 is not served", || site.logged("version 3 is served") == 1);
    let back = json(&site.run(&["history", "mail", "--rollback", "1", "--format", "json"]));
    assert_eq!(keys(&back), "done\nschema");
}

#[test]
fn orders_are_followed_with_a_server_and_without() {
    let (dns, site, mut server) = waiting();
    let accepted = site.run(&["accept", "EXAMPLE.com."]);
    assert_eq!(
        accepted.stdout, "version 2 of 'mail' is served; ranges gained: 0, lost: 1\n",
        "{accepted:?}"
    );
    let back = site.run(&["history", "mail", "--rollback", "1"]);
    assert_eq!(
        back.stdout, "version 3 of 'mail' is served; ranges gained: 1, lost: 0\n",
        "{back:?}"
    );
    let other = || Client::new(server.address).ask(ZONE, "198.51.100.7");
    site.wait_until("it has not gone back", || other() == Said::Passes);
    // What DNS says waits now, whatever it is.
    assert!(site.wait_for_status(1).contains("a person went back to what version 3 has"));
    server.signal(Signal::SIGTERM);
    assert_eq!(server.ended().code(), Some(0));
    let accepted = site.run(&["accept", "mail"]);
    let said = "from the next start on, version 4 of 'mail' is served; ranges gained: 0, lost: 1\n";
    assert_eq!(accepted.stdout, said, "{accepted:?}");
    fails(&site, &["accept", "mail"], 1, "nothing of 'mail' waits");
    dns.change(policy(HALF).behave_everywhere(Behaviour::Silent));
    server = Server::start_at(&site, ZONE, server.address);
    let other = || Client::new(server.address).ask(ZONE, "198.51.100.7");
    assert_eq!(other(), Said::Fails);
    server.signal(Signal::SIGKILL);
    server.ended();
    let back = site.run(&["history", "mail", "--rollback", "3"]);
    let said = "from the next start on, version 5 of 'mail' is served; ranges gained: 1, lost: 0\n";
    assert_eq!(back.stdout, said, "{back:?}");
    server = Server::start_at(&site, ZONE, server.address);
    assert_eq!(Client::new(server.address).ask(ZONE, "198.51.100.7"), Said::Passes);
    // All of it is told.
    let told = site.run(&["history", "example.com"]).stdout;
    for words in [
        "a person went back to version 1",
        "a person went back to version 3",
        "a person accepted it",
    ] {
        assert!(told.contains(words), "{told}");
    }
}

#[test]
fn a_reload_says_that_a_change_waits_and_not_that_reading_fails() {
    let (dns, site, server) = waiting();
    let read = |words: &str| format!("zones were read: {words}");
    server.signal(Signal::SIGHUP);
    let waits = "0 anew, 0 with old data, 0 not served, 1 with a change that waits for a person";
    site.wait_for_log(&read(waits));
    // Nor is a failure of DNS a change that waits.
    dns.change(policy(HALF).behave_everywhere(Behaviour::Silent));
    server.signal(Signal::SIGHUP);
    site.wait_for_log(&read("0 anew, 1 with old data, 0 not served\n"));
    dns.change(policy(HALF));
    site.wait_until("it cannot be read again", || site.logged("it can be read again") == 1);
    assert_eq!(site.run(&["accept", "mail"]).status, Some(0));
    server.signal(Signal::SIGHUP);
    site.wait_for_log(&read("1 anew, 0 with old data, 0 not served\n"));
}

#[test]
fn a_lock_of_the_history_answers_in_place_of_dns() {
    let (_dns, site, _server) = waiting();
    let lock = site.run(&["history", "mail", "--lock", "1"]);
    assert_eq!((lock.status, lock.stderr.as_str()), (Some(0), ""));
    let path = site.path("mail.lock");
    std::fs::write(&path, lock.stdout).unwrap();
    for (address, result) in [("198.51.100.7", "pass"), ("203.0.113.7", "fail")] {
        let mut command = site.program();
        command.args(["check", "example.com", "--ip", address, "--expect", result]);
        let output = command.arg("--dns-file").arg(&path).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
    }
    let same = site.run(&["history", "mail", "--diff", "1", "1"]);
    assert_eq!(same.status, Some(0), "{same:?}");
}

#[test]
fn what_waits_is_seen_before_it_is_accepted() {
    let (_dns, site, _server) = waiting();
    let status = site.run(&["status"]).stdout;
    assert!(status.contains("  - example.com  1 range of 256 IPv4 addresses\n"), "{status}");
    let diff = site.run(&["history", "mail", "--diff", "1", "held"]);
    let expected = "\
mail, from version 1 to what waits
  1 range lost
    - 198.51.100.0/24  example.com
";
    assert_eq!((diff.status, diff.stdout.as_str()), (Some(1), expected), "{diff:?}");
    let diff = json(&site.run(&["history", "mail", "--diff", "1", "held", "--format", "json"]));
    assert_eq!((&diff["from"], &diff["to"]), (&Value::from(1), &Value::from("held")));
    fails(&site, &["history", "mail", "--diff", "1", "other"], 2, "or 'held'");
    // The order that is printed takes this change, and takes no other.
    let order = status.split('\'').find(|text| text.contains("accept")).unwrap();
    let order: Vec<&str> = order.split(' ').skip(1).collect();
    let other = ["accept", "mail", "--since", "2026-01-01T00:00:00Z"];
    fails(&site, &other, 1, "another change of 'mail' waits, since ");
    fails(&site, &["accept", "mail", "--since", "yesterday"], 2, "'yesterday' is no time");
    assert_eq!(site.run(&order).status, Some(0), "{order:?}");
    fails(&site, &order, 1, "nothing of 'mail' waits");
    fails(&site, &["history", "mail", "--diff", "1", "held"], 2, "nothing of 'mail' waits");
}

#[test]
fn what_is_not_there_is_named() {
    let (_dns, site, server) = waiting();
    for args in [&["accept", "other"][..], &["history", "other", "--rollback", "1"]] {
        fails(&site, args, 1, "there is no source 'other', only mail");
    }
    fails(&site, &["history", "mail", "--rollback", "7"], 1, "7");
    fails(&site, &["history", "other"], 2, "no source and no domain 'other'");
    fails(&site, &["history", "mail", "--lock", "7"], 2, "no version 7 of 'mail'");
    fails(&site, &["history", "mail", "--diff", "1", "7"], 2, "no version 7 of 'mail'");
    drop(server);
    fails(&site, &["accept", "other"], 1, "there is no source 'other', only mail");
    // Nothing runs, which somebody has to know, and what one left is told.
    let status = site.run(&["status"]);
    assert_eq!(status.status, Some(1));
    assert!(status.stdout.contains("no server runs; this is what one left"), "{status:?}");
    std::fs::remove_dir_all(site.path("state")).unwrap();
    fails(&site, &["status"], 2, "no server has kept its state at");
}

#[test]
fn nobody_else_may_give_orders() {
    if !can_become_nobody() {
        return;
    }
    let (_dns, mut site, _server) = waiting();
    site.become_nobody();
    for args in [&["status"][..], &["accept", "mail"], &["history", "mail", "--rollback", "1"]] {
        fails(&site, args, 2, "cannot speak with the server");
    }
    fails(&site, &["history", "mail"], 2, "");
    // Nor where the folder and the socket were opened to everybody.
    let open = |path: &Path| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o777)).unwrap();
    };
    open(&site.path("state"));
    open(&site.state().control());
    for args in [&["status"][..], &["accept", "mail"], &["history", "mail", "--rollback", "1"]] {
        fails(&site, args, 1, "only the user of the server, and root, may give it orders");
    }
    site.become_oneself();
    assert_eq!(site.run(&["accept", "mail"]).status, Some(0));
}

#[test]
fn what_dns_says_stays_text() {
    // An include of a name with all that a shell, a terminal and JSON give a meaning.
    let provider = "\\u001b[31m\"';$(id)\\.p.test";
    let record = format!("{HALF} ");
    let record = record.replace("-all", &format!("include:{provider} ?all"));
    let more = policy(record.trim()).txt(provider, &[b"v=spf1 ip4:203.0.113.0/24 -all"]);
    let dns = dns_server::Server::start(policy(HALF), Duration::ZERO);
    let site = Site::new(dns.address, ONE_SOURCE);
    let _server = Server::start(&site, ZONE);
    dns.change(more);
    // It is served before the disk is waited for.
    let newest = || {
        let ran = site.run(&["history", "mail", "--format", "json"]);
        serde_json::from_str(&ran.stdout).unwrap_or(Value::Null)
    };
    site.wait_until("version 2 is not kept", || newest()["versions"][0]["number"] == 2);
    let history = newest();
    let found = history["versions"][0]["providers"][0]["provider"].as_str().unwrap();
    assert_eq!(found, provider.to_ascii_lowercase());
    // And a record that is none, with what moves cursors, turns text and ends lines.
    let hostile =
        "v=spf1 \u{1b}[2J\u{1b}]0;title\u{7}\r\n2026-01-01 ERROR forged\u{202e}\u{0} -all";
    dns.change(policy(hostile));
    site.wait_for_status(3);
    let plain = |text: &str| {
        let hostile = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
        assert!(!text.contains(hostile), "{text:?}");
        assert!(!text.lines().any(|line| line.starts_with("2026-01-01")), "{text}");
    };
    plain(&site.log());
    plain(&site.run(&["status"]).stdout);
    plain(&site.run(&["status", "--format", "json"]).stdout);
    plain(&site.run(&["history", "mail"]).stdout);
    plain(&site.run(&["history", "mail", "--format", "json"]).stdout);
    plain(&site.run(&["history", "mail", "--diff", "1", "2"]).stdout);
    plain(&site.run(&["accept", "mail"]).stderr);
}
