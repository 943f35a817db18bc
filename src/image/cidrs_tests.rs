//! Tests of files of addresses: what is read, and what is refused.

use super::*;
use crate::addr::AddressSet;
use proptest::prelude::*;

fn texts(octets: &[u8]) -> Vec<String> {
    let index = read_cidrs(octets).unwrap();
    let ip4 = index.ip4_ranges().map(|range| range.to_string());
    ip4.chain(index.ip6_ranges().iter().map(Range::to_string)).collect()
}

fn error(octets: &[u8]) -> String {
    read_cidrs(octets).unwrap_err().to_string()
}

#[test]
fn reads_all_forms_of_lines() {
    let text = b"\xef\xbb\xbf192.0.2.0/24\r\n# north\n\n  \t\r\n 198.51.100.7 ; one\n\
        203.0.113.9-203.0.113.20#x\n203.0.113.21 - 203.0.113.22\n2001:DB8::/32\n\
        ::1\n2001:db9::-2001:db9::1\n0.0.0.0/32\n255.255.255.255";
    assert_eq!(
        texts(text),
        [
            "0.0.0.0",
            "192.0.2.0-192.0.2.255",
            "198.51.100.7",
            "203.0.113.9-203.0.113.22",
            "255.255.255.255",
            "::1",
            "2001:db8::-2001:db9::1",
        ]
    );
    assert_eq!(
        texts(b"0.0.0.0/0\n128.0.0.0/1\n::/0"),
        ["0.0.0.0-255.255.255.255", "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"]
    );
    assert!(texts(b"").is_empty() && texts(b"\xef\xbb\xbf# nobody\n").is_empty());
}

#[test]
fn refuses_what_is_doubtful_and_says_what_is_meant() {
    assert_eq!(
        error(b"\n192.0.2.7/24 # x\n"),
        "line 2: '192.0.2.7/24' has bits set behind the prefix: write 192.0.2.0/24 if that \
         prefix is meant"
    );
    assert!(error(b"2001:db8::1/32").ends_with("write 2001:db8::/32 if that prefix is meant"));
    for (text, meant) in [
        ("::ffff:192.0.2.0/120", "192.0.2.0/24"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.1-::ffff:192.0.2.9", "192.0.2.1-192.0.2.9"),
        ("::ffff:0:0/96", "0.0.0.0/0"),
    ] {
        assert!(error(text.as_bytes()).ends_with(&format!(": write {meant}")), "{text}");
    }
    assert_eq!(texts(b"::/64"), ["::-::ffff:ffff:ffff:ffff"]);
    assert!(error(b"192.0.2.9-192.0.2.1").ends_with("ends before it begins"));
    assert!(error(b"192.0.2.9-::1").contains("between an IPv4 and an IPv6 address"));
    for length in ["33", "", "-1", "08", "8x", "+8", "256", "4294967296"] {
        let text = format!("10.0.0.0/{length}");
        assert!(error(text.as_bytes()).ends_with("no number from 0 to 32"), "{text}");
    }
}

#[test]
fn refuses_what_is_no_address() {
    for text in [
        "192.0.2",
        "192.0.2.010",
        "1.2.3.4.5",
        "1.2.3.256",
        "ip4:1.2.3.4",
        "1.2.3.4 1.2.3.5",
        "fe80::1%eth0",
        "1.2.3.4-",
        "-",
        "/8",
        "1..2.3",
        "0x1.2.3.4",
        "1.2.3.4/24/24",
    ] {
        assert!(read_cidrs(text.as_bytes()).is_err(), "{text}");
    }
    assert_eq!(
        error(b"1.2.3.4\n\xff\xfe1\x1b[2J\n"),
        "line 2: '\\xff\\xfe1\\x1b[2J' is no prefix, address or range of addresses"
    );
    assert!(error(&[b'1'; 5000]).len() < 160);
}

proptest! {
    #[test]
    fn the_short_way_and_the_long_way_agree(
        text in "[0-9]{1,3}(\\.(0|[0-9]{1,3})){2,4}(/[0-9]{0,3})?[ x]?",
    ) {
        if let Some((range, rest)) = plain_ip4(text.as_bytes()) {
            prop_assert!(rest.is_empty());
            prop_assert_eq!(read_line(text.as_bytes()), Ok(Some(Line::Ip4(range))));
        }
    }

    #[test]
    fn sets_read_back_from_prefixes_and_ranges(
        ip4 in proptest::collection::vec((any::<u32>(), 0..33_u8), 0..40),
        ip6 in proptest::collection::vec((any::<u128>(), 0..129_u8), 0..10),
        ranges: bool, crlf: bool,
    ) {
        let ip4: Vec<_> = ip4.into_iter().map(|(a, length)| Prefix::new(a, length)).collect();
        let ip6: Vec<_> = ip6.into_iter().map(|(a, length)| Prefix::new(a, length)).collect();
        prop_assume!(ip6.iter().all(|prefix| unmapped(prefix.range()).is_ok()));
        let end = if crlf { "\r\n" } else { "\n" };
        let mut text = String::new();
        for prefix in &ip4 {
            text += &if ranges { prefix.range().to_string() } else { prefix.to_string() };
            text += end;
        }
        for prefix in &ip6 {
            text += &if ranges { prefix.range().to_string() } else { prefix.to_string() };
            text += end;
        }
        let set = AddressSet {
            ip4: ip4.into_iter().map(Prefix::range).collect(),
            ip6: ip6.into_iter().map(Prefix::range).collect(),
        };
        prop_assert_eq!(read_cidrs(text.as_bytes()), Ok(AddressIndex::new(&set)));
    }

    #[test]
    fn never_panics(octets in proptest::collection::vec(any::<u8>(), 0..60)) {
        let _ = read_cidrs(&octets);
    }

    #[test]
    fn never_panics_on_what_looks_like_addresses(text in "([0-9a-f:./;# \r\n-]|::ffff){0,60}") {
        let _ = read_cidrs(text.as_bytes());
    }
}
