//! Terms as they read outside their own record.
//!
//! What a term means can depend on the domain whose record it stands in: by
//! `%{d}`, and by the domain that bare `a`, `mx` and `ptr` leave out. Here that
//! domain is written out (RFC 7208 section 7.2), which is macro expansion with
//! one value known, so that a term can be compared with others and moved.

use super::expand::transform;
use super::print::{write_expand, write_length};
use super::{
    DomainSpec, MacroLetter, MacroPart, Mechanism, Modifier, Record, Term, TermKind, target_name,
};
use crate::name::{DomainName, NameError};

/// What a domain-spec names once the current domain is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DomainTarget {
    /// One name, the same for every message.
    Static(DomainName),
    /// One text that is no DNS name, the same for every message.
    Invalid(String, NameError),
    /// The message decides: the domain-spec with `%{d}` written out.
    Dynamic {
        /// The domain-spec, each `%{d}` expanded.
        text: String,
        /// It holds `%{p}`, whose value depends on the current domain too: the
        /// term means something else in any other record.
        bound: bool,
    },
}

impl Record {
    /// What `spec`, a domain-spec of this record, names in the record of `domain`.
    pub fn domain_target(&self, spec: &DomainSpec, domain: &DomainName) -> DomainTarget {
        let parts = self.parts(&spec.0);
        let known = |part: &MacroPart| match part {
            MacroPart::Expand(expand) => expand.letter == MacroLetter::Domain,
            _ => true,
        };
        if parts.iter().all(known) {
            let expanded = self.expand_domain_only(parts, domain);
            return match target_name(&expanded) {
                Ok(name) => DomainTarget::Static(name),
                Err(error) => {
                    DomainTarget::Invalid(String::from_utf8_lossy(&expanded).into_owned(), error)
                }
            };
        }
        let letter = |part: &MacroPart| match part {
            MacroPart::Expand(expand) => Some(expand.letter),
            _ => None,
        };
        DomainTarget::Dynamic {
            text: self.write_domain_out(parts, domain),
            bound: parts.iter().any(|part| letter(part) == Some(MacroLetter::ValidatedName)),
        }
    }

    fn expand_domain_only(&self, parts: &[MacroPart], domain: &DomainName) -> Vec<u8> {
        let mut out = Vec::new();
        for part in parts {
            match part {
                MacroPart::Literal(span) => out.extend_from_slice(self.slice(*span)),
                MacroPart::Percent(_) => out.push(b'%'),
                MacroPart::Space(_) => out.push(b' '),
                MacroPart::UrlSpace(_) => out.extend_from_slice(b"%20"),
                MacroPart::Expand(expand) => transform(expand, &domain.to_text_octets(), &mut out),
            }
        }
        out
    }

    /// The macro-string with each `%{d}` expanded, everything else as it is.
    /// Octets of the domain that a macro-literal cannot hold stay a macro of
    /// their own where there is one, and are shown escaped where there is none.
    fn write_domain_out(&self, parts: &[MacroPart], domain: &DomainName) -> String {
        let mut out = String::new();
        for part in parts {
            match part {
                MacroPart::Expand(expand) if expand.letter == MacroLetter::Domain => {
                    let mut value = Vec::new();
                    transform(expand, &domain.to_text_octets(), &mut value);
                    write_literal(&value, &mut out);
                }
                MacroPart::Expand(_) => write_expand(part, &mut out),
                _ => out.push_str(&self.slice_text(part.span())),
            }
        }
        out
    }
}

/// Writes octets so that they expand to themselves inside a macro-string.
fn write_literal(value: &[u8], out: &mut String) {
    for &octet in value {
        match octet {
            b'%' => out.push_str("%%"),
            b' ' => out.push_str("%_"),
            _ => out.push_str(&octet.escape_ascii().to_string()),
        }
    }
}

/// The canonical text of a term without its qualifier, as it reads outside the
/// record of `domain`: every `%{d}` and every domain left out is written out,
/// all in lower case. `redirect=` and `include:` stay what they are.
///
/// Case does not matter in DNS, but it does to a macro letter: those keep theirs.
pub fn absolute_term(record: &Record, term: &Term, domain: &DomainName) -> String {
    let spec = |spec: &DomainSpec| match record.domain_target(spec, domain) {
        DomainTarget::Static(name) => static_text(&name),
        DomainTarget::Invalid(text, _) => text.to_ascii_lowercase(),
        DomainTarget::Dynamic { text, .. } => lowercase_literals(&text),
    };
    let or_domain = |given: &Option<DomainSpec>| match given {
        Some(given) => spec(given),
        None => static_text(domain),
    };
    let addresses = |name: &str, given: &Option<DomainSpec>, ip4, ip6: Option<u8>| {
        let mut text = format!("{name}:{}", or_domain(given));
        write_length(ip4, &mut text);
        if ip6.is_some() {
            text.push('/');
            write_length(ip6, &mut text);
        }
        text
    };
    match &term.kind {
        TermKind::Directive(directive) => match &directive.mechanism {
            Mechanism::Include(domain) => format!("include:{}", spec(domain)),
            Mechanism::Exists(domain) => format!("exists:{}", spec(domain)),
            Mechanism::Ptr(given) => format!("ptr:{}", or_domain(given)),
            Mechanism::A(given, lengths) => addresses("a", given, lengths.ip4, lengths.ip6),
            Mechanism::Mx(given, lengths) => addresses("mx", given, lengths.ip4, lengths.ip6),
            Mechanism::All | Mechanism::Ip4(_) | Mechanism::Ip6(_) => {
                let text = record.print_term(term);
                text.strip_prefix(['-', '~', '?']).map(str::to_owned).unwrap_or(text)
            }
        },
        TermKind::Modifier(Modifier::Redirect(domain)) => format!("redirect={}", spec(domain)),
        TermKind::Modifier(Modifier::Explanation(domain)) => format!("exp={}", spec(domain)),
        TermKind::Modifier(Modifier::Unknown { .. }) => record.print_term(term),
    }
}

/// A name as a macro-string that expands to it.
fn static_text(name: &DomainName) -> String {
    let mut text = String::new();
    write_literal(&name.to_lowercase().to_text_octets(), &mut text);
    text
}

/// Folds the case of a macro-string's literals; a macro's letter keeps its
/// case, which says whether its value is escaped.
fn lowercase_literals(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        folded.push_str(&rest[..at].to_ascii_lowercase());
        let end = match rest.as_bytes().get(at + 1) {
            Some(b'{') => rest[at..].find('}').map_or(rest.len(), |close| at + close + 1),
            _ => rest.len().min(at + 2),
        };
        folded.push_str(&rest[at..end]);
        rest = &rest[end..];
    }
    folded.push_str(&rest.to_ascii_lowercase());
    folded
}
