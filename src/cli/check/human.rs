//! An evaluation for people: the verdict, then the path that led to it.

use std::fmt::Write;

use crate::cli::branches::guides;
use crate::cli::describe::counted;
use crate::cli::style::{BAD, DIM, NOTE, STRONG, of_result, paint};
use crate::escape;
use crate::eval::{
    Evaluation, Lookups, Message, TermOutcome, TraceEntry, authentication_results, received_spf,
};
use crate::limits::{LOOKUP_TERMS, VOID_LOOKUPS};
use crate::outcome::{Qualifier, SpfResult};

/// So many terms of addresses in a row that do not match are one line.
const SHOWN_IN_A_ROW: usize = 3;
/// Lines of the path at most.
const MOST_LINES: usize = 200;

/// The whole text.
pub(super) fn text(message: &Message, evaluation: &Evaluation, verbose: bool) -> String {
    let mut out = verdict(message, evaluation);
    if let Some(explanation) = &evaluation.explanation {
        let _ = writeln!(out, "{} {}", paint(STRONG, "explanation:"), escape::text(explanation));
    }
    if let Some(problem) = &evaluation.problem {
        let _ = writeln!(
            out,
            "{} {}",
            paint(STRONG, "because:"),
            escape::message(&problem.to_string())
        );
    }
    if let (Some(domain), false) = (message.domain(), evaluation.trace.is_empty()) {
        let _ = writeln!(out, "\n{}", paint(STRONG, domain));
        path(&evaluation.trace, verbose, &mut out);
    }
    let _ = writeln!(out, "\n{}\n", costs(evaluation.lookups));
    for field in [received_spf(message, evaluation), authentication_results(message, evaluation)] {
        let (name, value) = field.split_once(':').unwrap_or((&field, ""));
        let _ = writeln!(out, "{}:{}", paint(STRONG, name), escape::message(value));
    }
    out
}

/// The result and what it means for the message.
pub(super) fn verdict(message: &Message, evaluation: &Evaluation) -> String {
    let ip = message.ip();
    let Some(domain) = message.domain() else {
        let result = paint(of_result(evaluation.result), evaluation.result);
        return format!("{result}: the identity has no domain that can be checked\n");
    };
    let meaning = match evaluation.result {
        SpfResult::Pass => format!("{ip} may send mail for {domain}"),
        SpfResult::Fail => format!("{ip} may not send mail for {domain}"),
        SpfResult::Softfail => format!("{ip} probably may not send mail for {domain}"),
        SpfResult::Neutral => format!("{domain} says nothing about {ip}"),
        SpfResult::None => format!("{domain} has no SPF record"),
        SpfResult::Temperror => format!("DNS failed, so nobody can say what {domain} decides"),
        SpfResult::Permerror => format!("the policy of {domain} is in error"),
    };
    format!("{}: {meaning}\n", paint(of_result(evaluation.result), evaluation.result))
}

/// The lookups beside their limits.
fn costs(lookups: Lookups) -> String {
    let Lookups { terms, void, queries, .. } = lookups;
    let over = terms > LOOKUP_TERMS || void > VOID_LOOKUPS;
    let questions = counted(queries as usize, "DNS question");
    let text = format!(
        "{terms} of {LOOKUP_TERMS} lookups, {void} of {VOID_LOOKUPS} void lookups, {questions}"
    );
    paint(if over { BAD } else { DIM }, text)
}

/// One line of the path: one term, or several of which none matched.
struct Line {
    depth: usize,
    text: String,
    outcome: TermOutcome,
}

fn path(trace: &[TraceEntry], verbose: bool, out: &mut String) {
    let mut lines = lines(trace, verbose);
    let left_out = if verbose { 0 } else { lines.len().saturating_sub(MOST_LINES) };
    // What decided stands at the end.
    let first = lines.len().min(MOST_LINES / 2);
    lines.drain(first..first + left_out);
    let depths: Vec<usize> = lines.iter().map(|line| line.depth).collect();
    let guides = guides(&depths);
    let width = |(guide, line): (&String, &Line)| guide.chars().count() + line.text.chars().count();
    let widest = guides.iter().zip(&lines).map(width).max().unwrap_or(0).min(72);
    for (index, (guide, line)) in guides.iter().zip(&lines).enumerate() {
        if left_out > 0 && index == first {
            let _ =
                writeln!(out, "{}", paint(DIM, format!("… {left_out} more lines (-v shows them)")));
        }
        let (style, word) = word(line);
        let text = escape::text(&line.text);
        let pad = widest.saturating_sub(width((guide, line)));
        let text = if line.outcome == TermOutcome::NoMatch { paint(DIM, text) } else { text };
        let _ = writeln!(out, "{}{text}{:pad$}  {}", paint(DIM, guide), "", paint(style, word));
    }
}

fn lines(trace: &[TraceEntry], verbose: bool) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut rest = trace;
    while let Some((entry, behind)) = rest.split_first() {
        let row = rest.iter().take_while(|other| is_passed_over(other, entry.depth)).count();
        if row > SHOWN_IN_A_ROW && !verbose {
            lines.push(Line {
                depth: entry.depth,
                text: format!("{row} ip4 and ip6 terms"),
                outcome: TermOutcome::NoMatch,
            });
            rest = &rest[row..];
            continue;
        }
        lines.push(Line { depth: entry.depth, text: term(entry, behind), outcome: entry.outcome });
        rest = behind;
    }
    lines
}

/// The term; behind it, whose record it led to where it does not say so itself.
fn term(entry: &TraceEntry, behind: &[TraceEntry]) -> String {
    match behind.first() {
        Some(next) if next.depth > entry.depth => {
            let domain = next.domain.to_string();
            let said = entry.term.to_ascii_lowercase().contains(&domain.to_ascii_lowercase());
            if said { entry.term.clone() } else { format!("{} → {domain}", entry.term) }
        }
        _ => entry.term.clone(),
    }
}

/// Whether a line is an address term at this depth that did not match.
fn is_passed_over(entry: &TraceEntry, depth: usize) -> bool {
    let name = entry.term.trim_start_matches(['+', '-', '~', '?']).to_ascii_lowercase();
    entry.depth == depth
        && entry.outcome == TermOutcome::NoMatch
        && (name.starts_with("ip4:") || name.starts_with("ip6:"))
}

/// What came of a term; of a match, the result that it gives in its record.
fn word(line: &Line) -> (anstyle::Style, String) {
    let (style, word) = match line.outcome {
        TermOutcome::Match => {
            let qualifier = line.text.bytes().next().and_then(Qualifier::from_octet);
            let result = qualifier.unwrap_or(Qualifier::Pass).result();
            return (of_result(result), format!("match: {result}"));
        }
        TermOutcome::NoMatch => (DIM, "no match"),
        TermOutcome::NotAName => (DIM, "no match: not a name"),
        TermOutcome::Followed => (NOTE, "followed"),
        TermOutcome::Error => (BAD, "error"),
    };
    (style, word.to_owned())
}
