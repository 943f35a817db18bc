//! Data files for rbldnsd, a DNS server that answers from address ranges: an
//! `ip4trie` for the zone `in-addr.<zone>` and an `ip6trie` for `ip6.<zone>`
//! (rbldnsd(8)).
//!
//! The names are those of the reversed layout with the family in them; rbldnsd
//! knows no other.

use std::fmt::Write;
use std::net::IpAddr;

use thiserror::Error;

use crate::addr::{Address, AddressSet, Family, RangeSet};
use crate::image::family_label;
use crate::name::{DomainName, NameError};
use crate::target::{SECONDARY_SECONDS, ZoneApex};

/// Servers of a zone that rbldnsd names at most.
const MOST_SERVERS: usize = 32;
/// What an address that is in the set is answered with, and no text.
const ANSWER: &str = ":127.0.0.2:";

/// Why there is no data file. The fault is the caller's.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RbldnsdError {
    /// More servers than rbldnsd names.
    #[error("rbldnsd names at most {MOST_SERVERS} servers of a zone, and {0} are given")]
    ManyServers(usize),
    /// The name of a zone has no room.
    #[error("a name in the zone {zone} {reason}")]
    Name {
        /// The zone.
        zone: DomainName,
        /// What is wrong with the name.
        reason: NameError,
    },
}

/// The zone of a family's addresses below `zone`.
///
/// # Errors
///
/// A name over 253 octets.
pub fn rbldnsd_zone(zone: &DomainName, family: Family) -> Result<DomainName, RbldnsdError> {
    let long = |reason| RbldnsdError::Name { zone: zone.clone(), reason };
    Ok(zone.child(family_label(family).as_bytes()).map_err(long)?.to_lowercase())
}

/// What a data set is called on the command line of rbldnsd:
/// `in-addr.<zone>:ip4trie:FILE`.
///
/// # Errors
///
/// A name over 253 octets.
pub fn rbldnsd_data_set(
    zone: &DomainName,
    family: Family,
    file: &str,
) -> Result<String, RbldnsdError> {
    Ok(format!("{}:{}trie:{file}", rbldnsd_zone(zone, family)?, family.as_str()))
}

/// The data file of one family's addresses; `apex` is the start of the zone that
/// both families stand below.
///
/// # Errors
///
/// More servers than rbldnsd names, and a name over 253 octets.
pub fn rbldnsd(apex: &ZoneApex, set: &AddressSet, family: Family) -> Result<String, RbldnsdError> {
    if apex.servers.len() > MOST_SERVERS {
        return Err(RbldnsdError::ManyServers(apex.servers.len()));
    }
    let mut text = format!("# {}\n", rbldnsd_data_set(&apex.zone, family, "FILE")?);
    start(apex, &mut text);
    match family {
        Family::Ip4 => prefixes(&set.ip4, &mut text),
        Family::Ip6 => prefixes(&set.ip6, &mut text),
    }
    Ok(text)
}

/// The special entries, and the answer of all entries behind them.
fn start(apex: &ZoneApex, text: &mut String) {
    // A TTL of 0 means to rbldnsd that there is none.
    let ttl = apex.ttl.max(1);
    let [refresh, retry, expire] = SECONDARY_SECONDS;
    let primary = name(apex.servers.first().unwrap_or(&apex.zone));
    let (mailbox, serial, negative_ttl) = (name(&apex.mailbox), apex.serial, apex.negative_ttl);
    let servers: Vec<String> = apex.servers.iter().map(name).collect();
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "$SOA {ttl} {primary} {mailbox} {serial} {refresh} {retry} {expire} {negative_ttl}"
    );
    if !servers.is_empty() {
        let _ = writeln!(text, "$NS {ttl} {}", servers.join(" "));
    }
    let _ = writeln!(text, "$TTL {ttl}\n{ANSWER}");
}

/// A line for each prefix, its length always written out.
fn prefixes<A: Address>(set: &RangeSet<A>, text: &mut String) {
    for prefix in set.prefixes() {
        let _ = match prefix.first().to_ip() {
            // `::ffff:192.0.2.1` is nothing that rbldnsd reads.
            IpAddr::V6(ip) if ip.to_ipv4_mapped().is_some() => {
                let [.., high, low] = ip.segments();
                writeln!(text, "::ffff:{high:x}:{low:x}/{}", prefix.length())
            }
            address => writeln!(text, "{address}/{}", prefix.length()),
        };
    }
}

/// A name without its final dot. What is no letter, digit, hyphen or underscore
/// is escaped, and so is a hyphen in front, which would leave a server out.
fn name(name: &DomainName) -> String {
    let mut text = String::new();
    for (index, label) in name.labels().enumerate() {
        if index > 0 {
            text.push('.');
        }
        for (at, octet) in label.iter().enumerate() {
            let in_front = index == 0 && at == 0;
            match octet {
                b'-' if !in_front => text.push('-'),
                b'_' | b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => text.push(char::from(*octet)),
                _ => {
                    let _ = write!(text, "\\{octet:03}");
                }
            }
        }
    }
    if text.is_empty() { String::from(".") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::addr::{Prefix, Range};
    use ipnet::{Ipv4Net, Ipv6Net};
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn apex(servers: Vec<DomainName>, mailbox: DomainName) -> ZoneApex {
        let zone = DomainName::parse("_spf.Example.com").unwrap();
        ZoneApex { zone, servers, mailbox, serial: 7, ttl: 3_600, negative_ttl: 300 }
    }

    fn host(text: &str) -> DomainName {
        DomainName::parse(text).unwrap()
    }

    #[test]
    fn a_data_file_is_its_start_and_a_line_for_each_prefix() {
        let set = AddressSet {
            ip4: [Range { first: 0xc000_0206, last: 0xc000_0210 }].into_iter().collect(),
            ip6: [Prefix::new(0x2001_0db8 << 96, 31).range(), Range { first: 0, last: 0 }]
                .into_iter()
                .collect(),
        };
        let apex = apex(vec![host("ns.example.net"), host("b.example")], host("h.example.com"));
        assert_eq!(
            rbldnsd(&apex, &set, Family::Ip4).unwrap(),
            "# in-addr._spf.example.com:ip4trie:FILE\n\
             $SOA 3600 ns.example.net h.example.com 7 7200 1800 1209600 300\n\
             $NS 3600 ns.example.net b.example\n$TTL 3600\n:127.0.0.2:\n\
             192.0.2.6/31\n192.0.2.8/29\n192.0.2.16/32\n"
        );
        let ip6 = rbldnsd(&apex, &set, Family::Ip6).unwrap();
        assert!(ip6.starts_with("# ip6._spf.example.com:ip6trie:FILE\n$SOA "), "{ip6}");
        assert!(ip6.ends_with("\n:127.0.0.2:\n::/128\n2001:db8::/31\n"), "{ip6}");
    }

    #[test]
    fn only_as_many_servers_as_are_named() {
        let apex = |count| apex(vec![host("ns.example"); count], host("h.example"));
        let write = |count| rbldnsd(&apex(count), &AddressSet::default(), Family::Ip4);
        assert!(write(32).is_ok());
        assert_eq!(write(33), Err(RbldnsdError::ManyServers(33)));
    }

    /// A name as rbldnsd reads it: `\DDD` is an octet. `None` for what it would
    /// read otherwise.
    fn read_name(word: &str) -> Option<DomainName> {
        let label = |text: &str| -> Option<Vec<u8>> {
            let (mut octets, mut rest) = (Vec::new(), text.as_bytes());
            while let [first, behind @ ..] = rest {
                rest = behind;
                match first {
                    b'\\' => {
                        let (digits, behind) = rest.split_at_checked(3)?;
                        octets.push(std::str::from_utf8(digits).ok()?.parse().ok()?);
                        rest = behind;
                    }
                    b'-' | b'_' | b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => octets.push(*first),
                    _ => return None,
                }
            }
            Some(octets)
        };
        let labels: Option<Vec<Vec<u8>>> =
            word.split('.').filter(|_| !word.starts_with('-')).map(label).collect();
        DomainName::from_labels(labels?.iter().map(Vec::as_slice)).ok()
    }

    fn name() -> impl Strategy<Value = DomainName> {
        vec(vec(any::<u8>(), 1..12), 1..5)
            .prop_map(|labels| DomainName::from_labels(labels.iter().map(Vec::as_slice)).unwrap())
    }

    proptest! {
        #[test]
        fn any_set_and_any_names_read_back(
            ip4 in vec((any::<u32>(), 0u8..=32), 0..20),
            ip6 in vec((any::<u128>(), 0u8..=128), 0..20),
            mapped: u32,
            servers in vec(name(), 1..4),
            mailbox in name(),
        ) {
            let mapped = Prefix::new(0xffff_0000_0000 | u128::from(mapped), 124);
            let set = AddressSet {
                ip4: ip4.iter().map(|(ip, length)| Prefix::new(*ip, *length).range()).collect(),
                ip6: ip6
                    .iter()
                    .map(|(ip, length)| Prefix::new(*ip, *length))
                    .chain([mapped])
                    .map(Prefix::range)
                    .collect(),
            };
            let apex = apex(servers.clone(), mailbox.clone());
            for family in Family::BOTH {
                let text = rbldnsd(&apex, &set, family).unwrap();
                let lines: Vec<&str> = text.lines().collect();
                prop_assert!(lines[0].starts_with("# ") && lines[0].ends_with("trie:FILE"));
                let soa: Vec<&str> = lines[1].split(' ').collect();
                prop_assert_eq!(read_name(soa[2]), Some(servers[0].clone()));
                prop_assert_eq!(read_name(soa[3]), Some(mailbox.clone()));
                let ns: Vec<_> = lines[2].split(' ').skip(2).map(read_name).collect();
                prop_assert_eq!(ns, servers.iter().cloned().map(Some).collect::<Vec<_>>());
                prop_assert_eq!(&lines[3..5], &["$TTL 3600", ":127.0.0.2:"]);
                let mut read = AddressSet::default();
                match family {
                    Family::Ip4 => {
                        let nets = lines[5..].iter().map(|line| line.parse::<Ipv4Net>().unwrap());
                        read.ip4 = nets.map(|net| Prefix::from(net).range()).collect();
                        prop_assert_eq!(&read.ip4, &set.ip4);
                    }
                    Family::Ip6 => {
                        prop_assert!(lines[5..].iter().all(|line| !line.contains('.')));
                        let nets = lines[5..].iter().map(|line| line.parse::<Ipv6Net>().unwrap());
                        read.ip6 = nets.map(|net| Prefix::from(net).range()).collect();
                        prop_assert_eq!(&read.ip6, &set.ip6);
                    }
                }
            }
        }
    }
}
