//! SPF705: percent signs and braces that make no macro, and what is meant.

use crate::lint::facts::Facts;
use crate::lint::finding::{Finding, FixKind, Place};
use crate::lint::rule::Severity;
use crate::lint::rules::grammar::mistake::{Class, Repair};
use crate::lint::rules::grammar::{of_class, written::shown};
use crate::lint::terms::domain_spec;
use crate::policy::Graph;
use crate::syntax::{
    DomainSpec, MacroLetter, MacroPart, Record, Span, SyntaxError, SyntaxErrorKind, parse_record,
};

/// Letters that stand for something in a domain-spec.
fn letter(octet: u8) -> bool {
    MacroLetter::from_octet(octet).is_some_and(|letter| !letter.explanation_only())
}

/// A term with a macro that is none.
pub(in crate::lint::rules) fn bad_macro(term: &str, error: &SyntaxError) -> Repair {
    let start = error.span.start.saturating_sub(error.term.start) as usize;
    let end = error.span.end.saturating_sub(error.term.start) as usize;
    let written = term.get(start..end).unwrap_or_default();
    let message = match error.kind {
        SyntaxErrorKind::Percent => format!("{} begins no macro", shown(written)),
        SyntaxErrorKind::MacroLetter => {
            format!("no macro has the letter {}, expected one of s l o d i p v h", shown(written))
        }
        SyntaxErrorKind::ExplanationMacro => {
            format!("{} is for explanations only", shown(written))
        }
        _ => format!("{} is no macro: {}", shown(written), error.kind.expected()),
    };
    let repair = Repair::new(Class::Macro, message);
    match mended(term) {
        Some((text, kind)) if text != term => {
            let sound = parse_record(format!("v=spf1 {text}").as_bytes()).errors.is_empty();
            Repair { text: sound.then_some((text, kind)), ..repair }
        }
        _ => repair,
    }
}

/// A term with each percent sign made the beginning of a macro.
fn mended(term: &str) -> Option<(String, FixKind)> {
    let mut out = String::new();
    let mut kind = FixKind::Declared;
    let mut rest = term;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        let (text, taken, sure) = one_macro(&rest[at..])?;
        out.push_str(&text);
        rest = &rest[at + taken..];
        if !sure {
            kind = FixKind::Offered;
        }
    }
    out.push_str(rest);
    Some((out, kind))
}

/// What begins at a percent sign: the macro that is meant, the octets that it
/// takes of the text, and whether it can be nothing else.
fn one_macro(text: &str) -> Option<(String, usize, bool)> {
    let octets = text.as_bytes();
    // Letters and transformers in the wrong order, and words for letters.
    const SLIPS: [(&str, &str); 6] = [
        ("%{ri}", "%{ir}"),
        ("%{rd}", "%{dr}"),
        ("%{rv}", "%{v}"),
        ("%{ip}", "%{i}"),
        ("%{ip4}", "%{i}"),
        ("%{domain}", "%{d}"),
    ];
    if let Some((slip, meant)) = SLIPS.iter().find(|(slip, _)| text.starts_with(slip)) {
        return Some(((*meant).to_owned(), slip.len(), false));
    }
    match octets.get(1) {
        Some(b'%' | b'_' | b'-') => return Some((text.get(..2)?.to_owned(), 2, true)),
        None => return Some((String::new(), 1, false)),
        _ => {}
    }
    let open = usize::from(matches!(octets[1], b'{' | b'(' | b'[' | b'<'));
    let doubled = usize::from(open == 1 && octets.get(2) == octets.get(1));
    let begin = 1 + open + doubled;
    let first = *octets.get(begin)?;
    if !letter(first) {
        return None;
    }
    let behind = octets.get(begin + 1..)?;
    let digits = behind.iter().take_while(|octet| octet.is_ascii_digit()).count();
    let reverse = usize::from(behind.get(digits).is_some_and(|octet| matches!(octet, b'r' | b'R')));
    let mut inner = begin + 1 + digits + reverse;
    let closing = |at: usize| octets.get(at).is_some_and(|octet| b"})]>".contains(octet));
    if open == 1 {
        let delimiters = octets[inner..].iter().take_while(|octet| b".-+,/_=".contains(octet));
        let delimiters = delimiters.count();
        if closing(inner + delimiters) {
            inner += delimiters;
        }
    }
    let body = text.get(begin..inner)?;
    let closed = (0..=doubled).take_while(|more| closing(inner + more)).count();
    // Without a closing sign the macro has to end where a name goes on.
    let ends = octets.get(inner).is_none_or(|octet| !octet.is_ascii_alphanumeric());
    match (open, closed) {
        (1, 0) | (0, _) if !ends => None,
        (0, 0) => Some((format!("%{{{body}}}"), inner, body.len() == 1)),
        _ => Some((format!("%{{{body}}}"), inner + closed, true)),
    }
}

/// SPF705, for records in error and for macros that lack their percent sign.
pub(super) fn bad_macros(facts: &Facts) -> Vec<Finding> {
    let mut findings = of_class(facts, Class::Macro);
    let Some(record) = facts.record() else { return findings };
    for spec in record.terms().iter().filter_map(domain_spec) {
        for part in record.parts(&spec.0) {
            let Some(span) = unmarked_in(record, part) else { continue };
            let dollar = usize::from(record.slice(span).first() == Some(&b'$'));
            let inner = Span { start: span.start + dollar as u32, ..span };
            let text = format!("%{}", record.slice_text(inner));
            let place = Place { span: Some(span), ..facts.record_place(Graph::ROOT) };
            let message = format!(
                "{} without '%' is no macro, so receivers ask for a name with braces",
                shown(&record.slice_text(span))
            );
            findings.push(
                Finding::new(place, message)
                    .severity(Severity::Warning)
                    .help(format!("write '{text}'"))
                    .fix(FixKind::Offered, span, text),
            );
        }
    }
    findings
}

/// The first macro of a domain-spec that lacks its percent sign, such as `{i}`:
/// the grammar takes it for a part of the name.
pub(in crate::lint::rules) fn unmarked_macro(record: &Record, spec: &DomainSpec) -> Option<Span> {
    record.parts(&spec.0).iter().find_map(|part| unmarked_in(record, part))
}

fn unmarked_in(record: &Record, part: &MacroPart) -> Option<Span> {
    let MacroPart::Literal(literal) = part else { return None };
    let (start, end) = without_percent(record.slice(*literal))?;
    let at = literal.start as usize;
    Some(Span::new(at + start, at + end))
}

/// The first `{letter...}` of a literal, with a dollar sign before it.
fn without_percent(literal: &[u8]) -> Option<(usize, usize)> {
    let open = literal.windows(2).position(|pair| pair[0] == b'{' && letter(pair[1]))?;
    let close = open + literal[open..].iter().position(|octet| *octet == b'}')?;
    let inner = std::str::from_utf8(literal.get(open..=close)?).ok()?;
    let sound = parse_record(format!("v=spf1 exists:%{inner}").as_bytes()).errors.is_empty();
    let dollar = usize::from(open > 0 && literal.get(open - 1) == Some(&b'$'));
    sound.then_some((open - dollar, close + 1))
}
