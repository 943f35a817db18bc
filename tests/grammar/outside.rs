//! The rules of RFC 7208 that its grammar does not express, as a table.
//!
//! Each looks at the terms of a text that the grammar accepts, as octets, and
//! asks the recogniser what they are; none asks the parser.

use super::recogniser::Recogniser;
use super::rules::Grammar;

/// One rule outside the grammar.
pub(crate) struct Outside {
    /// What it demands.
    pub(crate) name: &'static str,
    /// Where RFC 7208 says so.
    pub(crate) section: &'static str,
    /// Whether the terms keep it.
    pub(crate) keeps: fn(&Grammar, &[&[u8]]) -> bool,
    /// A record that breaks this rule and no other.
    pub(crate) broken: &'static str,
}

/// All of them. The text forms of IPv6 addresses are outside RFC 7208's
/// grammar too; the recogniser has a grammar of its own for them.
pub(crate) const OUTSIDE: &[Outside] = &[
    Outside {
        name: "an IPv4 prefix length is at most 32",
        section: "5.3, 5.6, 12",
        keeps: |grammar, terms| lengths(grammar, terms).all(|(ip4, _)| ip4 <= 32),
        broken: "v=spf1 a:a.example/33",
    },
    Outside {
        name: "an IPv6 prefix length is at most 128",
        section: "5.3, 5.6, 12",
        keeps: |grammar, terms| lengths(grammar, terms).all(|(_, ip6)| ip6 <= 128),
        broken: "v=spf1 ip6:2001:db8::/129",
    },
    Outside {
        name: "redirect stands at most once",
        section: "6",
        keeps: |_, terms| count(terms, b"redirect=") <= 1,
        broken: "v=spf1 redirect=a.example REDIRECT=b.example",
    },
    Outside {
        name: "exp stands at most once",
        section: "6",
        keeps: |_, terms| count(terms, b"exp=") <= 1,
        broken: "v=spf1 exp=a.example exp=a.example",
    },
    Outside {
        name: "redirect is no unknown modifier",
        section: "6.1",
        keeps: |grammar, terms| known(grammar, terms, b"redirect=", "redirect"),
        broken: "v=spf1 redirect=",
    },
    Outside {
        name: "exp is no unknown modifier",
        section: "6.2",
        keeps: |grammar, terms| known(grammar, terms, b"exp=", "explanation"),
        broken: "v=spf1 exp=example",
    },
    Outside {
        name: "a macro keeps at least one part",
        section: "7.1",
        keeps: |_, terms| terms.iter().all(|term| keeps_parts(term)),
        broken: "v=spf1 x=%{d00r}",
    },
    Outside {
        name: "c, r and t are for explanations only",
        section: "7.2",
        keeps: |grammar, terms| {
            let unknown = |term: &[u8]| accepts(grammar, term, "unknown-modifier");
            let known = |term: &[u8]| is(term, b"redirect=") || is(term, b"exp=");
            let letters = |term: &&[u8]| {
                // What an unknown modifier's text is for is not known.
                unknown(term) && !known(term) || macros(term).all(|inner| !explains(inner))
            };
            terms.iter().all(letters)
        },
        broken: "v=spf1 exists:%{c}.a.example x=%{c}",
    },
];

/// Whether an explain-string that the grammar accepts keeps the one rule of
/// the table that is about those.
pub(crate) fn explanation_keeps(text: &[u8]) -> bool {
    keeps_parts(text)
}

fn accepts(grammar: &Grammar, text: &[u8], production: &str) -> bool {
    Recogniser::new(grammar, text).accepts(production)
}

fn is(term: &[u8], start: &[u8]) -> bool {
    term.get(..start.len()).is_some_and(|found| found.eq_ignore_ascii_case(start))
}

fn count(terms: &[&[u8]], start: &[u8]) -> usize {
    terms.iter().filter(|term| is(term, start)).count()
}

fn known(grammar: &Grammar, terms: &[&[u8]], start: &[u8], production: &str) -> bool {
    terms.iter().filter(|term| is(term, start)).all(|term| accepts(grammar, term, production))
}

/// The prefix lengths for IPv4 and IPv6 in every reading of each directive;
/// one that is not written is 0.
fn lengths<'a>(grammar: &'a Grammar, terms: &'a [&[u8]]) -> impl Iterator<Item = (u32, u32)> + 'a {
    terms.iter().flat_map(move |term| {
        let body = term.strip_prefix(b"+").or(term.strip_prefix(b"-")).unwrap_or(term);
        let body = body.strip_prefix(b"?").or(body.strip_prefix(b"~")).unwrap_or(body);
        let slashes = (0..body.len()).filter(|at| body[*at] == b'/');
        slashes.filter_map(move |at| {
            let (front, lengths) = body.split_at(at);
            if accepts(grammar, front, "ip6") {
                accepts(grammar, lengths, "ip6-cidr-length").then(|| (0, number(lengths)))
            } else if accepts(grammar, front, "ip4") {
                accepts(grammar, lengths, "ip4-cidr-length").then(|| (number(lengths), 0))
            } else if accepts(grammar, front, "a") || accepts(grammar, front, "mx") {
                accepts(grammar, lengths, "dual-cidr-length").then(|| dual(lengths))
            } else {
                None
            }
        })
    })
}

fn dual(lengths: &[u8]) -> (u32, u32) {
    let slashes = lengths.windows(2).position(|pair| pair == b"//");
    let (ip4, ip6) = lengths.split_at(slashes.unwrap_or(lengths.len()));
    (number(ip4), number(ip6))
}

fn number(text: &[u8]) -> u32 {
    text.iter()
        .filter(|octet| octet.is_ascii_digit())
        .fold(0, |number, digit| number * 10 + u32::from(digit - b'0'))
}

/// What stands between the braces of each macro.
fn macros(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let at = rest.iter().position(|octet| *octet == b'%')?;
            match rest.get(at + 1)? {
                b'{' => {
                    let inner = &rest[at + 2..];
                    let close = inner.iter().position(|octet| *octet == b'}')?;
                    rest = &inner[close..];
                    return Some(&inner[..close]);
                }
                _ => rest = &rest[at + 2..],
            }
        }
    })
}

fn keeps_parts(text: &[u8]) -> bool {
    macros(text).all(|inner| {
        let digits = || inner.iter().filter(|octet| octet.is_ascii_digit());
        digits().count() == 0 || digits().any(|digit| *digit != b'0')
    })
}

fn explains(inner: &[u8]) -> bool {
    matches!(inner.first(), Some(b'c' | b'C' | b'r' | b'R' | b't' | b'T'))
}
