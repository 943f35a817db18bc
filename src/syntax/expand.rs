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
