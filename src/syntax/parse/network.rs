//! Addresses and prefix lengths (RFC 7208 sections 5.3 and 5.6).

use std::net::{Ipv4Addr, Ipv6Addr};

use nom::Parser;
use nom::character::complete::char;
use nom::combinator::{opt, verify};
use nom::sequence::preceded;

use super::{Fault, Read, Scope};
use crate::syntax::{DualCidrLength, Ip4Network, Ip6Network, SyntaxErrorKind};

impl<'a> Scope<'a> {
    /// `ip4 = "ip4" ":" ip4-network [ ip4-cidr-length ]`
    #[inline]
    pub(super) fn ip4(&self, argument: &'a [u8]) -> Result<Ip4Network, Fault<'a>> {
        let [b':', network @ ..] = argument else {
            return Err(Fault::new(argument, SyntaxErrorKind::Ip4Address));
        };
        let Ok((rest @ ([] | [b'/', ..]), address)) = ip4_network(network) else {
            let (address, _) = split_length(network);
            return Err(Fault::new(address, SyntaxErrorKind::Ip4Address));
        };
        let Ok(([], length)) = opt(ip4_cidr_length).parse(rest) else {
            return Err(Fault::new(rest, SyntaxErrorKind::Ip4CidrLength));
        };
        Ok(Ip4Network { address, length, span: self.span(network) })
    }

    /// `ip6 = "ip6" ":" ip6-network [ ip6-cidr-length ]`
    pub(super) fn ip6(&self, argument: &'a [u8]) -> Result<Ip6Network, Fault<'a>> {
        let [b':', network @ ..] = argument else {
            return Err(Fault::new(argument, SyntaxErrorKind::Ip6Address));
        };
        let (written, rest) = split_length(network);
        let Some(address) = ip6_network(written) else {
            return Err(Fault::new(written, SyntaxErrorKind::Ip6Address));
        };
        let Ok(([], length)) = opt(ip6_cidr_length).parse(rest) else {
            return Err(Fault::new(rest, SyntaxErrorKind::Ip6CidrLength));
        };
        Ok(Ip6Network { address, length, span: self.span(network) })
    }

    /// All of `lengths`, which may be empty.
    ///
    /// `dual-cidr-length = [ ip4-cidr-length ] [ "/" ip6-cidr-length ]`
    pub(super) fn dual_cidr_length(&self, lengths: &'a [u8]) -> Result<DualCidrLength, Fault<'a>> {
        let ip6 = preceded(char('/'), ip6_cidr_length);
        match (opt(ip4_cidr_length), opt(ip6)).parse(lengths) {
            Ok(([], (ip4, ip6))) => Ok(DualCidrLength { ip4, ip6, span: self.span(lengths) }),
            _ => Err(bad_length(lengths)),
        }
    }
}

/// The one of two prefix lengths that is wrong.
#[cold]
fn bad_length(lengths: &[u8]) -> Fault<'_> {
    let slashes = lengths.windows(2).position(|pair| pair == b"//");
    let (ip4, ip6) = lengths.split_at(slashes.unwrap_or(lengths.len()));
    match ip4_cidr_length(ip4) {
        Err(_) if !ip4.is_empty() => Fault::new(ip4, SyntaxErrorKind::Ip4CidrLength),
        Ok(([_, ..], _)) => Fault::new(ip4, SyntaxErrorKind::Ip4CidrLength),
        _ => Fault::new(ip6.get(1..).unwrap_or_default(), SyntaxErrorKind::Ip6CidrLength),
    }
}

/// Cuts the prefix lengths off the end of an `a` or `mx` argument. A top label
/// holds no slash, so the lengths begin at the first slash of the digits and
/// slashes that the argument ends in, and no slash further left is one of them.
pub(super) fn split_dual_cidr(argument: &[u8]) -> (&[u8], &[u8]) {
    let tail = argument.iter().rposition(|octet| !matches!(octet, b'0'..=b'9' | b'/'));
    let tail = tail.map_or(0, |at| at + 1);
    let slash = argument[tail..].iter().position(|octet| *octet == b'/');
    argument.split_at(slash.map_or(argument.len(), |at| tail + at))
}

fn split_length(network: &[u8]) -> (&[u8], &[u8]) {
    let slash = network.iter().position(|octet| *octet == b'/');
    network.split_at(slash.unwrap_or(network.len()))
}

/// At most 32. Its digits are those of a number up to 255.
///
/// `ip4-cidr-length = "/" ("0" / %x31-39 0*1DIGIT)`
#[inline]
fn ip4_cidr_length(input: &[u8]) -> Read<'_, u8> {
    preceded(char('/'), verify(qnum, |length| *length <= 32)).parse(input)
}

/// At most 128. Its digits are those of a number up to 255.
///
/// `ip6-cidr-length = "/" ("0" / %x31-39 0*2DIGIT)`
fn ip6_cidr_length(input: &[u8]) -> Read<'_, u8> {
    preceded(char('/'), verify(qnum, |length| *length <= 128)).parse(input)
}

/// `ip4-network = qnum "." qnum "." qnum "." qnum`
#[inline]
fn ip4_network(input: &[u8]) -> Read<'_, Ipv4Addr> {
    let (mut rest, first) = qnum(input)?;
    let mut address = u32::from(first);
    for _ in 0..3 {
        let [b'.', number @ ..] = rest else { return Err(nom::Err::Error(())) };
        let (behind, octet) = qnum(number)?;
        address = address << 8 | u32::from(octet);
        rest = behind;
    }
    Ok((rest, Ipv4Addr::from_bits(address)))
}

/// A number from 0 to 255 without leading zeros, as many digits as there are:
/// no digit may follow one.
///
/// `qnum = DIGIT / %x31-39 DIGIT / "1" 2DIGIT / "2" %x30-34 DIGIT / "25" %x30-35`
#[inline(always)]
fn qnum(input: &[u8]) -> Read<'_, u8> {
    let value = |digit: &u8| u16::from(digit - b'0');
    let (rest, number) = match input {
        [b'0', rest @ ..] => (rest, 0),
        [a @ b'1'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9', rest @ ..] => {
            (rest, value(a) * 100 + value(b) * 10 + value(c))
        }
        [a @ b'1'..=b'9', b @ b'0'..=b'9', rest @ ..] => (rest, value(a) * 10 + value(b)),
        [a @ b'1'..=b'9', rest @ ..] => (rest, value(a)),
        _ => return Err(nom::Err::Error(())),
    };
    match u8::try_from(number) {
        Ok(number) => Ok((rest, number)),
        Err(_) => Err(nom::Err::Error(())),
    }
}

/// The text forms of RFC 4291 section 2.2, all of `text`.
///
/// `ip6-network = <as per Section 2.2 of [RFC4291]>`
fn ip6_network(text: &[u8]) -> Option<Ipv6Addr> {
    std::str::from_utf8(text).ok()?.parse().ok()
}
