//! Bulk lint: 10,000 domains by `spfc lint --jobs 64`, from a name server on the
//! loopback interface that answers each question 5 ms after it came.
//!
//! `cargo bench --locked --bench bulk [DOMAINS]`. Fails where the run takes over
//! 1.30 of the time that its questions need with 64 of them in flight, where it
//! needs 200 MB, and where it is not 20 times as fast as checkdmarc on 100 of the
//! domains, which is measured when `CHECKDMARC` names a Python that has it.

// What fails here is a failed run.
#![allow(clippy::unwrap_used)]

#[path = "bulk/domains.rs"]
mod domains;
#[path = "bulk/server.rs"]
mod server;

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use server::Server;

const DELAY: Duration = Duration::from_millis(5);
const JOBS: usize = 64;
const RUNS: usize = 5;
/// The most that a run may take, of the time that its questions need.
const MOST: f64 = 1.30;
const MOST_MEMORY: u64 = 200 << 20;
/// How many times as fast as the peer a run has to be.
const LEAST_RATE: f64 = 20.0;
const SAMPLE: usize = 100;

fn main() {
    let count =
        std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(10_000);
    let (names, answers) = domains::domains(count);
    let server = Server::start(answers, DELAY);
    let mut list = tempfile::NamedTempFile::new().unwrap();
    list.write_all(names.join("\n").as_bytes()).unwrap();
    let path = list.path().to_str().unwrap().to_owned();
    let mut runs: Vec<Run> = (0..RUNS).map(|_| Run::measure(&server, &path, count)).collect();
    for run in &runs {
        run.print();
    }
    runs.sort_by(|a, b| a.ratio().total_cmp(&b.ratio()));
    let median = &runs[RUNS / 2];
    let memory = runs.iter().map(|run| run.memory).max().unwrap();
    println!(
        "bulk: {count} domains, median {:.3} of the time that {} questions need, at most {MOST:.2} allowed; {} MB, under {} allowed",
        median.ratio(),
        median.questions,
        memory >> 20,
        MOST_MEMORY >> 20,
    );
    let rate = count as f64 / median.time.as_secs_f64();
    match std::env::var("CHECKDMARC") {
        Err(_) => println!("bulk: CHECKDMARC names no Python: not compared with checkdmarc"),
        Ok(python) => {
            let step = (count / SAMPLE).max(1);
            let sample: Vec<&str> =
                names.iter().step_by(step).take(SAMPLE).map(String::as_str).collect();
            let peer = checkdmarc(&python, server.address, &sample);
            println!(
                "bulk: {rate:.0} domains a second, checkdmarc {peer:.1} on {} of them: {:.0} times as fast, at least {LEAST_RATE:.0} wanted",
                sample.len(),
                rate / peer
            );
            assert!(rate / peer >= LEAST_RATE, "too slow beside checkdmarc");
        }
    }
    assert!(memory < MOST_MEMORY, "too much memory");
    assert!(median.ratio() <= MOST, "too slow");
}

/// What one run took.
struct Run {
    time: Duration,
    questions: usize,
    at_once: usize,
    /// Octets of memory at most.
    memory: u64,
    /// Processor time, in seconds.
    processor: f64,
}

impl Run {
    fn measure(server: &Server, list: &str, count: usize) -> Run {
        server.take_counts();
        let began = Instant::now();
        let mut child = Command::new(env!("CARGO_BIN_EXE_spfc"))
            .args(["lint", "--jobs", &JOBS.to_string(), "--format", "json"])
            .args(["--dns", &server.address.to_string(), "--file", list])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut line = Vec::new();
        let (mut memory, mut processor, mut targets) = (0, 0.0, 0);
        while lines.read_until(b'\n', &mut line).unwrap() > 0 {
            targets += 1;
            // A run that cannot ask finds failures (SPF103), and quickly.
            assert!(!contains(&line, b"SPF103"), "{}", String::from_utf8_lossy(&line));
            line.clear();
            if targets == count || targets % 100_000 == 0 {
                (memory, processor) = spent(&child);
            }
        }
        let status = child.wait().unwrap();
        let time = began.elapsed();
        assert_eq!((targets, status.code()), (count, Some(1)));
        let (questions, at_once) = server.take_counts();
        Run { time, questions, at_once, memory, processor }
    }

    /// The time of the run, of the time that its questions need.
    fn ratio(&self) -> f64 {
        let least = DELAY.as_secs_f64() * self.questions as f64 / JOBS as f64;
        self.time.as_secs_f64() / least
    }

    fn print(&self) {
        println!(
            "bulk: {:.2} s for {} questions, {:.3} of what they need, at most {} at once; {} MB, {:.2} s of processor",
            self.time.as_secs_f64(),
            self.questions,
            self.ratio(),
            self.at_once,
            self.memory >> 20,
            self.processor,
        );
    }
}

fn contains(line: &[u8], word: &[u8]) -> bool {
    line.windows(word.len()).any(|window| window == word)
}

/// The octets of memory and the seconds of processor time that a process took so
/// far; nothing where the system has no `/proc`.
fn spent(child: &Child) -> (u64, f64) {
    let file = |name| std::fs::read_to_string(format!("/proc/{}/{name}", child.id()));
    let status = file("status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = peak.and_then(|peak| peak.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    // Ticks in user and system mode, a hundred a second, behind the name.
    let stat = file("stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default();
    let ticks: u64 =
        fields.split_whitespace().skip(11).take(2).filter_map(|t| t.parse::<u64>().ok()).sum();
    (kilobytes.unwrap_or_default() * 1024, ticks as f64 / 100.0)
}

/// The domains a second that checkdmarc checks.
fn checkdmarc(python: &str, server: SocketAddr, sample: &[&str]) -> f64 {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/bulk/checkdmarc_rate.py");
    let mut child = Command::new(python)
        .args([script, &server.ip().to_string(), &server.port().to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(sample.join("\n").as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "checkdmarc failed");
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}
