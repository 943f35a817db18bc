//! SPF004: a blank in the middle of what is meant to be one term.

use crate::lint::finding::FixKind;
use crate::syntax::{Span, SyntaxError};

use super::mistake::{Class, MOST_TERM_OCTETS, Mistake, edit, help, mended};
use super::written::{one_meant, pieces, qualified, separator, shown};

/// The mistake, and how many of the errors behind it are part of it. Octets
/// before `edited` belong to the edit of another mistake.
pub(super) fn blank(
    text: &[u8],
    error: &SyntaxError,
    behind: &[SyntaxError],
    edited: u32,
) -> Option<(Mistake, usize)> {
    let term = visible(text, error.term)?;
    let joined = with_next(text, error, term, behind).or_else(|| {
        let before = before(text, error.term).filter(|before| before.start >= edited)?;
        Some((Span { start: before.start, end: error.term.end }, tail(text, before, term)?, 0))
    });
    let (span, (mended, kind), taken) = joined?;
    let written = visible(text, span)?;
    let fix = edit(text, span, mended, kind);
    let mistake = Mistake {
        class: Class::Blank,
        span,
        message: format!("a blank divides {}", shown(written)),
        help: help(Some(&fix)),
        fix: Some(fix),
    };
    Some((mistake, taken))
}

type Joined = (Span, (String, FixKind), usize);

/// A term that goes on behind the blank.
fn with_next(
    text: &[u8],
    error: &SyntaxError,
    term: &str,
    behind: &[SyntaxError],
) -> Option<Joined> {
    let span = next(text, error.term)?;
    let second = visible(text, span)?;
    let whole = Span { start: error.term.start, end: span.end };
    if matches!(term, "+" | "-" | "~" | "?") {
        let joined = format!("{term}{second}");
        let bare = qualified(second).0.is_empty() && one_meant(&joined);
        let kind = match second.eq_ignore_ascii_case("all") {
            true => FixKind::Declared,
            false => FixKind::Offered,
        };
        return bare.then_some((whole, (joined, kind), 0));
    }
    if let Some((terms, kind)) = displaced(term, second) {
        return Some((whole, (terms, kind), 0));
    }
    let broken = |span: Span, at: usize| behind.get(at).is_some_and(|error| error.term == span);
    if !broken(span, 0) {
        return None;
    }
    if second == ":" || second == "=" {
        let third = next(text, span).filter(|third| broken(*third, 1))?;
        let joined = format!("{term}{second}{}", visible(text, third)?);
        let whole = Span { end: third.end, ..whole };
        return one_meant(&joined).then_some((whole, (joined, FixKind::Declared), 2));
    }
    let joined = format!("{term}{second}");
    let ends = term.ends_with([':', '=', '/', '.']);
    let begins = second.starts_with([':', '=', '/', '.']);
    let fragment = !term.contains([':', '=', '.', '/']) && separator(qualified(term).1).is_none();
    if (ends || begins || fragment) && one_meant(&joined) {
        return Some((whole, (joined, FixKind::Declared), 1));
    }
    if term.ends_with([':', '=']) {
        return mended(&joined)
            .filter(|_| separator(pieces(second).name).is_none())
            .map(|mended| (whole, mended, 1));
    }
    let sign = separator(qualified(term).1).filter(|sign| *sign != ' ')?;
    let joined = format!("{term}{sign}{second}");
    one_meant(&joined).then_some((whole, (joined, FixKind::Declared), 1))
}

/// A qualifier that stands on the wrong side of the blank: `mx~ all`.
fn displaced(term: &str, second: &str) -> Option<(String, FixKind)> {
    let front = term.strip_suffix(['+', '-', '~', '?'])?;
    let joined = format!("{}{second}", &term[front.len()..]);
    let sound = one_meant(front) && qualified(second).0.is_empty() && one_meant(&joined);
    let kind = match second.eq_ignore_ascii_case("all") {
        true => FixKind::Declared,
        false => FixKind::Offered,
    };
    sound.then(|| (format!("{front} {joined}"), kind))
}

/// A sound term whose tail stands behind the blank.
fn tail(text: &[u8], before: Span, term: &str) -> Option<(String, FixKind)> {
    let first = visible(text, before)?;
    let joined = format!("{first}{term}");
    let (qualifier, mechanism) = qualified(&joined);
    if mechanism.eq_ignore_ascii_case("all") && !qualifier.is_empty() {
        return Some((joined, FixKind::Declared));
    }
    let label = first.ends_with('.') && term.bytes().all(|octet| octet.is_ascii_alphabetic());
    if !label && !term.starts_with([':', '/']) {
        return None;
    }
    let kind = if label { FixKind::Offered } else { FixKind::Declared };
    (one_meant(first) && one_meant(&joined)).then_some((joined, kind))
}

/// What a place holds, where it is short and of visible ASCII characters and blanks.
fn visible(text: &[u8], span: Span) -> Option<&str> {
    let octets = span.of(text);
    let fit = octets.len() <= MOST_TERM_OCTETS
        && octets.iter().all(|octet| octet.is_ascii_graphic() || *octet == b' ');
    std::str::from_utf8(octets).ok().filter(|_| fit)
}

/// The term behind a place.
fn next(text: &[u8], span: Span) -> Option<Span> {
    let rest = text.get(span.end as usize..)?;
    let begin = rest.iter().position(|octet| *octet != b' ')?;
    let length = rest[begin..].iter().position(|octet| *octet == b' ');
    let start = span.end as usize + begin;
    Some(Span::new(start, length.map_or(text.len(), |length| start + length)))
}

/// The term before a place, the version left out.
fn before(text: &[u8], span: Span) -> Option<Span> {
    let rest = text.get(..span.start as usize)?;
    let last = rest.iter().rposition(|octet| *octet != b' ')?;
    let start = rest[..last].iter().rposition(|octet| *octet == b' ')? + 1;
    Some(Span::new(start, last + 1))
}
