//! What configurations say, and what is wrong with others.

use proptest::prelude::*;

use super::*;
use crate::lint::{Profile, Sending, Severity};

const EXAMPLE: &str = include_str!("../../examples/spfc.toml");

fn wrong(text: &str) -> String {
    Config::read(text.as_bytes()).unwrap_err().to_string()
}

#[test]
fn every_key_is_read() {
    let text = r#"
        [lint]
        allow = ["SPF6", "too-many-lookups"]
        warn = ["spf605"]
        deny = []
        fail-on = "warning"
        profile = "scuba"
        sending = "no"
        offline = true
        allow-include = false
        max-shrink = 0
    "#;
    let lint = Config::read(text.as_bytes()).unwrap().lint;
    assert_eq!((lint.allow.len(), lint.warn.len(), lint.deny.len()), (2, 1, 0));
    assert_eq!(lint.fail_on, Some(Severity::Warning));
    assert_eq!((lint.profile, lint.sending), (Some(Profile::Scuba), Some(Sending::No)));
    assert_eq!((lint.offline, lint.allow_include), (Some(true), Some(false)));
    assert_eq!(lint.max_shrink, Some(0));
    for nothing in ["", "# nothing\n", "[lint]\n"] {
        let lint = Config::read(nothing.as_bytes()).unwrap().lint;
        assert!(lint.fail_on.is_none() && lint.allow.is_empty());
    }
}

/// The keys of a table, or of all tables of an array or below a table.
fn keys_of<'t>(document: &'t DeTable<'_>, name: &str) -> Vec<&'t str> {
    let (_, value) = document.iter().find(|(known, _)| known.get_ref() == name).unwrap();
    let tables: Vec<&DeTable<'_>> = match value.get_ref() {
        DeValue::Array(list) => list.iter().map(|value| table(value).unwrap()).collect(),
        DeValue::Table(list) if name == "source" => {
            in_order(list).iter().map(|(_, value)| table(value).unwrap()).collect()
        }
        _ => vec![table(value).unwrap()],
    };
    let mut keys = Vec::new();
    for (key, _) in tables.iter().flat_map(|table| in_order(table)) {
        let key = key.get_ref().as_ref();
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys
}

#[test]
fn the_example_has_every_key() {
    Config::read(EXAMPLE.as_bytes()).unwrap();
    let document = DeTable::parse(EXAMPLE).unwrap();
    let document = document.get_ref();
    let tables: &[(&str, &[&str])] = &[
        ("lint", LINT_KEYS),
        #[cfg(feature = "refresh")]
        ("serve", SERVE_KEYS),
        #[cfg(feature = "refresh")]
        ("refresh", REFRESH_KEYS),
        #[cfg(feature = "http")]
        ("http", HTTP_KEYS),
        #[cfg(feature = "refresh")]
        ("source", SOURCE_KEYS),
        #[cfg(feature = "refresh")]
        ("zone", ZONE_KEYS),
    ];
    for (name, keys) in tables {
        // A secret that many would copy is none, so the example only names its key.
        let live: Vec<&str> = keys.iter().copied().filter(|key| *key != "cookie-secret").collect();
        assert_eq!(keys_of(document, name), live);
    }
    // Each key has a word about it, where it stands first.
    for key in tables.iter().flat_map(|(_, keys)| *keys) {
        let live = EXAMPLE.find(&format!("\n{key} = "));
        let at = live.or_else(|| EXAMPLE.find(&format!("\n# {key} = "))).unwrap();
        let above = EXAMPLE[..at].lines().last().unwrap();
        assert!(above.starts_with("# "), "{key} is not explained");
    }
}

#[test]
fn mistakes_have_their_places() {
    for (text, message) in [
        (
            "[lint]\nalow = []",
            "line 2, column 1: [lint] has no key 'alow' (is 'allow' meant?), only 'allow', ",
        ),
        (
            "[lint]\nfail_on = 1",
            "line 2, column 1: [lint] has no key 'fail_on' (is 'fail-on' meant?)",
        ),
        ("[lint]\nselect = 1", "line 2, column 1: [lint] has no key 'select', only"),
        (
            "[lnt]\nallow = []",
            "line 1, column 2: there is no table 'lnt' (is 'lint' meant?), only 'lint', 'serve', 'refresh', 'http', 'source', 'zone'",
        ),
        ("[web]\n", "line 1, column 2: there is no table 'web', only 'lint'"),
        ("allow = []", "line 1, column 1: 'allow' belongs into the table [lint]"),
        ("x = 1.5", "line 1, column 1: 'x' is a float, where a table belongs"),
        ("lint = 'é'", "line 1, column 8: expected a table, found a string"),
        (
            "[lint]\nallow = 'SPF6'",
            "line 2, column 9: expected an array of strings, found a string",
        ),
        ("[lint]\nwarn = ['SPF6', 7]", "line 2, column 17: expected a string, found an integer"),
        ("[lint]\noffline = 'yes'", "line 2, column 11: expected true or false, found a string"),
        ("[lint]\nprofile = true", "line 2, column 11: expected a string, found a boolean"),
        (
            "[lint]\n'fail-on' = 'warnings'",
            "line 2, column 13: 'warnings' is none of 'error', 'warning', 'note' (is 'warning' meant?)",
        ),
        (
            "[lint]\ndeny = [\n  'é', 'too-many-lookup',\n]",
            "line 3, column 3: no rule has the code, the name or the prefix 'é'",
        ),
        (
            "[lint]\ndeny = ['too-many-lookup']",
            "line 2, column 9: no rule has the code, the name or the prefix 'too-many-lookup' \
             (is 'too-many-lookups' meant?)",
        ),
        ("[lint]\nmax-shrink = '30'", "line 2, column 14: expected an integer, found a string"),
        ("[lint]\nmax-shrink = 30.5", "line 2, column 14: expected an integer, found a float"),
        ("[lint]\nmax-shrink = 101", "line 2, column 14: 101 is not from 0 to 100"),
        ("[lint]\nmax-shrink = -1", "line 2, column 14: -1 is not from 0 to 100"),
        ("[lint]\nallow = []\nallow = []", "line 3, column 1: duplicate key"),
        ("[lint]\nallow = [", "line 2, column "),
        ("[lint\n", "line 1, column "),
    ] {
        assert!(wrong(text).starts_with(message), "{text:?}: {}", wrong(text));
    }
    let octets = Config::read(b"[lint]\n# \xff").unwrap_err();
    assert_eq!(octets.to_string(), "line 2, column 3: the file is no UTF-8");
}

#[cfg(feature = "refresh")]
#[test]
fn mistakes_about_refreshing_have_their_places() {
    for (text, message) in [
        ("[refresh]\nleast = 0", "line 2, column 9: 0 is not from 1 to 2419200"),
        ("[refresh]\nleast = 60\nmost = 59", "line 3, column 1: 'most' is less than 'least'"),
        (
            "[refresh]\ndnsec = 'require'",
            "line 2, column 1: [refresh] has no key 'dnsec' (is 'dnssec' meant?), only 'least', ",
        ),
        (
            "[refresh]\ndnssec = 'maybe'",
            "line 2, column 10: 'maybe' is none of 'off', 'prefer', 'require'",
        ),
        (
            "[refresh]\ntrust-anchors = 'root.keys'",
            "line 2, column 1: 'trust-anchors' goes with 'dnssec' alone",
        ),
        (
            "[serve]\nresolvers = ['192.0.2.1']\n[refresh]\nquorum = 2",
            "line 3, column 1: 'quorum' wants 2 resolvers to agree, and 'resolvers' in [serve] has 1",
        ),
    ] {
        assert!(wrong(text).starts_with(message), "{text:?}: {}", wrong(text));
    }
}

proptest! {
    #[test]
    fn no_octets_make_it_panic(octets in proptest::collection::vec(any::<u8>(), 0..80)) {
        let _ = Config::read(&octets);
    }

    #[test]
    fn no_text_makes_it_panic(text in "(\\[lint\\]\n)?([a-z-]{0,9} ?= ?[\\['\"a-zé0-9,\\]]{0,12}\n){0,3}") {
        let _ = Config::read(text.as_bytes());
    }
}
