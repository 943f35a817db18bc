//! A compiled policy for people: the records on standard output, what is to be
//! known about them beside it.

use std::fmt::Write;

use crate::cli::describe::{counted, heading, lookups, number};
use crate::cli::output::Session;
use crate::cli::ranges::{changes, lines};
use crate::cli::style::{DIM, GOOD, paint};
use crate::compile::{CompileError, Compiled, SourceOptions};
use crate::escape;
use crate::lint::{Report, Severity};
use crate::target::{OutputRecord, ZoneRecord, zone_file};

/// Ranges that are listed at most.
const MOST_RANGES: usize = 20;

/// The records in the order in which they are published: chunks, a record that
/// the domain redirects to, the domain's own.
fn published(records: &[OutputRecord]) -> impl Iterator<Item = &OutputRecord> {
    let moved = records.len() > 1 && records[0].text.starts_with("v=spf1 redirect=");
    let own = if moved { 2 } else { 1 }.min(records.len());
    records[own..].iter().chain(records[..own].iter().rev())
}

/// Name and text of each record.
pub(in crate::cli) fn text(records: &[OutputRecord]) -> String {
    let mut out = String::new();
    for (index, record) in published(records).enumerate() {
        if index > 0 {
            out.push('\n');
        }
        let about =
            format!("TXT, TTL {}, {} octets on the wire", record.ttl, record.message_octets);
        let _ = writeln!(out, "{}  {}", heading(&record.name), paint(DIM, about));
        let _ = writeln!(out, "{}", escape::text(&record.text));
    }
    out
}

/// The lines of a zone file.
pub(in crate::cli) fn zone(records: &[OutputRecord]) -> String {
    let records: Vec<ZoneRecord> = published(records).map(ZoneRecord::from).collect();
    zone_file(&records)
}

/// Says what is to be known about the records.
pub(in crate::cli) fn remarks(
    compiled: &Compiled,
    options: &SourceOptions,
    qualifier: bool,
    report: &Report,
    session: &Session,
) {
    summary(compiled, session);
    findings(report, qualifier, session);
    let most = if session.global.verbose { usize::MAX } else { MOST_RANGES };
    if let Some(comparison) = &compiled.repaired {
        let changes = changes(comparison, &compiled.decisions);
        let terms: Vec<String> = options.without.iter().map(|term| escape::text(term)).collect();
        let ranges = counted(changes.len(), "range");
        session.warn(format!("without {} the result changes for {ranges}", terms.join(" and ")));
        for line in lines(&changes, most) {
            session.aside(&format!("  {line}"));
        }
    }
    if qualifier {
        let ranges = counted(compiled.changed, "range");
        session.warn(format!("the new final all changes the result for {ranges}"));
    }
    for kept in &compiled.source.kept {
        session.note(format!("{} of {} stays: {}", kept.term, kept.domain, kept.reason.as_str()));
    }
    for note in &compiled.notes {
        session.warn(note);
    }
    if options.record.is_none() && options.source.is_none() {
        session.note(how_to_keep(options));
    }
}

/// Says how records that are printed are published.
pub(in crate::cli) fn order(compiled: &Compiled, session: &Session) {
    if compiled.records.len() > 1 {
        session.note("publish the records in the order in which they are printed");
    }
}

/// What lint says of the policy itself; what is wrong with its size or its
/// lookups, compiling mends. A final `all` that is changed is none of the output's.
fn findings(report: &Report, qualifier: bool, session: &Session) {
    let about_all = |code: &str| matches!(code, "SPF602" | "SPF603" | "SPF605" | "SPF606");
    for diagnostic in &report.diagnostics {
        let code = diagnostic.rule.code;
        if !code.starts_with("SPF6") || qualifier && about_all(code) {
            continue;
        }
        let text = format!("{} [{code}]", diagnostic.message);
        match diagnostic.severity {
            Severity::Note => session.note(text),
            Severity::Warning | Severity::Error => session.warn(text),
        }
    }
}

fn summary(compiled: &Compiled, session: &Session) {
    let proof = compiled.proof;
    let all = if proof.tested == proof.addresses { "all " } else { "" };
    let of = match proof.tested == proof.addresses {
        true => String::new(),
        false => format!(" of {}", number(proof.addresses as u128)),
    };
    session.aside(&format!(
        "{} the same result for every address, checked again at {all}{}{of} boundary addresses",
        paint(GOOD, "proven:"),
        number(proof.tested as u128),
    ));
    session.aside(&format!("  source  {}", lookups(&compiled.source.lookups)));
    session.aside(&format!("  output  {}", lookups(&compiled.lookups)));
    session.aside(&format!(
        "          {}, {}, {}\n",
        counted(compiled.records.len(), "record"),
        counted(compiled.terms(), "term"),
        counted(compiled.octets(), "octet"),
    ));
}

/// What the caller can do about a policy that is in error.
pub(in crate::cli) fn advice(error: &CompileError, session: &Session) {
    let CompileError::Policy(errors) = error else { return };
    let lasting = errors.iter().filter(|error| !error.is_temporary());
    if let Some(term) = lasting.filter_map(|error| error.term.as_deref()).next() {
        session.note(format!(
            "--without '{term}' compiles as if that term were not there, and shows what it changes"
        ));
    }
}

/// How the next run gets to see the source and not its own output.
fn how_to_keep(options: &SourceOptions) -> String {
    let domain = &options.domain;
    format!(
        "once these records are published the source is gone from {domain}: keep it at another name, \
         such as _source.{domain}, and give --source _source.{domain} from then on, or keep it in a file \
         and give --record @FILE"
    )
}
