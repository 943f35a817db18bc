//! What one message brings to `check_host()`: the client's address and the
//! identities (RFC 7208 sections 2.3, 2.4, 4.1 and 4.3).
//!
//! All of it but the address is whatever the client said: any octets.

use std::net::IpAddr;

use crate::name::DomainName;

/// The local-part of a sender that has none (RFC 7208 section 4.3).
const POSTMASTER: &[u8] = b"postmaster";
/// The receiver's name where it is not known (RFC 7208 section 7.3).
const UNKNOWN: &[u8] = b"unknown";

/// Which identity is checked (RFC 7208 section 2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Identity {
    /// The reverse-path of SMTP (section 2.4).
    MailFrom,
    /// The name in HELO or EHLO (section 2.3).
    Helo,
}

/// The arguments of `check_host()` and what the macros take besides.
#[derive(Clone, Debug)]
pub struct Message {
    ip: IpAddr,
    domain: Option<DomainName>,
    identity: Identity,
    local_part: Vec<u8>,
    sender_domain: Vec<u8>,
    helo: Vec<u8>,
    receiver: Vec<u8>,
    time: u64,
}

impl Message {
    /// A message of `sender`, the reverse-path without angle brackets. An
    /// empty one stands for `postmaster` at the HELO name (section 2.4), and
    /// so does `postmaster` for an empty local-part (section 4.3). A sender
    /// without `@` is a domain.
    ///
    /// An IPv4-mapped address is an IPv4 address (section 5).
    pub fn mail_from(ip: IpAddr, helo: impl AsRef<[u8]>, sender: impl AsRef<[u8]>) -> Message {
        let (helo, sender) = (helo.as_ref(), sender.as_ref());
        let (identity, local_part, domain) = match sender {
            [] => (Identity::Helo, POSTMASTER, helo),
            _ => {
                let (local_part, domain) = split_mailbox(sender);
                (Identity::MailFrom, local_part, domain)
            }
        };
        let sender_domain = to_a_labels(domain);
        Message {
            ip: ip.to_canonical(),
            domain: checked_domain(&sender_domain),
            identity,
            local_part: local_part.to_vec(),
            sender_domain,
            helo: helo.to_vec(),
            receiver: UNKNOWN.to_vec(),
            time: 0,
        }
    }

    /// The HELO identity (section 2.3): `postmaster` at the HELO name.
    pub fn helo_identity(ip: IpAddr, helo: impl AsRef<[u8]>) -> Message {
        Message::mail_from(ip, helo, b"")
    }

    /// A message of which not all is known: the domain whose policy is checked, the
    /// reverse-path, and the HELO name. What is not given is taken from the rest:
    /// `postmaster` at the domain for the sender, the domain or the sender's for the HELO
    /// name. None where nothing is given that could be checked.
    pub fn of_parts(
        ip: IpAddr,
        domain: Option<&DomainName>,
        sender: Option<&[u8]>,
        helo: Option<&[u8]>,
    ) -> Option<Message> {
        let of_sender = sender.and_then(|sender| sender.rsplit(|octet| *octet == b'@').next());
        let of_sender = of_sender.filter(|domain| !domain.is_empty());
        let named = domain.map(DomainName::to_text_octets);
        let helo = helo.map(<[u8]>::to_vec).or_else(|| named.clone());
        let helo = helo.or_else(|| of_sender.map(<[u8]>::to_vec))?;
        let postmaster = || {
            let domain = named.as_ref().unwrap_or(&helo);
            [b"postmaster@", domain.as_slice()].concat()
        };
        let message = match sender {
            Some(sender) => Message::mail_from(ip, &helo, sender),
            None => Message::mail_from(ip, &helo, postmaster()),
        };
        Some(match &named {
            Some(domain) => message.with_domain(domain),
            None => message,
        })
    }

    /// The same message checked against the policy of `domain`, whatever the
    /// domain of its sender.
    pub fn with_domain(mut self, domain: impl AsRef<[u8]>) -> Message {
        self.domain = checked_domain(&to_a_labels(domain.as_ref()));
        self
    }

    /// The name of the receiving host, `%{r}`.
    pub fn with_receiver(mut self, receiver: impl AsRef<[u8]>) -> Message {
        self.receiver = receiver.as_ref().to_vec();
        self
    }

    /// When the message came, in seconds since 1970, `%{t}`.
    pub fn with_time(mut self, seconds: u64) -> Message {
        self.time = seconds;
        self
    }

    /// Takes another client address and leaves the rest as it is.
    pub fn set_ip(&mut self, ip: IpAddr) {
        self.ip = ip.to_canonical();
    }

    /// The client's address; never an IPv4-mapped one.
    pub fn ip(&self) -> IpAddr {
        self.ip
    }

    /// The domain whose policy is checked; `None` where what the client gave
    /// is no domain name of two labels or more (section 4.3).
    pub fn domain(&self) -> Option<&DomainName> {
        self.domain.as_ref()
    }

    /// Which identity is checked.
    pub fn identity(&self) -> Identity {
        self.identity
    }

    /// The local-part of the sender, `%{l}`.
    pub fn local_part(&self) -> &[u8] {
        &self.local_part
    }

    /// The domain of the sender as the client wrote it, `%{o}`; U-labels are
    /// A-labels here (RFC 8616 section 4).
    pub fn sender_domain(&self) -> &[u8] {
        &self.sender_domain
    }

    /// The sender, local-part and domain, `%{s}`.
    pub fn sender(&self) -> Vec<u8> {
        [&self.local_part, &b"@"[..], &self.sender_domain].concat()
    }

    /// The HELO name as the client gave it, `%{h}`.
    pub fn helo(&self) -> &[u8] {
        &self.helo
    }

    /// The name of the receiving host, `%{r}`; `unknown` unless given.
    pub fn receiver(&self) -> &[u8] {
        &self.receiver
    }

    /// When the message came, in seconds since 1970, `%{t}`.
    pub fn time(&self) -> u64 {
        self.time
    }
}

/// The local-part and the domain: the last `@` divides them, since a quoted
/// local-part may hold more of them.
fn split_mailbox(sender: &[u8]) -> (&[u8], &[u8]) {
    match sender.iter().rposition(|octet| *octet == b'@') {
        Some(0) => (POSTMASTER, &sender[1..]),
        Some(at) => (&sender[..at], &sender[at + 1..]),
        None => (POSTMASTER, sender),
    }
}

/// U-labels as A-labels; what is no such text stays as it is.
fn to_a_labels(domain: &[u8]) -> Vec<u8> {
    let unicode = std::str::from_utf8(domain).ok().filter(|text| !text.is_ascii());
    match unicode.map(DomainName::from_user) {
        Some(Ok(name)) => name.to_text_octets(),
        _ => domain.to_vec(),
    }
}

/// The domain, if it is one that can be checked: not malformed, of several
/// labels, and no domain literal (RFC 7208 section 4.3).
fn checked_domain(domain: &[u8]) -> Option<DomainName> {
    if domain.first() == Some(&b'[') {
        return None;
    }
    DomainName::parse(domain).ok().filter(|name| name.label_count() > 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn message(helo: &str, sender: &str) -> Message {
        Message::mail_from("192.0.2.1".parse().unwrap(), helo, sender)
    }

    #[test]
    fn an_empty_sender_is_the_postmaster_of_the_helo_name() {
        let bounce = message("mx.example.com", "");
        assert_eq!(bounce.sender(), b"postmaster@mx.example.com");
        assert_eq!(bounce.identity(), Identity::Helo);
        assert_eq!(bounce.domain().unwrap().to_string(), "mx.example.com");
    }

    #[test]
    fn an_empty_local_part_is_the_postmaster() {
        assert_eq!(message("h", "@example.com").sender(), b"postmaster@example.com");
        assert_eq!(message("h", "example.com").sender(), b"postmaster@example.com");
        assert_eq!(message("h", "\"a@b\"@example.com").local_part(), b"\"a@b\"");
    }

    #[test]
    fn malformed_domains_are_not_checked() {
        let long = format!("a@{}.example.com", "x".repeat(64));
        let longest = format!("a@{}.com", vec!["x".repeat(49); 6].join("."));
        for sender in
            ["a@a..example.com", "a@.example.com", "a@com", "a@com.", "a@[192.0.2.1]", "a@", "@"]
        {
            assert!(message("h", sender).domain().is_none(), "{sender}");
        }
        assert!(message("h", &long).domain().is_none());
        assert!(message("h", &longest).domain().is_none());
        assert!(message("com", "").domain().is_none());
        assert!(message("", "").domain().is_none());
        assert!(message("h", &format!("a@{}.com", "x".repeat(63))).domain().is_some());
        assert!(message("h", "a@example.com.").domain().is_some());
    }

    #[test]
    fn unicode_domains_become_a_labels() {
        let unicode = message("h", "a@Bücher.example");
        assert_eq!(unicode.sender_domain(), b"xn--bcher-kva.example");
        assert_eq!(unicode.domain().unwrap().to_string(), "xn--bcher-kva.example");
    }

    #[test]
    fn mapped_addresses_are_ip4() {
        let mut mapped = message("h", "a@example.com");
        mapped.set_ip("::ffff:192.0.2.9".parse().unwrap());
        assert_eq!(mapped.ip().to_string(), "192.0.2.9");
    }

    proptest! {
        #[test]
        fn takes_any_octets(
            helo in proptest::collection::vec(any::<u8>(), 0..300),
            sender in proptest::collection::vec(any::<u8>(), 0..300),
        ) {
            let message = Message::mail_from("::1".parse().unwrap(), &helo, &sender);
            prop_assert!(!message.local_part().is_empty());
            prop_assert!(message.domain().is_none_or(|domain| domain.label_count() > 1));
        }
    }
}
