//! The syntax tree of one record, in the words of RFC 7208 section 12.
//!
//! It keeps what was written, values and places, and derives nothing.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::Span;
use crate::outcome::Qualifier;

/// One SPF record: its text and the terms that could be read.
#[derive(Clone, Debug)]
pub struct Record {
    pub(super) text: Box<[u8]>,
    pub(super) terms: Vec<Term>,
    /// The parts of all macro-strings, each string's next to each other.
    pub(super) parts: Vec<MacroPart>,
}

impl Record {
    /// The octets that were parsed.
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// The terms that could be read, in the order of the record.
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// The directives, in the order in which `check_host()` takes them.
    pub fn directives(&self) -> impl Iterator<Item = (&Term, &Directive)> {
        self.terms.iter().filter_map(|term| match &term.kind {
            TermKind::Directive(directive) => Some((term, directive)),
            TermKind::Modifier(_) => None,
        })
    }

    /// The target of the `redirect` modifier (RFC 7208 section 6.1).
    pub fn redirect(&self) -> Option<(&Term, &DomainSpec)> {
        self.terms.iter().find_map(|term| match &term.kind {
            TermKind::Modifier(Modifier::Redirect(domain)) => Some((term, domain)),
            _ => None,
        })
    }

    /// The target of the `exp` modifier (RFC 7208 section 6.2).
    pub fn explanation(&self) -> Option<(&Term, &DomainSpec)> {
        self.terms.iter().find_map(|term| match &term.kind {
            TermKind::Modifier(Modifier::Explanation(domain)) => Some((term, domain)),
            _ => None,
        })
    }

    /// The first `all` directive, at which evaluation ends (RFC 7208 section 5.1).
    pub fn all(&self) -> Option<(&Term, &Directive)> {
        self.directives().find(|(_, directive)| matches!(directive.mechanism, Mechanism::All))
    }

    /// The parts of a macro-string of this record.
    pub fn parts(&self, string: &MacroString) -> &[MacroPart] {
        let first = string.first_part as usize;
        self.parts.get(first..first + string.part_count as usize).unwrap_or_default()
    }

    /// The octets at a place in the record.
    pub fn slice(&self, span: Span) -> &[u8] {
        span.of(&self.text)
    }

    /// The octets at a place, as text fit to show: what is not ASCII is replaced.
    pub fn slice_text(&self, span: Span) -> String {
        String::from_utf8_lossy(self.slice(span)).into_owned()
    }
}

/// A directive or a modifier, and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    /// The whole term, qualifier included.
    pub span: Span,
    /// What the term is.
    pub kind: TermKind,
}

/// The two kinds of terms (RFC 7208 section 4.6.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TermKind {
    /// A mechanism with its qualifier.
    Directive(Directive),
    /// A name with a value.
    Modifier(Modifier),
}

/// A mechanism with its qualifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Directive {
    /// What a match gives.
    pub qualifier: Qualifier,
    /// What is matched.
    pub mechanism: Mechanism,
}

/// The mechanisms of RFC 7208 section 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mechanism {
    /// `all` (section 5.1).
    All,
    /// `include` (section 5.2).
    Include(DomainSpec),
    /// `a` (section 5.3); without a domain-spec, of the current domain.
    A(Option<DomainSpec>, DualCidrLength),
    /// `mx` (section 5.4); without a domain-spec, of the current domain.
    Mx(Option<DomainSpec>, DualCidrLength),
    /// `ptr` (section 5.5); without a domain-spec, of the current domain.
    Ptr(Option<DomainSpec>),
    /// `ip4` (section 5.6).
    Ip4(Ip4Network),
    /// `ip6` (section 5.6).
    Ip6(Ip6Network),
    /// `exists` (section 5.7).
    Exists(DomainSpec),
}

/// An IPv4 network as written: host bits may be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ip4Network {
    /// The address before the slash.
    pub address: Ipv4Addr,
    /// Bits of the prefix, at most 32, when written.
    pub length: Option<u8>,
    /// The address and the length, without the mechanism's name.
    pub span: Span,
}

/// An IPv6 network as written: host bits may be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ip6Network {
    /// The address before the slash.
    pub address: Ipv6Addr,
    /// Bits of the prefix, at most 128, when written.
    pub length: Option<u8>,
    /// The address and the length, without the mechanism's name.
    pub span: Span,
}

/// The prefix lengths of an `a` or `mx` mechanism, when written (RFC 7208 section 5.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DualCidrLength {
    /// For IPv4, at most 32.
    pub ip4: Option<u8>,
    /// For IPv6, at most 128.
    pub ip6: Option<u8>,
    /// Where the lengths stand; empty when there are none.
    pub span: Span,
}

/// The modifiers of RFC 7208 section 6.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Modifier {
    /// `redirect=` (section 6.1).
    Redirect(DomainSpec),
    /// `exp=` (section 6.2).
    Explanation(DomainSpec),
    /// Any other name: ignored by `check_host()`, but its macros must be sound.
    Unknown {
        /// The name, without the equals sign.
        name: Span,
        /// What stands behind the equals sign.
        value: MacroString,
    },
}

/// A macro-string that ends as a domain-spec must (RFC 7208 section 7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DomainSpec(pub MacroString);

/// A macro-string: its place, and its parts in the record's list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MacroString {
    /// The whole string.
    pub span: Span,
    pub(super) first_part: u32,
    pub(super) part_count: u32,
}

/// A piece of a macro-string (RFC 7208 section 7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MacroPart {
    /// Visible octets other than `%`; blanks too in an explain-string.
    Literal(Span),
    /// `%%`: a percent sign.
    Percent(Span),
    /// `%_`: a blank.
    Space(Span),
    /// `%-`: a blank, escaped for URLs.
    UrlSpace(Span),
    /// `%{…}`
    Expand(MacroExpand),
}

impl MacroPart {
    /// Where the part stands.
    pub fn span(&self) -> Span {
        match self {
            MacroPart::Literal(span)
            | MacroPart::Percent(span)
            | MacroPart::Space(span)
            | MacroPart::UrlSpace(span) => *span,
            MacroPart::Expand(expand) => expand.span,
        }
    }
}

/// A macro with its transformers and delimiters (RFC 7208 section 7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MacroExpand {
    /// From the percent sign to the closing brace.
    pub span: Span,
    /// Which value is taken.
    pub letter: MacroLetter,
    /// The letter is in upper case: the value is escaped for URLs.
    pub url_escape: bool,
    /// How many parts are kept from the right, at least 1, when written.
    pub keep: Option<u32>,
    /// The parts are reversed first.
    pub reverse: bool,
    /// Where the value is split; none written means at dots.
    pub delimiters: Delimiters,
}

/// The macro letters (RFC 7208 section 7.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MacroLetter {
    /// `s`: the sender.
    Sender,
    /// `l`: the sender's local-part.
    LocalPart,
    /// `o`: the sender's domain.
    SenderDomain,
    /// `d`: the current domain.
    Domain,
    /// `i`: the client's address, dotted.
    Ip,
    /// `p`: the validated name of the client.
    ValidatedName,
    /// `v`: `in-addr` or `ip6`.
    Version,
    /// `h`: the HELO name.
    Helo,
    /// `c`: the client's address, readable; in explanations only.
    ReadableIp,
    /// `r`: the receiver's name; in explanations only.
    Receiver,
    /// `t`: the time in seconds since 1970; in explanations only.
    Time,
}

impl MacroLetter {
    /// The letters with what they stand for.
    pub const ALL: [(u8, MacroLetter); 11] = [
        (b's', MacroLetter::Sender),
        (b'l', MacroLetter::LocalPart),
        (b'o', MacroLetter::SenderDomain),
        (b'd', MacroLetter::Domain),
        (b'i', MacroLetter::Ip),
        (b'p', MacroLetter::ValidatedName),
        (b'v', MacroLetter::Version),
        (b'h', MacroLetter::Helo),
        (b'c', MacroLetter::ReadableIp),
        (b'r', MacroLetter::Receiver),
        (b't', MacroLetter::Time),
    ];

    /// What a letter in either case stands for.
    pub fn from_octet(octet: u8) -> Option<MacroLetter> {
        let lower = octet.to_ascii_lowercase();
        Self::ALL.iter().find(|(letter, _)| *letter == lower).map(|(_, meaning)| *meaning)
    }

    /// The letter in lower case.
    pub fn octet(self) -> u8 {
        Self::ALL.iter().find(|(_, meaning)| *meaning == self).map_or(b'?', |(letter, _)| *letter)
    }

    /// Whether the letter is allowed in explanations only (RFC 7208 section 7.2).
    pub fn explanation_only(self) -> bool {
        matches!(self, MacroLetter::ReadableIp | MacroLetter::Receiver | MacroLetter::Time)
    }
}

/// A set of the delimiters `.` `-` `+` `,` `/` `_` `=`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Delimiters(u8);

impl Delimiters {
    const OCTETS: [u8; 7] = *b".-+,/_=";

    /// Adds a delimiter; whether the octet is one.
    pub fn insert(&mut self, octet: u8) -> bool {
        match Self::OCTETS.iter().position(|delimiter| *delimiter == octet) {
            Some(index) => {
                self.0 |= 1 << index;
                true
            }
            None => false,
        }
    }

    /// Whether the octet is in the set.
    pub fn contains(self, octet: u8) -> bool {
        Self::OCTETS
            .iter()
            .position(|delimiter| *delimiter == octet)
            .is_some_and(|index| self.0 & (1 << index) != 0)
    }

    /// Whether no delimiter was written.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The delimiters, in the order of the RFC's grammar.
    pub fn octets(self) -> impl Iterator<Item = u8> {
        Self::OCTETS.into_iter().filter(move |octet| self.contains(*octet))
    }
}
