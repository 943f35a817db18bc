//! Parses octets as a record. Every place must lie in the record, and a sound
//! record must print as text that reads, and prints, as itself.

#![no_main]

use libfuzzer_sys::fuzz_target;
use spfc::name::DomainName;
use spfc::syntax::{absolute_term, parse_record};

fuzz_target!(|octets: &[u8]| {
    check(octets);
    // Few octets happen to begin with a version.
    check(&[b"v=spf1 ", octets].concat());
});

fn check(octets: &[u8]) {
    let parse = parse_record(octets);
    for error in &parse.errors {
        assert!(error.span.end as usize <= octets.len());
        assert!(!error.describe(octets).is_empty());
    }
    let domain = DomainName::root();
    for term in parse.record.terms() {
        assert!(!parse.record.slice(term.span).contains(&b' '));
        assert!(!absolute_term(&parse.record, term, &domain).contains(' '));
    }
    let printed = parse.record.print();
    let again = parse_record(printed.as_bytes());
    assert_eq!(again.record.terms().len(), parse.record.terms().len(), "{printed}");
    assert_eq!(again.record.print(), printed);
    if parse.errors.is_empty() {
        assert_eq!(again.errors, [], "{printed}");
    }
}
