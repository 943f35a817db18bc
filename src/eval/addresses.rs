//! The mechanisms that ask for addresses: `a`, `mx` and `exists`
//! (RFC 7208 sections 5.3, 5.4 and 5.7).

use super::evaluator::{Client, Evaluator, Stopped};
use super::frame::Site;
use super::mechanism::in_prefix;
use super::problem::Problem;
use crate::dns::{Answer, Lookup, MailExchange, RecordType};
use crate::name::DomainName;
use crate::syntax::DualCidrLength;

impl<L: Lookup + ?Sized> Evaluator<'_, L> {
    /// Whether the client's address shares a prefix with one of the name's.
    pub(super) fn a(
        &mut self,
        name: DomainName,
        lengths: &DualCidrLength,
        site: Site<'_>,
    ) -> Stopped<bool> {
        let Some(answer) = self.ask(name, self.client.record_type(), site)? else {
            return Ok(false);
        };
        self.count_void(&answer, site)?;
        let addresses = answer.ip4_addresses().len() + answer.ip6_addresses().len();
        self.count_prefixes(addresses.max(1), site)?;
        Ok(self.is_near(&answer, lengths))
    }

    /// Whether the client's address shares a prefix with one of a mail
    /// exchange of the name. Where addresses are missing, those of all
    /// exchanges are asked for.
    pub(super) fn mx(
        &mut self,
        name: DomainName,
        lengths: &DualCidrLength,
        site: Site<'_>,
    ) -> Stopped<bool> {
        let Some(answer) = self.ask(name, RecordType::Mx, site)? else {
            return Ok(false);
        };
        self.count_void(&answer, site)?;
        let mut exchanges: Vec<&MailExchange> = answer.mail_exchanges().iter().collect();
        match self.options.limits.mx_names {
            Some(limit) if exchanges.len() > limit as usize => {
                return Err(Box::new(Problem::MxNames {
                    domain: site.domain.clone(),
                    term: site.term_text(),
                    names: exchanges.len(),
                    limit,
                }));
            }
            _ => {}
        }
        // Answers come in any order; this one makes the void lookups that are
        // counted before a match the same each time.
        exchanges.sort_by_key(|exchange| exchange.preference);
        for exchange in exchanges {
            // A null MX (RFC 7505) is no host.
            if !exchange.exchange.is_root() && self.a(exchange.exchange.clone(), lengths, site)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether the name has any IPv4 address, whatever the client's family.
    pub(super) fn exists(&mut self, name: DomainName, site: Site<'_>) -> Stopped<bool> {
        let Some(answer) = self.ask(name, RecordType::A, site)? else {
            return Ok(false);
        };
        self.count_void(&answer, site)?;
        Ok(!answer.ip4_addresses().is_empty())
    }

    fn is_near(&self, answer: &Answer, lengths: &DualCidrLength) -> bool {
        match self.client {
            Client::Ip4(ip) => {
                let length = lengths.ip4.unwrap_or(u32::BITS as u8);
                answer.ip4_addresses().iter().any(|near| in_prefix(ip, near.to_bits(), length))
            }
            Client::Ip6(ip) => {
                let length = lengths.ip6.unwrap_or(u128::BITS as u8);
                answer.ip6_addresses().iter().any(|near| in_prefix(ip, near.to_bits(), length))
            }
        }
    }
}
