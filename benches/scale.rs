//! How compiling scales: 100,000 ranges in 64 nested includes, lowered,
//! covered, printed, and compared again.
//!
//! `cargo bench --bench scale [RANGES]`. Fails where a stage is over its limit.

use std::collections::HashSet;
use std::error::Error;
use std::time::{Duration, Instant};

use spfc::dns::{Answer, Cache, Published, Question, RecordType, Records, Reply, Txt};
use spfc::limits::Ceilings;
use spfc::name::DomainName;
use spfc::optimize::{disjoint, sequence};
use spfc::outcome::Qualifier;
use spfc::policy::{Decisions, End, Known, WalkOptions, lower, walk};
use spfc::proof::{Claim, Generated, Subject, symbolic_half};

/// Nested includes.
const DEPTH: usize = 64;
/// What lowering, cover and printing may take together, and the comparison.
const LIMIT: Duration = Duration::from_millis(200);
/// Runs; the median counts.
const RUNS: usize = 9;

fn main() -> Result<(), Box<dyn Error>> {
    let ranges =
        std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(100_000);
    let domain = DomainName::parse("p0.test")?;
    let source = nested(ranges)?;
    let ceilings = Ceilings { prefixes: usize::MAX, octets: usize::MAX, ..Ceilings::DEFAULT };
    let options = WalkOptions { ceilings, ..WalkOptions::default() };
    let mut compiling = Vec::new();
    let mut comparing = Vec::new();
    let mut terms = 0;
    for _ in 0..RUNS {
        let graph = walk(&source, &domain, &options).map_err(|missing| missing[0].to_string())?;
        let began = Instant::now();
        let mut decisions = Decisions::default();
        let lowered = lower(&graph, &Known::new(), ceilings.levels, &mut decisions);
        let sequence = sequence(&lowered.map, End::Outcome(Qualifier::Softfail), &mut decisions)?;
        let cover = disjoint(&sequence);
        let mut text = String::from("v=spf1");
        let units = cover.positions.iter().flat_map(|position| &position.joint);
        for term in units.flatten() {
            text.push(' ');
            text.push_str(term);
        }
        text.push_str(" ~all");
        compiling.push(began.elapsed());
        terms = cover.terms();
        let output = Published::new(&source, [(domain.clone(), text.into_bytes())]);
        let (nothing, keep) = (Generated::default(), HashSet::new());
        let claim = Claim {
            source: Subject { domain: &domain, lookup: &source, generated: &nothing },
            output: Subject { domain: &domain, lookup: &output, generated: &nothing },
            keep: &keep,
            ceilings,
            within_limits: false,
        };
        let began = Instant::now();
        symbolic_half(&claim).map_err(|unproven| format!("{unproven:?}"))?;
        comparing.push(began.elapsed());
    }
    println!("{ranges} ranges in {DEPTH} nested includes, {terms} terms");
    let compiled = report("lowering, cover and printing", compiling);
    let compared = report("symbolic half of the proof", comparing);
    match compiled && compared || ranges > 100_000 {
        true => Ok(()),
        false => Err(format!("a stage takes more than {LIMIT:?}").into()),
    }
}

fn report(what: &str, mut times: Vec<Duration>) -> bool {
    times.sort();
    let median = times[times.len() / 2];
    println!(
        "{what}: median {median:.1?}, from {:.1?} to {:.1?}",
        times[0],
        times[times.len() - 1]
    );
    median <= LIMIT
}

/// Records `p0.test` to `p63.test`, each with its share of the ranges and an
/// include of the next. Ranges neither touch nor repeat, so all stay terms;
/// one in four is IPv6.
fn nested(ranges: usize) -> Result<Cache, Box<dyn Error>> {
    let mut cache = Cache::default();
    let share = ranges.div_ceil(DEPTH);
    // A step prime to the space spreads the prefixes over it, in no order.
    let mut seed: u32 = 1;
    for place in 0..DEPTH {
        let mut text = String::from("v=spf1");
        for _ in 0..share {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            match seed & 0x300 {
                0 => text.push_str(&format!(
                    " ip6:2001:db8:{:x}:{:x}::/64",
                    seed >> 16,
                    seed & 0xfffe
                )),
                _ => text.push_str(&format!(" ip4:{}", std::net::Ipv4Addr::from(seed & !0xff | 1))),
            }
        }
        if place + 1 < DEPTH {
            text.push_str(&format!(" include:p{}.test", place + 1));
        }
        text.push_str(" ~all");
        let question = Question::new(DomainName::parse(format!("p{place}.test"))?, RecordType::Txt);
        let reply = Reply::Records(Records::Txt(vec![Txt::new([text])]));
        cache.insert(question, Answer::new(reply));
    }
    Ok(cache)
}
