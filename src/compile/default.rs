//! Changing what a policy decides for those that none of its directives
//! matches: its final `all`.

use crate::dns::{Lookup, Published};
use crate::outcome::Qualifier;
use crate::policy::{FoundRecord, Graph, Meaning, NodeId};

use super::{CompileError, Halt};

/// DNS in which the policy's final `all` has another qualifier: the record
/// that decides, found through redirects, is read with it.
///
/// # Errors
///
/// A policy whose default another record decides, or the message.
pub(super) fn changed<'a>(
    view: Box<dyn Lookup + 'a>,
    graph: &Graph,
    qualifier: Qualifier,
) -> Result<Box<dyn Lookup + 'a>, Halt> {
    let refuse = |why| CompileError::Default(graph.root().domain.clone(), why);
    let (id, found) = last_record(graph).ok_or_else(|| refuse("its redirects lead nowhere"))?;
    let included = |node: &crate::policy::Node| {
        let terms = node.record().map_or(&[][..], |found| &found.terms);
        terms.iter().any(|term| matches!(term.meaning, Meaning::Include(child) if child == id))
    };
    if graph.nodes.iter().any(included) {
        return Err(refuse("the record that decides it is included elsewhere in the policy").into());
    }
    let text = found.record.text();
    let all = format!("{}all", qualifier.prefix());
    let changed = match (found.record.all(), found.record.redirect()) {
        (Some((term, _)), _) => {
            let (before, behind) =
                (&text[..term.span.start as usize], &text[term.span.end as usize..]);
            [before, all.as_bytes(), behind].concat()
        }
        (None, Some(_)) => {
            return Err(refuse("the message decides which record it redirects to").into());
        }
        (None, None) => [text, b" ", all.as_bytes()].concat(),
    };
    let domain = graph.node(id).domain.clone();
    Ok(Box::new(Published::new(view, [(domain, changed)])))
}

/// The record at the end of the redirects.
fn last_record(graph: &Graph) -> Option<(NodeId, &FoundRecord)> {
    let mut at = Graph::ROOT;
    for _ in 0..graph.nodes.len() {
        let found = graph.node(at).record()?;
        match found.terms.last().map(|term| &term.meaning) {
            Some(Meaning::Redirect(child)) => at = *child,
            _ => return Some((at, found)),
        }
    }
    None
}
