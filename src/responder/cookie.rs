//! DNS cookies (RFC 7873) of the interoperable kind (RFC 9018): a client that
//! returns a cookie has the address that it asks from.
//!
//! It knows nothing of messages, and options are read elsewhere. What a cookie is
//! good for is the caller's to decide.

use std::fmt;
use std::io;
use std::net::IpAddr;

use siphasher::sip::SipHasher24;

/// How long a server cookie is good, in seconds (RFC 9018 section 4.3).
pub const COOKIE_LIFE: u32 = 3600;
/// How far another server's clock may be ahead, in seconds (RFC 9018 section 4.3).
pub const COOKIE_AHEAD: u32 = 300;

/// The version of server cookies (RFC 9018 section 4.1).
const VERSION: u8 = 1;

/// The secret that server cookies are made and known by.
#[derive(Clone)]
pub struct CookieKeys {
    keyed: SipHasher24,
}

/// The secret is not shown.
impl fmt::Debug for CookieKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CookieKeys")
    }
}

impl CookieKeys {
    /// A secret that is shared by all servers of an address (RFC 9018 section 5).
    pub fn new(secret: [u8; 16]) -> CookieKeys {
        CookieKeys { keyed: SipHasher24::new_with_key(&secret) }
    }

    /// A secret of its own.
    ///
    /// # Errors
    ///
    /// A system that has no random octets.
    pub fn random() -> io::Result<CookieKeys> {
        let mut secret = [0; 16];
        match getrandom::fill(&mut secret) {
            Ok(()) => Ok(CookieKeys::new(secret)),
            Err(error) => Err(match error.raw_os_error() {
                Some(number) => io::Error::from_raw_os_error(number),
                None => io::Error::other(error.to_string()),
            }),
        }
    }

    /// The server cookie of a client, in the time of the server in seconds since
    /// 1970 (the lowest 32 bits, RFC 9018 section 4.3). A client that sent one
    /// gets a new one, whether or not it was valid.
    pub fn server_cookie(
        &self,
        client_cookie: &[u8; 8],
        client: IpAddr,
        now_seconds: u32,
    ) -> [u8; 16] {
        let [a, b, c, d] = now_seconds.to_be_bytes();
        let head = [VERSION, 0, 0, 0, a, b, c, d];
        let hash = self.hash(client_cookie, &head, client).to_le_bytes();
        let mut cookie = [0; 16];
        cookie[..8].copy_from_slice(&head);
        cookie[8..].copy_from_slice(&hash);
        cookie
    }

    /// Whether a server cookie was made with this secret for this client, not
    /// longer ago than [`COOKIE_LIFE`] and not further ahead than [`COOKIE_AHEAD`].
    pub fn is_valid(
        &self,
        client_cookie: &[u8; 8],
        server_cookie: &[u8],
        client: IpAddr,
        now_seconds: u32,
    ) -> bool {
        let Some((head, hash)) = server_cookie.split_first_chunk::<8>() else { return false };
        let Ok(hash) = <[u8; 8]>::try_from(hash) else { return false };
        let [VERSION, _, _, _, a, b, c, d] = *head else { return false };
        let made = u32::from_be_bytes([a, b, c, d]);
        // Serial number arithmetic (RFC 1982): the difference, whatever wraps.
        let (age, ahead) = (now_seconds.wrapping_sub(made), made.wrapping_sub(now_seconds));
        if age > COOKIE_LIFE && ahead > COOKIE_AHEAD {
            return false;
        }
        // The reserved octets are hashed as they came (RFC 9018 section 4.2). One
        // word is compared as a whole, in a time that says nothing about where
        // two differ.
        self.hash(client_cookie, head, client) ^ u64::from_le_bytes(hash) == 0
    }

    /// SipHash-2-4 of client cookie, version, reserved octets, timestamp and
    /// client address (RFC 9018 section 4.4).
    fn hash(&self, client_cookie: &[u8; 8], head: &[u8; 8], client: IpAddr) -> u64 {
        let mut text = [0; 32];
        text[..8].copy_from_slice(client_cookie);
        text[8..16].copy_from_slice(head);
        match client.to_canonical() {
            IpAddr::V4(ip) => {
                text[16..20].copy_from_slice(&ip.octets());
                self.keyed.hash(&text[..20])
            }
            IpAddr::V6(ip) => {
                text[16..].copy_from_slice(&ip.octets());
                self.keyed.hash(&text)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn octets<const N: usize>(hex: &str) -> [u8; N] {
        assert_eq!(hex.len(), 2 * N);
        std::array::from_fn(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap())
    }

    const SECRET: &str = "e5e973e5a6b2a43f48e7dc849e37bfcf";
    const OLD_SECRET: &str = "dd3bdf9344b678b185a6f5cb60fca715";
    const NEW_SECRET: &str = "445536bcd2513298075a5d379663c962";

    #[test]
    fn makes_the_cookies_of_rfc_9018() {
        for (secret, client_cookie, client, now, expected) in [
            // A.1 to A.4.
            (
                SECRET,
                "2464c4abcf10c957",
                "198.51.100.100",
                1_559_731_985,
                "010000005cf79f111f8130c3eee29480",
            ),
            (
                SECRET,
                "2464c4abcf10c957",
                "198.51.100.100",
                1_559_734_385,
                "010000005cf7a871d4a564a1442aca77",
            ),
            (
                SECRET,
                "fc93fc62807ddb86",
                "203.0.113.203",
                1_559_734_700,
                "010000005cf7a9acf73a7810aca2381e",
            ),
            (
                OLD_SECRET,
                "22681ab97d52c298",
                "2001:db8:220:1:59de:d0f4:8769:82b8",
                1_559_741_817,
                "010000005cf7c57926556bd0934c72f8",
            ),
            (
                NEW_SECRET,
                "22681ab97d52c298",
                "2001:db8:220:1:59de:d0f4:8769:82b8",
                1_559_741_961,
                "010000005cf7c609a6bb79d16625507a",
            ),
        ] {
            let (keys, client) = (CookieKeys::new(octets(secret)), client.parse().unwrap());
            let client_cookie = octets(client_cookie);
            let cookie = keys.server_cookie(&client_cookie, client, now);
            assert_eq!(cookie, octets(expected), "{expected}");
            assert!(keys.is_valid(&client_cookie, &cookie, client, now));
        }
    }

    #[test]
    fn reserved_octets_are_hashed_as_they_came() {
        // RFC 9018 appendix A.3.
        let keys = CookieKeys::new(octets(SECRET));
        let (client_cookie, client) =
            (octets("fc93fc62807ddb86"), "203.0.113.203".parse().unwrap());
        let cookie: [u8; 16] = octets("01abcdef5cf78f71a314227b6679ebf5");
        assert!(keys.is_valid(&client_cookie, &cookie, client, 1_559_727_985));
        let zeroed: [u8; 16] = octets("010000005cf78f71a314227b6679ebf5");
        assert!(!keys.is_valid(&client_cookie, &zeroed, client, 1_559_727_985));
    }

    #[test]
    fn cookies_are_good_for_an_hour_over_the_end_of_time_too() {
        let keys = CookieKeys::random().unwrap();
        let client = "2001:db8::1".parse().unwrap();
        for made in [1_800_000_000, u32::MAX, 0, 100] {
            let cookie = keys.server_cookie(&[7; 8], client, made);
            for (age, valid) in [
                (0, true),
                (3600, true),
                (3601, false),
                (-300, true),
                (-301, false),
                (1 << 31, false),
            ] {
                let now = made.wrapping_add(age as u32);
                assert_eq!(keys.is_valid(&[7; 8], &cookie, client, now), valid, "{made} {age}");
            }
        }
    }

    #[test]
    fn nobody_elses_cookie_is_valid() {
        let (keys, other) = (CookieKeys::new([1; 16]), CookieKeys::new([2; 16]));
        let client: IpAddr = "192.0.2.1".parse().unwrap();
        let cookie = keys.server_cookie(&[7; 8], client, 1000);
        let mapped = "::ffff:192.0.2.1".parse().unwrap();
        assert!(keys.is_valid(&[7; 8], &cookie, mapped, 1000));
        assert!(!keys.is_valid(&[8; 8], &cookie, client, 1000));
        assert!(!keys.is_valid(&[7; 8], &cookie, "192.0.2.2".parse().unwrap(), 1000));
        assert!(!other.is_valid(&[7; 8], &cookie, client, 1000));
        assert!(!keys.is_valid(&[7; 8], &cookie[..15], client, 1000));
        assert!(!keys.is_valid(&[7; 8], &[&cookie[..], &[0]].concat(), client, 1000));
        assert!(!keys.is_valid(&[7; 8], &[], client, 1000));
        assert_eq!(format!("{keys:?}"), "CookieKeys");
    }

    proptest! {
        #[test]
        fn a_changed_cookie_is_not_valid(
            client_cookie: [u8; 8], ip: u128, now: u32, at in 0..16_usize, bit in 0..8_u8,
        ) {
            let (keys, client) = (CookieKeys::new([9; 16]), IpAddr::V6(ip.into()));
            let mut cookie = keys.server_cookie(&client_cookie, client, now);
            prop_assert!(keys.is_valid(&client_cookie, &cookie, client, now));
            cookie[at] ^= 1 << bit;
            prop_assert!(!keys.is_valid(&client_cookie, &cookie, client, now));
        }
    }
}
