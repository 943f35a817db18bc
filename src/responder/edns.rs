//! What a question's OPT record says (RFC 6891), and the options that this server
//! knows: cookies (RFC 7873), the server's name (RFC 5001), reasons (RFC 8914).

/// The option codes that this server knows.
pub mod option {
    /// The server's name.
    pub const NSID: u16 = 3;
    /// A DNS cookie.
    pub const COOKIE: u16 = 10;
    /// A reason, for people.
    pub const EXTENDED_ERROR: u16 = 15;
}

/// Octets of UDP payload that this server takes and gives (RFC 9715).
pub const UDP_PAYLOAD_OCTETS: u16 = 1232;
/// Octets that any client takes over UDP (RFC 1035 section 2.3.4).
pub const UDP_OCTETS: u16 = 512;
/// The most octets of a server's part of a cookie.
const MAX_SERVER_COOKIE: usize = 32;
/// Octets of a client's part of a cookie.
const CLIENT_COOKIE: usize = 8;

/// A cookie as a client sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cookie {
    /// The client's part.
    pub client: [u8; CLIENT_COOKIE],
    server: [u8; MAX_SERVER_COOKIE],
    server_octets: u8,
}

impl Cookie {
    /// The server's part, empty where the client has none yet.
    pub fn server(&self) -> &[u8] {
        self.server.get(..usize::from(self.server_octets)).unwrap_or_default()
    }
}

/// What a question says by EDNS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edns {
    /// Octets that the client takes over UDP, at least 512.
    pub payload: u16,
    /// The version; this server has 0.
    pub version: u8,
    /// Whether the client wants DNSSEC records.
    pub dnssec_ok: bool,
    /// The cookie.
    pub cookie: Option<Cookie>,
    /// Whether the server's name is asked for.
    pub nsid: bool,
    /// Whether the options cannot be read, which is a format error.
    pub malformed: bool,
}

impl Edns {
    /// From the fields of an OPT record: its class, time to live and data. Options
    /// that are not known, and second ones of a kind, are left out.
    #[inline]
    pub fn read(class: u16, ttl: u32, options: &[u8]) -> Edns {
        let [_, version, flags, _] = ttl.to_be_bytes();
        let dnssec_ok = flags & 0x80 != 0;
        // Less than anybody can take counts as that (RFC 6891 section 6.2.3).
        let payload = class.max(UDP_OCTETS);
        let (cookie, nsid) = (None, false);
        let mut edns = Edns { payload, version, dnssec_ok, cookie, nsid, malformed: false };
        edns.malformed = edns.read_options(options).is_none();
        edns
    }

    /// Reads options up to one that cannot be read.
    #[inline]
    fn read_options(&mut self, options: &[u8]) -> Option<()> {
        let mut rest = options;
        while !rest.is_empty() {
            let (head, behind) = rest.split_first_chunk::<4>()?;
            let (code, length) =
                (u16::from_be_bytes([head[0], head[1]]), u16::from_be_bytes([head[2], head[3]]));
            let (value, behind) = behind.split_at_checked(usize::from(length))?;
            match code {
                option::NSID => self.nsid = true,
                option::COOKIE if self.cookie.is_none() => self.cookie = Some(cookie(value)?),
                _ => {}
            }
            rest = behind;
        }
        Some(())
    }
}

/// A cookie of 8 octets, or of 16 to 40 (RFC 7873 section 5.2.2).
fn cookie(value: &[u8]) -> Option<Cookie> {
    let (client, behind) = value.split_first_chunk::<CLIENT_COOKIE>()?;
    let mut server = [0; MAX_SERVER_COOKIE];
    match behind.len() {
        0 => {}
        length @ 8..=MAX_SERVER_COOKIE => server.get_mut(..length)?.copy_from_slice(behind),
        _ => return None,
    }
    Some(Cookie { client: *client, server, server_octets: behind.len() as u8 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read() {
        let mut options = vec![0, 3, 0, 0, 0, 99, 0, 1, 7, 0, 10, 0, 16];
        options.extend(1..=16);
        let edns = Edns::read(1400, 0x0001_8000, &options);
        assert_eq!((edns.payload, edns.version, edns.dnssec_ok, edns.nsid), (1400, 1, true, true));
        let cookie = edns.cookie.unwrap();
        assert_eq!(
            (cookie.client, cookie.server()),
            ([1, 2, 3, 4, 5, 6, 7, 8], &[9, 10, 11, 12, 13, 14, 15, 16][..])
        );
    }

    #[test]
    fn nobody_takes_less_than_512_octets() {
        assert_eq!(
            [0, 511, 512, 4096].map(|class| Edns::read(class, 0, &[]).payload),
            [512, 512, 512, 4096]
        );
    }

    #[test]
    fn options_that_cannot_be_read_are_refused() {
        for length in [0, 7, 9, 15, 41] {
            let options = [&[0, 10, 0, length][..], &vec![1; usize::from(length)]].concat();
            assert!(Edns::read(512, 0, &options).malformed, "{length}");
        }
        for options in [&[0][..], &[0, 3, 0, 1], &[0, 3, 0]] {
            assert!(Edns::read(512, 0, options).malformed);
        }
    }
}
