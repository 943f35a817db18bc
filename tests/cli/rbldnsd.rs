//! `spfc macro --output rbldnsd`.

use serde_json::json;

use crate::folder::Folder;
use crate::support::{Ran, example, spfc};

const MACRO: [&str; 4] = ["macro", "example.com", "--zone", "_spf.example.com"];

fn run(more: &[&str]) -> Ran {
    let example = example();
    spfc(&[&["--dns-file", &example], &MACRO[..], &["--output", "rbldnsd"], more].concat())
}

#[test]
fn each_family_has_a_data_file() {
    let servers = ["--ns", "ns.example.net", "--ns", "b.example", "--serial", "7"];
    let ip4 = run(&[&servers[..], &["--family", "ip4"]].concat());
    insta::assert_snapshot!("rbldnsd_ip4", ip4.transcript());
    let ip6 = run(&[&servers[..], &["--family", "ip6", "-q"]].concat());
    insta::assert_snapshot!("rbldnsd_ip6", ip6.transcript());
}

#[test]
fn what_rbldnsd_cannot_answer_is_refused() {
    for (more, word) in [
        (&[][..], "--family"),
        (&["--family", "ip4", "--order", "forward"], "--order forward"),
        (&["--family", "ip4", "--no-v"], "--no-v"),
        (&["--family", "ip4", "--style", "exists-static"], "--style exists"),
        (&["--family", "ip4", "--output", "txt"], "'--output"),
        (&["--family", "ip5"], "ip5"),
    ] {
        let ran = run(more);
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{more:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(word), "{more:?}: {}", ran.stderr);
    }
    let example = example();
    let zone = ["--output", "zone", "--family", "ip4"];
    let ran = spfc(&[&["--dns-file", &example], &MACRO[..], &zone].concat());
    assert_eq!((ran.status, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.contains("--family goes with --output rbldnsd alone"), "{}", ran.stderr);
}

#[test]
fn a_policy_of_several_zones_is_refused() {
    let folder = Folder::new();
    let file = folder.file("zones.json");
    let fails: String = (0..60).map(|host| format!(" -ip4:192.0.2.{}", 4 * host)).collect();
    let record = format!("v=spf1{fails} ip4:192.0.2.0/24 ~all");
    std::fs::write(&file, json!({ "many.test": { "TXT": [record] } }).to_string()).unwrap();
    let args = ["--dns-file", &file, "macro", "many.test", "--zone", "_spf.many.test"];
    assert_eq!(spfc(&args).status, 0);
    let ran = spfc(&[&args[..], &["--output", "rbldnsd", "--family", "ip4"]].concat());
    assert_eq!((ran.status, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.contains("needs 2 zones"), "{}", ran.stderr);
}
