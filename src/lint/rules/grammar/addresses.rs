//! SPF006, an address of the other family, and what else stands behind `ip4:`
//! and `ip6:` instead of an address.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::addr::{Prefix, Range};
use crate::lint::finding::FixKind;

use super::mistake::{Class, Repair, mended};
use super::written::{Pieces, meant, one_meant, pieces, qualified, shown};

/// Prefixes that a range may need to be written out as such.
const MOST_PREFIXES: usize = 12;

/// A term whose name is `ip4` or `ip6`, with what stands behind its colon.
fn network(term: &str) -> Option<(Pieces<'_>, bool)> {
    let pieces = pieces(term);
    let ip4 = pieces.name.eq_ignore_ascii_case("ip4");
    let known = ip4 || pieces.name.eq_ignore_ascii_case("ip6");
    (known && pieces.sign == ":").then_some((pieces, ip4))
}

/// `ip4:` with an IPv6 address, or `ip6:` with an IPv4 address.
pub(super) fn other_family(term: &str) -> Option<Repair> {
    let (pieces, ip4) = network(term)?;
    let (address, length) = match pieces.argument.split_once('/') {
        Some((address, length)) => (address, Some(length)),
        None => (pieces.argument, None),
    };
    let (name, found) = match address.parse::<IpAddr>().ok()? {
        IpAddr::V4(_) if !ip4 => ("ip4", "IPv4"),
        IpAddr::V6(_) if ip4 => ("ip6", "IPv6"),
        _ => return None,
    };
    let message = format!("the {found} address {} behind '{}:'", shown(address), pieces.name);
    let start = term.len() - pieces.argument.len();
    let repair = Repair::new(Class::Family, message).at(start, term.len());
    // What is mapped into IPv6 never matches there.
    let mapped = address.parse::<Ipv6Addr>().ok().and_then(|address| address.to_ipv4_mapped());
    Some(match (mapped, length) {
        (Some(ip4), None) => {
            repair.text(FixKind::Declared, format!("{}ip4:{ip4}", pieces.qualifier))
        }
        _ => repair
            .text(FixKind::Declared, format!("{}{name}:{}", pieces.qualifier, pieces.argument)),
    })
}

/// `ip4:` or `ip6:` with something that is no address.
pub(super) fn bad_address(term: &str) -> Option<Repair> {
    let (pieces, ip4) = network(term)?;
    let argument = pieces.argument;
    let start = term.len() - argument.len();
    let other = |message: String| Repair::new(Class::Other, message).at(start, term.len());
    let again = format!("{}{argument}", pieces.qualifier);
    if qualified(argument).0.is_empty() && one_meant(&again) && argument.contains(':') {
        let message = format!("'{}:' before a whole term", pieces.name);
        return Some(other(message).at(0, start).text(FixKind::Declared, again));
    }
    let with = |argument: &str| format!("{}{}:{argument}", pieces.qualifier, pieces.name);
    let trimmed = argument.trim_start_matches([':', '=', '.', '/', '\\']);
    if trimmed.len() < argument.len() && one_meant(&with(trimmed)) {
        let stray = &argument[..argument.len() - trimmed.len()];
        let message = format!("stray {} before the address", shown(stray));
        let repair = other(message).at(start, start + stray.len());
        return Some(repair.text(FixKind::Declared, with(trimmed)));
    }
    if let Some(prefixes) = range(argument).filter(|_| ip4) {
        let terms: Vec<String> = prefixes.iter().map(|prefix| with(&prefix.to_string())).collect();
        let message = format!("{} is a range, and a term holds one prefix", shown(argument));
        let repair = other(message);
        return Some(match terms.len() {
            ..=MOST_PREFIXES => repair.text(FixKind::Declared, terms.join(" ")),
            count => repair.help(format!("the range is {count} prefixes: write a term for each")),
        });
    }
    if let Some((address, message, kind)) = abbreviated(argument).filter(|_| ip4) {
        return Some(other(message).text(kind, with(&address)));
    }
    if let Some(repair) = host(&pieces, &other) {
        return Some(repair);
    }
    let expected = if ip4 { "four numbers from 0 to 255 with dots" } else { "an IPv6 address" };
    let message =
        format!("{} is no {} address", shown(argument), if ip4 { "IPv4" } else { "IPv6" });
    let dots = argument.replace(',', ".");
    if dots != argument && one_meant(&with(&dots)) {
        return Some(other(message).text(FixKind::Declared, with(&dots)));
    }
    let expected = format!("write {expected}: until then all mail gets permerror");
    let repair = other(message).help(expected);
    Some(match ip4 {
        false => repair.text(FixKind::Offered, with(&argument.replacen(":/", "::/", 1))),
        true => repair,
    })
}

/// A host name, a web address or a port where an address has to be.
fn host(pieces: &Pieces, other: &impl Fn(String) -> Repair) -> Option<Repair> {
    let (qualifier, name, argument) = (pieces.qualifier, pieces.name, pieces.argument);
    let host = argument.split_once("://").map_or(argument, |(_, host)| host);
    let host = host.trim_matches(['[', ']']);
    let end = host.rfind(':').filter(|colon| {
        let port = &host[colon + 1..];
        !port.is_empty() && port.bytes().all(|octet| octet.is_ascii_digit())
    });
    let host = match end {
        Some(colon) if host[..colon].parse::<Ipv6Addr>().is_err() => &host[..colon],
        _ => host,
    };
    let host = if host.len() < argument.len() { host.trim_end_matches('/') } else { host };
    let as_address = format!("{qualifier}{name}:{host}");
    if one_meant(&as_address) {
        let message = format!("{} is more than an address", shown(argument));
        return Some(other(message).text(FixKind::Declared, as_address));
    }
    let as_host = format!("{qualifier}a:{host}");
    (meant(&as_host) && host.contains('.') && !host.contains(':')).then(|| {
        let message = format!("{} is a host name, not an address", shown(argument));
        other(message).text(FixKind::Offered, as_host)
    })
}

/// The prefixes of `192.0.2.1-192.0.2.9` or `192.0.2.1-9`.
fn range(argument: &str) -> Option<Vec<Prefix<u32>>> {
    let (first, last) = argument.split_once('-')?;
    let first = first.parse::<Ipv4Addr>().ok()?;
    let last = match last.parse::<u8>() {
        Ok(number) => {
            let [a, b, c, _] = first.octets();
            Ipv4Addr::new(a, b, c, number)
        }
        Err(_) => last.parse().ok()?,
    };
    let range = Range { first: first.to_bits(), last: last.to_bits() };
    (first <= last).then(|| range.prefixes().collect())
}

/// An IPv4 address or prefix that is not written out, and what it stands for.
fn abbreviated(argument: &str) -> Option<(String, String, FixKind)> {
    let (address, length) = match argument.split_once('/') {
        Some((address, length)) => (address, Some(length)),
        None => (argument, None),
    };
    let numbers: Vec<&str> = address.trim_end_matches('.').split('.').collect();
    let is_number = |number: &&str| {
        !number.is_empty()
            && number.len() <= 3
            && number.bytes().all(|octet| octet.is_ascii_digit())
    };
    let known = numbers.iter().take_while(|number| is_number(number)).count();
    let rest = &numbers[known..];
    if known == 0 || numbers.len() > 4 || !rest.iter().all(|rest| matches!(*rest, "*" | "x" | "X"))
    {
        return None;
    }
    let mut written: Vec<String> = numbers[..known]
        .iter()
        .map(|number| {
            number.parse::<u16>().map_or_else(|_| (*number).to_owned(), |n| n.to_string())
        })
        .collect();
    written.resize(4, "0".to_owned());
    let written = written.join(".");
    written.parse::<Ipv4Addr>().ok()?;
    let bits = 8 * known;
    let shown = shown(argument);
    if known == 4 {
        let zeros = numbers.iter().any(|number| number.len() > 1 && number.starts_with('0'));
        let text = length.map_or(written.clone(), |length| format!("{written}/{length}"));
        // Some software reads such a number as an octal one.
        let message = format!("the numbers of an address have no zeros before them, found {shown}");
        return zeros.then_some((text, message, FixKind::Offered));
    }
    match (rest.is_empty(), length) {
        (false, None) => {
            let message = format!("{shown} is a pattern, not a prefix");
            Some((format!("{written}/{bits}"), message, FixKind::Declared))
        }
        (true, None) => {
            let message = format!("{shown} lacks numbers, an IPv4 address has four");
            Some((format!("{written}/{bits}"), message, FixKind::Offered))
        }
        (_, Some(length)) => {
            let message = format!("{shown} lacks numbers before its length, an address has four");
            let fits = length.parse::<usize>().is_ok_and(|length| length <= bits);
            let kind = if fits { FixKind::Declared } else { FixKind::Offered };
            Some((format!("{written}/{length}"), message, kind))
        }
    }
}

/// The term that an address by itself stands for, perhaps one with mistakes.
pub(super) fn term_of_address(qualifier: &str, argument: &str) -> Option<(String, FixKind)> {
    let address = argument.split('/').next().unwrap_or_default();
    let dotted = argument.starts_with(|first: char| first.is_ascii_digit()) && {
        let signs = |octet: u8| octet.is_ascii_digit() || b"./-*x".contains(&octet);
        argument.bytes().all(signs) && argument.contains('.')
    };
    let name = match address.trim_matches(['[', ']']).parse::<IpAddr>() {
        Ok(IpAddr::V4(_)) => "ip4",
        Ok(IpAddr::V6(_)) => "ip6",
        Err(_) if dotted => "ip4",
        Err(_) => return None,
    };
    let term = format!("{qualifier}{name}:{argument}");
    if one_meant(&term) {
        return Some((term, FixKind::Declared));
    }
    Some(mended(&term).unwrap_or((String::new(), FixKind::Offered)))
}
