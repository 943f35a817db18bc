//! Macro expansion (RFC 7208 sections 7.2 to 7.4).
//!
//! Pure: the values come from whoever evaluates; nothing here asks DNS.

use std::fmt::Write;
use std::net::IpAddr;

use super::{MacroExpand, MacroLetter, MacroPart};
use crate::name::{DomainName, MAX_NAME_OCTETS, NameError};

/// What the macro letters stand for in one evaluation.
#[derive(Clone, Copy, Debug)]
pub struct MacroValues<'a> {
    /// `%{l}`: the local-part of the sender.
    pub local_part: &'a [u8],
    /// `%{o}`: the domain of the sender, as written.
    pub sender_domain: &'a [u8],
    /// `%{d}`: the current domain, as written.
    pub domain: &'a [u8],
    /// `%{i}`, `%{c}` and `%{v}`: the client's address.
    pub ip: IpAddr,
    /// `%{h}`: the HELO name, as the client gave it.
    pub helo: &'a [u8],
    /// `%{p}`: the validated name of the client; `unknown` when there is none.
    pub validated_name: &'a [u8],
    /// `%{r}`: the name of the receiving host.
    pub receiver: &'a [u8],
    /// `%{t}`: seconds since 1970.
    pub time: u64,
}

impl MacroValues<'_> {
    /// Appends the expansion of `parts`, parts of a string of `text`.
    pub fn expand(&self, text: &[u8], parts: &[MacroPart], out: &mut Vec<u8>) {
        for part in parts {
            match part {
                MacroPart::Literal(span) => out.extend_from_slice(span.of(text)),
                MacroPart::Percent(_) => out.push(b'%'),
                MacroPart::Space(_) => out.push(b' '),
                MacroPart::UrlSpace(_) => out.extend_from_slice(b"%20"),
                MacroPart::Expand(expand) => self.expand_letter(expand, out),
            }
        }
    }

    fn expand_letter(&self, expand: &MacroExpand, out: &mut Vec<u8>) {
        let ip = self.ip.to_canonical();
        match expand.letter {
            MacroLetter::Sender => {
                let sender = [self.local_part, b"@", self.sender_domain].concat();
                transform(expand, &sender, out);
            }
            MacroLetter::LocalPart => transform(expand, self.local_part, out),
            MacroLetter::SenderDomain => transform(expand, self.sender_domain, out),
            MacroLetter::Domain => transform(expand, self.domain, out),
            MacroLetter::Ip => transform(expand, dotted(ip).as_bytes(), out),
            MacroLetter::ValidatedName => transform(expand, self.validated_name, out),
            MacroLetter::Version => {
                let version: &[u8] = if ip.is_ipv4() { b"in-addr" } else { b"ip6" };
                transform(expand, version, out);
            }
            MacroLetter::Helo => transform(expand, self.helo, out),
            MacroLetter::ReadableIp => transform(expand, ip.to_string().as_bytes(), out),
            MacroLetter::Receiver => transform(expand, self.receiver, out),
            MacroLetter::Time => transform(expand, self.time.to_string().as_bytes(), out),
        }
    }
}

/// The value of `%{i}`: dotted decimal for IPv4, dotted nibbles for IPv6.
fn dotted(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => {
            let mut text = String::with_capacity(63);
            for octet in ip.octets() {
                let dot = if text.is_empty() { "" } else { "." };
                let _ = write!(text, "{dot}{:X}.{:X}", octet >> 4, octet & 15);
            }
            text
        }
    }
}

/// Splits, reverses, keeps and escapes one value (RFC 7208 section 7.3).
pub(super) fn transform(expand: &MacroExpand, value: &[u8], out: &mut Vec<u8>) {
    if expand.keep.is_none() && !expand.reverse && expand.delimiters.is_empty() {
        return escape(expand.url_escape, value, out);
    }
    let delimits = |octet: &u8| match expand.delimiters.is_empty() {
        true => *octet == b'.',
        false => expand.delimiters.contains(*octet),
    };
    let mut parts: Vec<&[u8]> = value.split(delimits).collect();
    if expand.reverse {
        parts.reverse();
    }
    let keep = expand.keep.map_or(parts.len(), |keep| (keep as usize).min(parts.len()));
    for (index, part) in parts[parts.len() - keep..].iter().enumerate() {
        if index > 0 {
            out.push(b'.');
        }
        escape(expand.url_escape, part, out);
    }
}

/// Writes all but the unreserved octets of RFC 3986 as `%XX`, where wanted.
fn escape(wanted: bool, value: &[u8], out: &mut Vec<u8>) {
    if !wanted {
        return out.extend_from_slice(value);
    }
    for &octet in value {
        if octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.' | b'_' | b'~') {
            out.push(octet);
        } else {
            out.extend_from_slice(format!("%{octet:02X}").as_bytes());
        }
    }
}

/// The target-name that an expanded domain-spec gives: labels are dropped from
/// the left until at most 253 octets are left (RFC 7208 section 7.3).
///
/// # Errors
///
/// The reason why no DNS name can be made of it: an empty or a long label
/// (RFC 7208 section 4.8 leaves it open what then happens).
pub fn target_name(expanded: &[u8]) -> Result<DomainName, NameError> {
    let mut text = expanded.strip_suffix(b".").unwrap_or(expanded);
    while text.len() > MAX_NAME_OCTETS {
        let Some(dot) = text.iter().position(|octet| *octet == b'.') else {
            return Err(NameError::LongLabel);
        };
        text = &text[dot + 1..];
    }
    DomainName::parse(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::syntax::corpus::same_values;
    use crate::syntax::parse_explain_string;

    const VALUES: MacroValues<'static> = MacroValues {
        local_part: b"strong-bad",
        sender_domain: b"email.example.com",
        domain: b"email.example.com",
        ip: IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 3)),
        helo: b"mail.example.com",
        validated_name: b"mx.example.org",
        receiver: b"mx.example.net",
        time: 1_400_000_000,
    };

    fn expand(values: &MacroValues, text: &str) -> String {
        let string = parse_explain_string(text.as_bytes()).unwrap();
        let mut out = Vec::new();
        values.expand(&string.text, &string.parts, &mut out);
        String::from_utf8(out).unwrap()
    }

    fn check(values: &MacroValues, cases: &[(&str, &str)]) {
        for (text, expected) in cases {
            assert_eq!(expand(values, text), *expected, "'{text}'");
        }
    }

    #[test]
    fn examples_of_section_7_4() {
        let cases = [
            ("%{s}", "strong-bad@email.example.com"),
            ("%{o}", "email.example.com"),
            ("%{d}", "email.example.com"),
            ("%{d4}", "email.example.com"),
            ("%{d3}", "email.example.com"),
            ("%{d2}", "example.com"),
            ("%{d1}", "com"),
            ("%{dr}", "com.example.email"),
            ("%{d2r}", "example.email"),
            ("%{l}", "strong-bad"),
            ("%{l-}", "strong.bad"),
            ("%{lr}", "strong-bad"),
            ("%{lr-}", "bad.strong"),
            ("%{l1r-}", "strong"),
            ("%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"),
            ("%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"),
            ("%{lr-}.lp.%{ir}.%{v}._spf.%{d2}", "bad.strong.lp.3.2.0.192.in-addr._spf.example.com"),
            ("%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}", "3.2.0.192.in-addr.strong.lp._spf.example.com"),
            ("%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net"),
        ];
        check(&VALUES, &cases);
    }

    #[test]
    fn the_ipv6_example_of_section_7_4() {
        let values = MacroValues { ip: "2001:db8::cb01".parse().unwrap(), ..VALUES };
        let expected = "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2\
                        .ip6._spf.example.com";
        // Host names have no case; the suite of test cases wants these in upper case.
        let expanded = expand(&values, "%{ir}.%{v}._spf.%{d2}");
        assert!(expanded.eq_ignore_ascii_case(expected), "{expanded}");
        assert!(expanded.starts_with("1.0.B.C."));
        check(&values, &[("%{c}", "2001:db8::cb01"), ("%{i1}", "1"), ("%{v}", "ip6")]);
    }

    #[test]
    fn every_letter_has_its_value() {
        let cases = [
            ("%{i}", "192.0.2.3"),
            ("%{c}", "192.0.2.3"),
            ("%{p}", "mx.example.org"),
            ("%{h}", "mail.example.com"),
            ("%{r}", "mx.example.net"),
            ("%{t}", "1400000000"),
            ("%%%_%-.", "% %20."),
            ("%{v}%{v-}", "in-addrin.addr"),
        ];
        check(&VALUES, &cases);
        let mapped = MacroValues { ip: "::ffff:192.0.2.3".parse().unwrap(), ..VALUES };
        check(&mapped, &[("%{i} %{v} %{c}", "192.0.2.3 in-addr 192.0.2.3")]);
    }

    #[test]
    fn upper_case_letters_escape_for_urls() {
        let values = MacroValues { local_part: b"~a b/c%d-e_f.g+\xc3\xa9", ..VALUES };
        check(
            &values,
            &[
                ("%{L}", "~a%20b%2Fc%25d-e_f.g%2B%C3%A9"),
                ("%{S}", "~a%20b%2Fc%25d-e_f.g%2B%C3%A9%40email.example.com"),
                ("%{L/}", "~a%20b.c%25d-e_f.g%2B%C3%A9"),
                ("%{Lr/+}", "%C3%A9.c%25d-e_f.g.~a%20b"),
            ],
        );
    }

    #[test]
    fn delimiters_split_and_dots_join() {
        let values = MacroValues { local_part: b"a.b-c+d,e/f_g=h", ..VALUES };
        check(
            &values,
            &[
                ("%{l.-+,/_=}", "a.b.c.d.e.f.g.h"),
                ("%{lr.-+,/_=}", "h.g.f.e.d.c.b.a"),
                ("%{l3=_}", "a.b-c+d,e/f.g.h"),
                ("%{l1}", "b-c+d,e/f_g=h"),
                ("%{l99}", "a.b-c+d,e/f_g=h"),
                ("%{l4294967296r}", "b-c+d,e/f_g=h.a"),
            ],
        );
        let values = MacroValues { local_part: b"-a--b-", ..VALUES };
        check(&values, &[("%{l-}", ".a..b."), ("%{l2-}", "b."), ("%{l1r-}", "")]);
    }

    #[test]
    fn long_names_lose_labels_from_the_left() {
        let label = "a".repeat(49);
        let exact = format!("{}.abc", [label.as_str(); 5].join("."));
        assert_eq!(exact.len(), MAX_NAME_OCTETS);
        let name = |text: &str| target_name(text.as_bytes()).map(|name| name.to_string());
        assert_eq!(name(&exact), Ok(exact.clone()));
        assert_eq!(name(&format!("{exact}.")), Ok(exact.clone()));
        assert_eq!(name(&format!("b.{exact}")), Ok(exact.clone()));
        assert_eq!(name(&format!("x.y.{label}.{exact}.")), Ok(exact.clone()));
        assert_eq!(name(&format!("b{exact}")), Ok(exact[50..].to_owned()));
        assert_eq!(name(&"a".repeat(254)), Err(NameError::LongLabel));
        assert_eq!(name(&format!("{}.example", "a".repeat(64))), Err(NameError::LongLabel));
        assert_eq!(name("a..example"), Err(NameError::EmptyLabel));
    }

    proptest! {
        #![proptest_config(same_values())]

        #[test]
        fn transformers_keep_whole_parts(value in "[a-c.-]{0,20}", keep in 1u32..6) {
            let values = MacroValues { local_part: value.as_bytes(), ..VALUES };
            let whole = expand(&values, "%{l.-}");
            prop_assert_eq!(&whole, &value.replace('-', "."));
            let kept = expand(&values, &format!("%{{l{keep}.-}}"));
            let parts: Vec<&str> = whole.split('.').collect();
            let from = parts.len().saturating_sub(keep as usize);
            prop_assert_eq!(kept, parts[from..].join("."));
        }

        #[test]
        fn target_names_are_names(octets in proptest::collection::vec(any::<u8>(), 0..600)) {
            if let Ok(name) = target_name(&octets) {
                prop_assert!(name.octets() <= MAX_NAME_OCTETS);
                let text = name.to_text_octets();
                prop_assert!(octets.strip_suffix(b".").unwrap_or(&octets).ends_with(&text));
            }
        }
    }
}
