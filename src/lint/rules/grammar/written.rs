//! Terms as they are written: their pieces, and whether a text could stand in
//! their place.

use crate::outcome::Qualifier;
use crate::syntax::{Mechanism, Modifier, Parse, Span, SyntaxError, Term, TermKind, parse_record};

/// The names that a term can begin with, and what stands behind each.
pub(super) const NAMES: [(&str, char); 10] = [
    ("include", ':'),
    ("ip4", ':'),
    ("ip6", ':'),
    ("all", ' '),
    ("a", ':'),
    ("mx", ':'),
    ("exists", ':'),
    ("ptr", ':'),
    ("redirect", '='),
    ("exp", '='),
];

/// What stands behind a name, where it is a known one in any case.
pub(super) fn separator(name: &str) -> Option<char> {
    NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, sign)| *sign)
}

/// A term cut into its pieces, of which each but the name may be empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pieces<'a> {
    /// `+`, `-`, `~`, `?` or nothing.
    pub(super) qualifier: &'a str,
    /// Up to the first sign that may end a name.
    pub(super) name: &'a str,
    /// The sign, `:`, `=` or `/`.
    pub(super) sign: &'a str,
    /// All that is behind the sign.
    pub(super) argument: &'a str,
}

/// Cuts a term of ASCII characters.
pub(super) fn pieces(term: &str) -> Pieces<'_> {
    let (qualifier, body) = qualified(term);
    let end = body.find([':', '=', '/']).unwrap_or(body.len());
    let (name, rest) = body.split_at(end);
    let (sign, argument) = rest.split_at(rest.len().min(1));
    Pieces { qualifier, name, sign, argument }
}

/// The qualifier of a term, if it has one, and the rest.
pub(super) fn qualified(term: &str) -> (&str, &str) {
    match term.as_bytes() {
        [b'+' | b'-' | b'~' | b'?', ..] => term.split_at(1),
        _ => ("", term),
    }
}

fn parsed(terms: &str) -> Parse {
    parse_record(format!("v=spf1 {terms}").as_bytes())
}

/// Whether a text is terms without a mistake, of which none is ignored. No
/// term at all is fine too.
pub(super) fn meant(terms: &str) -> bool {
    let parse = parsed(terms);
    let unknown = |term: &Term| matches!(term.kind, TermKind::Modifier(Modifier::Unknown { .. }));
    parse.errors.is_empty() && !parse.record.terms().iter().any(unknown)
}

/// Whether a text is one term without a mistake that is not ignored.
pub(super) fn one_meant(term: &str) -> bool {
    !term.is_empty() && !term.contains(' ') && meant(term)
}

/// Whether the text would let everyone pass, or holds two opinions on the rest.
pub(super) fn passes_everyone(terms: &str) -> bool {
    let parse = parsed(terms);
    let mut alls = 0;
    let everyone = parse.record.directives().any(|(_, directive)| {
        alls += usize::from(matches!(directive.mechanism, Mechanism::All));
        let wide = match &directive.mechanism {
            Mechanism::All => true,
            Mechanism::Ip4(network) => network.length == Some(0),
            Mechanism::Ip6(network) => network.length == Some(0),
            _ => false,
        };
        wide && directive.qualifier == Qualifier::Pass
    });
    everyone || alls > 1
}

/// The first mistake of a single term, with places from its start.
pub(super) fn first_error(term: &str) -> Option<SyntaxError> {
    const BEFORE: u32 = "v=spf1 ".len() as u32;
    let moved = |span: Span| Span { start: span.start - BEFORE, end: span.end - BEFORE };
    let error = *parsed(term).errors.first()?;
    Some(SyntaxError { span: moved(error.span), term: moved(error.term), kind: error.kind })
}

/// Text of a record, fit to stand in a message, cut where it is long.
pub(in crate::lint::rules) fn shown(text: &str) -> String {
    const OCTETS: usize = 80;
    let (begin, more) = match text.get(..OCTETS) {
        Some(begin) if text.len() > OCTETS => (begin, "..."),
        _ => (text, ""),
    };
    match begin.bytes().all(|octet| matches!(octet, b' '..=b'~')) {
        true => format!("'{begin}{more}'"),
        false => format!("'{}{more}'", begin.as_bytes().escape_ascii()),
    }
}
