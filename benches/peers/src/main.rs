//! Times `spfc`'s parser beside mail-auth's, in one run, on the same records.
//!
//! The records are fifty real ones, spread evenly over those in
//! `../shared/corpus/zones.json` that both parsers accept. Rounds of the two
//! are interleaved, so that what else the machine does meets both alike.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use mail_auth::dns::TxtRecordParser;
use mail_auth::spf::SpfRecord;

/// How many records are parsed.
const RECORDS: usize = 50;
/// How many times both parsers are timed.
const ROUNDS: usize = 301;
/// How many records are parsed in one timing, at least.
const PARSED: usize = 1000;

fn main() -> ExitCode {
    let sound = match sound_records() {
        Ok(sound) => sound,
        Err(reason) => {
            eprintln!("spfc-peers: {reason}");
            return ExitCode::FAILURE;
        }
    };
    let records: Vec<Vec<u8>> =
        (0..RECORDS).map(|index| sound[index * sound.len() / RECORDS].clone()).collect();
    let octets: usize = records.iter().map(Vec::len).sum();
    println!("{} records, {octets} octets", records.len());
    let compared = compare(&records);
    println!("spfc       {:6.1} ns a record (median)", compared.ours);
    println!("mail-auth  {:6.1} ns a record (median)", compared.theirs);
    println!("ratio      {:6.3} (median of {ROUNDS} rounds)", compared.ratio);
    println!("all {} records of the corpus that both parsers accept:", sound.len());
    for (class, pick) in classes() {
        let chosen: Vec<Vec<u8>> = sound.iter().filter(|text| pick(text)).cloned().collect();
        if !chosen.is_empty() {
            let compared = compare(&chosen);
            println!(
                "  {class:24} {:3} records: {:6.1} / {:6.1} ns, ratio {:.3}",
                chosen.len(),
                compared.ours,
                compared.theirs,
                compared.ratio
            );
        }
    }
    ExitCode::SUCCESS
}

/// A kind of record, and whether a text is of it.
type Class = (&'static str, fn(&[u8]) -> bool);

/// The kinds of records that are also timed on their own.
fn classes() -> [Class; 5] {
    [
        ("any", |_| true),
        ("under 64 octets", |text| text.len() < 64),
        ("64 to 255 octets", |text| (64..256).contains(&text.len())),
        ("256 octets and more", |text| text.len() >= 256),
        ("with macros", |text| text.contains(&b'%')),
    ]
}

/// Nanoseconds a record of both, and the median of the rounds' ratios.
struct Compared {
    ours: f64,
    theirs: f64,
    ratio: f64,
}

fn compare(records: &[Vec<u8>]) -> Compared {
    let (mut ours, mut theirs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let (our, their);
        if round % 2 == 0 {
            our = time(records, ours_once);
            their = time(records, theirs_once);
        } else {
            their = time(records, theirs_once);
            our = time(records, ours_once);
        }
        ours.push(our);
        theirs.push(their);
        ratios.push(our / their);
    }
    Compared { ours: median(ours), theirs: median(theirs), ratio: median(ratios) }
}

fn ours_once(text: &[u8]) {
    black_box(spfc::syntax::parse_record(black_box(text)));
}

fn theirs_once(text: &[u8]) {
    let _ = black_box(SpfRecord::parse(black_box(text)));
}

fn time(records: &[Vec<u8>], parse: impl Fn(&[u8])) -> f64 {
    let repeats = PARSED.div_ceil(records.len());
    let start = Instant::now();
    for _ in 0..repeats {
        for record in records {
            parse(record);
        }
    }
    nanoseconds(start.elapsed()) / (repeats * records.len()) as f64
}

fn nanoseconds(elapsed: Duration) -> f64 {
    elapsed.as_secs_f64() * 1e9
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The records that both parsers take without an error, in the order of their names.
fn sound_records() -> Result<Vec<Vec<u8>>, String> {
    let shared = std::env::var_os("SPFC_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")),
        PathBuf::from,
    );
    let path = shared.join("corpus/zones.json");
    let text = std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let zones: BTreeMap<String, serde_json::Value> =
        serde_json::from_slice(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    let texts = zones.values().filter_map(|zone| zone["TXT"].as_array()).flatten();
    let sound: Vec<Vec<u8>> = texts
        .filter_map(|text| text.as_str())
        .map(|text| text.as_bytes().to_vec())
        .filter(|text| spfc::syntax::parse_record(text).errors.is_empty())
        .filter(|text| SpfRecord::parse(text).is_ok())
        .collect();
    if sound.len() < RECORDS {
        return Err(format!("{}: under {RECORDS} sound records", path.display()));
    }
    Ok(sound)
}
