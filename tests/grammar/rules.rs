//! The productions of `grammar/spf.abnf`, flattened so that every place in
//! them has a number.
//!
//! Rules that the RFC leaves to other documents are taken from [`ELSEWHERE`].

use std::collections::BTreeMap;

use abnf::types::{Node, Rule, TerminalValues};

/// The file that the tests read.
pub(crate) const SPF_ABNF: &str = include_str!("../../grammar/spf.abnf");

/// What stands in angle brackets in the file, from the documents it names. The
/// text forms of RFC 4291 section 2.2 are written as RFC 3986 appendix A does.
pub(crate) const ELSEWHERE: &str = r#"
ALPHA       = %x41-5A / %x61-7A
DIGIT       = %x30-39
SP          = %x20
HEXDIG      = DIGIT / "A" / "B" / "C" / "D" / "E" / "F"
ip6-network =                            6( h16 ":" ) ls32
            /                       "::" 5( h16 ":" ) ls32
            / [               h16 ] "::" 4( h16 ":" ) ls32
            / [ *1( h16 ":" ) h16 ] "::" 3( h16 ":" ) ls32
            / [ *2( h16 ":" ) h16 ] "::" 2( h16 ":" ) ls32
            / [ *3( h16 ":" ) h16 ] "::"    h16 ":"   ls32
            / [ *4( h16 ":" ) h16 ] "::"              ls32
            / [ *5( h16 ":" ) h16 ] "::"              h16
            / [ *6( h16 ":" ) h16 ] "::"
h16         = 1*4HEXDIG
ls32        = ( h16 ":" h16 ) / ip4-network
"#;

/// A number of a place in the grammar.
pub(crate) type Place = usize;

/// What may stand at a place.
#[derive(Debug)]
pub(crate) enum Part {
    /// One octet of a range.
    Octet(u8, u8),
    /// A string, in any case.
    Text(Vec<u8>),
    /// One after the other.
    All(Vec<Place>),
    /// One of them.
    Any(Vec<Place>),
    /// From so many to so many times.
    Times(usize, Option<usize>, Place),
    /// Prose that no test needs: nothing matches it.
    Prose,
}

/// The whole grammar.
pub(crate) struct Grammar {
    pub(crate) parts: Vec<Part>,
    rules: BTreeMap<String, Place>,
}

impl Grammar {
    /// Reads the file, and what it leaves to others.
    pub(crate) fn read() -> Grammar {
        let mut definitions = BTreeMap::new();
        for rule in rules(SPF_ABNF).into_iter().chain(rules(ELSEWHERE)) {
            definitions.insert(rule.name().to_owned(), rule.node().clone());
        }
        let mut grammar = Grammar { parts: Vec::new(), rules: BTreeMap::new() };
        for name in definitions.keys() {
            grammar.rules.insert(name.clone(), grammar.parts.len());
            grammar.parts.push(Part::Prose);
        }
        for (name, node) in &definitions {
            let place = grammar.add(node);
            let at = grammar.rule(name);
            grammar.parts[at] = Part::All(vec![place]);
        }
        grammar
    }

    /// Where a production begins.
    pub(crate) fn rule(&self, name: &str) -> Place {
        *self.rules.get(name).unwrap_or_else(|| panic!("{name} is not defined"))
    }

    fn add(&mut self, node: &Node) -> Place {
        let part = match node {
            Node::Rulename(name) => return self.rule(name),
            Node::Group(node) => return self.add(node),
            Node::Alternatives(nodes) => Part::Any(nodes.iter().map(|n| self.add(n)).collect()),
            Node::Concatenation(nodes) => Part::All(nodes.iter().map(|n| self.add(n)).collect()),
            Node::Optional(node) => Part::Times(0, Some(1), self.add(node)),
            Node::Repetition { repeat, node } => {
                let (least, most) = repeat.min_max();
                Part::Times(least.unwrap_or(0), most, self.add(node))
            }
            Node::String(text) => Part::Text(text.value().as_bytes().to_vec()),
            Node::TerminalValues(TerminalValues::Range(first, last)) => {
                Part::Octet(octet(*first), octet(*last))
            }
            Node::TerminalValues(TerminalValues::Concatenation(values)) => {
                Part::Text(values.iter().map(|value| octet(*value)).collect())
            }
            Node::Prose(_) => Part::Prose,
        };
        self.parts.push(part);
        self.parts.len() - 1
    }
}

/// The productions of a text, in its order.
pub(crate) fn rules(abnf: &str) -> Vec<Rule> {
    abnf::rulelist(abnf).unwrap_or_else(|error| panic!("{error}"))
}

fn octet(value: u32) -> u8 {
    u8::try_from(value).expect("terminal values are octets")
}
