//! SPF008: octets that do not belong where they stand: what is not ASCII,
//! control characters, and quotation marks and commas around terms.

use crate::lint::finding::FixKind;
use crate::name::DomainName;
use crate::syntax::SyntaxError;

use super::mistake::{Class, MOST_TERM_OCTETS, Repair, mended};
use super::written::{one_meant, pieces, qualified, shown};

/// What a character that no term may hold stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meant {
    Blank,
    Dash,
    Quote,
    Nothing,
    Ascii(char),
    Letter,
}

/// The characters with names that people know.
const KNOWN: &[(char, &str, Meant)] = &[
    ('\t', "tab", Meant::Blank),
    ('\n', "line feed", Meant::Blank),
    ('\r', "carriage return", Meant::Blank),
    ('\u{a0}', "no-break space", Meant::Blank),
    ('\u{2002}', "en space", Meant::Blank),
    ('\u{2003}', "em space", Meant::Blank),
    ('\u{2009}', "thin space", Meant::Blank),
    ('\u{202f}', "narrow no-break space", Meant::Blank),
    ('\u{3000}', "ideographic space", Meant::Blank),
    ('\u{2010}', "hyphen", Meant::Dash),
    ('\u{2011}', "no-break hyphen", Meant::Dash),
    ('\u{2012}', "figure dash", Meant::Dash),
    ('\u{2013}', "en dash", Meant::Dash),
    ('\u{2014}', "em dash", Meant::Dash),
    ('\u{2015}', "horizontal bar", Meant::Dash),
    ('\u{2212}', "minus sign", Meant::Dash),
    ('\u{2018}', "left single quotation mark", Meant::Quote),
    ('\u{2019}', "right single quotation mark", Meant::Quote),
    ('\u{201c}', "left double quotation mark", Meant::Quote),
    ('\u{201d}', "right double quotation mark", Meant::Quote),
    ('\u{201e}', "low double quotation mark", Meant::Quote),
    ('\u{ab}', "left guillemet", Meant::Quote),
    ('\u{bb}', "right guillemet", Meant::Quote),
    ('\u{2032}', "prime", Meant::Quote),
    ('\u{2033}', "double prime", Meant::Quote),
    ('\u{b4}', "acute accent", Meant::Quote),
    ('\u{ad}', "soft hyphen", Meant::Nothing),
    ('\u{200b}', "zero width space", Meant::Nothing),
    ('\u{200c}', "zero width non-joiner", Meant::Nothing),
    ('\u{200d}', "zero width joiner", Meant::Nothing),
    ('\u{200e}', "left-to-right mark", Meant::Nothing),
    ('\u{200f}', "right-to-left mark", Meant::Nothing),
    ('\u{202a}', "left-to-right embedding", Meant::Nothing),
    ('\u{202c}', "end of embedding", Meant::Nothing),
    ('\u{2060}', "word joiner", Meant::Nothing),
    ('\u{feff}', "byte order mark", Meant::Nothing),
    ('\u{2026}', "ellipsis", Meant::Letter),
    ('\0', "null octet", Meant::Nothing),
    ('\u{7f}', "delete octet", Meant::Nothing),
    ('\u{2c6}', "circumflex", Meant::Letter),
    ('\u{223c}', "tilde operator", Meant::Ascii('~')),
    ('\u{2dc}', "small tilde", Meant::Ascii('~')),
];

/// Octets of Windows-1252 that stand for a character of the table above.
const WINDOWS: &[(u8, char)] = &[
    (0x85, '\u{2026}'),
    (0x91, '\u{2018}'),
    (0x92, '\u{2019}'),
    (0x93, '\u{201c}'),
    (0x94, '\u{201d}'),
    (0x96, '\u{2013}'),
    (0x97, '\u{2014}'),
    (0x98, '\u{2dc}'),
];

fn meaning(character: char) -> Meant {
    match KNOWN.iter().find(|(known, ..)| *known == character) {
        Some((_, _, meant)) => *meant,
        None if character.is_ascii_graphic() => Meant::Ascii(character),
        None if character.is_whitespace() => Meant::Blank,
        None if character.is_control() => Meant::Nothing,
        None => match u32::from(character) {
            // The full-width forms of visible ASCII.
            code @ 0xff01..=0xff5e => {
                char::from_u32(code - 0xff01 + 0x21).map_or(Meant::Letter, Meant::Ascii)
            }
            _ => Meant::Letter,
        },
    }
}

/// An octet that is no UTF-8, as older software writes it.
fn from_windows(octet: u8) -> char {
    let known = WINDOWS.iter().find(|(windows, _)| *windows == octet);
    known.map_or(char::from(octet), |(_, character)| *character)
}

fn characters(octets: &[u8]) -> String {
    let mut out = String::new();
    for chunk in octets.utf8_chunks() {
        out.push_str(chunk.valid());
        out.extend(chunk.invalid().iter().map(|octet| from_windows(*octet)));
    }
    out
}

/// A term with octets that no term may hold.
pub(super) fn octets(text: &[u8], error: &SyntaxError) -> Repair {
    let stray = error.span.of(text);
    let utf8 = stray.first().is_some_and(u8::is_ascii)
        || std::str::from_utf8(text).is_ok()
        || stray.utf8_chunks().next().is_some_and(|chunk| !chunk.valid().is_empty());
    let first = characters(stray).chars().next().unwrap_or_default();
    let name = KNOWN.iter().find(|(known, ..)| *known == first).map(|(_, name, _)| *name);
    let code = match (utf8, stray.first()) {
        (false, Some(octet)) => format!("octet 0x{octet:02X}"),
        _ => format!("U+{:04X}", u32::from(first)),
    };
    let what = match name {
        Some(name) => format!("{name} ({code})"),
        None if first.is_control() => format!("control character ({code})"),
        None => format!("character {code}, which is not ASCII,"),
    };
    let should = match meaning(first) {
        Meant::Blank => "where a plain blank or nothing has to be".to_owned(),
        Meant::Dash => "where only '-' may be".to_owned(),
        Meant::Ascii(ascii) => format!("where only '{}' may be", ascii.escape_default()),
        Meant::Quote | Meant::Nothing | Meant::Letter => "inside a term".to_owned(),
    };
    let repair = Repair::new(Class::Stray, format!("{what} {should}"));
    let term = error.term.of(text);
    match plain(term).or_else(|| with_a_labels(term)) {
        Some((text, kind)) => repair.text(kind, text),
        None if meaning(first) == Meant::Letter => repair.help(
            "a record holds visible ASCII characters only; a name in other letters stands there in \
             its form with 'xn--'",
        ),
        None => repair,
    }
}

/// A term with each character replaced by the one that is meant.
fn plain(term: &[u8]) -> Option<(String, FixKind)> {
    if term.len() > MOST_TERM_OCTETS {
        return None;
    }
    let mut out = String::new();
    let mut kind = FixKind::Declared;
    let written = characters(term);
    let mut rest = written.chars().peekable();
    while let Some(character) = rest.next() {
        let begins = out.is_empty() || out.ends_with(' ');
        match meaning(character) {
            Meant::Blank => out.push(' '),
            Meant::Dash => {
                // Inside a name it may have been any sign.
                if !begins {
                    kind = FixKind::Offered;
                }
                out.push('-');
            }
            Meant::Quote
                if begins || rest.peek().is_none_or(|next| meaning(*next) == Meant::Blank) => {}
            Meant::Quote => kind = FixKind::Offered,
            Meant::Nothing => {}
            Meant::Ascii(ascii) => out.push(ascii),
            Meant::Letter => return None,
        }
    }
    let mut words = Vec::new();
    for word in out.split_ascii_whitespace() {
        if one_meant(word) {
            words.push(word.to_owned());
            continue;
        }
        let (word, word_kind) = mended(word)?;
        words.push(word);
        if word_kind == FixKind::Offered {
            kind = FixKind::Offered;
        }
    }
    Some((words.join(" "), kind))
}

/// A term whose domain is written in Unicode, with A-labels instead.
fn with_a_labels(term: &[u8]) -> Option<(String, FixKind)> {
    let term = std::str::from_utf8(term).ok().filter(|term| term.len() <= MOST_TERM_OCTETS)?;
    let (name, domain) = term.split_at(term.find([':', '='])? + 1);
    let plain =
        domain.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '.' | '-'));
    let domain = DomainName::from_user(domain).ok().filter(|_| plain)?;
    let text = format!("{name}{domain}");
    one_meant(&text).then_some((text, FixKind::Declared))
}

/// Quotation marks, brackets and punctuation around a term or in it.
pub(super) fn punctuation(term: &str) -> Option<Repair> {
    const BEFORE: [char; 10] = ['"', '\'', '`', '<', '(', '[', '{', ',', ';', '|'];
    const BEHIND: [char; 13] = ['"', '\'', '`', '>', ')', ']', '}', ',', ';', '|', '\\', ':', '.'];
    let inner = term.trim_start_matches(BEFORE);
    let start = term.len() - inner.len();
    if inner.is_empty() {
        let message = format!("stray {} between terms", shown(term));
        return Some(Repair::new(Class::Stray, message).text(FixKind::Declared, ""));
    }
    if let Some(repair) = quoted_argument(term) {
        return Some(repair);
    }
    let inner = inner.trim_end_matches(BEHIND);
    let end = start + inner.len();
    let dotted_all = qualified(inner).1.eq_ignore_ascii_case("all") && term[end..].starts_with('.');
    if inner.len() < term.len() && one_meant(inner) && !dotted_all {
        let (from, to) = if start > 0 { (0, start) } else { (end, term.len()) };
        let repair = Repair::new(Class::Stray, stray(&term[from..to], term)).at(from, to);
        return Some(repair.text(FixKind::Declared, inner));
    }
    None
}

/// A term with its argument, or all of it, in quotation marks or brackets.
fn quoted_argument(term: &str) -> Option<Repair> {
    const QUOTES: [char; 9] = ['"', '\'', '`', '<', '>', '[', ']', '(', ')'];
    let pieces = pieces(term.trim_matches(QUOTES));
    let (name, argument) = (pieces.name.trim_matches(QUOTES), pieces.argument.trim_matches(QUOTES));
    let bare = format!("{}{name}{}{argument}", pieces.qualifier, pieces.sign);
    let at = term.find(QUOTES).filter(|_| one_meant(&bare))?;
    let message = stray(&term[at..at + 1], term);
    Some(Repair::new(Class::Stray, message).at(at, at + 1).text(FixKind::Declared, bare))
}

fn stray(octets: &str, term: &str) -> String {
    format!("stray {} at {}", shown(octets), shown(term))
}
