//! Addresses and networks as people write them.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// The port of DNS (RFC 1035 section 4.2).
const DNS_PORT: u16 = 53;

/// Reads an address with or without a port, which is 53 then: `192.0.2.53`,
/// `192.0.2.53:5300`, `2001:db8::53`, `[2001:db8::53]`, `[2001:db8::53]:5300`.
pub(super) fn read_socket_address(text: &str) -> Option<SocketAddr> {
    let bracketed = || {
        let inner = text.strip_prefix('[')?.strip_suffix(']')?;
        inner.parse::<Ipv6Addr>().ok().map(IpAddr::from)
    };
    match text.parse::<IpAddr>().ok().or_else(bracketed) {
        Some(address) => Some(SocketAddr::new(address, DNS_PORT)),
        None => text.parse().ok(),
    }
}

/// Reads an address or a network, as address and prefix length; host bits are
/// taken away.
pub(super) fn read_network(text: &str) -> Option<(IpAddr, u8)> {
    let (address, length) = match text.split_once('/') {
        Some((address, length)) => (address, Some(length)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let full = if address.is_ipv4() { 32 } else { 128 };
    let length = match length {
        None => full,
        Some(text) if text.bytes().all(|octet| octet.is_ascii_digit()) => {
            text.parse::<u8>().ok().filter(|length| *length <= full)?
        }
        Some(_) => return None,
    };
    let host_bits = u32::from(full - length);
    let network = match address {
        IpAddr::V4(ip) => {
            let mask = u32::MAX.checked_shl(host_bits).unwrap_or(0);
            IpAddr::from((ip.to_bits() & mask).to_be_bytes())
        }
        IpAddr::V6(ip) => {
            let mask = u128::MAX.checked_shl(host_bits).unwrap_or(0);
            IpAddr::from((ip.to_bits() & mask).to_be_bytes())
        }
    };
    Some((network, length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn addresses_have_ports_or_get_one() {
        for (text, address) in [
            ("192.0.2.53", "192.0.2.53:53"),
            ("192.0.2.53:0", "192.0.2.53:0"),
            ("::", "[::]:53"),
            ("[::1]", "[::1]:53"),
            ("[2001:db8::53]:5300", "[2001:db8::53]:5300"),
        ] {
            assert_eq!(read_socket_address(text).unwrap().to_string(), address);
        }
        for text in ["", "localhost", "192.0.2.53:", "192.0.2.53:65536", "[::1", "[192.0.2.53]"] {
            assert_eq!(read_socket_address(text), None, "{text}");
        }
    }

    #[test]
    fn networks_lose_their_host_bits() {
        for (text, network) in [
            ("127.0.0.1/8", ("127.0.0.0", 8)),
            ("::1", ("::1", 128)),
            ("192.0.2.7/0", ("0.0.0.0", 0)),
            ("2001:db8::1/32", ("2001:db8::", 32)),
            ("2001:db8::1/0", ("::", 0)),
        ] {
            assert_eq!(read_network(text), Some((network.0.parse().unwrap(), network.1)), "{text}");
        }
        for text in ["", "/8", "10.0.0.0/", "10.0.0.0/33", "::/129", "::/+1", "10/8"] {
            assert_eq!(read_network(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(bits: u128, four: u32, port: u16, length in 0u8..=32) {
            for ip in [IpAddr::V6(bits.into()), IpAddr::V4(four.into())] {
                let address = SocketAddr::new(ip, port);
                prop_assert_eq!(read_socket_address(&address.to_string()), Some(address));
                let (network, read) = read_network(&format!("{ip}/{length}")).unwrap();
                prop_assert_eq!(read, length);
                prop_assert_eq!(read_network(&format!("{network}/{length}")), Some((network, length)));
            }
        }
    }
}
