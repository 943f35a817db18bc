//! SPF007: prefix lengths that are none.

use std::net::Ipv4Addr;

use crate::lint::finding::FixKind;
use crate::syntax::SyntaxErrorKind;

use super::mistake::{Class, Repair};
use super::written::{meant, pieces, shown};

/// A term that is sound up to its first slash, or up to a backslash.
pub(super) fn bad_length(term: &str, kind: SyntaxErrorKind) -> Option<Repair> {
    let slash = term.find(['/', '\\'])?;
    let (front, tail) = (&term[..slash], &term[slash + 1..]);
    if slash == 0 || !meant(front) {
        return None;
    }
    let name = pieces(front).name.to_ascii_lowercase();
    let repair = |message: String| Repair::new(Class::Length, message).at(slash, term.len());
    let number = !tail.is_empty() && tail.bytes().all(|octet| octet.is_ascii_digit());
    if !matches!(name.as_str(), "ip4" | "ip6" | "a" | "mx") {
        let message = format!("'{name}' takes no prefix length");
        let length = number && term.as_bytes().get(slash) == Some(&b'/');
        return length.then(|| repair(message).text(FixKind::Offered, front));
    }
    if term.as_bytes().get(slash) == Some(&b'\\') {
        let message = "a backslash where the '/' of a prefix length has to be";
        return Some(repair(message.to_owned()).text(FixKind::Declared, format!("{front}/{tail}")));
    }
    if tail.is_empty() {
        return Some(
            repair("a '/' with no length behind it".to_owned()).text(FixKind::Offered, front),
        );
    }
    if let Ok(mask) = tail.parse::<Ipv4Addr>() {
        return Some(netmask(front, mask.to_bits(), repair(netmask_message(tail))));
    }
    if number {
        return Some(one_number(front, &name, tail, repair));
    }
    let two = tail.trim_start_matches('/').split('/').collect::<Vec<_>>();
    let numbers = two.iter().all(|part| part.bytes().all(|octet| octet.is_ascii_digit()));
    if let (true, "ip4" | "ip6", [first, ..]) = (numbers, name.as_str(), &two[..]) {
        let message = format!("'{name}' takes one prefix length, found {}", shown(&term[slash..]));
        return Some(repair(message).text(FixKind::Offered, format!("{front}/{first}")));
    }
    if let (true, [ip4, ip6]) = (numbers && !tail.starts_with('/'), &two[..]) {
        let message = "two slashes have to stand before an IPv6 prefix length".to_owned();
        return Some(repair(message).text(FixKind::Declared, format!("{front}/{ip4}//{ip6}")));
    }
    let of_length = matches!(kind, SyntaxErrorKind::Ip4CidrLength | SyntaxErrorKind::Ip6CidrLength);
    (of_length && pieces(front).name == pieces(term).name)
        .then(|| repair(format!("{} is no prefix length", shown(&term[slash..]))))
}

fn netmask_message(tail: &str) -> String {
    format!("{} is a netmask, not a prefix length", shown(tail))
}

/// The length of a netmask; of the wildcard mask of a router only as an offer.
fn netmask(front: &str, mask: u32, repair: Repair) -> Repair {
    if mask.leading_ones() + mask.trailing_zeros().min(32) == 32 || mask == 0 {
        return repair.text(FixKind::Declared, format!("{front}/{}", mask.leading_ones()));
    }
    if mask.leading_zeros() + mask.trailing_ones() == 32 {
        return repair.text(FixKind::Offered, format!("{front}/{}", mask.leading_zeros()));
    }
    repair.help("write the number of leading bits of the network behind the '/'")
}

/// Zeros before a number, or a number that is too large.
fn one_number(front: &str, name: &str, tail: &str, repair: impl Fn(String) -> Repair) -> Repair {
    let trimmed = match tail.trim_start_matches('0') {
        "" => "0",
        trimmed => trimmed,
    };
    let text = format!("{front}/{trimmed}");
    if trimmed.len() < tail.len() && meant(&text) {
        let message = format!("a prefix length has no zeros before it, found {}", shown(tail));
        return repair(message).text(FixKind::Declared, text);
    }
    let (family, most) = if name == "ip6" { ("IPv6", 128) } else { ("IPv4", 32) };
    let repair =
        repair(format!("an {family} prefix length is at most {most}, found {}", shown(tail)));
    match name {
        "a" | "mx" => repair.text(FixKind::Offered, format!("{front}//{trimmed}")),
        _ => repair.help("write how many bits of the address are the network's, or no length"),
    }
}
