//! How long image files take to write and to read, and files of addresses to
//! read: 1,000,000 and 10,000,000 ranges.
//!
//! `cargo bench --bench image [RANGES...]`. Fails where a read is over its limit.

use std::error::Error;
use std::fmt::Write;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use spfc::addr::{AddressSet, Range};
use spfc::image::{
    AddressIndex, ImageFile, Layout, Order, Tree, ZoneImage, ZoneMechanism, decode, encode,
    read_cidrs,
};
use spfc::name::DomainName;

/// Runs; the median counts.
const RUNS: usize = 5;
/// What 1,000,000 ranges may take to read from an image and from text. The
/// machine may be twice as slow as the one that these were measured on.
const LIMITS: [Duration; 2] = [Duration::from_millis(20), Duration::from_millis(200)];

fn main() -> Result<(), Box<dyn Error>> {
    let counts: Vec<u32> =
        std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let counts = if counts.is_empty() { vec![1_000_000, 10_000_000] } else { counts };
    for count in counts {
        measure(count)?;
    }
    Ok(())
}

fn measure(count: u32) -> Result<(), Box<dyn Error>> {
    println!("{count} ranges");
    let mut ranges: Vec<Range<u32>> = scattered(count).collect();
    let set = AddressSet { ip4: ranges.iter().copied().collect(), ip6: Default::default() };
    let file = image(AddressIndex::new(&set))?;
    let octets = encode(&file);
    println!("  image        {:>12} octets", octets.len());
    median("encode", || encode(&file).len());
    let decoding = median("decode", || decode(&octets));
    drop((file, octets));

    // As files are mostly: in order. And as they may be.
    let sorted = text(&ranges);
    println!("  text         {:>12} octets", sorted.len());
    let reading = median("cidrs", || read_cidrs(sorted.as_bytes()));
    drop(sorted);
    shuffle(&mut ranges);
    let shuffled = text(&ranges);
    median("cidrs, mixed", || read_cidrs(shuffled.as_bytes()));
    drop(shuffled);
    let ip6 = text6(&ranges);
    median("cidrs, IPv6", || read_cidrs(ip6.as_bytes()));

    for (took, limit) in [decoding, reading].into_iter().zip(LIMITS) {
        let limit = limit * count.div_ceil(1_000_000);
        if took > limit {
            return Err(format!("{took:?} is over the limit of {limit:?}").into());
        }
    }
    Ok(())
}

/// Prints and returns the median time of a few runs.
fn median<T>(name: &str, mut run: impl FnMut() -> T) -> Duration {
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let began = Instant::now();
            let made = black_box(run());
            let took = began.elapsed();
            drop(made);
            took
        })
        .collect();
    times.sort();
    println!("  {name:<12} {:>12.2} ms", times[RUNS / 2].as_secs_f64() * 1e3);
    times[RUNS / 2]
}

fn image(set: AddressIndex) -> Result<ImageFile, Box<dyn Error>> {
    let layout = Layout::new(&DomainName::parse("z.example")?, Order::Reversed, true)?;
    let tree = Tree { name: DomainName::root(), set: 0 };
    let zone = ZoneImage::new(layout, ZoneMechanism::Exists, [tree], vec![Arc::new(set)])?;
    Ok(ImageFile { zone, sources: vec![None], created: 0 })
}

/// Networks of lengths 28 to 32 in order, with holes between them.
fn scattered(count: u32) -> impl Iterator<Item = Range<u32>> {
    let step = u32::MAX / count;
    (0..count).map(move |number| {
        let length = (number.wrapping_mul(0x9e37_79b9) >> 16) % 5;
        let first = (number * step) & !15;
        Range { first, last: first + (1 << length) - 1 }
    })
}

/// Swaps each range with another, the same way each time.
fn shuffle(ranges: &mut [Range<u32>]) {
    let mut state = 1_u64;
    for at in (1..ranges.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        ranges.swap(at, (state >> 33) as usize % (at + 1));
    }
}

fn text(ranges: &[Range<u32>]) -> String {
    let mut text = String::new();
    for prefix in ranges.iter().flat_map(|range| range.prefixes()) {
        let _ = writeln!(text, "{prefix}");
    }
    text
}

fn text6(ranges: &[Range<u32>]) -> String {
    let mut text = String::new();
    for range in ranges {
        let (high, low) = (range.first >> 16, range.first & 0xffff);
        let _ = writeln!(text, "2001:db8:{high:x}:{low:x}::/64");
    }
    text
}
