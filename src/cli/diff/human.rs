//! What changed, for people.

use std::fmt::Write;

use super::super::describe::{counted, heading};
use super::super::ranges::{branches, lines};
use super::super::style::{BAD, DIM, GOOD, STRONG, WARN, paint};
use super::Difference;
use super::difference::{DomainDifference, RecordChange};
use crate::documents::AnswerShape;
use crate::escape;
use crate::limits::{LOOKUP_TERMS, VOID_LOOKUPS};
use crate::policy::Branch;

/// Ranges of one domain that are listed at most.
const MOST_RANGES: usize = 40;
/// The rule on a loss that is too large.
const SHRUNKEN: &str = "SPF902";

/// The whole text.
pub(super) fn text(difference: &Difference, verbose: bool) -> String {
    let since = match difference.taken.as_str() {
        "" => "since it was recorded".to_owned(),
        taken => format!("since {}", escape::text(taken)),
    };
    let mut out = String::new();
    if difference.changed() {
        let _ = writeln!(out, "{} {since}", paint(WARN, "changed"));
        difference.records.iter().for_each(|record| write_record(record, verbose, &mut out));
        difference.domains.iter().for_each(|domain| write_domain(domain, verbose, &mut out));
        if !difference.failed.is_empty() {
            let _ = writeln!(out, "\n{}", heading("No answer"));
            for (question, failure) in &difference.failed {
                let _ = writeln!(out, "  {question}: {failure}");
            }
        }
    } else {
        out.push_str(&unchanged(difference, &since));
    }
    if verbose && !difference.others.is_empty() {
        let _ = writeln!(out, "\nWhat else changed is not read by SPF:");
        difference.others.iter().for_each(|record| write_record(record, true, &mut out));
    }
    out
}

fn unchanged(difference: &Difference, since: &str) -> String {
    let checked = counted(difference.answers, "answer");
    let domains = counted(difference.domains.len(), "domain");
    match difference.failed.len() {
        0 => format!("{} {since}: {checked} for {domains}\n", paint(GOOD, "unchanged")),
        failed => format!(
            "{} {since}, but {} got no answer\n",
            paint(WARN, "unchanged"),
            counted(failed, "question")
        ),
    }
}

/// An answer's records that are gone and those that are new; those that SPF
/// does not read only where everything is asked for.
fn write_record(change: &RecordChange, verbose: bool, out: &mut String) {
    let shape = &change.shape;
    let _ = writeln!(out, "\n{}", heading(format!("{} {}", shape.name, shape.record_type)));
    let shown = |line: &&String| verbose || !change.unread.contains(line);
    let side = |answer: Option<&AnswerShape>| -> Vec<String> {
        let lines = side(answer);
        let lines: Vec<String> = lines.iter().filter(shown).cloned().collect();
        match (lines.is_empty(), answer) {
            // All that is left are records that SPF does not read.
            (true, Some(_)) => vec!["no SPF record".to_owned()],
            _ => lines,
        }
    };
    let (before, after) = (side(shape.before.as_ref()), side(shape.after.as_ref()));
    for line in before.iter().filter(|line| !after.contains(line)) {
        let _ = writeln!(out, "  {}", paint(BAD, format!("- {line}")));
    }
    for line in after.iter().filter(|line| !before.contains(line)) {
        let _ = writeln!(out, "  {}", paint(GOOD, format!("+ {line}")));
    }
}

/// The records of an answer, or what it says in their place.
fn side(answer: Option<&AnswerShape>) -> Vec<String> {
    match answer {
        None => Vec::new(),
        Some(answer) if answer.records.is_empty() => vec![match answer.status {
            "nxdomain" => "no such name".to_owned(),
            "nodata" => "no record".to_owned(),
            status => status.to_owned(),
        }],
        Some(answer) => answer.records.clone(),
    }
}

fn write_domain(domain: &DomainDifference, verbose: bool, out: &mut String) {
    let _ = writeln!(out, "\n{}", heading(format!("Senders of {}", domain.domain)));
    for found in domain.report.diagnostics.iter().filter(|found| found.rule.code == SHRUNKEN) {
        let severity = found.severity.as_str();
        let _ = writeln!(
            out,
            "  {} {}: {}",
            paint(BAD, format!("{severity}[{}]", found.rule.code)),
            found.rule.name,
            paint(STRONG, escape::message(&found.message))
        );
    }
    if let Some(problem) = domain.problem() {
        let _ = writeln!(out, "  {} {}", paint(BAD, "!"), escape::message(&problem));
    } else if !domain.changed() {
        let _ = writeln!(out, "  {}", paint(DIM, "the same addresses, with the same results"));
    }
    let mut left = if verbose { usize::MAX } else { MOST_RANGES };
    for (branch, parts) in branches(&domain.drift) {
        let _ = writeln!(out, "  {}", named(branch));
        for line in lines(&parts, left) {
            let _ = writeln!(out, "    {line}");
        }
        left = left.saturating_sub(parts.len());
    }
    write_lookups(domain, out);
}

/// `include:spf.mail.example`, or the record whose other terms they are.
fn named(branch: &Branch) -> String {
    match &branch.include {
        Some(include) => escape::text(include),
        None => format!("{} itself", branch.domain),
    }
}

fn write_lookups(domain: &DomainDifference, out: &mut String) {
    let (before, now) = (domain.lookups_before, domain.now.lookups);
    let mut line = |noun: &str, before: u32, now: u32, limit: u32| {
        if before != now {
            let style = if now > limit { BAD } else { WARN };
            let now = paint(style, now);
            let _ = writeln!(out, "  {noun}: {before} → {now}, the limit is {limit}");
        }
    };
    line("lookups", before.terms, now.terms, LOOKUP_TERMS);
    line("void lookups", before.void(), now.void(), VOID_LOOKUPS);
}
