//! YAML as a tree in which each scalar knows where it stands.
//!
//! Hostile documents are bounded: nesting by the parser, nodes here. An alias is
//! a link to its node and never a copy, so aliases of aliases cost nothing.

use std::collections::HashMap;
use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle, Span, options};
use thiserror::Error;

/// Collections inside each other that a document may have.
const MOST_LEVELS: usize = 64;
/// Nodes that a document may have.
const MOST_NODES: usize = 2_000_000;

/// Why a text is not read as YAML.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum YamlFault {
    /// It does not follow YAML 1.2.
    #[error("YAML cannot be read ({0})")]
    Syntax(String),
    /// It is not UTF-8.
    #[error("YAML has to be UTF-8")]
    NotUtf8,
    /// A second document in a file of one zone.
    #[error("a file of one zone has one YAML document")]
    SecondDocument,
    /// Too many nodes, or aliases that stand for too many.
    #[error("the YAML document is too large")]
    TooLarge,
}

/// Something wrong in a YAML document behind some octets of it.
pub(super) type YamlError = (usize, YamlFault);

/// A node, by its place in the tree.
pub(super) type NodeIndex = usize;

/// A YAML document.
#[derive(Debug, Default)]
pub(super) struct Tree {
    nodes: Vec<Node>,
}

#[derive(Debug)]
pub(super) struct Node {
    pub(super) kind: Kind,
    /// The octets of a scalar, quotes included; where a collection begins.
    pub(super) octets: Range<usize>,
    pub(super) line: usize,
    /// The tag as OctoDNS knows it: `include` for `!include`.
    pub(super) tag: Option<String>,
}

#[derive(Debug)]
pub(super) enum Kind {
    Scalar(String, ScalarStyle),
    List(Vec<NodeIndex>),
    /// Keys and values, in their order.
    Map(Vec<(NodeIndex, NodeIndex)>),
    Alias(NodeIndex),
}

impl Tree {
    /// Reads a document.
    pub(super) fn read(text: &[u8]) -> Result<Tree, YamlError> {
        let text =
            std::str::from_utf8(text).map_err(|error| (error.valid_up_to(), YamlFault::NotUtf8))?;
        let limits = options! {
            flow_nesting_limit: MOST_LEVELS,
            block_nesting_limit: MOST_LEVELS,
            emit_comments: false,
        };
        let mut building = Building::default();
        for next in Parser::new_from_str_with_options(text, limits) {
            let (event, span) = next.map_err(|error| {
                let offset = error.marker().byte_offset().unwrap_or_default();
                (offset, YamlFault::Syntax(error.info()))
            })?;
            building.event(event, &span)?;
        }
        Ok(building.tree)
    }

    /// The node at the top; `None` for an empty document.
    pub(super) fn top(&self) -> Option<&Node> {
        self.nodes.first()
    }

    /// A node, an alias being followed to what it stands for.
    pub(super) fn node(&self, index: NodeIndex) -> Option<&Node> {
        let node = self.nodes.get(index)?;
        match node.kind {
            // An alias stands for a node that is none.
            Kind::Alias(target) => self.nodes.get(target),
            _ => Some(node),
        }
    }

    /// The text of a scalar.
    pub(super) fn text(&self, index: NodeIndex) -> Option<&str> {
        match &self.node(index)?.kind {
            Kind::Scalar(text, _) => Some(text),
            _ => None,
        }
    }
}

#[derive(Default)]
struct Building {
    tree: Tree,
    /// The collections that are open, each with the key that waits for its value.
    open: Vec<(NodeIndex, Option<NodeIndex>)>,
    anchors: HashMap<usize, NodeIndex>,
    documents: usize,
}

impl Building {
    fn event(&mut self, event: Event<'_>, span: &Span) -> Result<(), YamlError> {
        let octets = span.byte_range().unwrap_or_default();
        let (kind, anchor, tag) = match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                let first = self.documents == 1;
                return if first { Ok(()) } else { Err((octets.start, YamlFault::SecondDocument)) };
            }
            Event::SequenceEnd | Event::MappingEnd => {
                self.open.pop();
                return Ok(());
            }
            Event::Scalar(text, style, anchor, tag) => {
                // The parser calls nothing by the name of null.
                let nothing = style == ScalarStyle::Plain && octets.is_empty();
                let text = if nothing { String::new() } else { text.into_owned() };
                (Kind::Scalar(text, style), anchor, tag)
            }
            Event::SequenceStart(_, anchor, tag) => (Kind::List(Vec::new()), anchor, tag),
            Event::MappingStart(_, anchor, tag) => (Kind::Map(Vec::new()), anchor, tag),
            Event::Alias(anchor) => match self.anchors.get(&anchor) {
                Some(target) => (Kind::Alias(*target), 0, None),
                None => return Err((octets.start, YamlFault::Syntax("unknown anchor".to_owned()))),
            },
            _ => return Ok(()),
        };
        let index = self.tree.nodes.len();
        if index >= MOST_NODES {
            return Err((octets.start, YamlFault::TooLarge));
        }
        let collection = matches!(kind, Kind::List(_) | Kind::Map(_));
        let tag = tag.map(|tag| tag.suffix().to_owned());
        self.tree.nodes.push(Node { kind, octets, line: span.start.line(), tag });
        if anchor > 0 {
            self.anchors.insert(anchor, index);
        }
        self.attach(index);
        if collection {
            self.open.push((index, None));
        }
        Ok(())
    }

    /// Puts a node into the collection that is open.
    fn attach(&mut self, index: NodeIndex) {
        let Some((parent, key)) = self.open.last_mut() else { return };
        match self.tree.nodes.get_mut(*parent).map(|node| &mut node.kind) {
            Some(Kind::List(items)) => items.push(index),
            Some(Kind::Map(entries)) => match key.take() {
                Some(key) => entries.push((key, index)),
                None => *key = Some(index),
            },
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn scalars_know_where_they_stand() {
        let text = "a: &x 'it''s'\n\"b\": *x\nc: [1, \"\\x41\"]\n";
        let tree = Tree::read(text.as_bytes()).unwrap();
        let Some(Node { kind: Kind::Map(entries), .. }) = tree.top() else { panic!("no map") };
        let shown: Vec<(&str, &str)> = entries[..2]
            .iter()
            .map(|(_, value)| {
                let node = tree.node(*value).unwrap();
                (tree.text(*value).unwrap(), &text[node.octets.clone()])
            })
            .collect();
        assert_eq!(shown, [("it's", "'it''s'"), ("it's", "'it''s'")]);
        let Kind::List(items) = &tree.node(entries[2].1).unwrap().kind else { panic!("no list") };
        assert_eq!(&text[tree.node(items[1]).unwrap().octets.clone()], "\"\\x41\"");
        assert_eq!(tree.node(items[1]).unwrap().line, 3);
    }

    #[test]
    fn hostile_documents_are_bounded() {
        let fault = |text: &str| Tree::read(text.as_bytes()).unwrap_err().1;
        assert!(matches!(fault(&"[".repeat(100_000)), YamlFault::Syntax(_)));
        assert!(matches!(fault(&"- ".repeat(100_000)), YamlFault::Syntax(_)));
        assert!(matches!(fault("a: *b"), YamlFault::Syntax(_)));
        assert_eq!(fault("a: b\n---\nc: d\n"), YamlFault::SecondDocument);
        assert_eq!(Tree::read(b"a: \xff").unwrap_err(), (3, YamlFault::NotUtf8));
        // A thousand million laughs are eleven nodes and their links.
        let laughs: String = (1..10)
            .map(|level| {
                format!(
                    "l{level}: &l{level} [{}]\n",
                    vec![format!("*l{}", level - 1); 10].join(", ")
                )
            })
            .collect();
        let tree = Tree::read(format!("l0: &l0 lol\n{laughs}").as_bytes()).unwrap();
        assert!(tree.nodes.len() < 200);
        assert!(Tree::read(b"a: &a [*a]").is_ok());
    }

    proptest! {
        #[test]
        fn never_panics(text in "(a|b: |- |\n|  |&a |\\*a|\\[|\\]|\\{|\\}|,|'|\"|\\\\|\\||>|!|#|%|é|\t|---\n){0,40}") {
            let _ = Tree::read(text.as_bytes());
        }
    }
}
