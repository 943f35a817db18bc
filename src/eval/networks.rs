//! Where in a long record the client's address matches first.
//!
//! A record of 100,000 terms that is evaluated for thousands of clients would
//! otherwise be gone through by each of them. Nothing here decides anything
//! that going through the terms would not.

use std::collections::HashMap;

use super::evaluator::Client;
use crate::addr::{Address, Prefix};
use crate::syntax::{Mechanism, Record, TermKind};

/// The places of the terms of one record.
#[derive(Clone, Debug)]
pub(super) struct NetworkIndex {
    ip4: Places<u32>,
    ip6: Places<u128>,
    /// The terms that are neither `ip4` nor `ip6`, in their order.
    others: Vec<usize>,
}

/// The first term of each network of one family.
#[derive(Clone, Debug)]
struct Places<A> {
    /// The prefix lengths that there are.
    lengths: Vec<u8>,
    first: HashMap<Prefix<A>, usize>,
}

impl<A: Address> Places<A> {
    fn new() -> Self {
        Places { lengths: Vec::new(), first: HashMap::new() }
    }

    fn add(&mut self, address: A, length: Option<u8>, place: usize) {
        let network = Prefix::new(address, length.unwrap_or(A::BITS));
        if !self.lengths.contains(&network.length()) {
            self.lengths.push(network.length());
        }
        self.first.entry(network).or_insert(place);
    }

    /// The first term whose network `address` is in.
    fn first(&self, address: A) -> Option<usize> {
        let networks = self.lengths.iter().map(|length| Prefix::new(address, *length));
        networks.filter_map(|network| self.first.get(&network).copied()).min()
    }
}

impl NetworkIndex {
    pub(super) fn new(record: &Record) -> NetworkIndex {
        let (mut ip4, mut ip6, mut others) = (Places::new(), Places::new(), Vec::new());
        for (place, term) in record.terms().iter().enumerate() {
            let TermKind::Directive(directive) = &term.kind else {
                others.push(place);
                continue;
            };
            match &directive.mechanism {
                Mechanism::Ip4(network) => {
                    ip4.add(network.address.to_bits(), network.length, place);
                }
                Mechanism::Ip6(network) => {
                    ip6.add(network.address.to_bits(), network.length, place);
                }
                _ => others.push(place),
            }
        }
        NetworkIndex { ip4, ip6, others }
    }

    /// How many terms from `next` on are `ip4` and `ip6` terms that do not match.
    pub(super) fn passed_by(&self, client: Client, next: usize, terms: usize) -> usize {
        let matching = match client {
            Client::Ip4(ip) => self.ip4.first(ip),
            Client::Ip6(ip) => self.ip6.first(ip),
        };
        // A term that matches ends the record, so none of them lies behind.
        let matching = matching.map(|place| place.max(next));
        let other = self.others.get(self.others.partition_point(|place| *place < next)).copied();
        let end = matching.into_iter().chain(other).min().unwrap_or(terms);
        end.saturating_sub(next)
    }
}
