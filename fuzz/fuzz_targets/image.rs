//! Reads octets as an image file, as they are and with the length and checksum
//! that they should have. What is an image must be written as the same octets, and
//! its zone answers.

#![no_main]

mod asking;

use std::net::{IpAddr, Ipv4Addr};

use libfuzzer_sys::fuzz_target;
use spfc::image::{ZoneImage, decode, encode};
use spfc::name::DomainName;
use spfc::responder::{Ttls, Zone, ZoneOptions, ZoneServer, Zones};
use xxhash_rust::xxh3::xxh3_64;

/// Trees of an image that are asked.
const ASKED: usize = 8;

fuzz_target!(|octets: &[u8]| {
    check(octets);
    // No fuzzer finds a checksum, and few find the beginning.
    let mut image = b"\x89SPFC\r\n\x1a\x01\0\0\0".to_vec();
    image.extend((28 + octets.len() as u64).to_le_bytes());
    image.extend(xxh3_64(octets).to_le_bytes());
    image.extend(octets);
    check(&image);
});

fn check(octets: &[u8]) {
    if let Ok(file) = decode(octets) {
        assert_eq!(encode(&file), octets);
        assert_eq!(file.sources.len(), file.zone.sets().len());
        for set in file.zone.sets() {
            let first = set.ip4_ranges().next();
            assert!(first.is_none_or(|range| set.contains_ip4(range.last)));
            assert_eq!(set.ip4_ranges().count(), set.range_counts().0);
        }
        answers(&file.zone);
    }
}

/// The zone of an image can be served, and one of a single tree answers as its set
/// says. Of several, names of one can be those of addresses of another.
fn answers(image: &ZoneImage) {
    // No zone has a single label, so the server lies in none.
    let server = DomainName::parse("ns").expect("a name");
    let options = ZoneOptions {
        servers: vec![ZoneServer { name: server.clone(), addresses: Vec::new() }],
        hostmaster: server,
        address: Ipv4Addr::new(127, 0, 0, 2),
        texts: Vec::new(),
        ttls: Ttls::default(),
        serial: 1,
    };
    let zone = Zone::new(image, &options).expect("servers elsewhere stand in nobody's way");
    let zones = Zones::new([zone]).expect("one zone");
    for tree in image.trees().iter().take(ASKED) {
        let set = &image.sets()[tree.set as usize];
        let first = set.ip4_ranges().next().map_or(0, |range| range.first);
        for bits in [first, first.wrapping_sub(1), u32::MAX] {
            let client = IpAddr::V4(Ipv4Addr::from_bits(bits));
            let passes = asking::passes(&zones, image, tree, client);
            assert!(image.trees().len() > 1 || passes == set.contains_ip4(bits), "{client}");
        }
    }
}
