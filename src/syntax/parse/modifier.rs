//! `modifier` (RFC 7208 sections 4.6.1 and 6).

use super::{Fault, Scope};
use crate::syntax::{Modifier, SyntaxErrorKind};

impl<'a> Scope<'a> {
    /// `modifier = redirect / explanation / unknown-modifier`; the known names
    /// are never unknown modifiers, whatever their value.
    pub(super) fn modifier(
        &mut self,
        name: &'a [u8],
        value: &'a [u8],
    ) -> Result<Modifier, Fault<'a>> {
        if name.eq_ignore_ascii_case(b"redirect") {
            return self.domain_spec(value).map(Modifier::Redirect);
        }
        if name.eq_ignore_ascii_case(b"exp") {
            return self.domain_spec(value).map(Modifier::Explanation);
        }
        if !name.first().is_some_and(u8::is_ascii_alphabetic) {
            return Err(Fault::new(name, SyntaxErrorKind::ModifierName));
        }
        // What the text of an unknown modifier is for is not known, so all
        // letters are allowed in it; blanks still end the term.
        let restricted = std::mem::replace(&mut self.explanation, true);
        let value = self.macro_string(value);
        self.explanation = restricted;
        Ok(Modifier::Unknown { name: self.span(name), value: value? })
    }
}

/// The name and the value of a term that is a modifier: a run of name
/// characters with an equals sign behind it
/// (`name = ALPHA *( ALPHA / DIGIT / "-" / "_" / "." )`).
pub(super) fn name(term: &[u8]) -> Option<(&[u8], &[u8])> {
    let in_name = |octet: &u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_' | b'.');
    let end = term.iter().position(|octet| !in_name(octet))?;
    (term[end] == b'=').then(|| (&term[..end], &term[end + 1..]))
}
