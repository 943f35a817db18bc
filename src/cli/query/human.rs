//! An answer and its reasons, for people.

use std::fmt::Write;

use crate::cli::style::{BAD, DIM, GOOD, paint};
use crate::documents::{NameAnswerShape, QueryDocument, WhyShape};
use crate::escape;

/// The answers, each under what comes of it.
pub(super) fn text(document: &QueryDocument) -> String {
    let mut out = String::new();
    for answer in &document.answers {
        let address = &document.address;
        let said = match (answer.outcome.as_str(), answer.listed) {
            ("pass", true) => paint(GOOD, format!("{address} passes")),
            ("pass", false) => paint(BAD, format!("{address} does not pass")),
            (outcome, true) => paint(BAD, format!("{address} gets {outcome}")),
            (outcome, false) => format!("{address} is not among those that get {outcome}"),
        };
        let why = answer.why.as_ref().map(|why| because(why, answer.listed));
        let why = why.map(|why| format!(": {}", escape::message(&why))).unwrap_or_default();
        let _ = writeln!(out, "{said}{why}");
        line(&mut out, "asked", &format!("{} {}", answer.name, answer.record_type));
        line(&mut out, "answer", &record(answer));
        if let Some(why) = &answer.why {
            line(&mut out, "source", &source(why));
            why.problem.iter().for_each(|problem| line(&mut out, "but", problem));
        }
    }
    out
}

fn line(out: &mut String, label: &str, text: &str) {
    let _ = writeln!(out, "  {} {}", paint(DIM, format!("{label:<7}")), escape::message(text));
}

fn record(answer: &NameAnswerShape) -> String {
    match (answer.status, &answer.data) {
        ("nxdomain", _) => "NXDOMAIN".to_owned(),
        ("nodata", _) => format!("no {} record, the name leads to others", answer.record_type),
        (_, Some(data)) => format!("{} {data}", answer.record_type),
        // The address is the configuration's to say.
        (_, None) => format!("{}, with the address of the configuration", answer.record_type),
    }
}

/// `include:_spf.x → ip4:192.0.2.0/24`
fn because(why: &WhyShape, listed: bool) -> String {
    let path: Vec<&str> = why.path.iter().map(|deciding| deciding.term.as_str()).collect();
    let path = path.join(" → ");
    match (&why.file, why.line, why.result) {
        (Some(file), Some(line), _) => format!("{path} in line {line} of {file}"),
        (Some(file), None, _) if listed => format!("{file}, where it no longer stands"),
        (Some(file), None, _) => format!("no line of {file} has it"),
        (None, _, Some(result)) if path.is_empty() => match &why.domain {
            Some(domain) => format!("{result}, no term of {domain} matches"),
            None => result.to_owned(),
        },
        // The result has been said.
        (None, _, Some("pass")) if listed => path,
        (None, _, Some(result)) => {
            let of = why.path.last().map(|term| format!(" of {}", term.domain));
            format!("{result} by {path}{}", of.unwrap_or_default())
        }
        (None, _, None) => "nothing says why".to_owned(),
    }
}

fn source(why: &WhyShape) -> String {
    let mut text = why.source.clone();
    if let Some(domain) = &why.domain {
        let _ = write!(text, ", the policy of {domain}");
    }
    if let Some(taken) = &why.taken {
        let _ = write!(text, ", answers of {taken}");
    }
    text
}
