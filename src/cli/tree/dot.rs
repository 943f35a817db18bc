//! The include graph in Graphviz's language: one node a record, one edge an
//! `include` or `redirect`.

use std::fmt::Write;

use crate::cli::describe::{addresses, counted};
use crate::documents::Reach;
use crate::escape;
use crate::limits::LOOKUP_TERMS;
use crate::policy::{Graph, Meaning, NodeState, count_lookups};

/// The whole graph.
pub(super) fn text(graph: &Graph) -> String {
    let counts = count_lookups(graph);
    let mut reach = Reach::new(graph);
    let mut out = String::from(
        "digraph spf {\n  rankdir=LR;\n  node [shape=box, fontname=\"sans-serif\"];\n  edge [fontname=\"sans-serif\"];\n",
    );
    for (id, node) in graph.iter() {
        let count = counts.get(&id).copied().unwrap_or_default();
        let mut label = vec![node.domain.to_string()];
        let mut colour = None;
        match &node.state {
            NodeState::Found(_) => {
                label.push(counted(count.terms as usize, "lookup"));
                label.extend(reach.node(id).map(addresses));
            }
            NodeState::Broken { fault, .. } => {
                label.push(fault.to_string());
                colour = Some("red");
            }
        }
        if count.terms > LOOKUP_TERMS {
            colour = Some("red");
        }
        let colour = colour.map(|name| format!(", color={name}")).unwrap_or_default();
        let lines: Vec<String> =
            label.iter().filter(|line| !line.is_empty()).map(|line| quoted(line)).collect();
        let _ = writeln!(out, "  n{} [label=\"{}\"{colour}];", id.0, lines.join("\\n"));
    }
    for (id, node) in graph.iter() {
        for term in node.record().map_or(&[][..], |found| &found.terms) {
            let (child, style) = match term.meaning {
                Meaning::Include(child) => (child, ""),
                Meaning::Redirect(child) => (child, ", style=dashed"),
                _ => continue,
            };
            let name = if style.is_empty() { "include" } else { "redirect" };
            let label = format!("{}{name}", term.qualifier.prefix());
            let _ = writeln!(out, "  n{} -> n{} [label=\"{label}\"{style}];", id.0, child.0);
        }
    }
    out.push_str("}\n");
    out
}

/// Text inside a quoted identifier.
fn quoted(text: &str) -> String {
    let text = escape::message(text);
    let mut quoted = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted
}
