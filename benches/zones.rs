//! Static zones at scale: 105,000 uniformly random ranges of both families, by
//! `spfc macro` as anybody runs it, proof and printing included.
//!
//! `cargo bench --locked --bench zones [IP4_RANGES]`. With the 100,000 IPv4
//! ranges that it takes by itself it fails where a style is over its limits. Where
//! NSD, Knot, BIND and unbound are installed it also serves the shards and asks
//! for clients at the edges of ranges.

// What fails here is a failed run.
#![allow(clippy::unwrap_used)]

#[path = "../tests/support/nsd.rs"]
mod nsd;
#[path = "../tests/support/programs.rs"]
mod programs;
#[path = "zones/ranges.rs"]
mod ranges;
#[path = "../tests/support/resolver.rs"]
mod resolver;
#[path = "../tests/support/running.rs"]
mod running;
#[path = "zones/served.rs"]
mod served;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const RANGES: usize = 100_000;
const RUNS: usize = 3;
const ZONE: &str = "_spf.example.com";

/// What a style may take.
struct Limits {
    style: &'static str,
    time: Duration,
    records: usize,
    memory: u64,
}

const LIMITS: [Limits; 2] = [
    Limits { style: "shard", time: Duration::from_secs(4), records: 43_000, memory: 1 << 30 },
    Limits {
        style: "exists-static",
        time: Duration::from_secs(5),
        records: 1_100_000,
        memory: 1 << 30,
    },
];

fn main() {
    let count = std::env::args().skip(1).find_map(|argument| argument.parse().ok());
    let count = count.unwrap_or(RANGES);
    let terms = ranges::terms(count);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("policy.json");
    let record = format!("v=spf1 {} ~all", terms.join(" "));
    let map = serde_json::json!({ "example.com": { "TXT": [record] } });
    std::fs::write(&path, map.to_string()).unwrap();
    for limits in &LIMITS {
        let mut runs: Vec<Run> = (0..RUNS).map(|_| Run::measure(&path, limits.style)).collect();
        runs.sort_by_key(|run| run.time);
        let median = &runs[RUNS / 2];
        let memory = runs.iter().map(|run| run.memory).max().unwrap();
        println!(
            "zones: {} of {} ranges: {:.2} s ({:.2} to {:.2}), {} MB, {} records, {}",
            limits.style,
            terms.len(),
            median.time.as_secs_f64(),
            runs[0].time.as_secs_f64(),
            runs[RUNS - 1].time.as_secs_f64(),
            memory >> 20,
            median.records,
            median.proven
        );
        if count == RANGES {
            assert!(median.records <= limits.records, "too many records");
            assert!(memory < limits.memory, "too much memory");
            assert!(median.time < limits.time, "too slow");
        }
    }
    let zone = spfc(&path, "shard").output().unwrap();
    served::served(&terms, std::str::from_utf8(&zone.stdout).unwrap());
}

/// `spfc macro`, printing the zone of this style.
fn spfc(policy: &Path, style: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_spfc"));
    command
        .args(["--dns-file", policy.to_str().unwrap(), "macro", "example.com"])
        .args(["--zone", ZONE, "--style", style, "--output", "zone"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// What one run took, and what it made.
struct Run {
    time: Duration,
    memory: u64,
    /// Records of the zone besides its SOA and NS.
    records: usize,
    /// What it says of its proof.
    proven: String,
}

impl Run {
    fn measure(policy: &Path, style: &str) -> Run {
        let began = Instant::now();
        let mut child = spfc(policy, style).spawn().unwrap();
        let mut lines = BufReader::with_capacity(1 << 20, child.stdout.take().unwrap());
        let (mut line, mut records, mut memory) = (Vec::new(), 0, 0);
        while lines.read_until(b'\n', &mut line).unwrap() > 0 {
            let is_start = [&b"\tSOA\t"[..], b"\tNS\t"]
                .iter()
                .any(|word| line.windows(word.len()).any(|window| window == *word));
            records += usize::from(!is_start);
            line.clear();
            if records % 16_384 == 1 {
                memory = peak_memory(&child).max(memory);
            }
        }
        let output = child.wait_with_output().unwrap();
        let time = began.elapsed();
        assert!(output.status.success());
        let said = String::from_utf8(output.stderr).unwrap();
        let proven = said.lines().find(|line| line.starts_with("proven:")).unwrap().to_owned();
        Run { time, memory, records, proven }
    }
}

/// Octets of memory that a process took at most so far; nothing where the
/// system has no `/proc`.
fn peak_memory(child: &Child) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id()));
    let status = status.unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = peak.and_then(|peak| peak.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    kilobytes.unwrap_or_default() * 1024
}
