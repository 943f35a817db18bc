//! Where to listen: the addresses that are named, and those of the machine that a
//! wildcard means.
//!
//! Nothing is bound here.

use std::collections::HashSet;
use std::net::{IpAddr, SocketAddr};

use nix::ifaddrs::getifaddrs;
use nix::net::if_::InterfaceFlags;

use crate::responder::UdpOptions;

use super::sockets::SocketError;

/// Where to listen, wildcards written out.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// Each address once.
    pub(super) places: Vec<Place>,
    /// What is worth knowing about them.
    pub(super) remarks: Vec<String>,
}

/// One address.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// The address; port 0 is one that is free.
    pub(super) address: SocketAddr,
    /// Whether nobody named it: it is one of those that a wildcard means.
    pub(super) of_wildcard: bool,
}

impl Places {
    /// How many sockets there will be: for each address one for each thread, and
    /// one of TCP.
    pub(super) fn sockets(&self, options: &UdpOptions) -> usize {
        self.places.len().saturating_mul(options.threads.max(1) + 1)
    }
}

/// Where to listen, wildcards written out: a socket of one address answers with
/// that address.
///
/// # Errors
///
/// No address at all, and a machine that does not tell its own.
pub(super) fn places(listen: &[SocketAddr]) -> Result<Places, SocketError> {
    if listen.is_empty() {
        return Err(SocketError::Nowhere);
    }
    let mut all = Places::default();
    for address in listen {
        if !address.ip().is_unspecified() {
            all.places.push(Place { address: *address, of_wildcard: false });
            continue;
        }
        let own = own_addresses(address.is_ipv4()).map_err(SocketError::Interfaces)?;
        if own.is_empty() {
            return Err(SocketError::NoAddress(*address));
        }
        let own: Vec<SocketAddr> =
            own.into_iter().map(|ip| SocketAddr::new(ip, address.port())).collect();
        let names: Vec<String> = own.iter().map(ToString::to_string).collect();
        all.remarks.push(format!(
            "{address} means the addresses that this machine has now: {}; one that it gets later wants \
             a restart",
            names.join(", ")
        ));
        // One that is named, too, has to be had.
        let place = |address| Place { address, of_wildcard: !listen.contains(&address) };
        all.places.extend(own.into_iter().map(place));
    }
    // An address may be named and be one of all.
    let mut seen = HashSet::new();
    all.places.retain(|place| place.address.port() == 0 || seen.insert(place.address));
    Ok(all)
}

/// The addresses of the interfaces that are up. Those of one link only are left
/// out: a name server is not asked at them.
fn own_addresses(ip4: bool) -> nix::Result<Vec<IpAddr>> {
    let mut own: Vec<IpAddr> = getifaddrs()?
        .filter(|interface| interface.flags.contains(InterfaceFlags::IFF_UP))
        .filter_map(|interface| {
            let address = interface.address?;
            let ip4 = address.as_sockaddr_in().map(|it| IpAddr::V4(it.ip()));
            ip4.or_else(|| address.as_sockaddr_in6().map(|it| IpAddr::V6(it.ip())))
        })
        .filter(|address| match address {
            IpAddr::V4(_) => ip4,
            IpAddr::V6(address) => !ip4 && !address.is_unicast_link_local(),
        })
        .collect();
    own.sort_unstable();
    own.dedup();
    Ok(own)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn loopback(port: u16) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, port).into()
    }

    #[test]
    fn wildcards_are_the_addresses_of_the_machine() {
        let any = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 53));
        let all = places(&[any, loopback(53)]).unwrap();
        let own = all.places.iter().filter(|place| place.address == loopback(53));
        assert_eq!(own.map(|place| place.of_wildcard).collect::<Vec<_>>(), [false]);
        assert!(all.places.iter().all(|place| !place.address.ip().is_unspecified()));
        assert!(all.remarks[0].contains("127.0.0.1:53"), "{:?}", all.remarks);
        assert_eq!(
            all.sockets(&UdpOptions { threads: 3, receive_buffer: 65_536 }),
            all.places.len() * 4
        );
        let any = places(&[any]).unwrap();
        assert!(!any.places.is_empty() && any.places.iter().all(|place| place.of_wildcard));
    }
}
