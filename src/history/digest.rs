//! A number for all that a version says. It finds what SQLite does not look for:
//! octets of a text that changed in the file.
//!
//! Not against those who mean to deceive: who can write the file can write the
//! number, too.

use xxhash_rust::xxh3::Xxh3;

use super::ranges::{self, grouped};
use super::version::Version;

/// The number of a version.
pub(super) fn digest(version: &Version) -> i64 {
    let mut hash = Hash(Xxh3::new());
    hash.text(&version.source);
    hash.number(version.number);
    hash.number(version.time.cast_unsigned());
    hash.text(&version.domain);
    hash.number(u64::from(version.record.is_some()));
    hash.text(version.record.as_deref().unwrap_or(""));
    hash.text(version.why.word());
    hash.number(version.why.to().unwrap_or(0));
    hash.text(&version.sentence);
    hash.number(u64::from(version.lock.is_some()));
    hash.text(version.lock.as_deref().unwrap_or(""));
    hash.text(&version.ip4.to_string());
    hash.text(&version.ip6.to_string());
    // What is no range is refused before it comes here.
    for ((change, provider), ranges) in grouped(&version.changes).unwrap_or_default() {
        hash.text(change.word());
        hash.text(provider);
        hash.octets(&ranges::encode(&ranges));
    }
    hash.0.digest().cast_signed()
}

struct Hash(Xxh3);

impl Hash {
    fn number(&mut self, number: u64) {
        self.0.update(&number.to_le_bytes());
    }

    /// The length first, so that two texts are not taken for one.
    fn octets(&mut self, octets: &[u8]) {
        self.number(octets.len() as u64);
        self.0.update(octets);
    }

    fn text(&mut self, text: &str) {
        self.octets(text.as_bytes());
    }
}
