//! What the labels below a zone say of an address: the reverse of
//! [`Layout::owner`](crate::image::Layout::owner), from the wire and without
//! allocation.
//!
//! Whether the address is answered is not decided here.

use crate::addr::{Prefix, Range};
use crate::image::Order;

use super::name::QuestionName;

/// Labels of a full IPv4 address.
const IP4_LABELS: usize = 4;
/// Labels of a full IPv6 address.
const IP6_LABELS: usize = 32;

/// How a zone writes addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// Which end of the address stands next to the zone.
    pub order: Order,
    /// Whether the family stands behind the address.
    pub version: bool,
}

/// What stands for an address of one family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part<A> {
    /// Nothing of this family.
    No,
    /// A full address.
    Full(A),
    /// A name above those of the addresses in the range, as far as it tells.
    Above(Range<A>),
}

/// The labels of an address, read in both families, and where the name of its
/// tree begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reading {
    /// In IPv4.
    pub ip4: Part<u32>,
    /// In IPv6.
    pub ip6: Part<u128>,
    /// The first label of the tree's name.
    pub tree: usize,
}

impl Reading {
    /// Reads the labels before `zone`, the first label of the zone's name.
    ///
    /// With the family in names, the first label that is one ends the address;
    /// without, the first label that no address has. So no tree's name can be
    /// taken for a part of an address.
    #[inline]
    pub(super) fn new(name: &QuestionName, zone: usize, form: Form) -> Reading {
        if form.version {
            for end in 0..zone.min(IP6_LABELS + 1) {
                match name.label(end) {
                    b"in-addr" => {
                        return Reading { ip4: ip4(name, end, form), ip6: Part::No, tree: end + 1 };
                    }
                    b"ip6" => {
                        return Reading { ip4: Part::No, ip6: ip6(name, end, form), tree: end + 1 };
                    }
                    _ => {}
                }
            }
            return Reading { ip4: Part::No, ip6: Part::No, tree: 0 };
        }
        let is_address = |label: &[u8]| octet(label).is_some() || nibble(label).is_some();
        let end = (0..zone).find(|at| !is_address(name.label(*at))).unwrap_or(zone);
        Reading { ip4: ip4(name, end, form), ip6: ip6(name, end, form), tree: end }
    }
}

fn ip4(name: &QuestionName, labels: usize, form: Form) -> Part<u32> {
    if labels > IP4_LABELS {
        return Part::No;
    }
    let mut bits: u32 = 0;
    for at in 0..labels {
        let at = if form.order == Order::Reversed { labels - 1 - at } else { at };
        let Some(octet) = octet(name.label(at)) else { return Part::No };
        bits = bits << 8 | u32::from(octet);
    }
    match (labels, form.order) {
        (IP4_LABELS, _) => Part::Full(bits),
        (_, Order::Forward) | (0, _) => Part::Above(Range::ALL),
        (_, Order::Reversed) => {
            let length = 8 * labels as u8;
            Part::Above(Prefix::new(bits << (32 - u32::from(length)), length).range())
        }
    }
}

fn ip6(name: &QuestionName, labels: usize, form: Form) -> Part<u128> {
    if labels > IP6_LABELS {
        return Part::No;
    }
    let mut bits: u128 = 0;
    for at in 0..labels {
        let at = if form.order == Order::Reversed { labels - 1 - at } else { at };
        let Some(nibble) = nibble(name.label(at)) else { return Part::No };
        bits = bits << 4 | u128::from(nibble);
    }
    match (labels, form.order) {
        (IP6_LABELS, _) => Part::Full(bits),
        (_, Order::Forward) | (0, _) => Part::Above(Range::ALL),
        (_, Order::Reversed) => {
            let length = 4 * labels as u8;
            Part::Above(Prefix::new(bits << (128 - u32::from(length)), length).range())
        }
    }
}

/// A number up to 255 without leading zeros.
#[inline]
fn octet(label: &[u8]) -> Option<u8> {
    let digit = |octet: u8| octet.is_ascii_digit().then(|| u16::from(octet - b'0'));
    let number = match *label {
        [one] => digit(one)?,
        [ten, one] if ten != b'0' => digit(ten)? * 10 + digit(one)?,
        [hundred, ten, one] if hundred != b'0' => {
            digit(hundred)? * 100 + digit(ten)? * 10 + digit(one)?
        }
        _ => return None,
    };
    u8::try_from(number).ok()
}

/// A hexadecimal digit in lower case.
#[inline]
fn nibble(label: &[u8]) -> Option<u8> {
    match *label {
        [digit @ b'0'..=b'9'] => Some(digit - b'0'),
        [letter @ b'a'..=b'f'] => Some(letter - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_have_no_leading_zeros() {
        let read = |text: &str| octet(text.as_bytes());
        assert_eq!(["0", "9", "10", "255"].map(read), [Some(0), Some(9), Some(10), Some(255)]);
        for text in ["", "00", "01", "007", "256", "1000", "a", "1a", "+1"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
