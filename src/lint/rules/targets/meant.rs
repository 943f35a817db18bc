//! SPF410: names that the grammar allows and that nobody means.
//!
//! The grammar of a domain-spec takes nearly every visible character (RFC 7208
//! section 7.1); names of hosts have letters, digits, hyphens, dots, and in
//! practice underscores.

use crate::lint::facts::Facts;
use crate::lint::finding::{Finding, Fix, FixKind, Place};
use crate::lint::registrable::is_top_label;
use crate::lint::rules::selection::{joints, undoubled};
use crate::lint::terms::{domain_spec, mechanism, quoted};
use crate::policy::Graph;
use crate::syntax::{
    DomainSpec, DomainTarget, MacroLetter, MacroPart, Mechanism, Record, Span, Term, parse_record,
};

/// What domain-specs begin with where a whole term, or more, was put into one.
const INNER: [&[u8]; 12] = [
    b"include:",
    b"redirect=",
    b"exists:",
    b"v=spf1",
    b"ip4:",
    b"ip6:",
    b"ptr:",
    b"exp=",
    b"spf:",
    b"txt:",
    b"mx:",
    b"a:",
];
/// Terms that stand glued to a top label.
const GLUED: [&[u8]; 8] =
    [b"all", b"include", b"redirect", b"exists", b"ip4", b"ip6", b"ptr", b"mx"];

/// A term of the policy's own record whose name nobody means.
pub(super) struct Odd {
    /// The term.
    pub(super) term: Span,
    /// What is odd about its name.
    what: String,
    help: &'static str,
    fix: Option<Fix>,
}

/// What is odd about a name, before it is known in which term.
struct Oddity {
    what: String,
    help: &'static str,
    fix: Option<Fix>,
}

impl Oddity {
    fn new(what: impl Into<String>, help: &'static str) -> Oddity {
        Oddity { what: what.into(), help, fix: None }
    }

    /// Octets to replace; only its author knows what was meant, so the edit is
    /// never more than an offer.
    fn fix(self, span: Span, text: &str) -> Oddity {
        Oddity { fix: Some(Fix { span, text: text.to_owned(), kind: FixKind::Offered }), ..self }
    }
}

pub(super) fn never_meant_target(facts: &Facts) -> Vec<Finding> {
    let Some(record) = facts.record() else { return Vec::new() };
    let finding = |odd: Odd| {
        let term = record.terms().iter().find(|term| term.span == odd.term);
        let text = term.map_or_else(String::new, |term| quoted(record, term));
        let place = Place { span: Some(odd.term), ..facts.record_place(Graph::ROOT) };
        let message = format!("{text} is legal, but nobody means it: {}", odd.what);
        let mut finding = Finding::new(place, message).help(odd.help);
        finding.fix = odd.fix;
        finding
    };
    odd_terms(facts).into_iter().map(finding).collect()
}

/// The terms of the policy's own record whose name nobody means. Those that two
/// strings make by joining are another rule's.
pub(super) fn odd_terms(facts: &Facts) -> Vec<Odd> {
    let Some(record) = facts.record() else { return Vec::new() };
    let joints = joints(facts);
    let odd = |term: &Term| {
        let spec = domain_spec(term)?;
        let target = record.domain_target(spec, &facts.domain);
        if matches!(target, DomainTarget::Invalid(..)) {
            return None;
        }
        let Oddity { what, help, fix } = inner_term(record, term, spec)
            .or_else(|| url(record, spec))
            .or_else(|| glued(record, spec))
            .or_else(|| glued_term(record, spec))
            .or_else(|| octet(record, spec))
            .or_else(|| no_zone(record, term, spec))
            .or_else(|| doubled(&target))?;
        Some(Odd { term: term.span, what, help, fix })
    };
    let joined = |term: &&Term| joints.iter().any(|joint| joint.term == term.span);
    record.terms().iter().filter(|term| !joined(term)).filter_map(odd).collect()
}

/// `include:include:x`, `include:ip4:…`: one term inside of another.
fn inner_term(record: &Record, term: &Term, spec: &DomainSpec) -> Option<Oddity> {
    let text = record.slice(spec.0.span);
    let inner = INNER.iter().find(|inner| begins_with(text, inner))?;
    let shown = String::from_utf8_lossy(inner);
    let found = Oddity::new(
        format!("its name begins with '{shown}'"),
        "write each term once, with a name behind it",
    );
    let outer = Span { start: term.span.start, end: spec.0.span.start };
    let start = spec.0.span.start as usize;
    let same = ends_with(record.slice(outer), inner) && text.len() > inner.len();
    Some(match same {
        true => found.fix(Span::new(start, start + inner.len()), ""),
        false => found,
    })
}

/// `include:https://x`, `include:://x`.
fn url(record: &Record, spec: &DomainSpec) -> Option<Oddity> {
    let text = record.slice(spec.0.span);
    let signs = text.windows(2).position(|pair| pair == b"//")?;
    let found = Oddity::new("it holds a URL", "write the bare name, without what begins a URL");
    let name = text.get(signs + 2..)?;
    let bare = name.iter().all(|octet| is_plain(*octet))
        && name.iter().position(|octet| *octet == b'.').is_some_and(|dot| dot > 0);
    let start = spec.0.span.start as usize;
    Some(if bare { found.fix(Span::new(start, start + signs + 2), "") } else { found })
}

/// `include:x.com-all`, `include:x.comall`, `include:x.com?all`: the next term
/// without a blank before it.
fn glued(record: &Record, spec: &DomainSpec) -> Option<Oddity> {
    let text = record.slice(spec.0.span);
    let start = spec.0.span.start as usize;
    let blank = |at: usize| {
        Oddity::new("a blank is missing in it", "put a blank between the two terms")
            .fix(Span::new(start + at, start + at), " ")
    };
    let all = text.len().checked_sub(4).filter(|at| ends_with(text, b"all") && *at > 0);
    if let Some(at) = all.filter(|at| b"~?+".contains(&text[*at])) {
        return Some(blank(at));
    }
    // A macro at the end makes the top label.
    let last = record.parts(&spec.0).last()?;
    let MacroPart::Literal(literal) = last else { return None };
    let literal = record.slice(*literal);
    let literal = literal.strip_suffix(b".").unwrap_or(literal);
    let dot = literal.iter().rposition(|octet| *octet == b'.')?;
    let label = literal.get(dot + 1..)?;
    let from = text.strip_suffix(b".").unwrap_or(text).len() - label.len();
    if let Some(hyphen) = label.iter().position(|octet| *octet == b'-') {
        if begins_with(label, b"xn--") {
            return None;
        }
        let (top, rest) = label.split_at(hyphen);
        return Some(match is_top_label(top) && rest.eq_ignore_ascii_case(b"-all") {
            true => blank(from + hyphen),
            false => Oddity::new(
                format!("no top label is '{}'", label.escape_ascii()),
                "mend the end of the name; terms need a blank between them",
            ),
        });
    }
    if is_top_label(label) {
        return None;
    }
    let name = GLUED.iter().find(|name| ends_with(label, name))?;
    let top = &label[..label.len() - name.len()];
    if !top.is_empty() && !is_top_label(top) {
        return None;
    }
    let alone = [&b"all"[..], b"mx", b"ptr"].contains(name) && !top.is_empty();
    Some(match alone {
        true => blank(from + top.len()),
        false => Oddity::new(
            format!("no top label is '{}'", label.escape_ascii()),
            "mend the end of the name; terms need a blank between them",
        ),
    })
}

/// `include:x.cominclude:y`, `a:x.com,a:y.com`: a name and a whole term behind
/// it, with no blank or another sign between them.
fn glued_term(record: &Record, spec: &DomainSpec) -> Option<Oddity> {
    let text = record.slice(spec.0.span);
    let start = spec.0.span.start as usize;
    let ends_name = |name: &[u8]| {
        let mut labels = name.rsplit(|octet| *octet == b'.');
        let ends = labels.next().is_some_and(is_top_label) && labels.next().is_some();
        ends && name.iter().copied().all(is_plain)
    };
    let between = |text: &[u8]| {
        let signs = text.iter().rev().take_while(|octet| b"+-~?".contains(octet)).count();
        let name = &text[..text.len() - signs];
        let commas = name.iter().rev().take_while(|octet| b",;".contains(octet)).count();
        let end = name.len() - commas;
        (signs <= 1 && commas <= 1 && ends_name(&name[..end])).then_some((end, commas))
    };
    let found = INNER.iter().filter(|inner| **inner != b"v=spf1").find_map(|inner| {
        let at = text.windows(inner.len()).position(|found| found.eq_ignore_ascii_case(inner))?;
        between(&text[..at])
    });
    let (end, commas) = found?;
    let span = Span::new(start + end, start + end + commas);
    let help = "put a blank between the two terms";
    Some(Oddity::new("a blank is missing in it", help).fix(span, " "))
}

/// Octets that no name of a host has.
fn octet(record: &Record, spec: &DomainSpec) -> Option<Oddity> {
    let parts = record.parts(&spec.0);
    let dynamic = parts.iter().any(|part| matches!(part, MacroPart::Expand(_)));
    for part in parts {
        let literal = match part {
            MacroPart::Literal(span) if lacks_percent(record.slice(*span)) => continue,
            MacroPart::Literal(span) => record.slice(*span),
            MacroPart::Expand(_) => continue,
            MacroPart::Percent(_) | MacroPart::Space(_) | MacroPart::UrlSpace(_) => {
                let shown = record.slice_text(part.span());
                let what = format!("'{shown}' stands for a character that no host name has");
                return Some(Oddity::new(what, "write the bare name of a host"));
            }
        };
        // Signs between macros may be what a server splits the name at.
        let is_fine = |octet: u8| is_plain(octet) || (dynamic && b"=+".contains(&octet));
        if let Some(octet) = literal.iter().copied().find(|octet| !is_fine(*octet)) {
            let help = match octet {
                b'*' => "write the whole name: a term asks DNS for one name, never for many",
                b'@' => "name the domain behind the '@', if it is one that has a policy",
                b',' | b';' => "write one term for each name, with blanks between",
                b'"' | b'\'' | b'`' => "delete the quotation mark",
                b'<' | b'>' | b'{' | b'}' | b'[' | b']' | b'$' | b'(' | b')' => {
                    "put a name in place of the placeholder; a macro is written '%{d}'"
                }
                _ => "names of hosts have letters, digits, hyphens, underscores and dots",
            };
            return Some(Oddity::new(format!("no host name has a '{}'", char::from(octet)), help));
        }
    }
    None
}

/// Whether a literal holds what would be a macro behind a percent sign, which is
/// for the rules on macros to tell: `{ir}`, `${d}`.
fn lacks_percent(literal: &[u8]) -> bool {
    let open = literal.iter().position(|octet| *octet == b'{');
    let close = literal.iter().position(|octet| *octet == b'}');
    let inner = open.zip(close).and_then(|(open, close)| literal.get(open..=close));
    inner.is_some_and(|inner| parse_record(&[b"v=spf1 exists:%", inner].concat()).errors.is_empty())
}

/// `exists:%{i}`: the client's address and nothing that anyone could answer for.
fn no_zone(record: &Record, term: &Term, spec: &DomainSpec) -> Option<Oddity> {
    let names_nothing = |part: &MacroPart| match part {
        MacroPart::Literal(span) => !record.slice(*span).iter().any(u8::is_ascii_alphanumeric),
        MacroPart::Expand(expand) => {
            matches!(expand.letter, MacroLetter::Ip | MacroLetter::Version | MacroLetter::LocalPart)
        }
        _ => false,
    };
    if !record.parts(&spec.0).iter().all(names_nothing) {
        return None;
    }
    let help = match mechanism(term) {
        Some(Mechanism::Exists(_)) => {
            "name the zone that lists the addresses behind it: 'exists:%{ir}.%{v}._spf.example.net'"
        }
        _ => "name the zone that holds the records behind it",
    };
    Some(Oddity::new("it names no zone", help))
}

/// `_spf.example.com.example.com`: a name below itself.
fn doubled(target: &DomainTarget) -> Option<Oddity> {
    let DomainTarget::Static(name) = target else { return None };
    undoubled(name)?;
    Some(Oddity::new(
        "the end of its name stands there twice",
        "write the name once; a domain-spec is never relative to the record's own name",
    ))
}

fn is_plain(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"-._".contains(&octet)
}

fn begins_with(text: &[u8], start: &[u8]) -> bool {
    text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
}

fn ends_with(text: &[u8], end: &[u8]) -> bool {
    let from = text.len().checked_sub(end.len());
    from.and_then(|from| text.get(from..)).is_some_and(|tail| tail.eq_ignore_ascii_case(end))
}
