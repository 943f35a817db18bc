//! Addresses and prefix lengths (RFC 7208 sections 5.3 and 5.6).

use std::net::{Ipv4Addr, Ipv6Addr};

use super::{Fault, Scope};
use crate::syntax::{DualCidrLength, Ip4Network, Ip6Network, Mechanism, SyntaxErrorKind};

impl<'a> Scope<'a> {
    /// `ip4 = "ip4" ":" ip4-network [ ip4-cidr-length ]`
    pub(super) fn ip4(&mut self, argument: &'a [u8]) -> Result<Mechanism, Fault<'a>> {
        let network = network_argument(argument, SyntaxErrorKind::Ip4Address)?;
        let (address, length) = split_length(network);
        let Some(value) = ip4_network(address) else {
            return Err(Fault::new(address, SyntaxErrorKind::Ip4Address));
        };
        let length = cidr_length(length, 32, SyntaxErrorKind::Ip4CidrLength)?;
        Ok(Mechanism::Ip4(Ip4Network { address: value, length, span: self.span(network) }))
    }

    /// `ip6 = "ip6" ":" ip6-network [ ip6-cidr-length ]`
    pub(super) fn ip6(&mut self, argument: &'a [u8]) -> Result<Mechanism, Fault<'a>> {
        let network = network_argument(argument, SyntaxErrorKind::Ip6Address)?;
        let (address, length) = split_length(network);
        let Some(value) = ip6_network(address) else {
            return Err(Fault::new(address, SyntaxErrorKind::Ip6Address));
        };
        let length = cidr_length(length, 128, SyntaxErrorKind::Ip6CidrLength)?;
        Ok(Mechanism::Ip6(Ip6Network { address: value, length, span: self.span(network) }))
    }

    /// `dual-cidr-length = [ ip4-cidr-length ] [ "/" ip6-cidr-length ]`
    pub(super) fn dual_cidr_length(
        &mut self,
        lengths: &'a [u8],
    ) -> Result<DualCidrLength, Fault<'a>> {
        let (ip4, ip6) = match lengths.windows(2).position(|pair| pair == b"//") {
            Some(slashes) => (&lengths[..slashes], &lengths[slashes + 1..]),
            None => (lengths, &lengths[lengths.len()..]),
        };
        Ok(DualCidrLength {
            ip4: cidr_length(ip4, 32, SyntaxErrorKind::Ip4CidrLength)?,
            ip6: cidr_length(ip6, 128, SyntaxErrorKind::Ip6CidrLength)?,
            span: self.span(lengths),
        })
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

/// What stands behind the colon of `ip4` and `ip6`.
fn network_argument(argument: &[u8], kind: SyntaxErrorKind) -> Result<&[u8], Fault<'_>> {
    match argument {
        [b':', network @ ..] => Ok(network),
        _ => Err(Fault::new(argument, kind)),
    }
}

fn split_length(network: &[u8]) -> (&[u8], &[u8]) {
    let slash = network.iter().position(|octet| *octet == b'/');
    network.split_at(slash.unwrap_or(network.len()))
}

/// `ip4-cidr-length = "/" ("0" / %x31-39 0*1DIGIT)`, and with 128 for IPv6;
/// nothing at all is no length.
fn cidr_length(text: &[u8], most: u8, kind: SyntaxErrorKind) -> Result<Option<u8>, Fault<'_>> {
    let value = match text {
        [] => return Ok(None),
        [b'/', b'0'] => Some(0),
        [b'/', digits @ ..] if (1..=3).contains(&digits.len()) && digits[0] != b'0' => {
            digits.iter().try_fold(0u16, |value, digit| {
                digit.is_ascii_digit().then(|| value * 10 + u16::from(digit - b'0'))
            })
        }
        _ => None,
    };
    match value.and_then(|value| u8::try_from(value).ok()).filter(|value| *value <= most) {
        Some(length) => Ok(Some(length)),
        None => Err(Fault::new(text, kind)),
    }
}

/// `ip4-network = qnum "." qnum "." qnum "." qnum`, numbers without leading zeros
fn ip4_network(text: &[u8]) -> Option<Ipv4Addr> {
    let mut octets = [0u8; 4];
    let mut index = 0;
    let mut value: u16 = 0;
    let mut digits = 0;
    for &octet in text {
        match octet {
            b'0'..=b'9' if digits == 0 || value != 0 => {
                value = value * 10 + u16::from(octet - b'0');
                digits += 1;
                if value > 255 {
                    return None;
                }
            }
            b'.' if digits > 0 && index < 3 => {
                octets[index] = value as u8;
                index += 1;
                (value, digits) = (0, 0);
            }
            _ => return None,
        }
    }
    if index != 3 || digits == 0 {
        return None;
    }
    octets[3] = value as u8;
    Some(Ipv4Addr::from(octets))
}

/// `ip6-network`: the text forms of RFC 4291 section 2.2
fn ip6_network(text: &[u8]) -> Option<Ipv6Addr> {
    std::str::from_utf8(text).ok()?.parse().ok()
}
