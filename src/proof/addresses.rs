//! The addresses at which two policies could differ: the edges of every
//! prefix that is written in a record or answered by DNS, and their neighbours.
//!
//! They are taken from texts and answers, never from a decision map, whose own
//! edges cannot show a range that it lost.

use std::collections::{BTreeSet, BinaryHeap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::IpAddr;

use crate::addr::{Address, AddressSet, IP4_MAPPED, Prefix, Range};
use crate::dns::{Answer, Lookup};
use crate::policy::Graph;
use crate::syntax::{Mechanism, is_spf_record, parse_record};

use super::WrittenNetworks;

/// How many addresses are tested at most.
pub const TEST_ADDRESSES: usize = 4_000;

/// Addresses to test, of both families. A generated zone has millions of them,
/// so they are kept as they come and sorted at the end.
#[derive(Clone, Debug, Default)]
pub struct TestAddresses {
    ip4: Vec<u32>,
    ip6: Vec<u128>,
}

/// The addresses that are tested, of all that there are.
#[derive(Clone, Debug, Default)]
pub struct ChosenAddresses {
    /// Those that are tested.
    pub chosen: Vec<IpAddr>,
    /// How many there are.
    pub of: usize,
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

    /// Adds the edges of each network that is written in a zone.
    pub fn add_networks(&mut self, networks: &WrittenNetworks) {
        networks.ip4.iter().for_each(|network| edges(&mut self.ip4, network.range()));
        networks.ip6.iter().for_each(|network| edges(&mut self.ip6, network.range()));
    }

    /// All addresses, or [`TEST_ADDRESSES`] spread over them, always the same ones.
    pub fn choose(mut self) -> ChosenAddresses {
        self.ip6.retain(|address| !IP4_MAPPED.contains(*address));
        sort(&mut self.ip4);
        sort(&mut self.ip6);
        let of = self.ip4.len() + self.ip6.len();
        let ip4 = self.ip4.iter().map(|address| address.to_ip());
        let all = ip4.chain(self.ip6.iter().map(|address| address.to_ip()));
        let chosen = if of <= TEST_ADDRESSES { all.collect() } else { spread(all) };
        ChosenAddresses { chosen, of }
    }
}

/// The addresses with the lowest hashes, in rising order: a fixed stride would
/// meet the same kind of edge each time.
fn spread(addresses: impl Iterator<Item = IpAddr>) -> Vec<IpAddr> {
    let mut lowest: BinaryHeap<(u64, IpAddr)> = BinaryHeap::with_capacity(TEST_ADDRESSES + 1);
    for address in addresses {
        let mut hasher = DefaultHasher::new();
        address.hash(&mut hasher);
        let hashed = (hasher.finish(), address);
        if lowest.len() < TEST_ADDRESSES {
            lowest.push(hashed);
        } else if lowest.peek().is_some_and(|highest| hashed < *highest) {
            lowest.pop();
            lowest.push(hashed);
        }
    }
    let mut chosen: Vec<IpAddr> = lowest.into_iter().map(|(_, address)| address).collect();
    chosen.sort_unstable();
    chosen
}

fn sort<A: Address>(addresses: &mut Vec<A>) {
    addresses.sort_unstable();
    addresses.dedup();
}

/// Both ends of a range, and the addresses next to them.
fn edges<A: Address>(addresses: &mut Vec<A>, range: Range<A>) {
    addresses.extend([range.first, range.last]);
    addresses.extend(range.first.previous());
    addresses.extend(range.last.next());
}
