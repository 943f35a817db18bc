//! Reading files of addresses: a prefix, an address or a range to a line.
//!
//! ```text
//! # The relays of the north.
//! 192.0.2.0/24
//! 198.51.100.7          ; one address
//! 203.0.113.9-203.0.113.20
//! 2001:db8::/32
//! ```
//!
//! Both families stand in one file, in any order; ranges may overlap. Blanks,
//! empty lines, comments behind `#` or `;`, CR before LF, and a mark of UTF-8 at
//! the beginning are no matter.
//!
//! What could mean more addresses than were meant is refused, since each of
//! them may send mail in the domain's name:
//!
//! - bits that are set behind a prefix (`192.0.2.7/24`): one address may be
//!   meant, or 256;
//! - numbers with leading zeros (`192.0.2.010`): some read them as octal;
//! - IPv4-mapped addresses (`::ffff:192.0.2.0/120`): clients that have one are
//!   IPv4 clients (RFC 7208 section 5), so that as an IPv6 network it has no
//!   client at all, and a record with such an `ip6` passes nobody; the writer
//!   means the IPv4 network, and is told how to write it. Wider networks and
//!   ranges that reach over mapped addresses, as `::/0`, are what they say: the
//!   mapped part of them has no clients.
//!
//! Nothing here opens files, nor knows what the addresses are for.

use std::net::IpAddr;

use thiserror::Error;

use crate::addr::{Address, IP4_MAPPED, Prefix, Range};

use super::AddressIndex;

/// Octets of a line that an error shows.
const SHOWN: usize = 80;

/// A line that is no prefix, address or range. The fault is the file's.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("line {line}: '{text}' {fault}")]
pub struct CidrsError {
    /// The line, the first being 1.
    pub line: usize,
    /// The line without blanks and comment, escaped, at most 80 octets of it.
    pub text: String,
    /// What is wrong.
    pub fault: CidrFault,
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CidrFault {
    /// Something else.
    #[error("is no prefix, address or range of addresses")]
    Other,
    /// A length over the family's, or none.
    #[error("has a prefix length that is no number from 0 to {0}")]
    Length(u8),
    /// Bits that are set behind the prefix.
    #[error("has bits set behind the prefix: write {0} if that prefix is meant")]
    HostBits(String),
    /// IPv4-mapped IPv6 addresses.
    #[error("is IPv4-mapped, and clients that have such addresses are IPv4: write {0}")]
    Mapped(String),
    /// A range from one family into the other.
    #[error("is a range between an IPv4 and an IPv6 address")]
    Families,
    /// A range whose end lies before its beginning.
    #[error("is a range that ends before it begins")]
    Backwards,
}

/// Reads the text of a file of addresses. One without any is the empty set.
///
/// It takes memory for the ranges, beside the text: 8 octets an IPv4 line and 32
/// an IPv6 line.
///
/// # Errors
///
/// The first line that is no prefix, address or range, or is doubtful.
pub fn read_cidrs(octets: &[u8]) -> Result<AddressIndex, CidrsError> {
    let mut rest = octets.strip_prefix(b"\xef\xbb\xbf").unwrap_or(octets);
    let (mut ip4, mut ip6) = (Vec::new(), Vec::new());
    let mut line = 0;
    while !rest.is_empty() {
        line += 1;
        if let Some((range, behind)) = plain_ip4(rest) {
            ip4.push(range);
            rest = behind;
            continue;
        }
        let end = rest.iter().position(|octet| *octet == b'\n').unwrap_or(rest.len());
        let text = significant(rest.get(..end).unwrap_or_default());
        match read_line(text) {
            Ok(None) => {}
            Ok(Some(Line::Ip4(range))) => ip4.push(range),
            Ok(Some(Line::Ip6(range))) => ip6.push(range),
            Err(fault) => {
                let shown = text.get(..SHOWN).unwrap_or(text);
                return Err(CidrsError { line, text: shown.escape_ascii().to_string(), fault });
            }
        }
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    merge(&mut ip4);
    merge(&mut ip6);
    Ok(AddressIndex::from_ranges(ip4.into_iter(), ip6.into()))
}

/// Puts ranges in rising order, those that overlap or touch together.
fn merge<A: Address>(ranges: &mut Vec<Range<A>>) {
    ranges.sort_unstable_by_key(|range| range.first);
    ranges.dedup_by(|range, open| {
        let joined = open.last.next().is_none_or(|next| range.first <= next);
        if joined {
            open.last = open.last.max(range.last);
        }
        joined
    });
}

/// The common line, an IPv4 address or prefix and nothing else, and the octets
/// behind it. `None` leaves the line to [`read_line`], which says the same of it
/// and takes longer.
fn plain_ip4(octets: &[u8]) -> Option<(Range<u32>, &[u8])> {
    let mut rest = octets;
    let mut bits = number(&mut rest, 255)?;
    for _ in 0..3 {
        rest = rest.strip_prefix(b".")?;
        bits = bits << 8 | number(&mut rest, 255)?;
    }
    let mut hosts = 0;
    if let Some(behind) = rest.strip_prefix(b"/") {
        rest = behind;
        let length = number(&mut rest, 32)?;
        hosts = u32::MAX.checked_shr(length).unwrap_or(0);
        if bits & hosts != 0 {
            return None;
        }
    }
    let rest = match rest {
        [b'\n', rest @ ..] | [b'\r', b'\n', rest @ ..] => rest,
        [] => rest,
        _ => return None,
    };
    Some((Range { first: bits, last: bits | hosts }, rest))
}

/// A number without leading zeros, taken off the front.
fn number(rest: &mut &[u8], most: u32) -> Option<u32> {
    let digit = |octet: &u8| Some(u32::from(octet.wrapping_sub(b'0'))).filter(|digit| *digit < 10);
    let mut value = digit(rest.first()?)?;
    let mut digits = 1;
    // Three digits and no more are enough for every number here.
    while let Some(next) = rest.get(digits).and_then(digit) {
        if value == 0 || digits == 3 {
            return None;
        }
        value = 10 * value + next;
        digits += 1;
    }
    *rest = rest.get(digits..)?;
    (value <= most).then_some(value)
}

/// What a line says.
#[derive(Debug, PartialEq)]
enum Line {
    Ip4(Range<u32>),
    Ip6(Range<u128>),
}

/// The line without its comment and the blanks around it.
fn significant(line: &[u8]) -> &[u8] {
    let end = line.iter().position(|octet| matches!(octet, b'#' | b';')).unwrap_or(line.len());
    line.get(..end).unwrap_or_default().trim_ascii()
}

/// Any line, without its comment and the blanks around it; `None` for an empty one.
fn read_line(text: &[u8]) -> Result<Option<Line>, CidrFault> {
    if text.is_empty() {
        return Ok(None);
    }
    let text = std::str::from_utf8(text).map_err(|_| CidrFault::Other)?;
    if let Some((first, length)) = text.split_once('/') {
        return match address(first)? {
            IpAddr::V4(ip) => prefix(ip.to_bits(), length).map(Line::Ip4),
            IpAddr::V6(ip) => prefix(ip.to_bits(), length).and_then(unmapped),
        }
        .map(Some);
    }
    let first_and_last = match text.split_once('-') {
        Some((first, last)) => {
            (address(first.trim_ascii_end())?, address(last.trim_ascii_start())?)
        }
        None => {
            let address = address(text)?;
            (address, address)
        }
    };
    match first_and_last {
        (IpAddr::V4(first), IpAddr::V4(last)) => {
            range(first.to_bits(), last.to_bits()).map(Line::Ip4)
        }
        (IpAddr::V6(first), IpAddr::V6(last)) => {
            range(first.to_bits(), last.to_bits()).and_then(unmapped)
        }
        _ => Err(CidrFault::Families),
    }
    .map(Some)
}

fn address(text: &str) -> Result<IpAddr, CidrFault> {
    text.parse().map_err(|_| CidrFault::Other)
}

fn prefix<A: Address>(address: A, length: &str) -> Result<Range<A>, CidrFault> {
    let mut rest = length.as_bytes();
    let length = number(&mut rest, A::BITS.into()).filter(|_| rest.is_empty());
    let length = length.ok_or(CidrFault::Length(A::BITS))? as u8;
    let prefix = Prefix::new(address, length);
    match prefix.first() == address {
        true => Ok(prefix.range()),
        false => Err(CidrFault::HostBits(prefix.to_string())),
    }
}

fn range<A: Address>(first: A, last: A) -> Result<Range<A>, CidrFault> {
    if last < first {
        return Err(CidrFault::Backwards);
    }
    Ok(Range { first, last })
}

/// The line of an IPv6 range, unless nothing but IPv4-mapped addresses are in it.
fn unmapped(range: Range<u128>) -> Result<Line, CidrFault> {
    if !IP4_MAPPED.contains(range.first) || !IP4_MAPPED.contains(range.last) {
        return Ok(Line::Ip6(range));
    }
    // The addresses are mapped, so that their lowest 32 bits are IPv4 addresses.
    let range = Range { first: range.first as u32, last: range.last as u32 };
    let mut prefixes = range.prefixes();
    let meant = match (prefixes.next(), prefixes.next()) {
        (Some(prefix), None) => prefix.to_string(),
        _ => range.to_string(),
    };
    Err(CidrFault::Mapped(meant))
}

#[cfg(test)]
#[path = "cidrs_tests.rs"]
mod tests;
