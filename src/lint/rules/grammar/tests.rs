//! What holds for the mistakes of any octets, and for their fixes.

mod terms;

use proptest::prelude::*;

use super::mistake::{Class, Mistake, mistakes};
use super::written::passes_everyone;
use crate::lint::finding::FixKind;
use crate::syntax::{SyntaxError, SyntaxErrorKind, parse_record};

fn found(text: &[u8]) -> Vec<Mistake> {
    mistakes(text, &parse_record(text).errors)
}

#[test]
fn each_of_several_mistakes_is_found() {
    let classes = |text: &str| -> Vec<Class> {
        found(text.as_bytes()).iter().map(|mistake| mistake.class).collect()
    };
    assert_eq!(
        classes("v=spf1 ip4: 192.0.2.1 192.0.2.2 ipv4:192.0.2.3"),
        [Class::Blank, Class::Bare, Class::Mechanism]
    );
    assert_eq!(classes("v=spf1 include: a: mx"), [Class::Empty, Class::Empty]);
    // The edit of the first takes what the second would be joined to.
    assert_eq!(classes("v=spf1 - a:x.example. com"), [Class::Blank, Class::Mechanism]);
    assert_eq!(classes("v=spf1 redirect=a.example redirect=b.example"), []);
    assert_eq!(classes("v=spf1 redirect=a.example redirect=b"), [Class::Other]);
    let many = format!("v=spf1{}", " ipv4:1".repeat(1000));
    assert_eq!(classes(&many), [Class::Mechanism; 1000]);
}

#[test]
fn places_are_whole_characters() {
    let text = "v=spf1 include:\u{20ac}.example".as_bytes();
    assert_eq!(found(text)[0].span.of(text), "\u{20ac}".as_bytes());
    let windows = b"v=spf1 mx \x96all";
    assert_eq!(found(windows)[0].span.of(windows), b"\x96");
    assert_eq!(found(windows)[0].fix.as_ref().unwrap().text, "-all");
}

#[test]
fn a_forgotten_qualifier_is_never_offered_as_pass() {
    for term in ["al", "allow", "all:~", "all:", "all."] {
        let text = format!("v=spf1 mx {term}");
        let found = found(text.as_bytes());
        let fix = found[0].fix.as_ref().unwrap();
        assert_eq!((fix.text.as_str(), fix.kind), ("~all", FixKind::Offered), "{term}");
        assert!(found[0].help.starts_with("write '~all' if that is meant"), "{term}");
    }
}

/// The octets with all fixes applied.
fn mended(text: &[u8], found: &[Mistake]) -> Vec<u8> {
    let mut mended = text.to_vec();
    for fix in found.iter().rev().filter_map(|mistake| mistake.fix.as_ref()) {
        mended.splice(fix.span.start as usize..fix.span.end as usize, fix.text.bytes());
    }
    mended
}

fn errors(text: &[u8]) -> usize {
    let of_grammar = |error: &&SyntaxError| {
        !matches!(error.kind, SyntaxErrorKind::SecondRedirect | SyntaxErrorKind::SecondExplanation)
    };
    parse_record(text).errors.iter().filter(of_grammar).count()
}

fn sound_term() -> impl Strategy<Value = String> {
    let fixed = [
        "ip4:192.0.2.1",
        "ip4:192.0.2.0/24",
        "ip6:2001:db8::/32",
        "include:x.example",
        "-all",
        "~all",
        "a",
        "mx/24",
        "a:mail.example.com/24//64",
        "exists:%{ir}.x.example",
        "ptr",
        "redirect=x.example",
        "exp=x.example",
        "+a",
        "all",
        "192.0.2.1",
        "mail.example.com",
        "include:",
        "ip4:",
        "-",
        ",",
        "x.example",
        "/24",
        "\u{a0}",
        "\u{2013}all",
        "ll",
    ];
    proptest::sample::select(fixed.to_vec()).prop_map(str::to_owned)
}

/// A record with slips of the hand: characters left out, put in, or changed.
fn near_miss() -> impl Strategy<Value = String> {
    let sign = proptest::sample::select(
        " :=/.,;-~+?%{}()\"'\\*_0alips4%\u{a0}\u{2013}\u{201d}\t".chars().collect::<Vec<_>>(),
    );
    let slip = (any::<proptest::sample::Index>(), 0u8..3, sign);
    let terms = proptest::collection::vec(sound_term(), 1..6);
    (terms, proptest::collection::vec(slip, 0..4)).prop_map(|(terms, slips)| {
        let mut text: Vec<char> = terms.join(" ").chars().collect();
        for (at, kind, sign) in slips {
            let at = at.index(text.len().max(1));
            match kind {
                0 if at < text.len() => drop(text.remove(at)),
                1 if at < text.len() => text[at] = sign,
                _ => text.insert(at.min(text.len()), sign),
            }
        }
        format!("v=spf1 {}", text.into_iter().collect::<String>())
    })
}

/// What holds for the mistakes of any octets.
fn well_formed(text: &[u8]) -> Result<(), TestCaseError> {
    let found = found(text);
    prop_assert!(found.len() <= errors(text));
    prop_assert_eq!(found.is_empty(), errors(text) == 0);
    let mut behind = 0;
    let mut edited = 0;
    for mistake in &found {
        prop_assert!(mistake.span.start >= behind && mistake.span.end as usize <= text.len());
        behind = mistake.span.start;
        for words in [&mistake.message, &mistake.help] {
            prop_assert!(words.bytes().all(|octet| matches!(octet, b' '..=b'~')), "{}", words);
            prop_assert!(!words.ends_with('.') && !words.is_empty());
        }
        let Some(fix) = &mistake.fix else { continue };
        prop_assert!(fix.span.start >= edited && fix.span.end > fix.span.start);
        edited = fix.span.end;
        prop_assert!(fix.kind == FixKind::Offered || !passes_everyone(&fix.text));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        rng_seed: proptest::test_runner::RngSeed::Fixed(7208),
        failure_persistence: None,
        cases: 2000,
        ..ProptestConfig::default()
    })]

    #[test]
    fn fixes_take_their_errors_away(text in near_miss()) {
        let text = text.into_bytes();
        well_formed(&text)?;
        let found = found(&text);
        let left = found.iter().filter(|mistake| mistake.fix.is_none()).count();
        let after = mended(&text, &found);
        prop_assert_eq!(errors(&after), left, "{:?}", String::from_utf8_lossy(&after));
    }

    #[test]
    fn fixing_ends(text in near_miss()) {
        let mut text = text.into_bytes();
        let mut rounds = errors(&text) + 1;
        loop {
            let found = found(&text);
            if found.iter().all(|mistake| mistake.fix.is_none()) {
                break;
            }
            prop_assert!(rounds > 0);
            rounds -= 1;
            text = mended(&text, &found);
        }
    }

    #[test]
    fn any_octets_have_mistakes_without_panic(octets in proptest::collection::vec(any::<u8>(), 0..120)) {
        well_formed(&[b"v=spf1 ", octets.as_slice()].concat())?;
    }

    #[test]
    fn any_signs_have_mistakes_without_panic(text in "[-+~?:=/.,;%{}()a-z0-9 \\\\\"'\u{a0}\u{e9}]{0,60}") {
        well_formed(format!("v=spf1 {text}").as_bytes())?;
    }
}
