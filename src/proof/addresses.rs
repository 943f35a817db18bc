//! The addresses at which two policies could differ: the edges of every
//! prefix that is written in a record or answered by DNS, and their neighbours.
//!
//! They are taken from texts and answers, never from a decision map, whose own
//! edges cannot show a range that it lost.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::IpAddr;

use crate::addr::{Address, AddressSet, IP4_MAPPED, Prefix, Range};
use crate::dns::{Answer, Lookup};
use crate::policy::Graph;
use crate::syntax::{Mechanism, is_spf_record, parse_record};

/// How many addresses are tested at most.
pub const TEST_ADDRESSES: usize = 4_000;

/// Addresses to test, of both families.
#[derive(Clone, Debug, Default)]
pub struct TestAddresses {
    ip4: BTreeSet<u32>,
    ip6: BTreeSet<u128>,
}

/// The prefix lengths that `a` and `mx` terms put behind addresses.
#[derive(Default)]
struct Lengths {
    ip4: BTreeSet<u8>,
    ip6: BTreeSet<u8>,
}

impl TestAddresses {
    /// Adds the edges of all that the answers behind a policy hold.
    pub fn add_policy(&mut self, lookup: &dyn Lookup, graph: &Graph) {
        let answers: Vec<_> =
            graph.asked.iter().filter_map(|question| lookup.lookup(question).ok()).collect();
        let mut lengths = Lengths { ip4: [32].into(), ip6: [128].into() };
        for answer in &answers {
            self.add_records(answer, &mut lengths);
        }
        for answer in &answers {
            for address in answer.ip4_addresses() {
                for length in &lengths.ip4 {
                    edges(&mut self.ip4, Prefix::new(address.to_bits(), *length).range());
                }
            }
            for address in answer.ip6_addresses() {
                for length in &lengths.ip6 {
                    edges(&mut self.ip6, Prefix::new(address.to_bits(), *length).range());
                }
            }
        }
        edges(&mut self.ip4, Range::ALL);
        edges(&mut self.ip6, Range::ALL);
    }

    fn add_records(&mut self, answer: &Answer, lengths: &mut Lengths) {
        for text in
            answer.texts().iter().map(|text| text.joined()).filter(|text| is_spf_record(text))
        {
            for (_, directive) in parse_record(&text).record.directives() {
                match &directive.mechanism {
                    Mechanism::Ip4(network) => {
                        let length = network.length.unwrap_or(32);
                        edges(
                            &mut self.ip4,
                            Prefix::new(network.address.to_bits(), length).range(),
                        );
                    }
                    Mechanism::Ip6(network) => {
                        let length = network.length.unwrap_or(128);
                        edges(
                            &mut self.ip6,
                            Prefix::new(network.address.to_bits(), length).range(),
                        );
                    }
                    Mechanism::A(_, dual) | Mechanism::Mx(_, dual) => {
                        lengths.ip4.extend(dual.ip4);
                        lengths.ip6.extend(dual.ip6);
                    }
                    _ => {}
                }
            }
        }
    }

    /// Adds the edges of every range of a set.
    pub fn add_set(&mut self, set: &AddressSet) {
        set.ip4.ranges().iter().for_each(|range| edges(&mut self.ip4, *range));
        set.ip6.ranges().iter().for_each(|range| edges(&mut self.ip6, *range));
    }

    /// How many addresses there are.
    pub fn len(&self) -> usize {
        self.ip4.len() + self.ip6.iter().filter(|address| !IP4_MAPPED.contains(**address)).count()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All addresses, or [`TEST_ADDRESSES`] spread over them, always the same ones.
    pub fn chosen(&self) -> Vec<IpAddr> {
        let ip6 = self.ip6.iter().filter(|address| !IP4_MAPPED.contains(**address));
        let all: Vec<IpAddr> =
            self.ip4.iter().map(|ip| ip.to_ip()).chain(ip6.map(|ip| ip.to_ip())).collect();
        if all.len() <= TEST_ADDRESSES {
            return all;
        }
        // By a hash: a fixed stride would meet the same kind of edge each time.
        let hash = |address: &IpAddr| {
            let mut hasher = DefaultHasher::new();
            address.hash(&mut hasher);
            hasher.finish()
        };
        let mut spread = all;
        spread.sort_by_cached_key(hash);
        spread.truncate(TEST_ADDRESSES);
        spread.sort_unstable();
        spread
    }
}

/// Both ends of a range, and the addresses next to them.
fn edges<A: Address>(addresses: &mut BTreeSet<A>, range: Range<A>) {
    addresses.extend([range.first, range.last]);
    addresses.extend(range.first.previous());
    addresses.extend(range.last.next());
}
