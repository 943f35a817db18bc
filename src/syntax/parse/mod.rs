//! The parser: one function for each production of RFC 7208 section 12.
//!
//! A term is cut out first and parsed inside its own octets, so that one
//! mistake never hides another.

mod macro_string;
mod mechanism;
mod modifier;
mod network;
#[cfg(test)]
mod tests;

use nom::bytes::complete::{tag_no_case, take_till, take_while};
use nom::sequence::preceded;
use nom::{IResult, Offset, Parser};

use super::{MacroPart, MacroString, Record, Span, SyntaxError, SyntaxErrorKind, Term};

/// A record and everything that is wrong with it.
#[derive(Clone, Debug)]
#[must_use = "a record that was parsed may have errors"]
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
    matches!(version(text), Ok(([] | [b' ', ..], _)))
}

/// Parses a record, and never fails: what is wrong is in the [`Parse`].
///
/// A text that is no SPF record at all gives one error of kind
/// [`SyntaxErrorKind::Version`] and no terms.
///
/// `record = version terms *SP`
///
/// ```
/// use spfc::syntax::parse_record;
///
/// let parse = parse_record(b"v=spf1 mx ipv4:192.0.2.25 a:%{x}.example.com -all");
/// assert_eq!(parse.record.terms().len(), 2, "what could be read: mx and -all");
/// let places: Vec<&[u8]> =
///     parse.errors.iter().map(|error| error.span.of(parse.record.text())).collect();
/// assert_eq!(places, [&b"ipv4:192.0.2.25"[..], b"x"]);
/// assert_eq!(parse.errors[1].kind.to_string(), "unknown macro letter");
///
/// let sound = parse_record(b"V=SPF1  IP4:192.0.2.0/24 ?all");
/// assert!(sound.errors.is_empty());
/// assert_eq!(sound.record.print(), "v=spf1 ip4:192.0.2.0/24 ?all");
/// ```
pub fn parse_record(text: &[u8]) -> Parse {
    let mut scope = Scope::new(text);
    match version(text) {
        Ok((rest @ ([] | [b' ', ..]), _)) => {
            scope.terms = Vec::with_capacity(scope.likely_terms());
            scope.terms(rest);
        }
        _ => {
            let end = text.iter().position(|octet| *octet == b' ').unwrap_or(text.len());
            let span = Span::new(0, end);
            let kind = SyntaxErrorKind::Version;
            scope.errors.push(SyntaxError { span, term: span, kind });
        }
    }
    Parse {
        record: Record { text: text.into(), terms: scope.terms, parts: scope.parts },
        errors: scope.errors,
    }
}

/// Parses the text of an explanation. The first mistake ends it, for then the
/// explanation is not used (RFC 7208 section 6.2).
///
/// `explain-string = *( macro-string / SP )`
pub fn parse_explain_string(text: &[u8]) -> Result<ExplainString, SyntaxError> {
    let mut scope = Scope::new(text);
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

/// What a production of single octets gives: what is behind it, and its value.
/// Why it fails is known only to the term that it stands in.
type Read<'a, T> = IResult<&'a [u8], T, ()>;

/// `version = "v=spf1"`
fn version(input: &[u8]) -> Read<'_, &[u8]> {
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
    fn new(text: &'a [u8]) -> Self {
        Scope { text, terms: Vec::new(), parts: Vec::new(), errors: Vec::new(), explanation: false }
    }

    /// A guess that saves most records a second allocation.
    fn likely_terms(&self) -> usize {
        self.text.len() / 16 + 2
    }

    fn push_part(&mut self, part: MacroPart) {
        if self.parts.capacity() == 0 {
            self.parts.reserve(self.likely_terms());
        }
        self.parts.push(part);
    }

    /// The place of a slice of the record.
    fn span(&self, slice: &'a [u8]) -> Span {
        let start = self.text.offset(slice);
        Span::new(start, start + slice.len())
    }

    fn located(&self, fault: &Fault<'a>, term: Span) -> SyntaxError {
        SyntaxError { span: self.span(fault.at), term, kind: fault.kind }
    }

    /// Reads all terms, each inside its own octets, and notes what is wrong
    /// with each that cannot be read.
    ///
    /// `terms = *( 1*SP ( directive / modifier ) )`
    fn terms(&mut self, input: &'a [u8]) {
        let mut next = preceded(take_while(is_blank), take_till(is_blank));
        let mut rest = input;
        while let Ok((behind, term @ [_, ..])) = next.parse(rest) as Read<&[u8]> {
            rest = behind;
            let parts = self.parts.len();
            if let Err(fault) = self.term(term) {
                self.parts.truncate(parts);
                let fault = bad_octets(term).unwrap_or(fault);
                self.errors.push(self.located(&fault, self.span(term)));
            }
        }
    }

    /// `directive / modifier`, told apart by what ends the name: an equals
    /// sign makes it a modifier. No modifier has a qualifier.
    #[inline]
    fn term(&mut self, term: &'a [u8]) -> Result<(), Fault<'a>> {
        let (body, qualifier) = mechanism::qualifier(term);
        let (rest, name) = modifier::name_characters(body);
        match (rest, qualifier) {
            ([b'=', value @ ..], None) => self.modifier(term, name, value),
            ([b'=', ..], Some(_)) => {
                let name = &term[..=name.len()];
                Err(Fault::new(name, SyntaxErrorKind::ModifierName))
            }
            _ => self.directive(term, qualifier, name, rest),
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

/// `SP`, which is all that may stand between terms.
fn is_blank(octet: u8) -> bool {
    octet == b' '
}

/// The first octets of a bad term that no term may hold: they are what is wrong.
#[cold]
fn bad_octets(term: &[u8]) -> Option<Fault<'_>> {
    let start = term.iter().position(|octet| !octet.is_ascii_graphic())?;
    let octets = &term[start..];
    let end = octets.iter().position(u8::is_ascii_graphic).unwrap_or(octets.len());
    Some(Fault::new(&octets[..end], SyntaxErrorKind::Octet))
}
