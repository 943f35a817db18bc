//! `modifier` and its kinds (RFC 7208 sections 4.6.1 and 6).

use nom::Parser;
use nom::bytes::complete::take_while;
use nom::character::complete::satisfy;
use nom::combinator::recognize;

use super::{Fault, Read, Scope};
use crate::syntax::{Modifier, SyntaxErrorKind, Term, TermKind};

impl<'a> Scope<'a> {
    /// A term, already split at its equals sign. The known names are never
    /// unknown modifiers, whatever their value.
    ///
    /// `modifier = redirect / explanation / unknown-modifier`
    pub(super) fn modifier(
        &mut self,
        term: &'a [u8],
        name: &'a [u8],
        value: &'a [u8],
    ) -> Result<(), Fault<'a>> {
        let modifier = if name.eq_ignore_ascii_case(b"redirect") {
            self.redirect(value)?
        } else if name.eq_ignore_ascii_case(b"exp") {
            self.explanation(value)?
        } else {
            self.unknown_modifier(name, value)?
        };
        self.refuse_second(term, &modifier);
        self.terms.push(Term { span: self.span(term), kind: TermKind::Modifier(modifier) });
        Ok(())
    }

    /// `redirect` and `exp` stand at most once each (RFC 7208 section 6). A
    /// second one is kept in the record, and is an error.
    fn refuse_second(&mut self, term: &'a [u8], modifier: &Modifier) {
        let second = |modifier: &Modifier| match modifier {
            Modifier::Redirect(_) => Some(SyntaxErrorKind::SecondRedirect),
            Modifier::Explanation(_) => Some(SyntaxErrorKind::SecondExplanation),
            Modifier::Unknown { .. } => None,
        };
        let Some(error) = second(modifier) else { return };
        let repeated = self.terms.iter().any(|earlier| match &earlier.kind {
            TermKind::Modifier(earlier) => second(earlier) == Some(error),
            TermKind::Directive(_) => false,
        });
        if repeated {
            self.errors.push(self.located(&Fault::new(term, error), self.span(term)));
        }
    }

    /// `redirect = "redirect" "=" domain-spec`
    fn redirect(&mut self, value: &'a [u8]) -> Result<Modifier, Fault<'a>> {
        self.domain_spec(value).map(Modifier::Redirect)
    }

    /// `explanation = "exp" "=" domain-spec`
    fn explanation(&mut self, value: &'a [u8]) -> Result<Modifier, Fault<'a>> {
        self.domain_spec(value).map(Modifier::Explanation)
    }

    /// What the text of an unknown modifier is for is not known, so all letters
    /// are allowed in it.
    ///
    /// `unknown-modifier = name "=" macro-string`
    fn unknown_modifier(
        &mut self,
        written: &'a [u8],
        value: &'a [u8],
    ) -> Result<Modifier, Fault<'a>> {
        let Ok(([], name)) = name(written) else {
            return Err(Fault::new(written, SyntaxErrorKind::ModifierName));
        };
        // No blank is in the value, which the term ends at.
        let restricted = std::mem::replace(&mut self.explanation, true);
        let value = self.macro_string(value);
        self.explanation = restricted;
        Ok(Modifier::Unknown { name: self.span(name), value: value? })
    }
}

/// `name = ALPHA *( ALPHA / DIGIT / "-" / "_" / "." )`
fn name(input: &[u8]) -> Read<'_, &[u8]> {
    let first = satisfy(|character| character.is_ascii_alphabetic());
    recognize((first, take_while(in_name))).parse(input)
}

/// As many characters of a name as there are, and what is behind them.
#[inline]
pub(super) fn name_characters(input: &[u8]) -> (&[u8], &[u8]) {
    let end = input.iter().position(|octet| !in_name(*octet)).unwrap_or(input.len());
    (&input[end..], &input[..end])
}

#[inline]
fn in_name(octet: u8) -> bool {
    IN_NAME[usize::from(octet)]
}

/// For each octet whether a name may hold it behind its first. A table,
/// because it is asked for every octet of every name.
static IN_NAME: [bool; 256] = {
    let mut table = [false; 256];
    let mut octet: u8 = 0;
    while octet < 0x80 {
        table[octet as usize] =
            octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_' | b'.');
        octet += 1;
    }
    table
};
