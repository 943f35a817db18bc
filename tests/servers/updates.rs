//! Changes made by signed dynamic updates of BIND's server, as a nightly job makes
//! them: nothing to do where nothing changed, chunks before what leads to them,
//! and old ones deleted no sooner than in a later run.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use hickory_proto::rr::{RData, RecordType};
use spfc::dns::Txt;
use spfc::name::DomainName;
use spfc::publish::{NameChange, Plan};
use spfc::update::{ApplyError, Server, UpdateKey, apply};
use tempfile::{TempDir, tempdir};

use crate::bind::{KEY, bind};
use crate::programs::programs;
use crate::running::{Running, ask};

const OTHER_KEY: &str = "hmac-sha256:updates:YW5vdGhlciBzZWNyZXQgd2l0aCB0aGUgc2FtZSBuYW1l";
const ZONE: &str = "$TTL 600\n@ SOA ns.invalid. hostmaster.invalid. 1 7200 1800 1209600 300\n@ NS ns.invalid.\n\
                    @ TXT \"a token; with \\\"quotes\\\"\"\n@ TXT \"v=spf1 include:one.update.test ~all\"\n\
                    one TXT \"v=spf1 ip4:192.0.2.0/24 -all\"\n";

/// A server of `update.test`, and a folder with its key.
struct Zone {
    server: Running,
    folder: TempDir,
}

impl Zone {
    fn start() -> Option<Zone> {
        let [named] = programs(["named"])?;
        let folder = tempdir().unwrap();
        let path = |file: &str| folder.path().join(file).display().to_string();
        std::fs::write(path("key"), KEY).unwrap();
        let zones = [(String::from("update.test"), String::from(ZONE))];
        let server = bind(&named, folder.path(), &zones);
        Some(Zone { server, folder })
    }

    fn path(&self, file: &str) -> String {
        self.folder.path().join(file).display().to_string()
    }

    /// `spfc flatten` of these addresses and what the zone includes.
    fn flatten(&self, addresses: &[String], more: &[&str]) -> (Option<i32>, String, String) {
        let mut record = String::from("v=spf1 include:one.update.test");
        for address in addresses {
            let _ = write!(record, " ip4:{address}");
        }
        record.push_str(" ~all");
        let server = self.server.address.to_string();
        let args = ["flatten", "update.test", "--record", &record, "--dns", &server];
        spfc(&[&args[..], more].concat(), self.folder.path())
    }

    fn apply(&self, addresses: &[String], more: &[&str]) -> (Option<i32>, String, String) {
        let (server, key) = (self.server.address.to_string(), self.path("key"));
        let update = ["--apply", &server, "--tsig-key", &key];
        self.flatten(addresses, &[&update[..], more].concat())
    }

    /// The TXT records at a name, each joined, in order.
    fn texts(&self, name: &str) -> Vec<String> {
        let answer = ask(self.server.address, name, RecordType::TXT);
        let text = |data: &RData| match data {
            RData::TXT(text) => Some(text.txt_data.concat()),
            _ => None,
        };
        let texts = answer.answers.iter().filter_map(|record| text(&record.data));
        let mut texts: Vec<String> = texts.map(|text| String::from_utf8(text).unwrap()).collect();
        texts.sort();
        texts
    }
}

fn spfc(args: &[&str], folder: &Path) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_spfc"));
    let output = command.args(args).current_dir(folder).output().unwrap();
    let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

/// Addresses that two messages hold, apart from each other.
fn addresses() -> Vec<String> {
    (0..40).map(|number| format!("10.{}.{}.{}", number * 6, 255 - number, number)).collect()
}

#[test]
fn a_change_is_made_in_order_and_once() {
    let Some(zone) = Zone::start() else { return };
    let mut addresses = addresses();
    let (status, shown, _) = zone.flatten(&addresses, &["--diff"]);
    assert_eq!(status, Some(1), "{shown}");
    assert!(shown.contains("_spf1a.update.test  add, TTL 600"), "{shown}");
    let (status, _, said) = zone.apply(&addresses, &[]);
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains("written: 1 chunk and 1 record"), "{said}");
    let own = zone.texts("update.test");
    assert_eq!(own.len(), 2, "{own:?}");
    assert_eq!(own[0], "a token; with \"quotes\"");
    assert!(own[1].contains("include:_spf1a.update.test"), "{own:?}");
    let first = zone.texts("_spf1a.update.test");
    assert_eq!(first.len(), 1);
    // Nothing is left to do, and doing it again does nothing.
    let (status, shown, _) = zone.flatten(&addresses, &["--diff"]);
    assert_eq!(status, Some(0), "{shown}");
    let (status, _, said) = zone.apply(&addresses, &["--drop-old"]);
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains("nothing had to change"), "{said}");

    // What changes in a chunk goes to the other set; the old one stays until later.
    let in_chunk =
        addresses.iter().position(|it| first[0].contains(&format!("ip4:{it} "))).unwrap();
    addresses[in_chunk] = String::from("203.0.113.200");
    let (status, _, said) = zone.apply(&addresses, &["--drop-old"]);
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains("_spf1a.update.test stay for receivers"), "{said}");
    assert_eq!(zone.texts("_spf1a.update.test"), first);
    assert_eq!(zone.texts("_spf1b.update.test").len(), 1);
    assert!(zone.texts("update.test")[1].contains("include:_spf1b.update.test"));
    let (status, shown, _) = zone.flatten(&addresses, &["--diff", "--drop-old"]);
    assert_eq!(status, Some(1), "{shown}");
    assert!(shown.contains("_spf1a.update.test  delete"), "{shown}");
    let (status, _, said) = zone.apply(&addresses, &["--drop-old"]);
    assert_eq!(status, Some(0), "{said}");
    assert_eq!(zone.texts("_spf1a.update.test"), Vec::<String>::new());
    let (status, _, _) = zone.flatten(&addresses, &["--diff", "--drop-old"]);
    assert_eq!(status, Some(0));
}

#[test]
fn what_the_server_refuses_is_told() {
    let Some(zone) = Zone::start() else { return };
    let before = zone.texts("update.test");
    let server = zone.server.address.to_string();
    let other = zone.path("other");
    std::fs::write(&other, OTHER_KEY).unwrap();
    let wrong_key = ["--apply", &server, "--tsig-key", &other];
    let (status, _, said) = zone.flatten(&addresses(), &wrong_key);
    assert_eq!(status, Some(2), "{said}");
    assert!(said.contains("key"), "{said}");
    let (status, _, said) = zone.apply(&addresses(), &["--dns-zone", "test"]);
    assert_eq!(status, Some(2), "{said}");
    assert!(said.contains("not the primary server of that zone"), "{said}");
    let (status, _, said) = zone.apply(&addresses(), &["--dns-zone", "other.test"]);
    assert_eq!(status, Some(2), "{said}");
    assert!(said.contains("is not in the zone other.test"), "{said}");
    let (status, _, said) = zone.flatten(&addresses(), &["--apply", &server]);
    assert_eq!(status, Some(2), "{said}");
    std::fs::write(&other, "no key").unwrap();
    let (status, _, said) = zone.flatten(&addresses(), &wrong_key);
    assert_eq!(status, Some(2), "{said}");
    assert!(said.contains("tsig-keygen"), "{said}");
    let nobody = ["--apply", "127.0.0.1:1", "--tsig-key", &zone.path("key")];
    let (status, _, said) = zone.flatten(&addresses(), &nobody);
    assert_eq!(status, Some(4), "{said}");
    assert_eq!(zone.texts("update.test"), before);
}

#[test]
fn what_somebody_else_changed_is_left_alone() {
    let Some(zone) = Zone::start() else { return };
    let name = DomainName::parse("update.test").unwrap();
    let change = |before: &str| NameChange {
        name: name.clone(),
        ttl: 60,
        before: vec![Txt::new([before])],
        before_ttl: None,
        after: Some(vec![String::from("v=spf1 -all")]),
        others: vec![Txt::new(["a token; with \"quotes\""])],
    };
    let plan = |before: &str| Plan {
        domain: name.clone(),
        looked_at: true,
        chunks: Vec::new(),
        own: vec![change(before)],
        old: Vec::new(),
        wait: 60,
    };
    let server = Server {
        address: zone.server.address,
        zone: name.clone(),
        key: UpdateKey::read(KEY).unwrap(),
        timeout: Duration::from_secs(5),
    };
    let seconds = || {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        now.unwrap().as_secs()
    };
    let stale = apply(&plan("v=spf1 include:gone.test ~all"), &server, false, &seconds);
    assert!(matches!(stale, Err(ApplyError::Changed { .. })), "{stale:?}");
    assert_eq!(zone.texts("update.test")[1], "v=spf1 include:one.update.test ~all");
    let seen = apply(&plan("v=spf1 include:one.update.test ~all"), &server, false, &seconds);
    assert_eq!(seen.unwrap().own, 1);
    // A chunk that is to stay is gone: the record does not come to lead there.
    let kept = NameChange {
        name: DomainName::parse("_spf1a.update.test").unwrap(),
        after: Some(vec![String::from("v=spf1 ip4:192.0.2.1 -all")]),
        others: Vec::new(),
        ..change("v=spf1 ip4:192.0.2.1 -all")
    };
    let leading =
        NameChange { after: Some(vec![String::from("v=spf1 ~all")]), ..change("v=spf1 -all") };
    let plan = Plan { chunks: vec![kept], own: vec![leading], ..plan("v=spf1 -all") };
    let gone = apply(&plan, &server, false, &seconds);
    assert!(matches!(gone, Err(ApplyError::Changed { .. })), "{gone:?}");
    assert_eq!(zone.texts("update.test")[1], "v=spf1 -all");
}
