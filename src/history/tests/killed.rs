//! `kill -9` at any moment: what was reported as added is there, and whole.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::super::*;
use super::{lock, place, sample};

const VARIABLE: &str = "SPFC_TEST_HISTORY_TO_FILL";
const TIMES: u64 = 30;

fn version(number: u64) -> Version {
    Version { lock: Some(lock(number, 60)), ..sample("mail", number) }
}

/// The child: adds versions until it is killed.
fn fill(path: &str) -> ! {
    let (mut history, remark) = History::open(path).unwrap();
    assert_eq!(remark, None);
    let mut number = history.latest_number("mail").unwrap().unwrap_or(0);
    loop {
        number += 1;
        history.add(&version(number)).unwrap();
        if number % 40 == 0 {
            history.prune(0, 60).unwrap();
        }
        // One write, so that no line is cut.
        let mut out = std::io::stdout().lock();
        out.write_all(format!("\nadded {number}\n").as_bytes()).unwrap();
        out.flush().unwrap();
    }
}

/// Lets a child add versions and kills it. Returns the last number it reported.
fn filled_and_killed(path: &Path, milliseconds: u64) -> Option<u64> {
    let test =
        module_path!().split_once("::").unwrap().1.to_owned() + "::what_was_added_survives_kill_9";
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &test, "--nocapture"])
        .env(VARIABLE, path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut last = None;
    // Some are killed while they open the history, most while they add.
    if !milliseconds.is_multiple_of(5) {
        let first = lines.by_ref().map_while(Result::ok).find(|line| line.starts_with("added "));
        last = Some(first.expect("the child ended by itself"));
    }
    std::thread::sleep(Duration::from_millis(milliseconds));
    child.kill().unwrap();
    assert!(!child.wait().unwrap().success());
    let more = lines.map_while(Result::ok).filter(|line| line.starts_with("added "));
    let last = more.last().or(last)?;
    Some(last["added ".len()..].parse().unwrap())
}

#[test]
fn what_was_added_survives_kill_9() {
    if let Ok(path) = std::env::var(VARIABLE) {
        fill(&path);
    }
    let (_folder, path) = place();
    let mut reported = 0;
    let mut moment = 7_u64;
    for _ in 0..TIMES {
        moment = moment.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
        reported = filled_and_killed(&path, (moment >> 33) % 60).unwrap_or(reported);
        let (mut history, remark) = History::open(&path).unwrap();
        assert_eq!(remark, None);
        let versions = history.versions("mail").unwrap();
        let newest = versions.first().map_or(0, |version| version.number);
        // One may have been added that could not be reported any more.
        assert!(newest == reported || newest == reported + 1, "{newest}, reported {reported}");
        let oldest = versions.last().map_or(1, |version| version.number);
        assert!(versions.len() as u64 == newest + 1 - oldest, "{newest} to {oldest} has gaps");
        assert!(versions.len() as u64 >= newest.min(60), "{} are left", versions.len());
        for number in oldest..=newest {
            assert_eq!(history.version("mail", number).unwrap(), Some(version(number)));
        }
        reported = newest;
    }
    assert!(reported > 2 * TIMES / 3, "only {reported} versions were added");
}
