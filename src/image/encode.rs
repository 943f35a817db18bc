//! The image file: one zone as octets, to be written whole and read whole.
//!
//! Integers are little-endian and stand without gaps. A zone has exactly one
//! image: what reads as an image is written as the same octets again.
//!
//! | offset | octets | field |
//! |---|---|---|
//! | 0 | 8 | `89 53 50 46 43 0d 0a 1a`: no text, and spoiled by whoever takes it for text |
//! | 8 | 4 | version of the format, 1 |
//! | 12 | 8 | octets of the whole file |
//! | 20 | 8 | XXH3 (64 bits, seed 0) of all octets from offset 28 to the end |
//! | 28 | 8 | when the sets were compiled, in seconds since 1970 |
//! | 36 | 1 | mechanism: 0 `exists`, 1 `include` |
//! | 37 | 1 | order of the address: 0 reversed, 1 forward |
//! | 38 | 1 | 1 where `in-addr` or `ip6` stands behind the address, else 0 |
//! | 39 | 3 to 255 | name of the zone |
//!
//! Names are as on the wire (RFC 1035 section 3.1): labels behind an octet with
//! their length, the empty label last; no compression, letters in lower case.
//! Behind the zone's name follow the trees, in the order of names (RFC 4034
//! section 6.1):
//!
//! | octets | field |
//! |---|---|
//! | 8 | number of trees |
//! | 1 to 255 | for each tree: its name, relative to the zone |
//! | 4 | and the number of its set, from 0 |
//!
//! And behind the trees the sets:
//!
//! | octets | field |
//! |---|---|
//! | 8 | number of sets |
//! | 1 | for each set: 1 where the text of its source follows, else 0 |
//! | 8 | where it follows: its octets |
//! | any | where it follows: the text, in UTF-8 |
//! | 8 | number of IPv4 ranges |
//! | 8 | number of IPv6 ranges |
//! | 8 each | IPv4 ranges: first and last address, 4 octets each |
//! | 32 each | IPv6 ranges: first and last address, 16 octets each |
//!
//! Ranges are in rising order and neither overlap nor touch. Nothing follows
//! the last set. What reads images is `decode`.

use xxhash_rust::xxh3::xxh3_64;

use crate::name::DomainName;

use super::{AddressIndex, Order, ZoneImage, ZoneMechanism};

/// What an image begins with.
pub(super) const MAGIC: [u8; 8] = *b"\x89SPFC\r\n\x1a";
/// The version of the format that is written, and the only one that is read.
pub(super) const FORMAT: u32 = 1;
/// Where the checksum begins to count, in octets.
pub(super) const CHECKED_FROM: usize = 28;

/// What an image file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageFile {
    /// The zone.
    pub zone: ZoneImage,
    /// For each of the zone's sets what it was compiled from, if that is kept.
    /// Nothing here reads the text.
    pub sources: Vec<Option<String>>,
    /// When the sets were compiled, in seconds since 1970.
    pub created: u64,
}

/// The octets of an image. Sets without an entry in `sources` are without a
/// source; entries without a set are left out.
pub fn encode(file: &ImageFile) -> Vec<u8> {
    let zone = &file.zone;
    let mut octets = Vec::with_capacity(expected_octets(file));
    octets.extend(MAGIC);
    octets.extend(FORMAT.to_le_bytes());
    // Length and checksum follow when all else stands.
    octets.extend([0; 16]);
    octets.extend(file.created.to_le_bytes());
    octets.push(match zone.mechanism() {
        ZoneMechanism::Exists => 0,
        ZoneMechanism::Include => 1,
    });
    octets.push(match zone.layout().order() {
        Order::Reversed => 0,
        Order::Forward => 1,
    });
    octets.push(u8::from(zone.layout().version()));
    put_name(&mut octets, zone.layout().zone());
    put_count(&mut octets, zone.trees().len());
    for tree in zone.trees() {
        put_name(&mut octets, &tree.name);
        octets.extend(tree.set.to_le_bytes());
    }
    put_count(&mut octets, zone.sets().len());
    for (number, set) in zone.sets().iter().enumerate() {
        put_source(&mut octets, file.sources.get(number).and_then(Option::as_deref));
        put_set(&mut octets, set);
    }
    let length = octets.len() as u64;
    let checksum = xxh3_64(&octets[CHECKED_FROM..]);
    octets[12..20].copy_from_slice(&length.to_le_bytes());
    octets[20..CHECKED_FROM].copy_from_slice(&checksum.to_le_bytes());
    octets
}

/// Octets of the image, or somewhat more.
fn expected_octets(file: &ImageFile) -> usize {
    let trees: usize = file.zone.trees().iter().map(|tree| tree.name.wire_octets() + 4).sum();
    let sources: usize = file.sources.iter().flatten().map(|source| source.len() + 8).sum();
    let sets: usize = file.zone.sets().iter().map(|set| set_octets(set)).sum();
    512 + trees + sources + sets
}

fn set_octets(set: &AddressIndex) -> usize {
    let (ip4, ip6) = set.range_counts();
    17 + 8 * ip4 + 32 * ip6
}

fn put_count(octets: &mut Vec<u8>, count: usize) {
    octets.extend((count as u64).to_le_bytes());
}

fn put_name(octets: &mut Vec<u8>, name: &DomainName) {
    for label in name.labels() {
        // A label has 63 octets at most.
        octets.push(label.len() as u8);
        octets.extend(label);
    }
    octets.push(0);
}

fn put_source(octets: &mut Vec<u8>, source: Option<&str>) {
    octets.push(u8::from(source.is_some()));
    if let Some(source) = source {
        put_count(octets, source.len());
        octets.extend(source.as_bytes());
    }
}

fn put_set(octets: &mut Vec<u8>, set: &AddressIndex) {
    let (ip4, ip6) = set.range_counts();
    put_count(octets, ip4);
    put_count(octets, ip6);
    for range in set.ip4_ranges() {
        octets.extend(range.first.to_le_bytes());
        octets.extend(range.last.to_le_bytes());
    }
    for range in set.ip6_ranges() {
        octets.extend(range.first.to_le_bytes());
        octets.extend(range.last.to_le_bytes());
    }
}
