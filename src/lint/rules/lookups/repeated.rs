//! Records that a policy includes more than once.

use crate::lint::facts::Facts;
use crate::lint::finding::{Finding, FixKind};
use crate::lint::rules::order::with_blanks;
use crate::lint::terms::quoted;
use crate::lint::ways::{Repeated, repeated};
use crate::policy::Graph;

/// Own terms that a message names.
const MOST_NAMED: usize = 4;

pub(super) fn repeated_include(facts: &Facts) -> Vec<Finding> {
    repeated(facts).iter().filter_map(|repeated| finding(facts, repeated)).collect()
}

fn finding(facts: &Facts, repeated: &Repeated) -> Option<Finding> {
    let each = 1 + facts.costs.get(&repeated.target).map_or(0, |count| count.terms);
    let cost = if each == 1 { "1 lookup".to_owned() } else { format!("{each} lookups") };
    let through = repeated.vias().into_iter().filter_map(|via| {
        let (found, term) = facts.term(Graph::ROOT, via)?;
        Some(quoted(&found.record, &term.term))
    });
    let through: Vec<String> = through.take(MOST_NAMED).collect();
    let message = format!(
        "{} is included {} times, through {}, and costs {cost} each time",
        facts.graph.node(repeated.target).domain,
        repeated.ways.len(),
        through.join(" and ")
    );
    if let Some(index) = repeated.deletable(facts) {
        let (found, term) = facts.term(Graph::ROOT, index)?;
        let help = "delete the term, if the others are to include the record for good: all that it \
                    could match is matched by them as well";
        let finding = Finding::new(facts.term_place(Graph::ROOT, index), message).help(help);
        let span = with_blanks(&found.record, &term.term);
        return Some(finding.fix(FixKind::Offered, span, ""));
    }
    let help = "a receiver does not remember what it included: drop one of the terms if it is not \
                needed, or compile the policy with 'spfc flatten'";
    let last = repeated.ways.last()?;
    Some(Finding::new(facts.term_place(Graph::ROOT, last.via), message).help(help))
}
