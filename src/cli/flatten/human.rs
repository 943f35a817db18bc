//! A flattened policy for people: the records on standard output, what is to be
//! known about them beside it.

use std::fmt::Write;

use crate::cli::describe::{counted, heading, lookups, number};
use crate::cli::escape;
use crate::cli::output::Session;
use crate::cli::ranges::{changes, lines};
use crate::cli::style::{DIM, GOOD, paint};
use crate::compile::{CompileError, FlattenOptions, Flattened};
use crate::target::{OutputRecord, ZoneRecord, zone_file};

use super::{octets, terms};

/// Ranges that are listed at most.
const MOST_RANGES: usize = 20;

/// The records in the order in which they are published: the domain's own last.
fn published(records: &[OutputRecord]) -> impl Iterator<Item = &OutputRecord> {
    records.iter().skip(1).chain(records.first())
}

/// Name and text of each record.
pub(super) fn text(records: &[OutputRecord]) -> String {
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
pub(super) fn zone(records: &[OutputRecord]) -> String {
    let records: Vec<ZoneRecord> = published(records).map(ZoneRecord::from).collect();
    zone_file(&records)
}

/// Says what is to be known about the records.
pub(super) fn remarks(flattened: &Flattened, options: &FlattenOptions, session: &Session) {
    summary(flattened, session);
    let most = if session.global.verbose { usize::MAX } else { MOST_RANGES };
    if let Some(comparison) = &flattened.repaired {
        let changes = changes(comparison, &flattened.decisions);
        let terms: Vec<String> =
            options.source.without.iter().map(|term| escape::text(term)).collect();
        let ranges = counted(changes.len(), "range");
        session.warn(format!("without {} the result changes for {ranges}", terms.join(" and ")));
        for line in lines(&changes, most) {
            session.aside(&format!("  {line}"));
        }
    }
    if options.qualifier.is_some() {
        let ranges = counted(flattened.changed, "range");
        session.warn(format!("the new final all changes the result for {ranges}"));
    }
    for kept in &flattened.source.kept {
        session.note(format!("{} of {} stays: {}", kept.term, kept.domain, kept.reason.as_str()));
    }
    for note in &flattened.notes {
        session.warn(note);
    }
    if flattened.records.len() > 1 {
        session.note("publish the records in the order in which they are printed");
    }
    if options.source.record.is_none() && options.source.source.is_none() {
        session.note(how_to_keep(options));
    }
}

fn summary(flattened: &Flattened, session: &Session) {
    let proof = flattened.proof;
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
    session.aside(&format!("  source  {}", lookups(&flattened.source.lookups)));
    session.aside(&format!("  output  {}", lookups(&flattened.lookups)));
    session.aside(&format!(
        "          {}, {}, {}\n",
        counted(flattened.records.len(), "record"),
        counted(terms(flattened), "term"),
        counted(octets(flattened), "octet"),
    ));
}

/// What the caller can do about a policy that is in error.
pub(super) fn advice(error: &CompileError, session: &Session) {
    let CompileError::Policy(errors) = error else { return };
    let lasting = errors.iter().filter(|error| !error.is_temporary());
    if let Some(term) = lasting.filter_map(|error| error.term.as_deref()).next() {
        session.note(format!(
            "--without '{term}' compiles as if that term were not there, and shows what it changes"
        ));
    }
}

/// How the next run gets to see the source and not its own output.
fn how_to_keep(options: &FlattenOptions) -> String {
    let domain = &options.source.domain;
    format!(
        "once these records are published the source is gone from {domain}: keep it at another name, \
         such as _source.{domain}, and give --source _source.{domain} from then on, or keep it in a file \
         and give --record @FILE"
    )
}
