//! What the grammar takes and nobody uses: versions and modifiers that are
//! ignored, capitals, and records of Sender ID.

use crate::lint::facts::Facts;
use crate::lint::finding::{Finding, FixKind, Place};
use crate::lint::rule::Severity;
use crate::lint::terms::{mechanism, quoted};
use crate::policy::{Graph, NodeState};
use crate::syntax::{MacroString, Mechanism, Modifier, Record, Span, Term, TermKind};

use super::mechanisms::suggestions;
use super::written::{one_meant, separator};

/// The record of the target and whether it is sound.
fn own_record<'a>(facts: &'a Facts) -> Option<(&'a Record, bool)> {
    match &facts.graph.root().state {
        NodeState::Found(found) => Some((found.record.as_ref(), true)),
        NodeState::Broken { record, .. } => Some((record.as_deref()?, false)),
    }
}

/// The modifiers that no standard knows, with name and value.
fn unknown(record: &Record) -> impl Iterator<Item = (&Term, Span, MacroString)> {
    record.terms().iter().filter_map(|term| match term.kind {
        TermKind::Modifier(Modifier::Unknown { name, value }) => Some((term, name, value)),
        _ => None,
    })
}

/// Whether a modifier is the version, put where a term has to be.
fn is_version(record: &Record, name: Span, value: &MacroString) -> bool {
    let begin = record.slice(value.span).get(..4).unwrap_or_default();
    record.slice(name).eq_ignore_ascii_case(b"v") && begin.eq_ignore_ascii_case(b"spf1")
}

fn place(facts: &Facts, span: Span) -> Place {
    Place { span: Some(span), ..facts.record_place(Graph::ROOT) }
}

/// A term with the blanks before it: what goes when the term goes.
fn with_blanks(record: &Record, term: &Term) -> Span {
    let before = record.text().get(..term.span.start as usize).unwrap_or_default();
    let end = before.iter().rposition(|octet| *octet != b' ').map_or(0, |at| at + 1);
    Span::new(end, term.span.end as usize)
}

pub(super) fn repeated_version(facts: &Facts) -> Vec<Finding> {
    let Some((record, sound)) = own_record(facts) else { return Vec::new() };
    let finding =
        |(term, _, value): (&Term, Span, MacroString)| {
            let behind = record.slice(value.span).get(4..).unwrap_or_default();
            let message = format!(
                "{} inside a record is an unknown modifier, which receivers ignore",
                quoted(record, term)
            );
            let finding = Finding::new(place(facts, term.span), message);
            let glued = std::str::from_utf8(behind).ok().filter(|glued| one_meant(glued));
            match glued {
                None if !behind.is_empty() => {
                    finding.help("delete the version, and put a blank before what follows it")
                }
                Some(glued) => finding
                    .help(format!("write '{glued}' if that is meant to count"))
                    .fix(FixKind::Offered, term.span, glued),
                None if sound => finding
                    .help("delete it; two records that were merged need one version and one 'all'")
                    .fix(FixKind::Equivalent, with_blanks(record, term), ""),
                None => finding.help("delete it once the mistakes are mended"),
            }
        };
    let versions = unknown(record).filter(|(_, name, value)| is_version(record, *name, value));
    versions.map(finding).collect()
}

pub(super) fn unknown_modifier(facts: &Facts) -> Vec<Finding> {
    let Some((record, sound)) = own_record(facts) else { return Vec::new() };
    let finding = |(term, name, value): (&Term, Span, MacroString)| {
        let written = record.slice_text(name);
        let known = known_name(&written);
        let text = quoted(record, term);
        let place = place(facts, term.span);
        let Some(known) = known else {
            let (message, help) = match written.eq_ignore_ascii_case("default") {
                true => (
                    format!("{text} comes from drafts of SPF and says nothing since RFC 4408"),
                    "end with 'all' instead, and delete the modifier",
                ),
                false => (
                    format!("{text} is an unknown modifier, which receivers ignore"),
                    "delete it unless software of your own reads it",
                ),
            };
            let finding = Finding::new(place, message).severity(Severity::Note).help(help);
            return match sound {
                true => finding.fix(FixKind::Equivalent, with_blanks(record, term), ""),
                false => finding,
            };
        };
        let sign = separator(known).unwrap_or(':');
        let message = format!("{text} is an unknown modifier, so receivers ignore it");
        let value = record.slice_text(value.span);
        let meant = match (known, value.as_str()) {
            ("all", "") => known.to_owned(),
            ("a" | "mx" | "ptr", "") => known.to_owned(),
            _ => format!("{known}{sign}{value}"),
        };
        let finding = Finding::new(place, message);
        match one_meant(&meant) {
            true => finding.help(format!("write '{meant}' if it is meant to count")).fix(
                FixKind::Offered,
                term.span,
                meant,
            ),
            false => finding.help(format!("'{known}' may be meant: delete the term or mend it")),
        }
    };
    let others = unknown(record).filter(|(_, name, value)| !is_version(record, *name, value));
    others.map(finding).collect()
}

/// Whether a term of the record is ignored that its author takes for a
/// mechanism or a redirect: `include=x`, `ip4=x`.
pub(in crate::lint::rules) fn ignores_meant_term(record: &Record) -> bool {
    unknown(record).any(|(_, name, value)| {
        !is_version(record, name, &value)
            && known_name(&record.slice_text(name))
                .is_some_and(|known| !["all", "exp"].contains(&known))
    })
}

/// The mechanism or modifier that a name is, or is a slip of the hand for.
fn known_name(written: &str) -> Option<&'static str> {
    const SHORTEST_SLIP: usize = 4;
    if let Some((known, _)) =
        super::written::NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(written))
    {
        return Some(known);
    }
    let sure = |(known, kind): &(&str, FixKind)| {
        let long = known.len() >= SHORTEST_SLIP || known.starts_with("ip");
        *kind == FixKind::Declared && long
    };
    suggestions(written).first().filter(|found| sure(found)).map(|(known, _)| *known)
}

/// The written name of a term, where receivers know it.
fn name_span(record: &Record, term: &Term) -> Option<Span> {
    let start = term.span.start as usize;
    let written = record.slice(term.span);
    let (signs, length) = match (&term.kind, mechanism(term)) {
        (_, Some(mechanism)) => {
            let signs = usize::from(matches!(written.first(), Some(b'+' | b'-' | b'~' | b'?')));
            let length = match mechanism {
                Mechanism::A(..) => 1,
                Mechanism::Mx(..) => 2,
                Mechanism::All | Mechanism::Ptr(_) | Mechanism::Ip4(_) | Mechanism::Ip6(_) => 3,
                Mechanism::Exists(_) => 6,
                Mechanism::Include(_) => 7,
            };
            (signs, length)
        }
        (TermKind::Modifier(Modifier::Redirect(_)), None) => (0, 8),
        (TermKind::Modifier(Modifier::Explanation(_)), None) => (0, 3),
        _ => return None,
    };
    Some(Span::new(start + signs, start + signs + length))
}

pub(super) fn upper_case(facts: &Facts) -> Vec<Finding> {
    const VERSION: usize = "v=spf1".len();
    let Some((record, true)) = own_record(facts) else { return Vec::new() };
    let names = record.terms().iter().filter_map(|term| name_span(record, term));
    let spans = std::iter::once(Span::new(0, VERSION)).chain(names);
    let capitals = |span: &Span| record.slice(*span).iter().any(u8::is_ascii_uppercase);
    let finding = |span: Span| {
        let written = record.slice_text(span);
        let lower = written.to_ascii_lowercase();
        let message = format!("'{written}' is in upper case, which some software does not know");
        Finding::new(place(facts, span), message)
            .help(format!("write '{lower}', which means the same"))
            .fix(FixKind::Equivalent, span, lower)
    };
    spans.filter(capitals).map(finding).collect()
}

pub(super) fn sender_id_record(facts: &Facts) -> Vec<Finding> {
    const VERSION: &[u8] = b"spf2.0/";
    let is_sender_id = |octets: &[u8]| {
        octets.get(..VERSION.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(VERSION))
    };
    let finding = |text: &crate::lint::facts::Text| {
        let octets = &text.octets;
        let end = octets.iter().position(|octet| *octet == b' ').unwrap_or(octets.len());
        let place = Place {
            record: Some(octets.clone()),
            span: Some(Span::new(0, end)),
            ..facts.domain_place()
        };
        let message = "a record of Sender ID, which no receiver has evaluated for years";
        Finding::new(place, message).help(
            "delete it: SPF says all that is read today, and 'v=spf1' records stay as they are",
        )
    };
    facts.texts.iter().filter(|text| is_sender_id(&text.octets)).map(finding).collect()
}
