//! Zone files as people write them, in the form that the reader takes.
//!
//! The reader wants TTLs in seconds and printable ASCII only. Servers take
//! `1h30m` and any octet, so such TTLs are converted and such octets escaped: a
//! tab between quotes, too, which is a blank anywhere else. It does not
//! know the obsolete type SPF, whose data is that of TXT, and it stops at a
//! character-string over 255 octets, where what is wrong is to be told: records
//! of that type are given to it as TXT, and such strings in pieces. Lines stay
//! where they are.

use std::ops::Range;

use super::scan::{Entry, TextType, Token};
use crate::message::STRING_OCTETS;

/// The index of the first of SOA's times, behind the type: refresh, retry,
/// expire and minimum follow two names and the serial.
const SOA_TIMES: Range<usize> = 4..8;

/// The text for the reader.
pub(super) fn prepare(text: &[u8], entries: &[Entry]) -> Vec<u8> {
    let mut prepared = Vec::with_capacity(text.len() + text.len() / 16 + 1);
    let mut at = 0;
    for (octets, instead) in entries.iter().flat_map(|entry| changes(text, entry)) {
        escape_into(&mut prepared, text.get(at..octets.start).unwrap_or_default());
        prepared.extend_from_slice(instead.as_bytes());
        at = octets.end;
    }
    escape_into(&mut prepared, text.get(at..).unwrap_or_default());
    // The reader takes the last entry only with the end of its line.
    prepared.push(b'\n');
    prepared
}

fn escape_into(prepared: &mut Vec<u8>, text: &[u8]) {
    let mut escaped = false;
    for &octet in text {
        if matches!(octet, b' '..=b'~' | b'\t' | b'\r' | b'\n') {
            prepared.push(octet);
        } else {
            let backslash = if escaped { "" } else { "\\" };
            prepared.extend_from_slice(format!("{backslash}{octet:03}").as_bytes());
        }
        escaped = octet == b'\\' && !escaped;
    }
}

/// What is written otherwise for the reader, in the order of the text.
fn changes(text: &[u8], entry: &Entry) -> Vec<(Range<usize>, String)> {
    let mut changes: Vec<(Range<usize>, String)> = durations(text, entry)
        .into_iter()
        .map(|(octets, seconds)| (octets, seconds.to_string()))
        .collect();
    for token in entry.tokens.iter().filter(|token| token.quoted) {
        changes.extend(tabs(text, token));
    }
    if let Some(kind) = entry.text_type(text) {
        if kind != TextType::Txt
            && let Some(token) = entry.tokens.get(entry.type_index(text))
        {
            changes.push((token.octets.clone(), "TXT".to_owned()));
        }
        for token in entry.strings(text) {
            let between = if token.quoted { "\" \"" } else { " " };
            let breaks = written_octets(text, token).skip(STRING_OCTETS).step_by(STRING_OCTETS);
            changes.extend(breaks.map(|at| (at..at, between.to_owned())));
        }
    }
    // A break before a tab comes before it.
    changes.sort_by_key(|(octets, _)| (octets.start, octets.end));
    changes
}

/// The tabs that a token stands for, escaped.
fn tabs(text: &[u8], token: &Token) -> Vec<(Range<usize>, String)> {
    let tab = |at: usize| match (text.get(at), text.get(at + 1)) {
        (Some(b'\t'), _) => Some((at..at + 1, "\\009".to_owned())),
        (Some(b'\\'), Some(b'\t')) => Some((at..at + 2, "\\009".to_owned())),
        _ => None,
    };
    written_octets(text, token).filter_map(tab).collect()
}

/// Where each octet that a token stands for begins: a backslash and three digits
/// are one, and so are a backslash and any other octet (RFC 1035 section 5.1).
pub(super) fn written_octets<'a>(
    text: &'a [u8],
    token: &Token,
) -> impl Iterator<Item = usize> + use<'a> {
    let end = token.octets.end.min(text.len());
    let mut at = token.octets.start;
    std::iter::from_fn(move || {
        let begin = at;
        let length = match (text.get(at)?, text.get(at + 1)) {
            (b'\\', Some(digit)) if digit.is_ascii_digit() => 4,
            (b'\\', Some(_)) => 2,
            _ => 1,
        };
        at += length;
        (begin < end).then_some(begin)
    })
}

/// The tokens of an entry that are TTLs with units, in seconds.
fn durations(text: &[u8], entry: &Entry) -> Vec<(Range<usize>, u32)> {
    let places = if entry.is_directive(text) {
        let is_ttl = entry.token(text, 0).eq_ignore_ascii_case(b"$TTL");
        if is_ttl { 1..2 } else { 0..0 }
    } else {
        usize::from(!entry.indented)..entry.type_index(text)
    };
    let kind = entry.type_index(text);
    let is_soa = !entry.is_directive(text) && entry.token(text, kind).eq_ignore_ascii_case(b"SOA");
    let times = if is_soa { kind + SOA_TIMES.start..kind + SOA_TIMES.end } else { 0..0 };
    places
        .chain(times)
        .filter_map(|index| {
            let token = entry.tokens.get(index).filter(|token| !token.quoted)?;
            Some((token.octets.clone(), seconds(text.get(token.octets.clone())?)?))
        })
        .collect()
}

/// The seconds of a time with units; `None` for plain numbers and anything else.
fn seconds(token: &[u8]) -> Option<u32> {
    let mut total = 0u32;
    let mut number: Option<u32> = None;
    let mut units = 0;
    for octet in token {
        let unit = match octet.to_ascii_lowercase() {
            digit @ b'0'..=b'9' => {
                let digit = u32::from(digit - b'0');
                number = Some(number.unwrap_or(0).checked_mul(10)?.checked_add(digit)?);
                continue;
            }
            b's' => 1,
            b'm' => 60,
            b'h' => 3_600,
            b'd' => 86_400,
            b'w' => 604_800,
            _ => return None,
        };
        total = total.checked_add(number.take()?.checked_mul(unit)?)?;
        units += 1;
    }
    let rest = number.unwrap_or(0);
    if units == 0 { None } else { total.checked_add(rest) }
}

#[cfg(test)]
mod tests {
    use super::super::scan::scan;
    use super::*;

    fn prepared(text: &str) -> String {
        let entries = scan(text.as_bytes()).unwrap();
        String::from_utf8(prepare(text.as_bytes(), &entries)).unwrap()
    }

    #[test]
    fn converts_times_with_units() {
        assert_eq!(prepared("$TTL 1h"), "$TTL 3600\n");
        assert_eq!(prepared("1h 1d IN A 192.0.2.1"), "1h 86400 IN A 192.0.2.1\n");
        assert_eq!(prepared(" IN 2W TXT 2w"), " IN 1209600 TXT 2w\n");
        assert_eq!(
            prepared("@ SOA n. h. 1 1h30m 5m10 ( 1w\n 60 )"),
            "@ SOA n. h. 1 5400 310 ( 604800\n 60 )\n"
        );
        assert_eq!(prepared("a 99999999w A 192.0.2.1"), "a 99999999w A 192.0.2.1\n");
    }

    #[test]
    fn gives_the_obsolete_type_as_txt() {
        assert_eq!(prepared("a 60 IN SPF \"x\""), "a 60 IN TXT \"x\"\n");
        assert_eq!(prepared(" type99 \\# 2 0178"), " TXT \\# 2 0178\n");
        assert_eq!(prepared("SPF A 192.0.2.1"), "SPF A 192.0.2.1\n");
    }

    #[test]
    fn breaks_strings_that_are_too_long() {
        let (full, long) = ("x".repeat(255), "y".repeat(511));
        assert_eq!(
            prepared(&format!("a TXT \"{full}\" {full}")),
            format!("a TXT \"{full}\" {full}\n")
        );
        let broken = format!("{0}\" \"{0}\" \"y", "y".repeat(255));
        assert_eq!(prepared(&format!("a TXT \"{long}\"")), format!("a TXT \"{broken}\"\n"));
        let escaped = "\\;\\065".repeat(128);
        let broken = format!("a TXT {} \\065\n", &escaped[..escaped.len() - 4]);
        assert_eq!(prepared(&format!("a TXT {escaped}")), broken);
        assert_eq!(prepared(&format!("a A {long}")), format!("a A {long}\n"));
    }

    #[test]
    fn escapes_what_is_not_ascii() {
        assert_eq!(prepared("a TXT \"é\\é\""), "a TXT \"\\195\\169\\195\\169\"\n");
        assert_eq!(prepared("a\tTXT\t\"\t\\\t\x07\\\x7f\""), "a\tTXT\t\"\\009\\009\\007\\127\"\n");
        let full = "x".repeat(255);
        let broken = format!("a TXT \"{full}\" \"\\009y\"\n");
        assert_eq!(prepared(&format!("a TXT \"{full}\ty\"")), broken);
    }
}
