//! The canonical printer: one blank between terms, names in lower case,
//! addresses as RFC 5952 writes them, no `+`.
//!
//! Reading what was printed gives the same tree again, places aside.

use std::fmt::Write;

use super::{DomainSpec, DualCidrLength, MacroPart, Mechanism, Modifier, Record, Term, TermKind};

impl Record {
    /// The canonical text of the record. What could not be read is not in it.
    pub fn print(&self) -> String {
        let mut text = String::from("v=spf1");
        for term in &self.terms {
            text.push(' ');
            self.write_term(term, &mut text);
        }
        text
    }

    /// The canonical text of one of the record's terms.
    pub fn print_term(&self, term: &Term) -> String {
        let mut text = String::new();
        self.write_term(term, &mut text);
        text
    }

    fn write_term(&self, term: &Term, out: &mut String) {
        match &term.kind {
            TermKind::Directive(directive) => {
                out.push_str(directive.qualifier.prefix());
                self.write_mechanism(&directive.mechanism, out);
            }
            TermKind::Modifier(modifier) => self.write_modifier(modifier, out),
        }
    }

    fn write_mechanism(&self, mechanism: &Mechanism, out: &mut String) {
        match mechanism {
            Mechanism::All => out.push_str("all"),
            Mechanism::Include(domain) => self.write_argument("include:", Some(domain), out),
            Mechanism::Exists(domain) => self.write_argument("exists:", Some(domain), out),
            Mechanism::Ptr(None) => out.push_str("ptr"),
            Mechanism::Ptr(domain) => self.write_argument("ptr:", domain.as_ref(), out),
            Mechanism::A(domain, lengths) => {
                out.push('a');
                self.write_address_argument(domain.as_ref(), lengths, out);
            }
            Mechanism::Mx(domain, lengths) => {
                out.push_str("mx");
                self.write_address_argument(domain.as_ref(), lengths, out);
            }
            Mechanism::Ip4(network) => {
                let _ = write!(out, "ip4:{}", network.address);
                write_length(network.length, out);
            }
            Mechanism::Ip6(network) => {
                let _ = write!(out, "ip6:{}", network.address);
                write_length(network.length, out);
            }
        }
    }

    fn write_modifier(&self, modifier: &Modifier, out: &mut String) {
        match modifier {
            Modifier::Redirect(domain) => self.write_argument("redirect=", Some(domain), out),
            Modifier::Explanation(domain) => self.write_argument("exp=", Some(domain), out),
            Modifier::Unknown { name, value } => {
                out.push_str(&self.slice_text(*name).to_ascii_lowercase());
                out.push('=');
                self.write_parts(self.parts(value), out);
            }
        }
    }

    fn write_argument(&self, name: &str, domain: Option<&DomainSpec>, out: &mut String) {
        out.push_str(name);
        if let Some(domain) = domain {
            self.write_parts(self.parts(&domain.0), out);
        }
    }

    fn write_address_argument(
        &self,
        domain: Option<&DomainSpec>,
        lengths: &DualCidrLength,
        out: &mut String,
    ) {
        if domain.is_some() {
            self.write_argument(":", domain, out);
        }
        write_length(lengths.ip4, out);
        if lengths.ip6.is_some() {
            out.push('/');
            write_length(lengths.ip6, out);
        }
    }

    fn write_parts(&self, parts: &[MacroPart], out: &mut String) {
        for part in parts {
            match part {
                MacroPart::Expand(_) => write_expand(part, out),
                // Literals are ASCII, by the grammar.
                _ => out.push_str(&self.slice_text(part.span())),
            }
        }
    }
}

/// The canonical text of a macro: `%{` letter, number, `r`, delimiters in the
/// RFC's order, `}`.
pub(super) fn write_expand(part: &MacroPart, out: &mut String) {
    let MacroPart::Expand(expand) = part else { return };
    let letter = char::from(expand.letter.octet());
    let letter = if expand.url_escape { letter.to_ascii_uppercase() } else { letter };
    out.push_str("%{");
    out.push(letter);
    if let Some(keep) = expand.keep {
        let _ = write!(out, "{keep}");
    }
    if expand.reverse {
        out.push('r');
    }
    out.extend(expand.delimiters.octets().map(char::from));
    out.push('}');
}

pub(super) fn write_length(length: Option<u8>, out: &mut String) {
    if let Some(length) = length {
        let _ = write!(out, "/{length}");
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::syntax::corpus::{records, same_values};
    use crate::syntax::{MacroPart, Modifier, Record, TermKind, parse_record};

    /// The tree without its places: what canonical text must keep.
    fn tree(record: &Record) -> Vec<String> {
        let part = |part: &MacroPart| match part {
            MacroPart::Literal(span) => format!("literal {}", record.slice_text(*span)),
            _ => without_places(&format!("{part:?}")),
        };
        let name = |kind: &TermKind| match kind {
            TermKind::Modifier(Modifier::Unknown { name, .. }) => {
                record.slice_text(*name).to_ascii_lowercase()
            }
            _ => String::new(),
        };
        let terms = record.terms.iter().map(|term| {
            format!("{} {}", without_places(&format!("{:?}", term.kind)), name(&term.kind))
        });
        terms.chain(record.parts.iter().map(part)).collect()
    }

    fn without_places(debug: &str) -> String {
        let mut pieces = debug.split("Span {");
        let first = pieces.next().unwrap_or_default().to_owned();
        pieces.fold(first, |text, piece| text + piece.split_once('}').map_or("", |(_, rest)| rest))
    }

    /// Panics unless canonical text reads as the same tree, and is its own
    /// canonical text.
    fn check_identity(text: &[u8]) {
        let parse = parse_record(text);
        let printed = parse.record.print();
        let again = parse_record(printed.as_bytes());
        assert_eq!(tree(&again.record), tree(&parse.record), "'{printed}'");
        assert_eq!(again.record.print(), printed);
        if parse.errors.is_empty() {
            assert_eq!(again.errors, [], "'{printed}'");
        }
    }

    #[test]
    fn prints_one_form() {
        let text = b"V=SPF1   +A  Mx:%{D2R.-}.Example/00024 MX:B.Example/24//0 -IP4:192.0.2.1/32 \
            ip6:2001:DB8:0::1 ~PTR ?exists:%{Lr-+}.x.Example X-Y=%%%_%- EXP=%{d03r.-.}  ";
        let record = parse_record(text).record;
        assert_eq!(
            record.print(),
            "v=spf1 a mx:B.Example/24//0 -ip4:192.0.2.1/32 ip6:2001:db8::1 ~ptr \
             ?exists:%{Lr-+}.x.Example x-y=%%%_%- exp=%{d3r.-}"
        );
        assert_eq!(record.print_term(&record.terms()[2]), "-ip4:192.0.2.1/32");
        check_identity(text);
    }

    #[test]
    fn published_records_print_and_read_as_themselves() {
        for text in records().into_iter().flatten() {
            check_identity(text.as_bytes());
        }
    }

    proptest! {
        #![proptest_config(same_values())]

        #[test]
        fn what_was_printed_reads_as_the_same_tree(
            terms in proptest::collection::vec(
                "[-+~?]?(a|MX|ptr|Include|exists)(:[a-z%_.-]{0,6}(%\\{[slodipvh][0-9]{0,3}r?[-.+,/_=]{0,3}\\})?(\\.Com\\.?)?)?(/[0-9]{1,2})?(//[0-9]{1,3})?\
                |[-~]?ip4:[0-9]{1,3}\\.[0-9]{1,3}\\.0\\.[0-9](/[0-9]{1,2})?\
                |ip6:[0-9A-F:]{2,20}(/[0-9]{1,3})?\
                |(redirect|exp|x[A-Z]{0,2})=(%\\{[CRTD]\\})?[!-~]{0,6}(\\.com)?",
                0..8,
            ),
        ) {
            check_identity(format!("v=spf1 {}", terms.join(" ")).as_bytes());
        }
    }
}
