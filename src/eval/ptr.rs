//! The validated names of the client: `ptr` and `%{p}`
//! (RFC 7208 sections 5.5 and 7.3).

use std::fmt::Write;
use std::net::IpAddr;

use super::evaluator::{Client, Evaluator, Stopped};
use super::frame::Site;
use crate::dns::{Answer, Lookup, Question, RecordType};
use crate::limits::PTR_NAMES;
use crate::name::{DomainName, NameError};

/// The value of `%{p}` without a validated name (RFC 7208 section 7.3).
const UNKNOWN: &[u8] = b"unknown";

/// Whether void lookups count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Voids {
    Counted,
    Free,
}

impl<L: Lookup + ?Sized> Evaluator<'_, L> {
    /// Whether a validated name of the client is `target` or below it.
    pub(super) fn ptr(&mut self, target: &DomainName, site: Site<'_>) -> Stopped<bool> {
        let names = self.validated_names(Voids::Counted, site)?;
        Ok(names.iter().any(|name| name.is_at_or_below(target)))
    }

    /// The value of `%{p}`: the current domain if it is validated, else a name
    /// below it, else any other.
    pub(super) fn validated_name(&mut self, site: Site<'_>) -> Stopped<Vec<u8>> {
        let names = self.validated_names(Voids::Free, site)?;
        let chosen = names
            .iter()
            .find(|name| *name == site.domain)
            .or_else(|| names.iter().find(|name| name.is_at_or_below(site.domain)))
            .or(names.first());
        Ok(chosen.map_or_else(|| UNKNOWN.to_vec(), DomainName::to_text_octets))
    }

    /// The names of the client's address that have this address, among the
    /// first ten. A failure to find the names is no name, one to find a
    /// name's addresses leaves the name out.
    fn validated_names(&mut self, voids: Voids, site: Site<'_>) -> Stopped<Vec<DomainName>> {
        let mut validated = Vec::new();
        let Ok(reverse) = reverse_name(self.message.ip()) else { return Ok(validated) };
        let Some(answer) = self.ask_any(Question::new(reverse, RecordType::Ptr), site)? else {
            return Ok(validated);
        };
        self.count_void_if(voids, &answer, site)?;
        for name in answer.names().iter().take(PTR_NAMES) {
            self.count_prefixes(1, site)?;
            let question = Question::new(name.clone(), self.client.record_type());
            let Some(answer) = self.ask_any(question, site)? else { continue };
            self.count_void_if(voids, &answer, site)?;
            let confirmed = match self.client {
                Client::Ip4(ip) => answer.ip4_addresses().iter().any(|own| own.to_bits() == ip),
                Client::Ip6(ip) => answer.ip6_addresses().iter().any(|own| own.to_bits() == ip),
            };
            if confirmed {
                validated.push(name.clone());
            }
        }
        Ok(validated)
    }

    fn count_void_if(&mut self, voids: Voids, answer: &Answer, site: Site<'_>) -> Stopped<()> {
        match voids {
            Voids::Counted => self.count_void(answer, site),
            Voids::Free => Ok(()),
        }
    }
}

/// The name whose PTR records are the names of an address (RFC 1035 section
/// 3.5, RFC 3596 section 2.5).
fn reverse_name(ip: IpAddr) -> Result<DomainName, NameError> {
    let mut text = String::with_capacity(72);
    // Writing to a string cannot fail.
    match ip {
        IpAddr::V4(ip) => {
            for octet in ip.octets().iter().rev() {
                let _ = write!(text, "{octet}.");
            }
            text.push_str("in-addr.arpa");
        }
        IpAddr::V6(ip) => {
            for octet in ip.octets().iter().rev() {
                let _ = write!(text, "{:x}.{:x}.", octet & 15, octet >> 4);
            }
            text.push_str("ip6.arpa");
        }
    }
    DomainName::parse(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reverses_addresses() {
        let reverse = |ip: &str| reverse_name(ip.parse().unwrap()).unwrap().to_string();
        assert_eq!(reverse("192.0.2.1"), "1.2.0.192.in-addr.arpa");
        assert_eq!(
            reverse("2001:db8::1"),
            "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"
        );
    }
}
