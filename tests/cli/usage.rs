//! Arguments, files, colours and closed pipes.

use std::io::Read;
use std::process::{Command, Stdio};

use crate::support::{offline, path, spfc};

#[test]
fn global_flags_stand_before_or_after_the_subcommand() {
    let zones = path("zones.json");
    let before = spfc(&["--dns-file", &zones, "--format", "json", "tree", "small.test"]);
    let after = spfc(&["tree", "small.test", "--format", "json", "--dns-file", &zones]);
    assert_eq!((before.status, &before.stdout), (0, &after.stdout));
}

#[test]
fn mistakes_of_the_caller_exit_2() {
    for args in [
        &["--nonsense"][..],
        &["nonsense"],
        &[],
        &["tree"],
        &["tree", "small.test", "--format", "xml"],
        &["flatten", "small.test", "--format", "dot"],
        &["tree", "small.test", "--timeout", "-1"],
        &["tree", "small.test", "--dns", "localhost"],
        &["tree", "small.test", "--dns", "127.0.0.1"],
        &["tree", "a..b"],
        &["tree", ""],
        &["tree", "small.test", "--record", "hello"],
        &["tree", "small.test", "--record", "v=spf1 -all", "--source", "last.test"],
        &["flatten", "small.test", "--prefix", "a.b"],
        &["flatten", "small.test", "--max-message", "0"],
        &["flatten", "small.test", "--ttl", "-1"],
    ] {
        let ran = offline(args);
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{args:?}: {}", ran.stderr);
        assert!(!ran.stderr.is_empty(), "{args:?}");
    }
}

#[test]
fn files_that_answer_nothing_exit_2() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("dns.json");
    let name = file.to_str().unwrap();
    for text in ["", "[]", "{\"a.test\":1}", "{\"spfc_lock\":9,\"answers\":[]}"] {
        std::fs::write(&file, text).unwrap();
        let ran = spfc(&["--dns-file", name, "tree", "small.test"]);
        assert_eq!(ran.status, 2, "{text}: {}", ran.stderr);
        assert!(ran.stderr.starts_with(&format!("error: {name}: ")), "{}", ran.stderr);
    }
    let ran = spfc(&["--dns-file", "/nowhere/dns.json", "tree", "small.test"]);
    assert_eq!(ran.status, 2);
    assert!(ran.stderr.starts_with("error: cannot read /nowhere/dns.json: "), "{}", ran.stderr);
}

#[test]
fn help_and_version_are_success() {
    for args in [&["--help"][..], &["--version"], &["check", "--help"], &["help", "flatten"]] {
        let ran = spfc(args);
        assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{args:?}");
    }
    assert!(spfc(&["--help"]).stdout.contains("Exit status:"));
}

#[test]
fn colours_are_for_terminals_and_for_those_who_ask() {
    let coloured = offline(&["check", "small.test", "--ip", "192.0.2.1", "--color", "always"]);
    assert!(coloured.stdout.starts_with("\x1b["));
    let error = offline(&["tree", "none.test", "--color", "always"]);
    assert!(error.stderr.starts_with("\x1b["));
    let plain = offline(&["check", "small.test", "--ip", "192.0.2.1"]);
    assert!(!plain.stdout.contains('\x1b'));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told() {
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let ended = Command::new(env!("CARGO_BIN_EXE_spfc"))
        .args(["--dns-file", &path("zones.json"), "tree", "small.test"])
        .stdout(full)
        .output()
        .unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(2));
    assert!(said.starts_with("error: cannot write standard output: "), "{said}");
}

#[test]
fn a_closed_pipe_ends_the_program_quietly() {
    let batch = "{\"ip\":\"192.0.2.1\",\"domain\":\"small.test\"}\n".repeat(5_000);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("batch");
    std::fs::write(&file, batch).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_spfc"))
        .args(["--dns-file", &path("zones.json"), "check", "--format", "json", "--batch"])
        .arg(&file)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let mut some = [0; 64];
    stdout.read_exact(&mut some).unwrap();
    drop(stdout);
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&ended.stderr), "");
}
