//! A change for people: names in the order in which they are changed, terms
//! that come and go, ranges, lookups.

use std::fmt::Write;

use super::document::{action, ranges};
use crate::cli::describe::{heading, lookups};
use crate::cli::ranges::lines;
use crate::cli::style::{BAD, DIM, GOOD, WARN, paint};
use crate::compile::{Compiled, PublishedDifference};
use crate::escape;
use crate::publish::{Action, NameChange, Plan};

/// Ranges that are listed at most.
const MOST_RANGES: usize = 40;

/// The whole text.
pub(super) fn text(compiled: &Compiled, difference: &PublishedDifference, verbose: bool) -> String {
    let plan = &compiled.plan;
    let mut out = String::new();
    for (_, change) in plan.changes() {
        write_change(plan, change, &mut out);
    }
    if plan.is_done() {
        let _ = writeln!(out, "{} as it is to be", paint(GOOD, "published"));
    }
    let _ = writeln!(out, "\n{}", heading(format!("Senders of {}", plan.domain)));
    for error in &difference.errors {
        let _ = writeln!(out, "  {} now: {}", paint(BAD, "!"), escape::message(&error.to_string()));
    }
    let ranges = ranges(difference);
    if ranges.is_empty() {
        let _ = writeln!(out, "  {}", paint(DIM, "the same addresses, with the same results"));
    }
    for line in lines(&ranges, if verbose { usize::MAX } else { MOST_RANGES }) {
        let _ = writeln!(out, "  {line}");
    }
    let _ = writeln!(out, "  now    {}", lookups(&difference.lookups));
    let _ = writeln!(out, "  then   {}", lookups(&compiled.lookups));
    out
}

/// One name, and the terms that come and go there.
fn write_change(plan: &Plan, change: &NameChange, out: &mut String) {
    let style = match change.action() {
        Action::Add => GOOD,
        Action::Change => WARN,
        Action::Keep => DIM,
        Action::Delete => BAD,
    };
    let when = match change.action() {
        Action::Delete => format!(", {} seconds after the rest", plan.wait),
        Action::Keep => String::new(),
        Action::Add | Action::Change => format!(", TTL {}", change.ttl),
    };
    let done = paint(style, action(change.action()));
    let _ = writeln!(out, "{}  {done}{when}", heading(&change.name));
    let Some(after) = change.after.as_ref().filter(|_| change.action() != Action::Keep) else {
        return;
    };
    let after = after.concat();
    let (before, instead) = before(plan, change);
    if let Some(name) = instead {
        let _ = writeln!(out, "  {}", paint(DIM, format!("in place of {name}")));
    }
    if before.is_empty() {
        let _ = writeln!(out, "  {}", paint(GOOD, format!("+ {}", escape::text(&after))));
        return;
    }
    let (old, new): (Vec<&str>, Vec<&str>) = (terms(&before), terms(&after));
    for term in old.iter().filter(|term| !new.contains(term)) {
        let _ = writeln!(out, "  {}", paint(BAD, format!("- {}", escape::text(term))));
    }
    for term in new.iter().filter(|term| !old.contains(term)) {
        let _ = writeln!(out, "  {}", paint(GOOD, format!("+ {}", escape::text(term))));
    }
}

fn terms(record: &str) -> Vec<&str> {
    record.split(' ').filter(|term| !term.is_empty()).collect()
}

/// The record that a new one takes the place of; for a chunk that is the one
/// with its number in the other set, named too.
fn before(plan: &Plan, change: &NameChange) -> (String, Option<String>) {
    let joined = |change: &NameChange| {
        let first = change.before.first();
        first.map(|text| String::from_utf8_lossy(&text.joined()).into_owned()).unwrap_or_default()
    };
    if !change.before.is_empty() {
        return (joined(change), None);
    }
    let without_letter = |change: &NameChange| {
        let text = change.name.to_lowercase().to_string();
        let label = text.split('.').next().unwrap_or_default().len();
        format!("{}{}", &text[..label.saturating_sub(1)], &text[label..])
    };
    let same = |old: &&NameChange| {
        without_letter(old) == without_letter(change)
            && plan.chunks.iter().any(|chunk| chunk.name == change.name)
    };
    match plan.old.iter().find(same) {
        Some(old) => (joined(old), Some(old.name.to_string())),
        None => (String::new(), None),
    }
}
