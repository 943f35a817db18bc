//! For which clients a zone makes a term match: where it has an address for
//! `exists`, where its policy passes for `include`.

use thiserror::Error;

use crate::addr::{Address, Family, IP4_MAPPED, Prefix, Range, RangeSet};
use crate::image::ZoneMechanism;
use crate::outcome::Qualifier;
use crate::syntax::{Mechanism, Record, is_spf_record, parse_record};

use super::names::{Entry, Kind, ZoneNames};

/// Why a zone does not decide a term for every client.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ZoneFault {
    /// An alias answers for some clients and leads elsewhere.
    #[error("an alias (CNAME) answers for the clients of {0}")]
    Alias(String),
    /// Clients without a policy: an include of nothing is a permerror.
    #[error("no policy answers for the clients {0}: their include is a permerror")]
    NoPolicy(String),
    /// Clients with several policies, which is a permerror too.
    #[error("{count} policies answer for the clients of {clients}: their include is a permerror")]
    Policies {
        /// The network.
        clients: String,
        /// How many there are.
        count: usize,
    },
    /// A policy with syntax errors.
    #[error("the policy for the clients of {clients} is broken: '{}'", text.escape_debug())]
    Broken {
        /// The network.
        clients: String,
        /// The policy.
        text: String,
    },
    /// A policy that decides by more than the client's address.
    #[error("the policy for the clients of {clients} asks DNS: '{}'", text.escape_debug())]
    Asks {
        /// The network.
        clients: String,
        /// The policy.
        text: String,
    },
    /// A zone that is larger than this program reads.
    #[error("the zone is too large to be read back")]
    Size,
}

/// What was found so far of one family.
pub(super) struct Clients<'a, A> {
    names: &'a ZoneNames,
    mechanism: ZoneMechanism,
    matching: Vec<Range<A>>,
    networks: Vec<Prefix<A>>,
}

impl<'a, A: Address> Clients<'a, A> {
    pub(super) fn new(names: &'a ZoneNames, mechanism: ZoneMechanism) -> Self {
        Clients { names, mechanism, matching: Vec::new(), networks: Vec::new() }
    }

    /// Adds the clients in `region`, whose names these records answer for.
    pub(super) fn add(
        &mut self,
        records: Option<&[Entry]>,
        region: &[Range<A>],
        block: Prefix<A>,
    ) -> Result<(), ZoneFault> {
        let records = records.unwrap_or_default();
        let has = |kind| records.iter().any(|record| record.kind == kind);
        if has(Kind::Alias) {
            return Err(ZoneFault::Alias(block.to_string()));
        }
        if !records.is_empty() {
            self.networks.push(block);
        }
        match self.mechanism {
            ZoneMechanism::Exists => {
                let hit = if has(Kind::Address) { region } else { &[] };
                self.matching.extend(hit);
                Ok(())
            }
            ZoneMechanism::Include => self.add_policy(records, region, block),
        }
    }

    fn add_policy(
        &mut self,
        records: &[Entry],
        region: &[Range<A>],
        block: Prefix<A>,
    ) -> Result<(), ZoneFault> {
        let texts = records.iter().filter(|record| record.kind == Kind::Text);
        let texts = texts.map(|record| self.names.data(record));
        let policies: Vec<&[u8]> = texts.filter(|text| is_spf_record(text)).collect();
        match policies[..] {
            [] => match region.iter().find_map(|range| without_mapped(*range)) {
                Some(clients) => Err(ZoneFault::NoPolicy(clients.to_string())),
                None => Ok(()),
            },
            [text] => {
                let passing = self.passing(text, block)?;
                let region: RangeSet<A> = region.iter().copied().collect();
                self.matching.extend(region.intersection(&passing).ranges());
                Ok(())
            }
            _ => {
                let (clients, count) = (block.to_string(), policies.len());
                Err(ZoneFault::Policies { clients, count })
            }
        }
    }

    /// The addresses that a policy passes, wherever it stands.
    fn passing(&mut self, text: &[u8], block: Prefix<A>) -> Result<RangeSet<A>, ZoneFault> {
        let parse = parse_record(text);
        let words = || (block.to_string(), String::from_utf8_lossy(text).into_owned());
        if !parse.errors.is_empty() {
            let (clients, text) = words();
            return Err(ZoneFault::Broken { clients, text });
        }
        let decided = self.decide(&parse.record);
        decided.ok_or_else(|| {
            let (clients, text) = words();
            ZoneFault::Asks { clients, text }
        })
    }

    /// The addresses that pass, the first term that matches deciding; `None`
    /// where a term is about more than addresses.
    fn decide(&mut self, record: &Record) -> Option<RangeSet<A>> {
        let mut passing = RangeSet::default();
        let mut decided = RangeSet::default();
        let mut run = Run { outcome: Qualifier::Pass, ranges: Vec::new() };
        let mut ended = false;
        for (_, directive) in record.directives() {
            let network: Option<Prefix<A>> = match &directive.mechanism {
                Mechanism::All => Some(Prefix::new(A::MIN, 0)),
                Mechanism::Ip4(network) => {
                    written(Family::Ip4, network.address.to_bits().into(), network.length)
                }
                Mechanism::Ip6(network) => {
                    written(Family::Ip6, network.address.to_bits(), network.length)
                }
                _ => return None,
            };
            let Some(network) = network else { continue };
            if directive.qualifier != run.outcome {
                run.close(&mut passing, &mut decided);
                run.outcome = directive.qualifier;
            }
            run.ranges.push(network.range());
            if directive.mechanism == Mechanism::All {
                ended = true;
                break;
            }
            self.networks.push(network);
        }
        run.close(&mut passing, &mut decided);
        (ended || record.redirect().is_none()).then_some(passing)
    }

    /// The matching clients and the networks that were met.
    pub(super) fn finish(self) -> (RangeSet<A>, Vec<Prefix<A>>) {
        (self.matching.into_iter().collect(), self.networks)
    }
}

/// Terms of one outcome in a row.
struct Run<A> {
    outcome: Qualifier,
    ranges: Vec<Range<A>>,
}

impl<A: Address> Run<A> {
    /// Decides what the terms match and those before them do not.
    fn close(&mut self, passing: &mut RangeSet<A>, decided: &mut RangeSet<A>) {
        let matched: RangeSet<A> = std::mem::take(&mut self.ranges).into_iter().collect();
        let union = |a: &RangeSet<A>, b: &RangeSet<A>| -> RangeSet<A> {
            a.ranges().iter().chain(b.ranges()).copied().collect()
        };
        if self.outcome == Qualifier::Pass {
            *passing = union(passing, &matched.difference(decided));
        }
        *decided = union(decided, &matched);
    }
}

/// The network of a term, where it is of the family `A`.
fn written<A: Address>(family: Family, bits: u128, length: Option<u8>) -> Option<Prefix<A>> {
    let address = A::from_bits(bits).filter(|_| family == A::FAMILY)?;
    Some(Prefix::new(address, length.unwrap_or(A::BITS)))
}

/// The first clients of a range: no client has an IPv4-mapped address.
fn without_mapped<A: Address>(range: Range<A>) -> Option<Range<A>> {
    let mapped = A::from_bits(IP4_MAPPED.first).zip(A::from_bits(IP4_MAPPED.last));
    let mapped = mapped.filter(|_| A::FAMILY == Family::Ip6);
    let mapped: RangeSet<A> =
        mapped.into_iter().map(|(first, last)| Range { first, last }).collect();
    let clients = RangeSet::from_iter([range]).difference(&mapped);
    clients.ranges().first().copied()
}
