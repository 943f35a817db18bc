//! `spfc lint --jobs`: long lists, reported as targets end.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::UdpSocket;
use std::process::{Child, Command, Stdio};
use std::thread;

use serde_json::Value;

use crate::support::{Ran, example, keys, offline, spfc, spfc_with_input};

/// The documents on standard output, one a line.
fn lines(ran: &Ran) -> Vec<Value> {
    ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Runs over standard input with `zones.json` in place of DNS.
fn bulk(input: &str, more: &[&str]) -> Ran {
    let map = crate::support::path("zones.json");
    let args = ["--dns-file", map.as_str(), "lint", "--jobs", "4", "-", "--format", "json"];
    spfc_with_input(&[&args[..], more].concat(), input)
}

/// Starts a run with pipes that the test holds.
fn start(args: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_spfc"))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// A server that knows no name, and does not answer for those that begin with
/// `silent`.
fn server_of_nothing() -> String {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap().to_string();
    thread::spawn(move || {
        let mut packet = [0; 512];
        while let Ok((length, client)) = socket.recv_from(&mut packet) {
            let answer = &mut packet[..length];
            if answer[13..].starts_with(b"silent") {
                continue;
            }
            // A response to the same question: no such name.
            answer[2] |= 0x80;
            answer[3] = 0x83;
            let _ = socket.send_to(answer, client);
        }
    });
    address
}

#[test]
fn the_keys_of_a_line_are_those_of_a_target() {
    let map = example();
    let args = ["--dns-file", &map, "lint", "example.com", "--format", "json"];
    let one = spfc(&args);
    let many = spfc(&[&args[..], &["--jobs", "1"]].concat());
    assert_eq!((one.status, many.status), (1, 1), "{}", many.stderr);
    assert_eq!(many.stdout.lines().count(), 1);
    let mut line = many.json();
    assert_eq!(keys(&line), ["diagnostics", "lookups", "record", "schema", "target"]);
    let schema = line.as_object_mut().unwrap().remove("schema");
    let document = one.json();
    assert_eq!(schema.as_ref(), Some(&document["schema"]));
    assert_eq!(line, document["targets"][0]);
}

#[test]
fn two_thousand_domains_are_found_what_each_is_found_alone() {
    let mut zones =
        String::from("{\"_spf.provider.test\":{\"TXT\":[\"v=spf1 ip4:192.0.2.1 ?all\"]}");
    let mut list = String::new();
    for index in 0..2_000 {
        let record = match index % 5 {
            0 => "v=spf1 include:_spf.provider.test ~all",
            1 => "v=spf1 -all",
            2 => "v=spf1 ipv4:192.0.2.1 -all",
            3 => "v=spf1 include:none.test +all",
            _ => "no record",
        };
        write!(zones, ",\"d{index}.test\":{{\"TXT\":[\"{record}\"]}}").unwrap();
        writeln!(list, "d{index}.test").unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("zones.json"), zones + "}").unwrap();
    std::fs::write(path("list.txt"), list).unwrap();
    let (zones, list) = (path("zones.json"), path("list.txt"));
    let args = ["--dns-file", &zones, "lint", &list, "--format", "json"];
    let one = spfc(&args);
    let many = spfc(&[&args[..], &["--jobs", "64"]].concat());
    assert_eq!((one.status, many.status, many.stderr.as_str()), (1, 1, ""));
    let by_target = |targets: Vec<Value>| -> BTreeMap<String, Value> {
        let named = targets.into_iter().map(|mut target| {
            target.as_object_mut().unwrap().remove("schema");
            // A list that is read as it comes is no file with places.
            for finding in target["diagnostics"].as_array_mut().unwrap() {
                finding["file"] = Value::Null;
            }
            (target["target"].as_str().unwrap().to_owned(), target)
        });
        named.collect()
    };
    let alone = by_target(one.json()["targets"].as_array().unwrap().clone());
    assert_eq!(alone.len(), 2_000);
    assert_eq!(by_target(lines(&many)), alone);

    let people = spfc(&["--dns-file", &zones, "lint", "--jobs", "64", "--file", &list]);
    let people_one = spfc(&["--dns-file", &zones, "lint", &list]);
    assert_eq!(people.stdout.lines().last(), people_one.stdout.lines().last());
    assert!(people.stdout.ends_with("\n") && people.stdout.contains("2000 targets: "));
}

#[test]
fn the_first_result_comes_before_the_list_ends() {
    let (server, map) = (server_of_nothing(), example());
    for dns in [["--dns", &server], ["--dns-file", &map]] {
        let mut run =
            start(&[&dns[..], &["lint", "--jobs", "8", "--format", "json", "-"]].concat());
        let mut input = run.stdin.take().unwrap();
        let mut output = BufReader::new(run.stdout.take().unwrap());
        for domain in ["a.test", "b.test"] {
            writeln!(input, "{domain}").unwrap();
            // The list goes on: nobody but the run itself can end this wait.
            let mut line = String::new();
            output.read_line(&mut line).unwrap();
            let line: Value = serde_json::from_str(&line).unwrap();
            assert_eq!(line["target"], domain);
        }
        drop(input);
        let mut rest = String::new();
        output.read_to_string(&mut rest).unwrap();
        assert_eq!((rest.as_str(), run.wait().unwrap().code()), ("", Some(1)));
    }
}

#[test]
fn what_names_no_target_stops_nothing() {
    let input =
        "good.test\na..b\n\n# a comment\nhttps://example.com/\nv=spf1 -all\nx.test y.test\n";
    let ran = bulk(input, &["--fail-on", "error", "--allow", "SPF1"]);
    assert_eq!(lines(&ran).len(), 2, "{}", ran.stdout);
    assert_eq!(
        ran.stderr,
        "error: standard input:2: 'a..b' has an empty label\n\
         error: standard input:5: 'https://example.com/' is neither a domain nor an SPF record\n\
         error: standard input:7: 'x.test y.test' is neither a domain nor an SPF record\n\
         error: 3 targets could not be linted\n"
    );
    assert_eq!(ran.status, 2);
    // What could not be read may hide findings, so it comes first.
    let ran = bulk("a..b\nv=spf1 +all\n", &[]);
    assert_eq!((ran.status, lines(&ran).len()), (2, 1), "{}", ran.stderr);
    let ran = bulk("v=spf1 -all\n", &[]);
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
    // Without DNS, a domain is nothing that can be linted.
    let ran = bulk("example.com\nv=spf1 ip4:192.0.2.1 -all\n", &["--offline"]);
    assert_eq!((ran.status, lines(&ran).len()), (2, 1), "{}", ran.stderr);
    assert!(ran.stderr.contains("standard input:1: --offline"), "{}", ran.stderr);
}

#[test]
fn hostile_lines_stay_text() {
    let ran = bulk("\u{1b}[31m.test\n\u{202e}x y\nv=spf1 a\u{7}b\n", &[]);
    let printed = format!("{}{}", ran.stdout, ran.stderr);
    let shown = |character: char| character == '\n' || !character.is_control();
    assert!(printed.chars().all(shown) && !printed.contains('\u{202e}'), "{printed:?}");
}

#[test]
fn a_domain_that_fails_stops_no_other() {
    let server = server_of_nothing();
    let mut list = String::from("silent.test\n");
    for index in 0..200 {
        writeln!(list, "d{index}.test").unwrap();
    }
    let args = ["--dns", &server, "--timeout", "0.4", "lint", "--jobs", "16", "-"];
    let args = [&args[..], &["--format", "json"]].concat();
    let ran = spfc_with_input(&args, &list);
    assert_eq!(ran.status, 1, "{}", ran.stderr);
    let found = lines(&ran);
    assert_eq!(found.len(), 201);
    let failed: Vec<&Value> =
        found.iter().filter(|line| line["diagnostics"][0]["code"] == "SPF103").collect();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0]["target"], "silent.test");
    // DNS that failed decides where nothing else does.
    let allowed = [&args[..], &["--allow", "SPF101"]].concat();
    assert_eq!(spfc_with_input(&allowed, &list).status, 4);
    let bad_line = spfc_with_input(&allowed, &format!("{list}a..b\n"));
    assert_eq!(bad_line.status, 2, "{}", bad_line.stderr);
}

#[test]
fn a_recording_lacks_what_it_lacks() {
    let folder = tempfile::tempdir().unwrap();
    let lock = folder.path().join("spf.lock").to_str().unwrap().to_owned();
    let map = folder.path().join("map.json").to_str().unwrap().to_owned();
    std::fs::write(&map, r#"{"example.com":{"TXT":["v=spf1 -all"]}}"#).unwrap();
    let ran = spfc(&["--dns-file", &map, "lock", "example.com", "-o", &lock]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let args = ["--dns-file", &lock, "lint", "--jobs", "2", "-", "--format", "json"];
    let ran =
        spfc_with_input(&[&args[..], &["--allow", "SPF"]].concat(), "other.test\nexample.com\n");
    assert_eq!((ran.status, lines(&ran).len()), (2, 1), "{}", ran.stderr);
    assert!(
        ran.stderr.starts_with("error: other.test: other.test TXT is not recorded in "),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_closed_pipe_ends_the_run_quietly() {
    let mut run = start(&["lint", "--offline", "--jobs", "4", "--format", "json", "-"]);
    let mut input = run.stdin.take().unwrap();
    let mut output = BufReader::new(run.stdout.take().unwrap());
    let mut line = String::new();
    writeln!(input, "v=spf1 -all").unwrap();
    output.read_line(&mut line).unwrap();
    drop(output);
    // Goes on until the run has gone, which closes the other pipe.
    while writeln!(input, "v=spf1 -all").is_ok() {}
    let mut said = String::new();
    run.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!((said.as_str(), run.wait().unwrap().code()), ("", Some(0)));
}

#[test]
fn the_mistakes_of_the_caller_write_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().to_str().unwrap();
    for args in [
        &["--jobs", "0", "a.test"][..],
        &["--jobs", "257", "a.test"],
        &["--jobs", "many", "a.test"],
        &["--jobs", "2"],
        &["--jobs", "2", "--rules"],
        &["--jobs", "2", "--explain", "SPF001"],
        &["--jobs", "2", "a.test", "--lock", "spf.lock"],
        &["--jobs", "2", "a.test", "--max-shrink", "20"],
        &["--jobs", "2", "a.test", "--subdomains", "names.txt"],
        &["--jobs", "2", "a.test", "--fix"],
        &["--jobs", "2", "a.test", "--write"],
        &["--jobs", "2", "a.test", "--origin", "a.test"],
        &["--jobs", "2", "a.test", "--allow-include"],
        &["--jobs", "2", "a.test", "--format", "dot"],
        &["--jobs", "2", "a.test", "--record", "v=spf1 -all"],
        &["--jobs", "2", "a.test", "--source", "b.test"],
        &["--jobs", "2", "a..test"],
        &["--jobs", "2", "a.test", "zones/a.zone"],
        &["--jobs", "2", "a.test", "no/such/list.txt"],
        &["--jobs", "2", "a.test", "--file", folder],
    ] {
        let ran = offline(&[&["lint"], args].concat());
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{args:?}: {}", ran.stderr);
        assert!(!ran.stderr.is_empty(), "{args:?}");
    }
}
