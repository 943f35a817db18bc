//! Texts that were meant to be SPF records and do not begin as one: octets
//! before the version, and versions that are not `v=spf1` and a blank or the end.
//!
//! Texts only; where they were published is for the rules to know.

use crate::lint::finding::{Fix, FixKind};
use crate::name::DomainName;
use crate::syntax::{Span, is_spf_record, parse_record};

const VERSION: &[u8] = b"v=spf1";
/// Octets that may stand before a version by mistake.
const MOST_JUNK: usize = 100;
/// Words before a version that are parts of a zone file or of a form.
const WORDS: [&[u8]; 12] = [
    b"spf", b"spf1", b"txt", b"text", b"in", b"v", b"record", b"value", b"string", b"ttl", b"host",
    b"data",
];
/// How terms begin.
const NAMES: [&[u8]; 10] = [
    b"include:",
    b"redirect=",
    b"exists:",
    b"ip4:",
    b"ip6:",
    b"all",
    b"exp=",
    b"mx",
    b"ptr",
    b"a:",
];

/// A version that is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Slip {
    /// The octets that stand in the version's place.
    pub(super) span: Span,
    /// What is wrong and what to do, in words.
    pub(super) help: &'static str,
    pub(super) fix: Option<Fix>,
}

/// Whether a TXT record of `domain` was meant to be its SPF record and is none
/// to receivers: octets stand before its version, or the version is spoiled.
pub fn meant_as_record(text: &[u8], domain: &DomainName) -> bool {
    junk(text, domain).is_some() || slip(text, domain).is_some()
}

/// How many octets stand before a version that begins the record, by mistake:
/// blanks, quotation marks, a byte order mark, or words of the form or the zone
/// file that the record was copied with.
pub(super) fn junk(text: &[u8], domain: &DomainName) -> Option<usize> {
    let at = text.windows(VERSION.len()).position(|window| window.eq_ignore_ascii_case(VERSION))?;
    let before = text.get(..at).filter(|before| (1..=MOST_JUNK).contains(&before.len()))?;
    let is_word = |word: &&[u8]| {
        let known = |known: &&[u8]| word.eq_ignore_ascii_case(known);
        word.iter().all(u8::is_ascii_digit)
            || WORDS.iter().any(known)
            || domain.labels().any(|label| known(&label))
    };
    // A comment sign is no mistake: somebody has put the record away.
    let comment = before.contains(&b'#') || before.windows(2).any(|pair| pair == b"//");
    let mut words = before.split(|octet| !octet.is_ascii_alphanumeric());
    let known = words.all(|word| word.is_empty() || is_word(&word));
    (known && !comment).then_some(at)
}

/// The edit that leaves nothing but the record: `before` octets go, and where
/// a quotation mark is among them, those at the end too.
pub(super) fn without_junk(text: &[u8], before: usize) -> Option<Fix> {
    let (junk, record) = text.split_at_checked(before)?;
    let quotes = ["\"", "'", "`", "\u{201c}", "\u{201d}", "\u{201e}", "\u{2018}", "\u{2019}"];
    let holds = |quote: &&str| junk.windows(quote.len()).any(|window| window == quote.as_bytes());
    let mut kept = record;
    if quotes.iter().any(holds) {
        while let Some(shorter) = quotes.iter().find_map(|quote| {
            let trimmed = kept.trim_ascii_end().strip_suffix(quote.as_bytes())?;
            Some(trimmed.strip_suffix(b"\\").unwrap_or(trimmed))
        }) {
            kept = shorter;
        }
    }
    if !is_spf_record(kept) {
        return None;
    }
    let (span, text) = match kept.len() == record.len() {
        true => (Span::new(0, before), String::new()),
        false => (Span::new(0, text.len()), String::from_utf8(kept.to_vec()).ok()?),
    };
    Some(Fix { span, text, kind: FixKind::Declared })
}

/// What stands in place of a version, where something was meant to.
pub(super) fn slip(text: &[u8], domain: &DomainName) -> Option<Slip> {
    let start = junk(text, domain).unwrap_or_else(|| {
        text.iter().take_while(|octet| octet.is_ascii_whitespace() || **octet == b'"').count()
    });
    let body = text.get(start..)?;
    let begins = body.get(..VERSION.len()).is_some_and(|head| head.eq_ignore_ascii_case(VERSION));
    if begins { glued(text, start) } else { misspelt(text, start) }
}

/// A version with something right behind it.
fn glued(text: &[u8], start: usize) -> Option<Slip> {
    let end = start + VERSION.len();
    let behind = text.get(end..).filter(|behind| !behind.is_empty() && behind[0] != b' ')?;
    let word_end = behind.iter().position(|octet| *octet == b' ').unwrap_or(behind.len());
    let span = Span::new(start, end + word_end);
    let fix = |kind, length: usize, text: &str| {
        let span = Span::new(end, end + length);
        // What stands before the version is another mistake.
        (start == 0).then(|| Fix { span, text: text.to_owned(), kind })
    };
    let foreign = foreign_blanks(behind);
    let sign = behind.iter().take_while(|octet| b";,.:\"'".contains(octet)).count();
    let (help, fix) = if foreign > 0 {
        (
            "what looks like a blank behind 'v=spf1' is another character: put a blank there",
            fix(FixKind::Declared, foreign, " "),
        )
    } else if begins_term(&behind[..word_end]) {
        ("put a blank between 'v=spf1' and what follows", fix(FixKind::Declared, 0, " "))
    } else if names_term(&behind[..word_end]) {
        // More is wrong with it, such as another blank that is missing.
        ("put a blank between 'v=spf1' and what follows", fix(FixKind::Offered, 0, " "))
    } else if sign > 0 && sign == word_end {
        ("delete what stands between 'v=spf1' and the blank", fix(FixKind::Offered, sign, ""))
    } else if sign > 0 && begins_term(&behind[sign..word_end]) {
        (
            "put a blank between 'v=spf1' and what follows, and nothing else",
            fix(FixKind::Offered, sign, " "),
        )
    } else {
        ("a record begins with 'v=spf1', then a blank or the end: there is no other version", None)
    };
    Some(Slip { span, help, fix })
}

/// Octets at the beginning that are shown as a blank and are none.
fn foreign_blanks(text: &[u8]) -> usize {
    let valid = text.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    let foreign = |letter: &char| {
        *letter != ' ' && (letter.is_whitespace() || matches!(letter, '\u{200b}' | '\u{feff}'))
    };
    valid.chars().take_while(foreign).map(char::len_utf8).sum()
}

/// Whether a word begins as a term does.
fn begins_term(word: &[u8]) -> bool {
    let (first, rest) = match word.split_first() {
        Some((first, rest)) if b"+-~?".contains(first) => (Some(first), rest),
        _ => (None, word),
    };
    let named = named(rest).is_some();
    let sound = || parse_record(&[b"v=spf1 ", word].concat()).errors.is_empty();
    (first.is_some() && !rest.is_empty()) || (named && sound())
}

/// Whether a word begins with the name of a term and the sign behind it.
fn names_term(word: &[u8]) -> bool {
    named(word).is_some_and(|name| matches!(name.last(), Some(b':' | b'=')))
}

/// The name of a term that a word begins with.
fn named(word: &[u8]) -> Option<&'static [u8]> {
    let begins =
        |name: &[u8]| word.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name));
    NAMES.into_iter().find(|name| begins(name))
}

/// A version with one slip of the pen, or with blanks inside.
fn misspelt(text: &[u8], start: usize) -> Option<Slip> {
    let body = text.get(start..)?;
    // The first octets without blanks, each with where it stands.
    let head: Vec<(usize, u8)> = body
        .iter()
        .enumerate()
        .filter(|(_, octet)| **octet != b' ')
        .map(|(at, octet)| (at, octet.to_ascii_lowercase()))
        .take(VERSION.len() + 2)
        .collect();
    let whole_word = |length: usize| {
        let last = head.get(length.wrapping_sub(1)).map(|(at, _)| *at);
        last.is_some_and(|last| {
            !body.get(last + 1).is_some_and(|octet| octet.is_ascii_alphanumeric() || *octet == b'.')
        })
    };
    let octets = |length: usize| -> Option<Vec<u8>> {
        Some(head.get(..length)?.iter().map(|(_, octet)| *octet).collect())
    };
    let blanks_only = octets(VERSION.len()).is_some_and(|octets| octets == VERSION);
    let close = |length: &usize| {
        octets(*length).is_some_and(|octets| {
            whole_word(*length) && (one_slip(&octets, VERSION) || octets == b"spf1")
        })
    };
    let length = match blanks_only {
        true => VERSION.len(),
        false => [6, 5, 7, 4].into_iter().find(close)?,
    };
    let end = head.get(length - 1)?.0 + 1;
    let span = Span::new(start, start + end);
    let ends = body.get(end).is_none_or(|octet| *octet == b' ');
    let fix = (ends && start == 0).then(|| {
        let text = "v=spf1".to_owned();
        Fix { span, text, kind: FixKind::Offered }
    });
    let help = match blanks_only {
        true => "write 'v=spf1' without blanks inside",
        false => "write 'v=spf1': receivers know no other version",
    };
    Some(Slip { span, help, fix })
}

/// Whether one octet more, less or otherwise, or two changed places, make `a` of `b`.
fn one_slip(a: &[u8], b: &[u8]) -> bool {
    let same_start = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[same_start..], &b[same_start..]);
    let same_end = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[..a.len() - same_end], &b[..b.len() - same_end]);
    match (a, b) {
        ([], [_]) | ([_], [] | [_]) => true,
        ([one, two], [three, four]) => one == four && two == three,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn domain() -> DomainName {
        DomainName::parse("example.com").unwrap()
    }

    fn fixed(text: &str, fix: &Fix) -> String {
        let (start, end) = (fix.span.start as usize, fix.span.end as usize);
        format!("{}{}{}", &text[..start], fix.text, &text[end..])
    }

    #[test]
    fn junk_is_found_and_goes() {
        let record = "v=spf1 ip4:192.0.2.1 -all";
        for (before, behind) in [
            (" ", ""),
            ("\t ", ""),
            ("\"", "\""),
            ("\"", ""),
            ("\\\"", "\\\""),
            ("'", "' "),
            ("\u{feff}", ""),
            ("\u{201c}", "\u{201d}"),
            ("\u{a0}", ""),
            ("SPF: ", ""),
            ("spf=", ""),
            ("TXT ", ""),
            ("example.com. 3600 IN TXT \"", "\""),
            ("TXT:", ""),
            ("v=", ""),
            ("= ", ""),
        ] {
            let text = format!("{before}{record}{behind}");
            assert_eq!(junk(text.as_bytes(), &domain()), Some(before.len()), "{text}");
            let fix = without_junk(text.as_bytes(), before.len()).unwrap();
            assert_eq!(fixed(&text, &fix).trim_end(), record);
        }
    }

    #[test]
    fn other_texts_are_no_records() {
        for text in [
            "v=spf1 -all",
            "#v=spf1 -all",
            "// v=spf1 -all",
            "old v=spf1 -all",
            "our record is v=spf1 -all",
            "v=DMARC1; p=none; x=v=spf1 -all",
            "google-site-verification=v=spf1",
            "v=spf2",
            "",
        ] {
            assert_eq!(junk(text.as_bytes(), &domain()), None, "{text}");
        }
        for text in [
            "v=spf1",
            "v=spf1 -all",
            "v=DMARC1; p=none",
            "v=DKIM1; k=rsa",
            "v=STSv1; id=1",
            "v=BIMI1",
            "spf2.0/pra -all",
            "google-site-verification=x",
            "",
            "v=",
        ] {
            assert_eq!(slip(text.as_bytes(), &domain()), None, "{text}");
        }
    }

    #[test]
    fn versions_are_mended() {
        for (text, mended, kind) in [
            ("v=spf1?all", "v=spf1 ?all", FixKind::Declared),
            ("V=SPF1include:x.example -all", "V=SPF1 include:x.example -all", FixKind::Declared),
            ("v=spf1mx -all", "v=spf1 mx -all", FixKind::Declared),
            ("v=spf1\t-all", "v=spf1 -all", FixKind::Declared),
            ("v=spf1\u{a0}mx -all", "v=spf1 mx -all", FixKind::Declared),
            ("v=spf1ip4:192.0.2.1-all", "v=spf1 ip4:192.0.2.1-all", FixKind::Offered),
            ("v=spf1; -all", "v=spf1 -all", FixKind::Offered),
            ("v=spf1;", "v=spf1", FixKind::Offered),
            ("v=spf1,mx -all", "v=spf1 mx -all", FixKind::Offered),
            ("v=spf 1 -all", "v=spf1 -all", FixKind::Offered),
            ("v = spf1 -all", "v=spf1 -all", FixKind::Offered),
            ("v=sfp1 -all", "v=spf1 -all", FixKind::Offered),
            ("v=spf -all", "v=spf1 -all", FixKind::Offered),
            ("v=spf2 -all", "v=spf1 -all", FixKind::Offered),
            ("v:spf1 -all", "v=spf1 -all", FixKind::Offered),
            ("spf1 -all", "v=spf1 -all", FixKind::Offered),
            ("vspf1 -all", "v=spf1 -all", FixKind::Offered),
            ("v==spf1 -all", "v=spf1 -all", FixKind::Offered),
        ] {
            let found = slip(text.as_bytes(), &domain()).unwrap_or_else(|| panic!("{text}"));
            let fix = found.fix.unwrap_or_else(|| panic!("{text}: no fix"));
            assert_eq!((fixed(text, &fix).as_str(), fix.kind), (mended, kind), "{text}");
        }
        for text in ["v=spf10 -all", "v=spf1.0 -all", "v=spf1b", " v=spf1?all", "v=spf1\u{e9}"] {
            let found = slip(text.as_bytes(), &domain()).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(found.fix, None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn declared_edits_make_records(text in "[\"' =\u{a0}\u{201c}TXSPFv:]{0,6}v ?= ?spf1[ ;:?mxal\"\u{201d}-]{0,12}") {
            let octets = text.as_bytes();
            let fixes = junk(octets, &domain())
                .and_then(|before| without_junk(octets, before))
                .into_iter()
                .chain(slip(octets, &domain()).and_then(|found| found.fix));
            for fix in fixes {
                let mended = fixed(&text, &fix);
                prop_assert!(is_spf_record(mended.as_bytes()), "{} -> {}", text, mended);
            }
        }

        #[test]
        fn any_octets_are_looked_at(octets in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = slip(&octets, &domain());
            if let Some(before) = junk(&octets, &domain()) {
                let _ = without_junk(&octets, before);
            }
        }
    }
}
