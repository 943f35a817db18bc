//! Reads octets as an image file, as they are and with the length and checksum
//! that they should have. What is an image must be written as the same octets.

#![no_main]

use libfuzzer_sys::fuzz_target;
use spfc::image::{decode, encode};
use xxhash_rust::xxh3::xxh3_64;

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
    }
}
