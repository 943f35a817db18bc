//! What the parser reads, where it says that it stands, and what it refuses.

use proptest::prelude::*;

use super::*;
use crate::syntax::SyntaxErrorKind as Kind;
use crate::syntax::corpus::same_values;
use crate::syntax::{DomainSpec, Mechanism, Modifier, TermKind};

/// The errors of a record: what each found, and its kind.
fn errors(text: &str) -> Vec<(String, Kind)> {
    let errors = parse_record(text.as_bytes()).errors;
    let found = |error: &SyntaxError| error.span.of(text.as_bytes()).escape_ascii().to_string();
    errors.iter().map(|error| (found(error), error.kind)).collect()
}

/// The one error of a term: what it found, and its kind.
fn error(term: &str) -> (String, Kind) {
    let mut errors = errors(&format!("v=spf1 mx {term} -all"));
    assert_eq!(errors.len(), 1, "'{term}': {errors:?}");
    errors.remove(0)
}

/// Panics unless every place in the record shows what it is the place of.
fn check_places(record: &Record) {
    let written: Vec<&[u8]> =
        record.text().split(|octet| *octet == b' ').filter(|term| !term.is_empty()).collect();
    for term in record.terms() {
        let text = record.slice(term.span);
        assert!(written.contains(&text), "{term:?} is not a whole term");
        match &term.kind {
            TermKind::Modifier(Modifier::Redirect(domain) | Modifier::Explanation(domain)) => {
                check_string(record, term, &domain.0, b"=");
            }
            TermKind::Modifier(Modifier::Unknown { name, value }) => {
                assert!(text.starts_with(record.slice(*name)));
                assert_eq!(name.start, term.span.start);
                check_string(record, term, value, b"=");
            }
            TermKind::Directive(directive) => {
                check_mechanism_places(record, term, &directive.mechanism);
            }
        }
    }
}

fn check_mechanism_places(record: &Record, term: &Term, mechanism: &Mechanism) {
    let check = |domain: &DomainSpec| check_string(record, term, &domain.0, b":");
    match mechanism {
        Mechanism::All | Mechanism::Ptr(None) => {}
        Mechanism::Include(domain) | Mechanism::Exists(domain) | Mechanism::Ptr(Some(domain)) => {
            check(domain);
        }
        Mechanism::A(domain, lengths) | Mechanism::Mx(domain, lengths) => {
            domain.iter().for_each(check);
            assert_eq!(lengths.span.end, term.span.end);
            let mut shown = String::new();
            lengths.ip4.iter().for_each(|length| shown += &format!("/{length}"));
            lengths.ip6.iter().for_each(|length| shown += &format!("//{length}"));
            assert_eq!(record.slice_text(lengths.span), shown);
        }
        Mechanism::Ip4(network) => {
            let shown = record.slice_text(network.span);
            let address = shown.split('/').next().unwrap();
            assert_eq!(address.parse(), Ok(network.address));
            assert_eq!(network.span.end, term.span.end);
        }
        Mechanism::Ip6(network) => {
            let shown = record.slice_text(network.span);
            let (address, length) = shown.split_once('/').unwrap_or((&shown, ""));
            assert_eq!(address.parse(), Ok(network.address));
            assert_eq!(length.parse().ok(), network.length);
            assert_eq!(network.span.end, term.span.end);
        }
    }
}

/// The string stands behind `before`, and its parts lie in it end to end.
fn check_string(record: &Record, term: &Term, string: &MacroString, before: &[u8]) {
    let start = string.span.start as usize;
    assert_eq!(&record.text()[start - before.len()..start], before);
    assert!(string.span.end <= term.span.end);
    let mut at = string.span.start;
    for part in record.parts(string) {
        assert_eq!(part.span().start, at, "{part:?} does not begin where the last one ended");
        at = part.span().end;
        match (part, record.slice(part.span())) {
            (MacroPart::Literal(_), literal) => assert!(!literal.contains(&b'%')),
            (MacroPart::Percent(_), shown) => assert_eq!(shown, b"%%"),
            (MacroPart::Space(_), shown) => assert_eq!(shown, b"%_"),
            (MacroPart::UrlSpace(_), shown) => assert_eq!(shown, b"%-"),
            (MacroPart::Expand(_), [b'%', b'{', .., b'}']) => {}
            (MacroPart::Expand(_), shown) => panic!("no macro: {}", shown.escape_ascii()),
        }
    }
    assert_eq!(at, string.span.end, "the parts end before their string");
}

#[test]
fn every_node_knows_its_place() {
    let text =
        b"V=spf1  a mx:%{d}.Example/24//64 ?ip4:192.0.2.0/24 ip6:2001:DB8::/32 ~ptr:x.example \
        exists:%{ir}.%{v}.a%%b%_c%-.example include:_spf.example exp=e.%{d2} X-y_z.1=%{c} -all  ";
    let parse = parse_record(text);
    assert_eq!(parse.errors, []);
    assert_eq!(parse.record.terms().len(), 10);
    check_places(&parse.record);
    let spans: Vec<_> =
        parse.record.terms().iter().map(|term| parse.record.slice_text(term.span)).collect();
    assert_eq!(spans[1], "mx:%{d}.Example/24//64");
    assert_eq!(spans[8], "X-y_z.1=%{c}");
    assert_eq!(spans[9], "-all");
}

#[test]
fn all_errors_come_at_once_in_their_order() {
    let found =
        errors("v=spf1 al a:x ip4:1.2.3 mx/33 include:%{x}.example redirect=a.b redirect=b.c -all");
    let expected = [
        ("al", Kind::UnknownMechanism),
        ("x", Kind::DomainEnd),
        ("1.2.3", Kind::Ip4Address),
        ("/33", Kind::Ip4CidrLength),
        ("x", Kind::MacroLetter),
        ("redirect=b.c", Kind::SecondRedirect),
    ];
    assert_eq!(found, expected.map(|(found, kind)| (found.to_owned(), kind)));
    let parse = parse_record(b"v=spf1 nonsense a:%{d}.b.example ip4:x -all");
    assert_eq!(parse.record.terms().len(), 2, "the sound terms are kept");
    check_places(&parse.record);
    assert_eq!(parse.errors[1].term.of(parse.record.text()), b"ip4:x");
}

#[test]
fn errors_show_the_smallest_place() {
    let cases = [
        ("include", "include", Kind::MissingDomain),
        ("include/24", "/24", Kind::MissingDomain),
        ("exists:", "", Kind::EmptyDomain),
        ("redirect=", "", Kind::EmptyDomain),
        ("include:example", "example", Kind::DomainEnd),
        ("a:example.com:8080", "example.com:8080", Kind::DomainEnd),
        ("a:a.b/24/64", "/24/64", Kind::Ip4CidrLength),
        ("a:a.b/24//129", "/129", Kind::Ip6CidrLength),
        ("a:a.b/024", "/024", Kind::Ip4CidrLength),
        ("a//", "/", Kind::Ip6CidrLength),
        ("ip4", "", Kind::Ip4Address),
        ("ip4:192.0.2.1:25", "192.0.2.1:25", Kind::Ip4Address),
        ("ip4:192.0.2.256/24", "192.0.2.256", Kind::Ip4Address),
        ("ip4:192.0.2.01", "192.0.2.01", Kind::Ip4Address),
        ("ip4:192.0.2.0/24//64", "/24//64", Kind::Ip4CidrLength),
        ("ip4:192.0.2.0/", "/", Kind::Ip4CidrLength),
        ("ip6:192.0.2.1", "192.0.2.1", Kind::Ip6Address),
        ("ip6:::/129", "/129", Kind::Ip6CidrLength),
        ("ip6:::1%eth0", "::1%eth0", Kind::Ip6Address),
        ("ptr/24", "/24", Kind::UnexpectedArgument),
        ("all:x.example", ":x.example", Kind::UnexpectedArgument),
        ("all.", "all.", Kind::UnknownMechanism),
        ("ipv4:192.0.2.1", "ipv4:192.0.2.1", Kind::UnknownMechanism),
        ("-redirect=a.example", "-redirect", Kind::ModifierName),
        ("?x=a", "?x", Kind::ModifierName),
        ("1x=a", "1x", Kind::ModifierName),
        ("=a", "", Kind::ModifierName),
        ("a:%.example", "%.", Kind::Percent),
        ("a:b.%", "%", Kind::Percent),
        ("a:%{}.example", "%{}", Kind::MacroLetter),
        ("a:%{D0}.example", "%{D0}", Kind::MacroTransformer),
        ("a:%{dr1}.example", "%{dr1}", Kind::MacroTransformer),
        ("a:%{d.example", "%{d.example", Kind::MacroTransformer),
        ("exp=%{t}.example", "%{t}", Kind::ExplanationMacro),
        ("\u{2013}all", "\\xe2\\x80\\x93", Kind::Octet),
        ("a:b\t.example", "\\t", Kind::Octet),
    ];
    for (term, found, kind) in cases {
        assert_eq!(error(term), (found.to_owned(), kind), "'{term}'");
    }
}

#[test]
fn errors_are_told_in_words() {
    let text = b"v=spf1 ip4:192.0.2.0/40 include: -all";
    let told: Vec<_> = parse_record(text).errors.iter().map(|error| error.describe(text)).collect();
    assert_eq!(
        told,
        [
            "bad IPv4 prefix length: found '/40', expected '/' and a number from 0 to 32 \
             without leading zeros",
            "empty domain, expected a domain name",
        ]
    );
}

#[test]
fn only_the_version_section_makes_a_record() {
    for text in ["v=spf1", "V=SPF1", "v=spf1 ", "v=spf1 -all"] {
        assert!(is_spf_record(text.as_bytes()), "'{text}'");
    }
    for text in ["", "v=spf", "v=spf10", "v=spf1?all", "v=spf1\t-all", " v=spf1", "spf2.0/pra"] {
        assert!(!is_spf_record(text.as_bytes()), "'{text}'");
        assert_eq!(errors(text).len(), 1);
        assert_eq!(errors(text)[0].1, Kind::Version);
    }
}

#[test]
fn explanations_hold_blanks_and_all_letters() {
    let text = b"%{i} is not one of %{d}'s servers at %{t}, %{C} %{r}%%";
    let explanation = parse_explain_string(text).unwrap();
    assert_eq!(&*explanation.text, text);
    let joined: Vec<u8> =
        explanation.parts.iter().flat_map(|part| part.span().of(text)).copied().collect();
    assert_eq!(joined, text);
    assert!(parse_explain_string(b"").unwrap().parts.is_empty());
    assert_eq!(parse_explain_string(b"100%").unwrap_err().kind, Kind::Percent);
    assert_eq!(parse_explain_string(b"caf\xc3\xa9").unwrap_err().kind, Kind::Octet);
    assert_eq!(parse_explain_string(b"%{x}").unwrap_err().span, Span::new(2, 3));
}

#[test]
fn long_records_are_no_trouble() {
    let terms = " ip4:192.0.2.1".repeat(10_000);
    let parse = parse_record(format!("v=spf1{terms} -all").as_bytes());
    assert_eq!((parse.record.terms().len(), parse.errors.len()), (10_001, 0));
    let redirects = format!("v=spf1{}", " redirect=a.b".repeat(3));
    assert_eq!(errors(&redirects).len(), 2);
}

proptest! {
    #![proptest_config(same_values())]

    #[test]
    fn no_octets_make_it_panic(octets in proptest::collection::vec(any::<u8>(), 0..300)) {
        for start in [&b""[..], b"v=spf1 ", b"v=spf1 a:", b"v=spf1 x=%{", b"v=spf1 ip6:"] {
            let text = [start, &octets].concat();
            let parse = parse_record(&text);
            check_places(&parse.record);
            for error in &parse.errors {
                prop_assert!(error.span.start <= error.span.end);
                prop_assert!(error.span.start >= error.term.start);
                prop_assert!(error.span.end <= error.term.end);
                prop_assert!(!error.describe(&text).is_empty());
            }
            prop_assert!(parse.errors.is_sorted_by_key(|error| error.term));
            let _ = parse_explain_string(&text);
        }
    }

    #[test]
    fn near_records_keep_their_places(
        terms in proptest::collection::vec("[-+~?]?(a|mx|ptr|ip4|ip6|include|exists|exp=|redirect=|x-y=)[:/=%{}a-z0-9.]{0,20}", 0..8),
    ) {
        let parse = parse_record(format!("v=spf1 {}", terms.join("  ")).as_bytes());
        check_places(&parse.record);
        // A second redirect= or exp= is an error and a term.
        prop_assert!(parse.record.terms().len() + parse.errors.len() >= terms.len());
    }
}
