//! What the names of a zone are answered with.
//!
//! Pure decisions; nothing here builds a DNS message.

use std::net::IpAddr;

use crate::addr::AddressSet;
use crate::name::DomainName;

use super::{Layout, Networks};

/// The mechanism that asks for the names of a zone. It decides what a zone
/// answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ZoneMechanism {
    /// `exists`: an address for each client in the set, no such name for others.
    Exists,
    /// `include`: a policy for every client, since an include of nothing is a
    /// permerror (RFC 7208 section 5.2). It passes the clients in the set.
    Include,
}

impl ZoneMechanism {
    /// The mechanism's name.
    pub fn as_str(self) -> &'static str {
        match self {
            ZoneMechanism::Exists => "exists",
            ZoneMechanism::Include => "include",
        }
    }
}

/// A zone and what it answers from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServedZone {
    /// How addresses become names of the zone.
    pub layout: Layout,
    /// How the names are asked for.
    pub mechanism: ZoneMechanism,
    /// The clients for which the record's term matches.
    pub addresses: AddressSet,
}

/// What a name of a zone holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NameAnswer {
    /// An A record, whatever its address.
    Address,
    /// A TXT record with this policy.
    Policy(String),
    /// The name exists and holds nothing.
    NoData,
    /// The name does not exist, and nothing below it does.
    NoName,
}

impl ServedZone {
    /// What a name at or below the zone holds.
    ///
    /// A resolver may ask for the names above a client's before it asks for
    /// the client's own (RFC 9156) and take one that does not exist for the end
    /// of the search (RFC 8020).
    pub fn answer(&self, name: &DomainName) -> NameAnswer {
        let client = self.layout.client(name);
        match (self.mechanism, client) {
            (ZoneMechanism::Exists, Some(client)) if self.addresses.contains(client) => {
                NameAnswer::Address
            }
            (ZoneMechanism::Include, Some(client)) => NameAnswer::Policy(self.policy(client)),
            _ if *name == *self.layout.zone() || self.leads_to_clients(name) => NameAnswer::NoData,
            _ => NameAnswer::NoName,
        }
    }

    /// The policy of one client: its own address passes, or nothing does.
    fn policy(&self, client: IpAddr) -> String {
        match (self.addresses.contains(client), client) {
            (false, _) => String::from("v=spf1 -all"),
            (true, IpAddr::V4(ip)) => format!("v=spf1 ip4:{ip} -all"),
            (true, IpAddr::V6(ip)) => format!("v=spf1 ip6:{ip} -all"),
        }
    }

    /// Whether the name of a client that has an answer lies at or below this one.
    fn leads_to_clients(&self, name: &DomainName) -> bool {
        let Networks { ip4, ip6 } = self.layout.networks(name);
        match self.mechanism {
            ZoneMechanism::Include => ip4.is_some() || ip6.is_some(),
            ZoneMechanism::Exists => {
                ip4.is_some_and(|network| self.addresses.ip4.meets(network.range()))
                    || ip6.is_some_and(|network| self.addresses.ip6.meets(network.range()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::addr::Prefix;
    use crate::image::Order;
    use proptest::prelude::*;

    fn zone(mechanism: ZoneMechanism, order: Order, version: bool) -> ServedZone {
        let name = DomainName::parse("z.example").unwrap();
        let layout = Layout::new(&name, order, version).unwrap();
        let ip4 = Prefix::from("192.0.2.0/25".parse::<ipnet::Ipv4Net>().unwrap());
        let ip6 = Prefix::from("2008:db8::/32".parse::<ipnet::Ipv6Net>().unwrap());
        let addresses = AddressSet {
            ip4: [ip4.range()].into_iter().collect(),
            ip6: [ip6.range()].into_iter().collect(),
        };
        ServedZone { layout, mechanism, addresses }
    }

    fn ask(zone: &ServedZone, below: &str) -> NameAnswer {
        zone.answer(&DomainName::parse(format!("{below}z.example")).unwrap())
    }

    #[test]
    fn an_exists_zone_ends_where_no_client_is() {
        let zone = zone(ZoneMechanism::Exists, Order::Reversed, true);
        assert_eq!(ask(&zone, "7.2.0.192.in-addr."), NameAnswer::Address);
        assert_eq!(ask(&zone, "200.2.0.192.in-addr."), NameAnswer::NoName);
        for above in ["2.0.192.in-addr.", "in-addr.", "ip6.", "8.0.0.2.ip6.", ""] {
            assert_eq!(ask(&zone, above), NameAnswer::NoData, "{above}");
        }
        for other in ["3.0.192.in-addr.", "9.0.0.2.ip6.", "x.", "www.7.2.0.192.in-addr."] {
            assert_eq!(ask(&zone, other), NameAnswer::NoName, "{other}");
        }
    }

    #[test]
    fn without_the_family_a_name_is_read_in_both() {
        let zone = zone(ZoneMechanism::Exists, Order::Reversed, false);
        assert_eq!(ask(&zone, "8.0.0.2."), NameAnswer::NoData);
        assert_eq!(ask(&zone, "9.0.0.2."), NameAnswer::NoName);
        assert_eq!(ask(&zone, "7.2.0.192."), NameAnswer::Address);
    }

    #[test]
    fn an_include_zone_has_a_policy_for_every_client() {
        for (order, version) in [
            (Order::Reversed, true),
            (Order::Reversed, false),
            (Order::Forward, true),
            (Order::Forward, false),
        ] {
            let zone = zone(ZoneMechanism::Include, order, version);
            let of = |ip: &str| zone.answer(&zone.layout.owner(ip.parse().unwrap()).unwrap());
            let policy = |text: &str| NameAnswer::Policy(text.to_owned());
            assert_eq!(of("192.0.2.7"), policy("v=spf1 ip4:192.0.2.7 -all"));
            assert_eq!(of("192.0.2.200"), policy("v=spf1 -all"));
            // Its labels are nibbles too; no address of the other family is this short.
            assert_eq!(of("2.0.0.8"), policy("v=spf1 -all"));
            assert_eq!(of("2008:db8::1"), policy("v=spf1 ip6:2008:db8::1 -all"));
            assert_eq!(of("2001::"), policy("v=spf1 -all"));
            assert_eq!(ask(&zone, ""), NameAnswer::NoData);
        }
        let zone = zone(ZoneMechanism::Include, Order::Forward, false);
        assert_eq!(ask(&zone, "2.7."), NameAnswer::NoData);
        assert_eq!(ask(&zone, "999."), NameAnswer::NoName);
    }

    proptest! {
        #[test]
        fn no_name_above_an_answered_client_is_missing(
            bits: u128, ip4: u32, forward: bool, version: bool, include: bool,
        ) {
            let order = if forward { Order::Forward } else { Order::Reversed };
            let mechanism = match include {
                true => ZoneMechanism::Include,
                false => ZoneMechanism::Exists,
            };
            let mut zone = zone(mechanism, order, version);
            if !include {
                zone.addresses = AddressSet::all();
            }
            let clients = [IpAddr::V6(bits.into()), IpAddr::V4(ip4.into())];
            for client in clients {
                let mut name = zone.layout.owner(client).unwrap();
                while name.is_at_or_below(zone.layout.zone()) {
                    prop_assert_ne!(zone.answer(&name), NameAnswer::NoName, "{}", name);
                    name = name.parent().unwrap();
                }
            }
        }
    }
}
