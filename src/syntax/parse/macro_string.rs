//! `macro-string`, `domain-spec` and what they are made of (RFC 7208 section 7.1).

use nom::Parser;
use nom::bytes::complete::take_while;
use nom::character::complete::one_of;
use nom::combinator::opt;

use super::{Fault, Read, Scope};
use crate::syntax::{
    Delimiters, DomainSpec, MacroExpand, MacroLetter, MacroPart, MacroString, SyntaxErrorKind,
};

impl<'a> Scope<'a> {
    /// All of `input`; only its last part can be the domain-end.
    ///
    /// `domain-spec = macro-string domain-end`
    pub(super) fn domain_spec(&mut self, input: &'a [u8]) -> Result<DomainSpec, Fault<'a>> {
        if input.is_empty() {
            return Err(Fault::new(input, SyntaxErrorKind::EmptyDomain));
        }
        let string = self.macro_string(input)?;
        match self.parts.last() {
            Some(last) if domain_end(last, self.text) => Ok(DomainSpec(string)),
            _ => Err(Fault::new(input, SyntaxErrorKind::DomainEnd)),
        }
    }

    /// All of `input`.
    ///
    /// `macro-string = *( macro-expand / macro-literal )`
    pub(super) fn macro_string(&mut self, input: &'a [u8]) -> Result<MacroString, Fault<'a>> {
        let first_part = self.parts.len();
        let mut rest = input;
        while let Some(&octet) = rest.first() {
            rest = match octet {
                b'%' => self.macro_expand(rest)?,
                _ => self.macro_literals(rest)?,
            };
        }
        Ok(self.string(self.span(input), first_part))
    }

    /// As many macro-literals as there are; blanks too in an explain-string.
    fn macro_literals(&mut self, input: &'a [u8]) -> Result<&'a [u8], Fault<'a>> {
        let blanks = self.explanation;
        let literal = |octet: &u8| macro_literal(*octet) || blanks && *octet == b' ';
        let end = input.iter().position(|octet| !literal(octet)).unwrap_or(input.len());
        if end == 0 {
            return Err(Fault::new(&input[..1], SyntaxErrorKind::Octet));
        }
        let (literals, rest) = input.split_at(end);
        self.push_part(MacroPart::Literal(self.span(literals)));
        Ok(rest)
    }

    /// `macro-expand = ( "%{" macro-letter transformers *delimiter "}" ) / "%%" / "%_" / "%-"`
    fn macro_expand(&mut self, input: &'a [u8]) -> Result<&'a [u8], Fault<'a>> {
        let Some((pair, rest)) = input.split_at_checked(2) else {
            return Err(Fault::new(input, SyntaxErrorKind::Percent));
        };
        let span = self.span(pair);
        match pair {
            b"%{" => return self.macro_braces(input),
            b"%%" => self.push_part(MacroPart::Percent(span)),
            b"%_" => self.push_part(MacroPart::Space(span)),
            b"%-" => self.push_part(MacroPart::UrlSpace(span)),
            _ => return Err(Fault::new(pair, SyntaxErrorKind::Percent)),
        }
        Ok(rest)
    }

    /// `"%{" macro-letter transformers *delimiter "}"`
    fn macro_braces(&mut self, input: &'a [u8]) -> Result<&'a [u8], Fault<'a>> {
        let Some(close) = input.iter().position(|octet| *octet == b'}') else {
            return Err(Fault::new(input, SyntaxErrorKind::MacroTransformer));
        };
        let (whole, behind) = input.split_at(close + 1);
        let inner = &whole[2..close];
        let Some((letter, url_escape)) = inner.first().and_then(|octet| macro_letter(*octet))
        else {
            let found = if inner.is_empty() { whole } else { &inner[..1] };
            return Err(Fault::new(found, SyntaxErrorKind::MacroLetter));
        };
        if letter.explanation_only() && !self.explanation {
            return Err(Fault::new(whole, SyntaxErrorKind::ExplanationMacro));
        }
        let bad = Fault::new(whole, SyntaxErrorKind::MacroTransformer);
        let (rest, (keep, reverse)) = transformers(&inner[1..]).map_err(|_| bad)?;
        let mut delimiters = Delimiters::default();
        if keep == Some(0) || !rest.iter().all(|octet| delimiter(*octet, &mut delimiters)) {
            return Err(bad);
        }
        let span = self.span(whole);
        let expand = MacroExpand { span, letter, url_escape, keep, reverse, delimiters };
        self.push_part(MacroPart::Expand(expand));
        Ok(behind)
    }
}

/// `macro-literal = %x21-24 / %x26-7E`
#[inline]
fn macro_literal(octet: u8) -> bool {
    matches!(octet, 0x21..=0x24 | 0x26..=0x7e)
}

/// What a letter stands for, and whether its case asks for URL escapes.
///
/// `macro-letter = "s" / "l" / "o" / "d" / "i" / "p" / "h" / "c" / "r" / "t" / "v"`
fn macro_letter(octet: u8) -> Option<(MacroLetter, bool)> {
    MacroLetter::from_octet(octet).map(|letter| (letter, octet.is_ascii_uppercase()))
}

/// How many parts to keep, and whether they are reversed. A number too large
/// to matter is the largest there is.
///
/// `transformers = *DIGIT [ "r" ]`
fn transformers(input: &[u8]) -> Read<'_, (Option<u32>, bool)> {
    let number = |digits: &[u8]| {
        let number = digits.iter().fold(0u32, |number, digit| {
            number.saturating_mul(10).saturating_add(u32::from(digit - b'0'))
        });
        (!digits.is_empty()).then_some(number)
    };
    let digits = take_while(|octet: u8| octet.is_ascii_digit()).map(number);
    (digits, opt(one_of("rR")).map(|reverse| reverse.is_some())).parse(input)
}

/// Adds the delimiter to those of a macro; whether the octet is one.
///
/// `delimiter = "." / "-" / "+" / "," / "/" / "_" / "="`
fn delimiter(octet: u8, delimiters: &mut Delimiters) -> bool {
    delimiters.insert(octet)
}

/// Whether the last part of a macro-string is one that a domain-spec may end in.
///
/// `domain-end = ( "." toplabel [ "." ] ) / macro-expand`
fn domain_end(last: &MacroPart, text: &[u8]) -> bool {
    let MacroPart::Literal(span) = last else { return true };
    let literal = span.of(text);
    let literal = literal.strip_suffix(b".").unwrap_or(literal);
    match literal.iter().rposition(|octet| *octet == b'.') {
        Some(dot) => toplabel(&literal[dot + 1..]),
        None => false,
    }
}

/// Whether a label begins and ends in a letter or digit, has only these and
/// hyphens between them, and not digits alone.
///
/// `toplabel = ( *alphanum ALPHA *alphanum ) / ( 1*alphanum "-" *( alphanum / "-" ) alphanum )`
fn toplabel(label: &[u8]) -> bool {
    let ([first, .., last] | [first @ last]) = label else { return false };
    alphanum(*first)
        && alphanum(*last)
        && label.iter().all(|octet| alphanum(*octet) || *octet == b'-')
        && label.iter().any(|octet| !octet.is_ascii_digit())
}

/// `alphanum = ALPHA / DIGIT`
#[inline]
fn alphanum(octet: u8) -> bool {
    octet.is_ascii_alphanumeric()
}
