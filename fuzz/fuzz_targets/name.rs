//! Reads octets as a domain name, in all ways there are. What is a name must
//! keep its labels and compare without case.

#![no_main]

use libfuzzer_sys::fuzz_target;
use spfc::name::{DomainName, MAX_LABEL_OCTETS, MAX_NAME_OCTETS};

fuzz_target!(|octets: &[u8]| {
    if let Ok(text) = std::str::from_utf8(octets) {
        let _ = DomainName::from_user(text);
    }
    let Ok(name) = DomainName::parse(octets) else { return };
    assert!(name.octets() <= MAX_NAME_OCTETS);
    assert!(name.labels().all(|label| (1..=MAX_LABEL_OCTETS).contains(&label.len())));
    assert_eq!(name.to_text_octets(), octets.strip_suffix(b".").unwrap_or(octets));
    assert_eq!(DomainName::from_labels(name.labels()).as_ref(), Ok(&name));
    assert_eq!(name.to_lowercase(), name);
    assert!(name.to_string().bytes().all(|octet| octet.is_ascii_graphic()));
    if let Some(parent) = name.parent() {
        assert!(name.is_at_or_below(&parent) && !parent.is_at_or_below(&name));
    }
});
