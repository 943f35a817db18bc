//! What a history costs: 1,000 versions of a policy whose lock file has 20 KB,
//! three lines of it new in each.
//!
//! `cargo bench --bench history [VERSIONS]`. Each version is on the disk before
//! the next is added. Fails where the file takes more than an eighth of the texts.

use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use spfc::history::{Change, History, RangeChange, Version, Why};

/// Answers of the policy: with these its lock file has about 20 KB.
const ANSWERS: u64 = 170;
/// Of these new ones in each version.
const CHANGED: u64 = 3;

fn main() -> Result<(), Box<dyn Error>> {
    let count = std::env::args().skip(1).find_map(|argument| argument.parse().ok());
    let count: u64 = count.unwrap_or(1_000);
    // In the project and not where temporary files go: that may be no disk.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let path = folder.path().join("history.db");
    let (mut history, remark) = History::open(&path)?;
    if let Some(remark) = remark {
        return Err(remark.into());
    }

    let mut times = Vec::new();
    let mut plain = 0;
    for number in 1..=count {
        let version = version(number);
        plain += version.lock.as_ref().map_or(0, String::len);
        let began = Instant::now();
        history.add(&version)?;
        times.push(began.elapsed());
    }
    times.sort();
    println!("{count} versions, each on the disk before the next");
    print("add, median", times[times.len() / 2]);
    print("add, 99 of 100", times[times.len() * 99 / 100]);
    print("add, slowest", times[times.len() - 1]);

    measured("list versions", || history.versions("mail"))?;
    measured("read one version", || history.version("mail", count / 2))?;
    drop(history);
    let full = size(&path)?;
    println!("  {:<20} {plain:>12} octets", "plain texts");
    println!("  {:<20} {full:>12} octets, {:.1} %", "file", full as f64 * 100.0 / plain as f64);

    let (mut history, _) = measured("open and check", || History::open(&path))?;
    measured("prune to 400", || history.prune(0, 400))?;
    drop(history);
    println!("  {:<20} {:>12} octets", "file, pruned", size(&path)?);
    match full as usize * 8 > plain {
        true => Err("the file takes more than an eighth of the texts".into()),
        false => Ok(()),
    }
}

fn version(number: u64) -> Version {
    let change = |change, last: [u8; 4]| RangeChange {
        change,
        provider: "_spf.provider.example".into(),
        first: last.into(),
        last: last.into(),
    };
    let [.., high, low] = number.to_be_bytes();
    Version {
        source: "mail".to_owned(),
        number,
        time: 1_700_000_000 + 3_600 * number.cast_signed(),
        domain: "example.com".to_owned(),
        record: None,
        why: if number == 1 { Why::First } else { Why::Changed },
        sentence: "_spf.provider.example gained an address and lost one".to_owned(),
        lock: Some(lock(number)),
        ip4: 100_000,
        ip6: 1 << 32,
        changes: vec![
            change(Change::Gained, [192, 0, high, low]),
            change(Change::Lost, [198, 51, high, low]),
        ],
    }
}

fn lock(number: u64) -> String {
    let mut text = String::from("{\n\"spfc_lock\":1,\n\"schema\":1,\n");
    let _ =
        write!(text, "\"taken\":\"{number}\",\n\"domains\":[\"example.com\"],\n\"answers\":[\n");
    for answer in 0..ANSWERS {
        // The last version in which it was the answer's turn.
        let turn = ANSWERS / CHANGED;
        let since = number - (number + answer) % turn.min(number);
        let _ = writeln!(
            text,
            "{{\"name\":\"spf{answer}.provider.example\",\"type\":\"TXT\",\"ttl\":300,\
             \"records\":[\"v=spf1 ip4:192.0.{}.{} ip4:198.51.100.0/24 ~all\"]}},",
            since / 256 % 256,
            since % 256,
        );
    }
    text + "]\n}\n"
}

fn measured<T, E>(name: &str, run: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    let began = Instant::now();
    let done = black_box(run()?);
    print(name, began.elapsed());
    Ok(done)
}

fn print(name: &str, took: Duration) {
    println!("  {name:<20} {:>12.2} ms", took.as_secs_f64() * 1e3);
}

fn size(path: &Path) -> Result<u64, Box<dyn Error>> {
    Ok(fs::metadata(path)?.len())
}
