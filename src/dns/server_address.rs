//! The addresses of name servers as people write them: `ADDR[:PORT]`.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use thiserror::Error;

/// The port of DNS (RFC 1035 section 4.2).
pub const DNS_PORT: u16 = 53;

/// Text that is no address of a name server.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "{text:?} is no name server: expected an IPv4 address, an IPv6 address, or one of these with \
     a port, as in 192.0.2.53:5300 or [2001:db8::53]:5300"
)]
pub struct ServerAddressError {
    text: String,
}

/// Reads `192.0.2.53`, `192.0.2.53:5300`, `2001:db8::53`, `[2001:db8::53]` or
/// `[2001:db8::53]:5300`.
///
/// # Errors
///
/// [`ServerAddressError`] for any other text: host names are not looked up.
pub fn read_server_address(text: &str) -> Result<SocketAddr, ServerAddressError> {
    let address = text.parse::<IpAddr>().ok().or_else(|| {
        let inner = text.strip_prefix('[')?.strip_suffix(']')?;
        inner.parse::<Ipv6Addr>().ok().map(IpAddr::from)
    });
    match (address, text.parse::<SocketAddr>()) {
        (Some(address), _) => Ok(SocketAddr::new(address, DNS_PORT)),
        (None, Ok(address)) if address.port() != 0 => Ok(address),
        _ => Err(ServerAddressError { text: text.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_addresses_with_and_without_port() {
        for (text, address) in [
            ("192.0.2.53", "192.0.2.53:53"),
            ("192.0.2.53:5300", "192.0.2.53:5300"),
            ("::1", "[::1]:53"),
            ("[::1]", "[::1]:53"),
            ("[2001:db8::53]:5300", "[2001:db8::53]:5300"),
        ] {
            assert_eq!(read_server_address(text).unwrap().to_string(), address);
        }
    }

    #[test]
    fn refuses_the_rest() {
        for text in [
            "",
            "localhost",
            "192.0.2.53:",
            "192.0.2.53:0",
            "192.0.2.53:65536",
            "[::1",
            "[192.0.2.53]",
        ] {
            assert!(read_server_address(text).is_err(), "{text}");
        }
    }
}
