//! What changed, for people.

use std::fmt::Write;

use crate::cli::describe::{counted, heading};
use crate::cli::escape;
use crate::cli::json::AnswerShape;
use crate::cli::ranges::lines;
use crate::cli::style::{BAD, DIM, GOOD, WARN, paint};

use super::{Difference, DomainDifference};

/// Ranges of one domain that are listed at most.
const MOST_RANGES: usize = 40;

/// The whole text.
pub(super) fn text(difference: &Difference, verbose: bool) -> String {
    let since = match difference.taken.as_str() {
        "" => "since it was recorded".to_owned(),
        taken => format!("since {}", escape::text(taken)),
    };
    if !difference.changed() {
        let checked = counted(difference.answers, "answer");
        let domains = counted(difference.domains.len(), "domain");
        return match difference.failed.len() {
            0 => format!("{} {since}: {checked} for {domains}\n", paint(GOOD, "unchanged")),
            failed => format!(
                "{} {since}, but {} got no answer\n",
                paint(WARN, "unchanged"),
                counted(failed, "question")
            ),
        };
    }
    let mut out = format!("{} {since}\n", paint(WARN, "changed"));
    records(difference, &mut out);
    for domain in &difference.domains {
        addresses(domain, verbose, &mut out);
    }
    if !difference.failed.is_empty() {
        let _ = writeln!(out, "\n{}", heading("No answer"));
        for (question, failure) in &difference.failed {
            let _ = writeln!(out, "  {question}: {failure}");
        }
    }
    out
}

fn records(difference: &Difference, out: &mut String) {
    for record in &difference.records {
        let _ = writeln!(out, "\n{}", heading(format!("{} {}", record.name, record.record_type)));
        let (before, after) = (side(record.before.as_ref()), side(record.after.as_ref()));
        for line in before.iter().filter(|line| !after.contains(line)) {
            let _ = writeln!(out, "  {}", paint(BAD, format!("- {line}")));
        }
        for line in after.iter().filter(|line| !before.contains(line)) {
            let _ = writeln!(out, "  {}", paint(GOOD, format!("+ {line}")));
        }
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

fn addresses(domain: &DomainDifference, verbose: bool, out: &mut String) {
    let _ = writeln!(out, "\n{}", heading(format!("Senders of {}", domain.domain)));
    let most = if verbose { usize::MAX } else { MOST_RANGES };
    if let Some(problem) = &domain.problem {
        let _ = writeln!(out, "  {} {}", paint(BAD, "!"), escape::message(problem));
    } else if domain.ranges.is_empty() {
        let _ = writeln!(out, "  {}", paint(DIM, "the same addresses, with the same results"));
    }
    for line in lines(&domain.ranges, most) {
        let _ = writeln!(out, "  {line}");
    }
}
