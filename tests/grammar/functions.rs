//! Which function reads which production of `grammar/spf.abnf`, as a table.
//!
//! The doc comment of each function holds its production in backquotes, and it
//! must say the same as the file.

use std::collections::BTreeSet;
use std::path::Path;

use abnf::types::{Node, Rule};

use super::rules::{SPF_ABNF, rules};

/// The productions that are read, and their functions in `src/syntax/parse`.
const FUNCTIONS: &[(&str, &str)] = &[
    ("record", "parse_record"),
    ("version", "version"),
    ("terms", "terms"),
    ("directive", "directive"),
    ("qualifier", "qualifier"),
    ("mechanism", "mechanism"),
    ("all", "all"),
    ("include", "include"),
    ("a", "a"),
    ("mx", "mx"),
    ("ptr", "ptr"),
    ("ip4", "ip4"),
    ("ip6", "ip6"),
    ("exists", "exists"),
    ("modifier", "modifier"),
    ("redirect", "redirect"),
    ("explanation", "explanation"),
    ("unknown-modifier", "unknown_modifier"),
    ("ip4-network", "ip4_network"),
    ("qnum", "qnum"),
    ("ip6-network", "ip6_network"),
    ("ip4-cidr-length", "ip4_cidr_length"),
    ("ip6-cidr-length", "ip6_cidr_length"),
    ("dual-cidr-length", "dual_cidr_length"),
    ("domain-spec", "domain_spec"),
    ("domain-end", "domain_end"),
    ("toplabel", "toplabel"),
    ("alphanum", "alphanum"),
    ("explain-string", "parse_explain_string"),
    ("macro-string", "macro_string"),
    ("macro-expand", "macro_expand"),
    ("macro-literal", "macro_literal"),
    ("macro-letter", "macro_letter"),
    ("transformers", "transformers"),
    ("delimiter", "delimiter"),
    ("name", "name"),
];

/// The productions of the header field, which is written and never read, and
/// those that other documents define.
const NOT_READ: &[&str] = &[
    "header-field",
    "result",
    "key-value-list",
    "key-value-pair",
    "key",
    "identity",
    "sender",
    "ip",
    "ALPHA",
    "DIGIT",
    "SP",
    "Mailbox",
    "dot-atom",
    "quoted-string",
    "comment",
    "CFWS",
    "FWS",
    "CRLF",
];

/// Fails where file, table and sources say different things.
pub(crate) fn check() {
    let documented = documented_functions();
    let mut listed: BTreeSet<&str> = NOT_READ.iter().copied().collect();
    for (production, function) in FUNCTIONS {
        assert!(listed.insert(production), "{production} is listed twice");
        let rule = rules(SPF_ABNF).into_iter().find(|rule| rule.name() == *production);
        let rule = rule.unwrap_or_else(|| panic!("{production} is not in the file"));
        let found = documented.iter().find(|(said, _)| said.name() == *production);
        let (said, named) = found.unwrap_or_else(|| panic!("no function says {production}"));
        assert_eq!(named, function, "the function of {production}");
        assert_eq!(bare(said.node()), bare(rule.node()), "what {function} says it reads");
    }
    for rule in rules(SPF_ABNF) {
        assert!(listed.contains(rule.name()), "{} has no function", rule.name());
    }
}

/// The text of a definition without the parentheses that enclose all of it.
fn bare(node: &Node) -> String {
    match node {
        Node::Group(inner) => bare(inner),
        _ => node.to_string(),
    }
}

/// The productions in doc comments with the function that stands below each.
fn documented_functions() -> Vec<(Rule, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/syntax/parse");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(&folder).expect("the parser's folder") {
        let path = entry.expect("an entry of the parser's folder").path();
        let source = std::fs::read_to_string(&path).expect("a source file");
        let mut waiting = Vec::new();
        for line in source.lines().map(str::trim) {
            if let Some(rule) = line.strip_prefix("/// `").and_then(|said| said.strip_suffix('`')) {
                waiting.extend(abnf::rule(&format!("{rule}\n")));
            } else if let Some(name) = function_name(line) {
                found.extend(waiting.drain(..).map(|rule| (rule, name.to_owned())));
            }
        }
    }
    found
}

fn function_name(line: &str) -> Option<&str> {
    let behind = line.strip_prefix("pub(super) ").or(line.strip_prefix("pub ")).unwrap_or(line);
    let behind = behind.strip_prefix("fn ")?;
    behind.split(['(', '<']).next()
}
