//! Several resolvers asked at once, believed where enough of them agree.
//!
//! Two answers agree when SPF could not tell them apart: the same kind of reply,
//! and the same records in any order. Texts are compared octet for octet with
//! their strings joined (RFC 7208 section 3.3), names without regard to case;
//! TTLs and the aliases on the way may differ. Failures agree with nothing.
//!
//! A name whose servers give each resolver another part of a large set of
//! addresses (round robin), or other addresses by where it asks from, finds no
//! agreement: such a question fails. Nothing here knows how resolvers are asked.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};
use thiserror::Error;

use super::alias::shorter;
use super::{Answer, Ask, DNS_PORT, Failure, Question, Records, Reply};
use crate::name::DomainName;

/// An asker that several threads may use.
type Asker = Box<dyn Ask + Send + Sync>;

/// Resolvers that a remark names at most.
const NAMED: usize = 8;

/// Askers of which a number have to agree, one for each resolver.
///
/// All are asked at once. The answer is given as soon as enough agree, and the
/// questions to the others are dropped. Where no agreement comes the reply is
/// [`Failure::Disagreement`], or, where too few resolvers answered at all, the
/// failure that tells the most; its remark has who said what.
#[derive(Clone)]
pub struct Quorum {
    askers: Arc<[(SocketAddr, Asker)]>,
    needed: usize,
}

/// Why resolvers make no quorum. The fault lies with the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum QuorumError {
    /// A quorum that nobody has to agree with.
    #[error("a quorum needs at least one resolver")]
    Nobody,
    /// More agreement than there are resolvers.
    #[error("a quorum of {needed} needs as many resolvers, and there are {resolvers}")]
    TooFew {
        /// How many have to agree.
        needed: usize,
        /// How many there are.
        resolvers: usize,
    },
}

impl Quorum {
    /// Believes what `needed` of these askers agree on, each of which asks the resolver
    /// at its address.
    ///
    /// # Errors
    ///
    /// [`QuorumError`] where `needed` is none, or more than there are askers.
    pub fn new(
        askers: impl IntoIterator<Item = (SocketAddr, Asker)>,
        needed: usize,
    ) -> Result<Quorum, QuorumError> {
        let askers: Arc<[(SocketAddr, Asker)]> = askers.into_iter().collect();
        let resolvers = askers.len();
        match needed {
            0 => Err(QuorumError::Nobody),
            _ if needed > resolvers => Err(QuorumError::TooFew { needed, resolvers }),
            _ => Ok(Quorum { askers, needed }),
        }
    }
}

impl fmt::Debug for Quorum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Quorum {{ {} of {} }}", self.needed, self.askers.len())
    }
}

impl Ask for Quorum {
    fn ask(&self, question: Question) -> BoxFuture<'static, Answer> {
        let ask = |(place, (_, asker)): (usize, &(SocketAddr, Asker))| {
            asker.ask(question.clone()).map(move |answer| (place, answer)).boxed()
        };
        let mut pending: FuturesUnordered<BoxFuture<'static, (usize, Answer)>> =
            self.askers.iter().enumerate().map(ask).collect();
        let resolvers = self.askers.iter().map(|(address, _)| *address).collect();
        let mut tally = Tally::new(self.needed, resolvers);
        async move {
            while let Some((place, answer)) = pending.next().await {
                if let Some(verdict) = tally.count(place, answer) {
                    return verdict;
                }
            }
            // Every tally ends with its last answer.
            failed(Failure::Disagreement)
        }
        .boxed()
    }
}

/// The answers to one question so far.
#[derive(Debug)]
struct Tally {
    needed: usize,
    resolvers: Vec<SocketAddr>,
    /// How many have not answered yet.
    open: usize,
    camps: Vec<Camp>,
    /// With the places of the resolvers that failed so.
    failures: Vec<(usize, Failure)>,
}

/// Answers that agree.
#[derive(Debug)]
struct Camp {
    meaning: Meaning,
    answer: Answer,
    /// The places of the resolvers that say so.
    members: Vec<usize>,
}

impl Tally {
    fn new(needed: usize, resolvers: Vec<SocketAddr>) -> Tally {
        let open = resolvers.len();
        Tally { needed, resolvers, open, camps: Vec::new(), failures: Vec::new() }
    }

    /// Counts the answer of the resolver at a place in; the verdict, once it cannot change
    /// any more.
    fn count(&mut self, place: usize, answer: Answer) -> Option<Answer> {
        self.open = self.open.saturating_sub(1);
        match Meaning::of(&answer.reply) {
            Ok(meaning) => {
                if let Some(agreed) = self.join(place, meaning, answer) {
                    return Some(agreed);
                }
            }
            Err(failure) => self.failures.push((place, failure)),
        }
        let sizes = || self.camps.iter().map(|camp| camp.members.len());
        let (answered, largest) = (sizes().sum::<usize>(), sizes().max().unwrap_or(0));
        if answered >= self.needed && largest + self.open < self.needed {
            return Some(self.failed(Failure::Disagreement));
        }
        // Which failure tells the most is known when all have answered: so what
        // is given does not hang on who is the quickest.
        (self.open == 0).then(|| self.failed(most_telling(&self.failures)))
    }

    /// Adds an answer to those that it agrees with, and gives what they say
    /// where they are enough.
    fn join(&mut self, place: usize, meaning: Meaning, answer: Answer) -> Option<Answer> {
        let known = self.camps.iter().position(|camp| camp.meaning == meaning);
        let mut camp = match known {
            Some(index) => {
                let camp = self.camps.swap_remove(index);
                let ttl = shorter(camp.answer.ttl, answer.ttl);
                Camp { answer: Answer { ttl, ..camp.answer }, ..camp }
            }
            None => Camp { meaning, answer, members: Vec::new() },
        };
        camp.members.push(place);
        if camp.members.len() >= self.needed {
            return Some(camp.answer);
        }
        self.camps.push(camp);
        None
    }

    fn failed(&self, failure: Failure) -> Answer {
        Answer { remark: Some(self.remark().into()), ..failed(failure) }
    }

    /// Who said what, in the order in which the resolvers are named.
    fn remark(&self) -> String {
        let mut left = NAMED;
        let mut said = Vec::new();
        for (places, words) in self.said() {
            let named = places.iter().take(left);
            let named: Vec<String> = named.map(|place| self.name(*place)).collect();
            left -= named.len();
            if !named.is_empty() {
                said.push(format!("{}: {words}", named.join(", ")));
            }
        }
        match self.resolvers.len().saturating_sub(NAMED) {
            0 => {}
            more => said.push(format!("and {more} more")),
        }
        said.join("; ")
    }

    /// What was said, with the places of those who did.
    fn said(&self) -> Vec<(Vec<usize>, String)> {
        let mut camps: Vec<(Vec<usize>, &Meaning)> =
            self.camps.iter().map(|camp| (camp.members.clone(), &camp.meaning)).collect();
        camps.iter_mut().for_each(|(places, _)| places.sort_unstable());
        camps.sort_by(|one, two| one.0.cmp(&two.0));
        let (mut said, mut records) = (Vec::new(), false);
        for (places, meaning) in camps {
            said.push((places, meaning.words(records)));
            records |= matches!(meaning, Meaning::Records(_));
        }
        let mut others: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (place, failure) in &self.failures {
            others.entry(failure.to_string()).or_default().push(*place);
        }
        let answered: usize = said.iter().map(|(places, _)| places.len()).sum();
        if answered + self.failures.len() < self.resolvers.len() {
            let known = |place: usize| {
                let mut failed = self.failures.iter();
                failed.any(|(own, _)| *own == place)
                    || said.iter().any(|(places, _)| places.contains(&place))
            };
            let open = (0..self.resolvers.len()).filter(|place| !known(*place)).collect();
            others.insert("not waited for".to_owned(), open);
        }
        for (words, mut places) in others {
            places.sort_unstable();
            said.push((places, words));
        }
        said.sort();
        said
    }

    /// The address of a resolver, as a person would write it.
    fn name(&self, place: usize) -> String {
        match self.resolvers.get(place) {
            Some(address) if address.port() == DNS_PORT => address.ip().to_string(),
            Some(address) => address.to_string(),
            None => String::new(),
        }
    }
}

fn failed(failure: Failure) -> Answer {
    Answer::new(Reply::Failure(failure))
}

/// The failure that says most of what is wrong: somebody's answer rather than
/// nobody's.
fn most_telling(failures: &[(usize, Failure)]) -> Failure {
    let telling = |failure: &Failure| match failure {
        Failure::Bogus => 9,
        Failure::Unsigned => 8,
        Failure::Malformed => 7,
        Failure::Aliases => 6,
        Failure::ServerFailure => 5,
        Failure::ResponseCode(_) => 4,
        Failure::Refused => 3,
        Failure::Disagreement => 2,
        Failure::Timeout => 1,
        Failure::Unreachable => 0,
    };
    // Of two response codes the lower one, whoever gave it first.
    let code = |failure: &Failure| match failure {
        Failure::ResponseCode(code) => u16::MAX - code,
        _ => 0,
    };
    let found = failures.iter().map(|(_, failure)| *failure);
    let found = found.max_by_key(|failure| (telling(failure), code(failure)));
    found.unwrap_or(Failure::Disagreement)
}

/// What SPF reads from a reply.
#[derive(Debug, PartialEq, Eq)]
enum Meaning {
    NoName,
    NoData,
    /// Sorted. What is there twice is no set, and agrees with nothing but itself.
    Records(Vec<Datum>),
}

/// One record. Those of an answer are of the type that was asked for.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Datum {
    Octets(Vec<u8>),
    Host(u16, DomainName),
}

impl Meaning {
    /// In words; `other` says that somebody else gave records too, which are not these.
    fn words(&self, other: bool) -> String {
        let other = if other { "other " } else { "" };
        match self {
            Meaning::NoName => "no such name".to_owned(),
            Meaning::NoData => "no record of this type".to_owned(),
            Meaning::Records(list) if list.len() == 1 => format!("1 {other}record"),
            Meaning::Records(list) => format!("{} {other}records", list.len()),
        }
    }

    /// # Errors
    ///
    /// The failure, which means nothing.
    fn of(reply: &Reply) -> Result<Meaning, Failure> {
        let records = match reply {
            Reply::NoName => return Ok(Meaning::NoName),
            Reply::NoData => return Ok(Meaning::NoData),
            Reply::Failure(failure) => return Err(*failure),
            Reply::Records(records) => records,
        };
        let octets = |octets: &[u8]| Datum::Octets(octets.to_vec());
        let mut list: Vec<Datum> = match records {
            Records::A(list) => list.iter().map(|it| octets(&it.octets())).collect(),
            Records::Aaaa(list) => list.iter().map(|it| octets(&it.octets())).collect(),
            Records::Mx(list) => {
                list.iter().map(|mx| Datum::Host(mx.preference, mx.exchange.clone())).collect()
            }
            Records::Txt(list) | Records::Spf(list) => {
                list.iter().map(|text| octets(&text.joined())).collect()
            }
            Records::Ptr(list) => list.iter().map(|name| Datum::Host(0, name.clone())).collect(),
        };
        list.sort();
        Ok(Meaning::Records(list))
    }
}

#[cfg(test)]
#[path = "quorum_tests.rs"]
mod tests;
