//! The addresses behind `a` and `mx` terms, of both families at once
//! (RFC 7208 sections 5.3 and 5.4).

use crate::addr::{Address, Prefix};
use crate::dns::{Answer, Question, RecordType};
use crate::name::DomainName;
use crate::syntax::{DualCidrLength, Record, Term};

use super::super::Fault;
use super::super::graph::{AddressTerm, Meaning};
use super::{Unanswered, Walk, error};

impl Walk<'_> {
    /// What an `a` term with this target-name matches.
    pub(super) fn address_term(
        &mut self,
        domain: &DomainName,
        record: &Record,
        term: &Term,
        name: &DomainName,
        lengths: DualCidrLength,
    ) -> Meaning {
        let mut found = AddressTerm { queries: 1, ..AddressTerm::default() };
        match self.host(domain, record, term, name, lengths, &mut found) {
            Some(broken) => broken,
            None => self.finish(domain, record, term, found),
        }
    }

    /// What an `mx` term with this target-name matches: the addresses of all
    /// its hosts. No MX record is no address; the name itself is never taken
    /// for its mail exchange.
    pub(super) fn mail_exchange_term(
        &mut self,
        domain: &DomainName,
        record: &Record,
        term: &Term,
        name: &DomainName,
        lengths: DualCidrLength,
    ) -> Meaning {
        let answer = match self.ask(name, RecordType::Mx) {
            Ok(answer) => answer,
            Err(Unanswered::Missing) => return Meaning::Unreached,
            Err(Unanswered::Ceiling(ceiling)) => {
                return Meaning::Broken(error(domain, record, term, Fault::Ceiling(ceiling)));
            }
        };
        if let Some(failure) = answer.failure() {
            let question = Question::new(name.clone(), RecordType::Mx);
            return Meaning::Broken(error(domain, record, term, Fault::Dns { question, failure }));
        }
        // A name has its cost before it has addresses: thousands of terms may name
        // the same thousand exchanges.
        let exchanges = answer.mail_exchanges().len();
        if let Some(broken) = self.counted(domain, record, term, exchanges) {
            return broken;
        }
        let mut found = AddressTerm { queries: 1, ..AddressTerm::default() };
        if answer.is_void() {
            (found.void_ip4, found.void_ip6) = (1, 1);
        }
        for exchange in answer.mail_exchanges().iter().filter(|mx| !mx.exchange.is_root()) {
            found.queries += 1;
            let broken = self.host(domain, record, term, &exchange.exchange, lengths, &mut found);
            if let Some(broken) = broken {
                return broken;
            }
        }
        self.finish(domain, record, term, found)
    }

    /// Adds the addresses of one host; the meaning of the whole term where a
    /// ceiling stops it.
    fn host(
        &mut self,
        domain: &DomainName,
        record: &Record,
        term: &Term,
        host: &DomainName,
        lengths: DualCidrLength,
        found: &mut AddressTerm,
    ) -> Option<Meaning> {
        found.hosts.push(host.clone());
        for record_type in [RecordType::A, RecordType::Aaaa] {
            let answer = match self.ask(host, record_type) {
                Ok(answer) => answer,
                Err(Unanswered::Missing) => continue,
                Err(Unanswered::Ceiling(ceiling)) => {
                    return Some(Meaning::Broken(error(
                        domain,
                        record,
                        term,
                        Fault::Ceiling(ceiling),
                    )));
                }
            };
            let failed = answer.failure().map(|failure| {
                let question = Question::new(host.clone(), record_type);
                error(domain, record, term, Fault::Dns { question, failure })
            });
            if record_type == RecordType::A {
                found.void_ip4 += u32::from(answer.is_void());
                found.ip4_error = found.ip4_error.take().or(failed);
                found.ip4.extend(ip4_prefixes(&answer, lengths));
            } else {
                found.void_ip6 += u32::from(answer.is_void());
                found.ip6_error = found.ip6_error.take().or(failed);
                found.ip6.extend(ip6_prefixes(&answer, lengths));
            }
        }
        None
    }

    fn finish(
        &mut self,
        domain: &DomainName,
        record: &Record,
        term: &Term,
        mut found: AddressTerm,
    ) -> Meaning {
        sort(&mut found.ip4);
        sort(&mut found.ip6);
        let prefixes = found.ip4.len() + found.ip6.len();
        self.counted(domain, record, term, prefixes)
            .unwrap_or_else(|| Meaning::Addresses(Box::new(found)))
    }
}

/// Servers give addresses in any order; the policy does not depend on it.
fn sort<A: Address>(prefixes: &mut Vec<Prefix<A>>) {
    prefixes.sort_unstable();
    prefixes.dedup();
}

fn ip4_prefixes(answer: &Answer, lengths: DualCidrLength) -> impl Iterator<Item = Prefix<u32>> {
    let length = lengths.ip4.unwrap_or(32);
    answer.ip4_addresses().iter().map(move |address| Prefix::new(address.to_bits(), length))
}

fn ip6_prefixes(answer: &Answer, lengths: DualCidrLength) -> impl Iterator<Item = Prefix<u128>> {
    let length = lengths.ip6.unwrap_or(128);
    answer.ip6_addresses().iter().map(move |address| Prefix::new(address.to_bits(), length))
}
