//! Parses octets as the text of an explanation and expands it. The parts must
//! cover the text, and without macros the text must stay as it is.

#![no_main]

use libfuzzer_sys::fuzz_target;
use spfc::syntax::{MacroValues, parse_explain_string, target_name};

fuzz_target!(|octets: &[u8]| {
    // The first half is a text, the second what its macros stand for.
    let (text, value) = octets.split_at(octets.len() / 2);
    let Ok(string) = parse_explain_string(text) else { return };
    let mut at = 0;
    for part in &string.parts {
        assert_eq!(part.span().start, at);
        at = part.span().end;
    }
    assert_eq!(at as usize, text.len());
    let mut address = [0; 16];
    value.iter().zip(&mut address).for_each(|(octet, slot)| *slot = *octet);
    let values = MacroValues {
        local_part: value,
        sender_domain: value,
        domain: value,
        ip: std::net::Ipv6Addr::from(address).into(),
        helo: value,
        validated_name: value,
        receiver: value,
        time: u64::MAX,
    };
    let mut expanded = Vec::new();
    values.expand(text, &string.parts, &mut expanded);
    if !text.contains(&b'%') {
        assert_eq!(expanded, text);
    }
    let _ = target_name(&expanded);
});
