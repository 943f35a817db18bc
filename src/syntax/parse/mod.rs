//! The parser: one function for each production of RFC 7208 section 12.
//!
//! A term is cut out first and parsed inside its own octets, so that one
//! mistake never hides another.

mod macro_string;
mod mechanism;
mod modifier;
mod network;

use nom::bytes::complete::{tag_no_case, take_till, take_while};
use nom::{IResult, Offset, Parser};

use super::{
    MacroPart, MacroString, Modifier, Record, Span, SyntaxError, SyntaxErrorKind, Term, TermKind,
};

/// A record and everything that is wrong with it.
#[derive(Clone, Debug)]
pub struct Parse {
    /// What could be read.
    pub record: Record,
    /// All mistakes, in the order of their places; none in a sound record.
    pub errors: Vec<SyntaxError>,
}

/// An explain-string (RFC 7208 section 6.2), parsed.
#[derive(Clone, Debug)]
pub struct ExplainString {
    /// The octets that were parsed.
    pub text: Box<[u8]>,
    /// Its parts, in order.
    pub parts: Vec<MacroPart>,
}

/// Whether a TXT record is an SPF record: it begins with the version section,
/// in any case, ended by a blank or by its end (RFC 7208 section 4.5).
pub fn is_spf_record(text: &[u8]) -> bool {
    matches!(version::<Fault>(text), Ok(([] | [b' ', ..], _)))
}

/// Parses a record: `record = version terms *SP`.
///
/// A text that is no SPF record at all gives one error of kind
/// [`SyntaxErrorKind::Version`] and no terms.
pub fn parse_record(text: &[u8]) -> Parse {
    let mut scope = Scope::new(text, text.len() / 16 + 2);
    if !is_spf_record(text) {
        let end = text.iter().position(|octet| *octet == b' ').unwrap_or(text.len());
        scope.errors.push(SyntaxError {
            span: Span::new(0, end),
            term: Span::new(0, end),
            kind: SyntaxErrorKind::Version,
        });
        return scope.finish();
    }
    scope.terms();
    scope.finish()
}

/// Parses the text of an explanation: `explain-string = *( macro-string / SP )`.
/// The first mistake ends it, for then the explanation is not used
/// (RFC 7208 section 6.2).
pub fn parse_explain_string(text: &[u8]) -> Result<ExplainString, SyntaxError> {
    let mut scope = Scope::new(text, 0);
    scope.explanation = true;
    match scope.macro_string(text) {
        Ok(_) => Ok(ExplainString { text: text.into(), parts: scope.parts }),
        Err(fault) => Err(scope.located(&fault, Span::new(0, text.len()))),
    }
}

/// Where in the text something is wrong, and what.
#[derive(Clone, Copy, Debug)]
struct Fault<'a> {
    at: &'a [u8],
    kind: SyntaxErrorKind,
}

impl<'a> Fault<'a> {
    fn new(at: &'a [u8], kind: SyntaxErrorKind) -> Self {
        Fault { at, kind }
    }
}

impl<'a> nom::error::ParseError<&'a [u8]> for Fault<'a> {
    fn from_error_kind(at: &'a [u8], _: nom::error::ErrorKind) -> Self {
        Fault { at, kind: SyntaxErrorKind::Octet }
    }

    fn append(_: &'a [u8], _: nom::error::ErrorKind, other: Self) -> Self {
        other
    }
}

/// `version = "v=spf1"`
fn version<'a, E: nom::error::ParseError<&'a [u8]>>(
    input: &'a [u8],
) -> IResult<&'a [u8], &'a [u8], E> {
    tag_no_case(&b"v=spf1"[..]).parse(input)
}

/// The record being parsed: its octets, and what has been read of it.
struct Scope<'a> {
    text: &'a [u8],
    terms: Vec<Term>,
    parts: Vec<MacroPart>,
    errors: Vec<SyntaxError>,
    /// The text is an explain-string: blanks are literals, all letters are allowed.
    explanation: bool,
}

impl<'a> Scope<'a> {
    fn new(text: &'a [u8], terms: usize) -> Self {
        Scope {
            text,
            terms: Vec::with_capacity(terms),
            parts: Vec::with_capacity(terms),
            errors: Vec::new(),
            explanation: false,
        }
    }

    fn finish(self) -> Parse {
        Parse {
            record: Record { text: self.text.into(), terms: self.terms, parts: self.parts },
            errors: self.errors,
        }
    }

    /// The place of a slice of the record.
    fn span(&self, slice: &'a [u8]) -> Span {
        let start = self.text.offset(slice);
        Span::new(start, start + slice.len())
    }

    fn located(&self, fault: &Fault<'a>, term: Span) -> SyntaxError {
        SyntaxError { span: self.span(fault.at), term, kind: fault.kind }
    }

    /// `terms = *( 1*SP ( directive / modifier ) )`, behind the version.
    fn terms(&mut self) {
        let mut rest = self.text.get(b"v=spf1".len()..).unwrap_or_default();
        loop {
            let (term, behind) = next_term(rest);
            if term.is_empty() {
                return;
            }
            rest = behind;
            let span = self.span(term);
            let parts = self.parts.len();
            match self.term(term) {
                Ok(kind) => {
                    self.refuse_second(term, span, &kind);
                    self.terms.push(Term { span, kind });
                }
                Err(fault) => {
                    self.parts.truncate(parts);
                    let fault = first_bad_octet(term).unwrap_or(fault);
                    let error = self.located(&fault, span);
                    self.errors.push(error);
                }
            }
        }
    }

    /// `directive / modifier`: a name followed by `=` is a modifier.
    fn term(&mut self, term: &'a [u8]) -> Result<TermKind, Fault<'a>> {
        match modifier::name(term) {
            Some((name, value)) => self.modifier(name, value).map(TermKind::Modifier),
            None => self.directive(term).map(TermKind::Directive),
        }
    }

    /// `redirect` and `exp` stand at most once each (RFC 7208 section 6).
    fn refuse_second(&mut self, term: &'a [u8], span: Span, kind: &TermKind) {
        let second = |modifier: &Modifier| match modifier {
            Modifier::Redirect(_) => Some(SyntaxErrorKind::SecondRedirect),
            Modifier::Explanation(_) => Some(SyntaxErrorKind::SecondExplanation),
            Modifier::Unknown { .. } => None,
        };
        let TermKind::Modifier(modifier) = kind else { return };
        let Some(error) = second(modifier) else { return };
        let repeated = self.terms.iter().any(|earlier| match &earlier.kind {
            TermKind::Modifier(earlier) => second(earlier) == Some(error),
            TermKind::Directive(_) => false,
        });
        if repeated {
            self.errors.push(self.located(&Fault::new(term, error), span));
        }
    }

    fn string(&self, span: Span, first_part: usize) -> MacroString {
        MacroString {
            span,
            first_part: first_part as u32,
            part_count: (self.parts.len() - first_part) as u32,
        }
    }
}

/// The next run of octets other than blanks, and what is behind it.
fn next_term(input: &[u8]) -> (&[u8], &[u8]) {
    let mut split = (take_while(|octet| octet == b' '), take_till(|octet| octet == b' '));
    match split.parse(input) as IResult<&[u8], (&[u8], &[u8])> {
        Ok((rest, (_, term))) => (term, rest),
        Err(_) => (&[], &[]),
    }
}

/// The first octet of a bad term that no term may hold: it is what is wrong.
fn first_bad_octet(term: &[u8]) -> Option<Fault<'_>> {
    let at = term.iter().position(|octet| !octet.is_ascii_graphic())?;
    Some(Fault::new(&term[at..=at], SyntaxErrorKind::Octet))
}
