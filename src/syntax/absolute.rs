//! Terms as they read outside their own record.
//!
//! What a term means can depend on the domain whose record it stands in: by
//! `%{d}`, and by the domain that bare `a`, `mx` and `ptr` leave out. Here that
//! domain is written out (RFC 7208 section 7.2), which is macro expansion with
//! one value known, so that a term can be compared with others and moved.

use std::fmt::Write;

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
    /// One text that is no DNS name, the same for every message: a
    /// macro-string that expands to it, with `%x` and two digits for each
    /// octet that none expands to.
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
                    let mut text = String::new();
                    write_literal(&expanded, &mut text);
                    DomainTarget::Invalid(text, error)
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

/// Writes octets so that they expand to themselves inside a macro-string. What
/// no macro-string can expand to becomes `%x` and two digits, which none may
/// hold: it can be shown and compared, and is never taken for another name.
fn write_literal(value: &[u8], out: &mut String) {
    for &octet in value {
        match octet {
            b'%' => out.push_str("%%"),
            b' ' => out.push_str("%_"),
            b'!'..=b'~' => out.push(char::from(octet)),
            _ => {
                let _ = write!(out, "%x{octet:02x}");
            }
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
        DomainTarget::Invalid(text, _) | DomainTarget::Dynamic { text, .. } => {
            lowercase_literals(&text)
        }
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::syntax::corpus::same_values;
    use crate::syntax::parse_record;

    fn name(text: &str) -> DomainName {
        DomainName::parse(text).unwrap()
    }

    /// What the only term of a record reads as in the record of `domain`.
    fn absolute_in(term: &str, domain: &DomainName) -> String {
        let parse = parse_record(format!("v=spf1 {term}").as_bytes());
        assert_eq!(parse.errors, [], "'{term}'");
        absolute_term(&parse.record, &parse.record.terms()[0], domain)
    }

    fn absolute(term: &str) -> String {
        absolute_in(term, &name("Mail.Example.com"))
    }

    fn target(spec: &str, domain: &str) -> DomainTarget {
        let record = parse_record(format!("v=spf1 include:{spec}").as_bytes()).record;
        let crate::syntax::TermKind::Directive(directive) = record.terms()[0].kind else {
            panic!("no directive: {spec}")
        };
        let Mechanism::Include(spec) = directive.mechanism else { panic!("no include") };
        record.domain_target(&spec, &name(domain))
    }

    #[test]
    fn domains_left_out_are_written_out() {
        let cases = [
            ("a", "a:mail.example.com"),
            ("-a/24", "a:mail.example.com/24"),
            ("?MX//64", "mx:mail.example.com//64"),
            ("mx/24//64", "mx:mail.example.com/24//64"),
            ("~ptr", "ptr:mail.example.com"),
            ("a:B.Example", "a:b.example"),
            ("a:b.example.", "a:b.example"),
            ("-all", "all"),
            ("~IP4:192.0.2.1/32", "ip4:192.0.2.1/32"),
            ("ip6:2001:DB8::", "ip6:2001:db8::"),
            ("redirect=%{D2}", "redirect=example.com"),
            ("exp=e.%{d}", "exp=e.mail.example.com"),
            ("X=%{d}", "x=%{d}"),
        ];
        for (term, expected) in cases {
            assert_eq!(absolute(term), expected, "'{term}'");
        }
    }

    #[test]
    fn the_known_domain_is_expanded_and_the_rest_stays() {
        let cases = [
            ("include:%{d}", "include:mail.example.com"),
            ("include:%{dr}", "include:com.example.mail"),
            ("exists:%{ir}.%{V}.%{d2}", "exists:%{ir}.%{V}.example.com"),
            ("exists:%{Lr-}.LP.%{d1r}.Example", "exists:%{Lr-}.lp.mail.example"),
            ("exists:%{d3r.-+}.%{h}", "exists:com.example.mail.%{h}"),
            ("exists:A%_B%%%-.%{i}", "exists:a%_b%%%-.%{i}"),
            ("include:%_..Example", "include:%_..example"),
        ];
        for (term, expected) in cases {
            assert_eq!(absolute(term), expected, "'{term}'");
        }
    }

    #[test]
    fn targets_are_known_unless_the_message_decides() {
        let known = |text: &str| DomainTarget::Static(name(text));
        let dynamic = |text: &str, bound| DomainTarget::Dynamic { text: text.to_owned(), bound };
        assert_eq!(target("_spf.%{d2}", "a.b.example"), known("_spf.b.example"));
        assert_eq!(target("%{i}._spf.%{d}", "b.example"), dynamic("%{i}._spf.b.example", false));
        assert_eq!(target("%{p}.%{d}", "b.example"), dynamic("%{p}.b.example", true));
        assert_eq!(
            target("a..example", "b.example"),
            DomainTarget::Invalid("a..example".to_owned(), NameError::EmptyLabel)
        );
        let long = format!("{}.example", vec!["abcdefghi"; 23].join("."));
        assert_eq!(target(&format!("x.%{{d}}.{}", "y.".repeat(10) + "z"), &long), {
            let all = format!("x.{long}.{}z", "y.".repeat(10));
            known(&all[all.find("abc").unwrap() + 10..])
        });
    }

    #[test]
    fn odd_labels_expand_to_themselves() {
        let domain = DomainName::from_labels([&b"o'b\"r\\i%e n"[..], b"example"]).unwrap();
        assert_eq!(absolute_in("a", &domain), "a:o'b\"r\\i%%e%_n.example");
        assert_eq!(absolute_in("exists:%{i}.%{d}", &domain), "exists:%{i}.o'b\"r\\i%%e%_n.example");
        // No macro-string expands to this; what is shown reads as none.
        let control = DomainName::from_labels([&b"\x07\xff"[..], b"example"]).unwrap();
        let shown = absolute_in("a", &control);
        assert!(!parse_record(format!("v=spf1 {shown}").as_bytes()).errors.is_empty(), "{shown}");
    }

    proptest! {
        #![proptest_config(same_values())]

        #[test]
        fn absolute_terms_mean_the_same_anywhere(
            term in "(a|mx|ptr|include|exists|redirect|exp)",
            spec in "([a-zA-Z0-9_]{1,4}\\.|%\\{[dDiIsLhv][1-3]?r?[-.+]{0,2}\\}|%%|%_|%-){1,4}(\\.com|%\\{d\\}|%\\{ir\\})",
            labels in proptest::collection::vec("[!-~ ]{1,8}", 2..4),
        ) {
            let sign = if matches!(&*term, "redirect" | "exp") { '=' } else { ':' };
            let domain =
                DomainName::from_labels(labels.iter().map(|label| label.as_bytes())).unwrap();
            let term = format!("{term}{sign}{spec}");
            let once = absolute_in(&term, &domain);
            let parse = parse_record(format!("v=spf1 {once}").as_bytes());
            // A domain that no domain-spec may end in stays what it is.
            if parse.errors.is_empty() {
                prop_assert_eq!(absolute_in(&once, &name("other.example")), once);
            }
        }
    }
}
