//! Holds the parser to `grammar/spf.abnf`, both ways: it takes every text that
//! the grammar takes, rules outside the grammar aside, and no other.
//!
//! All texts come from fixed seeds: each run sees the same.

mod grammar {
    pub(crate) mod functions;
    pub(crate) mod outside;
    pub(crate) mod recogniser;
    pub(crate) mod rules;
    pub(crate) mod sentences;
}

use grammar::outside::{OUTSIDE, explanation_keeps};
use grammar::recogniser::Recogniser;
use grammar::rules::Grammar;
use grammar::sentences::Author;
use spfc::syntax::{is_spf_record, parse_explain_string, parse_record};

/// Whether the text is a sound record, by the grammar and the table.
fn sound(grammar: &Grammar, text: &[u8]) -> bool {
    if !Recogniser::new(grammar, text).accepts("record") {
        return false;
    }
    let terms: Vec<&[u8]> =
        text.split(|octet| *octet == b' ').skip(1).filter(|term| !term.is_empty()).collect();
    OUTSIDE.iter().all(|rule| (rule.keeps)(grammar, &terms))
}

/// Compares parser and grammar; whether both take the text.
fn agree(grammar: &Grammar, text: &[u8]) -> bool {
    let wanted = sound(grammar, text);
    let parse = parse_record(text);
    let shown = text.escape_ascii();
    assert_eq!(
        parse.errors.is_empty(),
        wanted,
        "'{shown}': the grammar says {wanted}, the parser says {:?}",
        parse.errors
    );
    wanted
}

/// Compares parser and grammar on an explanation; whether both take it.
fn agree_on_explanation(grammar: &Grammar, text: &[u8]) -> bool {
    let wanted =
        Recogniser::new(grammar, text).accepts("explain-string") && explanation_keeps(text);
    let parsed = parse_explain_string(text);
    assert_eq!(parsed.is_ok(), wanted, "'{}': {parsed:?}", text.escape_ascii());
    wanted
}

/// How many texts of some kind were sound, and how many not.
#[derive(Default)]
struct Tally {
    sound: usize,
    unsound: usize,
}

impl Tally {
    fn count(&mut self, sound: bool) {
        match sound {
            true => self.sound += 1,
            false => self.unsound += 1,
        }
    }
}

#[test]
fn sentences_of_the_grammar_parse() {
    let grammar = Grammar::read();
    let mut author = Author::new(&grammar, 1);
    let mut tally = Tally::default();
    for _ in 0..1_000 {
        let text = author.sentence("record");
        assert!(is_spf_record(&text), "'{}'", text.escape_ascii());
        tally.count(agree(&grammar, &text));
    }
    assert!(tally.sound > 300 && tally.unsound > 100, "{} sound", tally.sound);
}

#[test]
fn spoiled_sentences_parse_where_the_grammar_says_so() {
    let grammar = Grammar::read();
    let mut author = Author::new(&grammar, 2);
    let mut tally = Tally::default();
    for _ in 0..1_500 {
        let text = author.sentence("record");
        let text = author.spoiled(&text);
        tally.count(agree(&grammar, &text));
    }
    assert!(tally.sound > 100 && tally.unsound > 500, "{} sound", tally.sound);
}

#[test]
fn every_kind_of_term_parses_where_the_grammar_says_so() {
    let grammar = Grammar::read();
    let mut author = Author::new(&grammar, 3);
    let kinds = ["include", "a", "mx", "ptr", "ip4", "ip6", "exists", "redirect", "explanation"];
    for kind in kinds.into_iter().chain(["unknown-modifier", "all"]) {
        let mut tally = Tally::default();
        for _ in 0..300 {
            let mut term = author.sentence(kind);
            if author.random.one_in(2) {
                term = author.spoiled(&term);
            }
            term.truncate(200);
            let text = [b"v=spf1 ", &term[..]].concat();
            tally.count(agree(&grammar, &text));
        }
        assert!(tally.sound > 50 && tally.unsound > 50, "{kind}: {} sound", tally.sound);
    }
}

#[test]
fn explanations_parse_where_the_grammar_says_so() {
    let grammar = Grammar::read();
    let mut author = Author::new(&grammar, 4);
    let mut tally = Tally::default();
    for _ in 0..1_500 {
        let mut text = author.sentence("explain-string");
        if author.random.one_in(2) {
            text = author.spoiled(&text);
        }
        tally.count(agree_on_explanation(&grammar, &text));
    }
    assert!(tally.sound > 300 && tally.unsound > 150, "{} sound", tally.sound);
}

#[test]
fn each_rule_outside_the_grammar_refuses_its_example() {
    let grammar = Grammar::read();
    for rule in OUTSIDE {
        let text = rule.broken.as_bytes();
        assert!(Recogniser::new(&grammar, text).accepts("record"), "{}", rule.broken);
        assert!(!agree(&grammar, text), "{}: {} is taken", rule.section, rule.broken);
        let terms: Vec<&[u8]> = text.split(|octet| *octet == b' ').skip(1).collect();
        for other in OUTSIDE {
            let keeps = (other.keeps)(&grammar, &terms);
            assert_eq!(keeps, other.name != rule.name, "{} by {}", other.name, rule.broken);
        }
    }
}

#[test]
fn the_recogniser_finds_every_reading() {
    let grammar = Grammar::read();
    let accepts = |text: &str, production: &str| {
        Recogniser::new(&grammar, text.as_bytes()).accepts(production)
    };
    // The macro-string could take all of these, and so leave no domain-end.
    assert!(accepts("a.example", "domain-spec"));
    assert!(accepts("%{d}", "domain-spec"));
    assert!(accepts("a:/24/x.example/24//64", "a"));
    assert!(!accepts("a:x.example/24/64", "a"));
    assert!(!accepts("example", "domain-spec"));
    assert!(accepts("1:2:3:4:5:6:7::", "ip6-network"));
    assert!(accepts("::ffff:192.0.2.1", "ip6-network"));
    assert!(!accepts("1:2:3:4:5:6:7:8::", "ip6-network"));
    assert!(!accepts("12345::", "ip6-network"));
    assert!(!accepts("192.0.2.256", "ip4-network"));
}

#[test]
fn every_production_has_its_function() {
    grammar::functions::check();
}
