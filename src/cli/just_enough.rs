//! What `--just-enough` inlined, for people and as JSON.

use std::collections::HashSet;

use super::describe::counted;
use super::output::Session;
use crate::compile::Inlined;
use crate::documents::InlinedShape;
use crate::escape;
use crate::name::DomainName;

/// What was inlined.
pub(super) struct Enough {
    pub(super) inlined: Vec<Inlined>,
    /// Nothing smaller is within the limits.
    pub(super) least: bool,
}

/// Says what was inlined and why.
pub(super) fn remarks(enough: &Enough, max_lookups: u32, session: &Session) {
    let limits =
        format!("its limits of {} and 2 void ones", counted(max_lookups as usize, "lookup"));
    if enough.inlined.is_empty() {
        session.note(format!("nothing is inlined: the policy is within {limits} as it is"));
        return;
    }
    let names: HashSet<&DomainName> = enough.inlined.iter().map(|it| &it.target).collect();
    let (are, least) = match names.len() {
        1 => ("is", "the least that brings"),
        _ => ("are", "the fewest that bring"),
    };
    let names = counted(names.len(), "name");
    let what = match enough.least {
        true => format!("{names} {are} inlined, {least} the policy within {limits}"),
        false => format!(
            "{names} {are} inlined to bring the policy within {limits}; there may be a smaller choice"
        ),
    };
    session.note(format!("{what}:"));
    for it in &enough.inlined {
        let line = format!("{} of {}: {}", it.term, it.domain, it.why);
        session.aside(&format!("  {}", escape::message(&line)));
    }
}

/// The list of a document.
pub(super) fn shapes(enough: &Enough) -> Vec<InlinedShape> {
    let shape = |it: &Inlined| InlinedShape {
        term: it.term.clone(),
        domain: it.domain.to_string(),
        target: it.target.to_string(),
        reason: it.why.to_string(),
        lookups: it.why.lookups,
        void: it.why.void,
        ranges: it.why.ranges,
        octets: it.why.octets,
        ttl: it.why.ttl,
    };
    enough.inlined.iter().map(shape).collect()
}
