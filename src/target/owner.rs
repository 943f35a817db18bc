//! The owner names of networks in a static zone: the labels of the reversed
//! layout, behind a wildcard for what lies below.

use crate::addr::{Address, Family, Prefix};
use crate::name::{DomainName, NameError};

/// Bits that one label stands for: an octet, or a nibble.
pub(super) fn label_bits<A: Address>() -> u8 {
    match A::FAMILY {
        Family::Ip4 => 8,
        Family::Ip6 => 4,
    }
}

/// `*.2.0.192.<root>` for 192.0.2.0/24; no wildcard for a full address. The
/// block ends where a label does.
///
/// # Errors
///
/// A name over 253 octets.
pub(super) fn owner<A: Address>(
    root: &DomainName,
    block: Prefix<A>,
) -> Result<DomainName, NameError> {
    let bits = label_bits::<A>();
    let value = block.first().to_bits();
    let label = |index: u8| {
        let shift = u32::from(A::BITS - (index + 1) * bits);
        let part = (value >> shift) & ((1 << bits) - 1);
        if bits == 8 { format!("{part}") } else { format!("{part:x}") }
    };
    let wildcard = (block.length() < A::BITS).then(|| String::from("*"));
    let labels = (0..block.length() / bits).rev().map(label);
    let below: Vec<String> = wildcard.into_iter().chain(labels).collect();
    DomainName::from_labels(below.iter().map(String::as_bytes).chain(root.labels()))
}
