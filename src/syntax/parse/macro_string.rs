//! `macro-string`, `domain-spec` and what they are made of (RFC 7208 section 7.1).

use nom::bytes::complete::take_while;
use nom::{IResult, Parser};

use super::{Fault, Scope};
use crate::syntax::{
    Delimiters, DomainSpec, MacroExpand, MacroLetter, MacroPart, MacroString, SyntaxErrorKind,
};

impl<'a> Scope<'a> {
    /// `domain-spec = macro-string domain-end`, all of `input`.
    pub(super) fn domain_spec(&mut self, input: &'a [u8]) -> Result<DomainSpec, Fault<'a>> {
        if input.is_empty() {
            return Err(Fault::new(input, SyntaxErrorKind::EmptyDomain));
        }
        let string = self.macro_string(input)?;
        match self.parts.last() {
            Some(MacroPart::Literal(span)) if !domain_end(span.of(self.text)) => {
                Err(Fault::new(input, SyntaxErrorKind::DomainEnd))
            }
            _ => Ok(DomainSpec(string)),
        }
    }

    /// `macro-string = *( macro-expand / macro-literal )`, all of `input`.
    pub(super) fn macro_string(&mut self, input: &'a [u8]) -> Result<MacroString, Fault<'a>> {
        let first_part = self.parts.len();
        let mut rest = input;
        while let Some(&octet) = rest.first() {
            if octet == b'%' {
                rest = self.macro_expand(rest)?;
            } else {
                rest = self.macro_literal(rest)?;
            }
        }
        Ok(self.string(self.span(input), first_part))
    }

    /// `macro-literal = %x21-24 / %x26-7E`, as many as there are; a blank too
    /// in an explain-string.
    fn macro_literal(&mut self, input: &'a [u8]) -> Result<&'a [u8], Fault<'a>> {
        let blanks = self.explanation;
        let literal =
            |octet: u8| octet != b'%' && (octet.is_ascii_graphic() || blanks && octet == b' ');
        let (rest, literals) = take_octets(input, literal);
        if literals.is_empty() {
            return Err(Fault::new(&input[..1], SyntaxErrorKind::Octet));
        }
        self.parts.push(MacroPart::Literal(self.span(literals)));
        Ok(rest)
    }

    /// `macro-expand = ( "%{" macro-letter transformers *delimiter "}" ) / "%%" / "%_" / "%-"`
    fn macro_expand(&mut self, input: &'a [u8]) -> Result<&'a [u8], Fault<'a>> {
        let (Some(pair), Some(rest)) = (input.get(..2), input.get(2..)) else {
            return Err(Fault::new(input, SyntaxErrorKind::Percent));
        };
        let span = self.span(pair);
        match pair[1] {
            b'{' => return self.macro_braces(input),
            b'%' => self.parts.push(MacroPart::Percent(span)),
            b'_' => self.parts.push(MacroPart::Space(span)),
            b'-' => self.parts.push(MacroPart::UrlSpace(span)),
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
        let Some((&octet, inner)) = whole[2..close].split_first() else {
            return Err(Fault::new(whole, SyntaxErrorKind::MacroLetter));
        };
        let Some(letter) = MacroLetter::from_octet(octet) else {
            return Err(Fault::new(&whole[2..3], SyntaxErrorKind::MacroLetter));
        };
        if letter.explanation_only() && !self.explanation {
            return Err(Fault::new(whole, SyntaxErrorKind::ExplanationMacro));
        }
        let (inner, keep) = digits(inner);
        let (inner, reverse) = match inner {
            [b'r' | b'R', inner @ ..] => (inner, true),
            _ => (inner, false),
        };
        let mut delimiters = Delimiters::default();
        let sound = keep != Some(0) && inner.iter().all(|octet| delimiters.insert(*octet));
        if !sound {
            return Err(Fault::new(whole, SyntaxErrorKind::MacroTransformer));
        }
        self.parts.push(MacroPart::Expand(MacroExpand {
            span: self.span(whole),
            letter,
            url_escape: octet.is_ascii_uppercase(),
            keep,
            reverse,
            delimiters,
        }));
        Ok(behind)
    }
}

fn take_octets(input: &[u8], accept: impl Fn(u8) -> bool) -> (&[u8], &[u8]) {
    match take_while(accept).parse(input) as IResult<&[u8], &[u8]> {
        Ok(taken) => taken,
        Err(_) => (input, &[]),
    }
}

/// `*DIGIT` as a number; one too large to matter is the largest there is.
fn digits(input: &[u8]) -> (&[u8], Option<u32>) {
    let (rest, digits) = take_octets(input, |octet| octet.is_ascii_digit());
    let number = digits.iter().fold(0u32, |number, digit| {
        number.saturating_mul(10).saturating_add(u32::from(digit - b'0'))
    });
    (rest, (!digits.is_empty()).then_some(number))
}

/// Whether a literal ends as `domain-end = ( "." toplabel [ "." ] )` wants.
fn domain_end(literal: &[u8]) -> bool {
    let literal = literal.strip_suffix(b".").unwrap_or(literal);
    match literal.iter().rposition(|octet| *octet == b'.') {
        Some(dot) => toplabel(&literal[dot + 1..]),
        None => false,
    }
}

/// `toplabel = ( *alphanum ALPHA *alphanum ) / ( 1*alphanum "-" *( alphanum / "-" ) alphanum )`
fn toplabel(label: &[u8]) -> bool {
    let [first, .., last] = label else {
        return label.first().is_some_and(u8::is_ascii_alphabetic);
    };
    first.is_ascii_alphanumeric()
        && last.is_ascii_alphanumeric()
        && label.iter().all(|octet| octet.is_ascii_alphanumeric() || *octet == b'-')
        && label.iter().any(|octet| !octet.is_ascii_digit())
}
