//! What can be wrong with the text of a record, as plain data.

use thiserror::Error;

use super::Span;

/// One mistake in a record, made by its author.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SyntaxError {
    /// The smallest place that shows the mistake.
    pub span: Span,
    /// The term that it stands in; the whole record where no term is meant.
    pub term: Span,
    /// What is wrong.
    pub kind: SyntaxErrorKind,
}

impl SyntaxError {
    /// The mistake in words, with what was found in `text`, the record's octets.
    pub fn describe(&self, text: &[u8]) -> String {
        let found = self.span.of(text).escape_ascii().to_string();
        if found.is_empty() {
            format!("{}, expected {}", self.kind, self.kind.expected())
        } else {
            format!("{}: found '{found}', expected {}", self.kind, self.kind.expected())
        }
    }
}

/// The kinds of mistakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
#[non_exhaustive]
pub enum SyntaxErrorKind {
    /// The record does not begin with its version.
    #[error("no SPF version")]
    Version,
    /// An octet that no term may hold: not ASCII, or a control character.
    #[error("octet that no term may hold")]
    Octet,
    /// A term that is neither a known mechanism nor a modifier.
    #[error("unknown mechanism")]
    UnknownMechanism,
    /// A modifier whose name breaks the grammar.
    #[error("bad modifier name")]
    ModifierName,
    /// A mechanism that takes an argument stands without one.
    #[error("missing domain")]
    MissingDomain,
    /// A colon or equals sign with nothing behind it.
    #[error("empty domain")]
    EmptyDomain,
    /// A mechanism that takes no argument, or not this one, has it.
    #[error("unexpected argument")]
    UnexpectedArgument,
    /// A domain-spec that ends neither in a top label nor in a macro.
    #[error("bad end of domain")]
    DomainEnd,
    /// `ip4:` without an IPv4 address.
    #[error("bad IPv4 address")]
    Ip4Address,
    /// `ip6:` without an IPv6 address.
    #[error("bad IPv6 address")]
    Ip6Address,
    /// An IPv4 prefix length that is none.
    #[error("bad IPv4 prefix length")]
    Ip4CidrLength,
    /// An IPv6 prefix length that is none.
    #[error("bad IPv6 prefix length")]
    Ip6CidrLength,
    /// A percent sign that begins no macro.
    #[error("stray percent sign")]
    Percent,
    /// A macro with an unknown letter.
    #[error("unknown macro letter")]
    MacroLetter,
    /// A macro letter that is for explanations only.
    #[error("macro for explanations only")]
    ExplanationMacro,
    /// A macro that keeps zero parts, or does not close.
    #[error("bad macro transformer")]
    MacroTransformer,
    /// A second `redirect=`.
    #[error("second redirect")]
    SecondRedirect,
    /// A second `exp=`.
    #[error("second exp")]
    SecondExplanation,
}

impl SyntaxErrorKind {
    /// What should have stood there.
    pub fn expected(self) -> &'static str {
        match self {
            SyntaxErrorKind::Version => "'v=spf1', then a blank or the end",
            SyntaxErrorKind::Octet => "visible ASCII characters, and blanks between terms",
            SyntaxErrorKind::UnknownMechanism => {
                "all, include:, a, mx, ptr, ip4:, ip6:, exists:, or a modifier 'name=value'"
            }
            SyntaxErrorKind::ModifierName => {
                "a letter, then letters, digits, '-', '_' and '.' before the '='"
            }
            SyntaxErrorKind::MissingDomain => "':' and a domain name",
            SyntaxErrorKind::EmptyDomain => "a domain name",
            SyntaxErrorKind::UnexpectedArgument => "the end of the term",
            SyntaxErrorKind::DomainEnd => {
                "a domain name of two labels or more that ends in a letter label, or a macro"
            }
            SyntaxErrorKind::Ip4Address => "four numbers from 0 to 255 with dots between them",
            SyntaxErrorKind::Ip6Address => "an IPv6 address",
            SyntaxErrorKind::Ip4CidrLength => "'/' and a number from 0 to 32 without leading zeros",
            SyntaxErrorKind::Ip6CidrLength => {
                "'/' and a number from 0 to 128 without leading zeros"
            }
            SyntaxErrorKind::Percent => "'%{', '%%', '%_' or '%-'",
            SyntaxErrorKind::MacroLetter => "one of s l o d i p v h",
            SyntaxErrorKind::ExplanationMacro => "one of s l o d i p v h outside explanations",
            SyntaxErrorKind::MacroTransformer => {
                "a number of 1 or more, 'r', delimiters of '.-+,/_=', and '}'"
            }
            SyntaxErrorKind::SecondRedirect => "at most one redirect=",
            SyntaxErrorKind::SecondExplanation => "at most one exp=",
        }
    }
}
