//! The state of one evaluation: what was asked, what is missing, what it cost.
//!
//! Every question to DNS and every count goes through here; what the counts
//! are for is said where the terms are evaluated.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use super::asked::Asked;
use super::check_host::Options;
use super::frame::{Cost, Site};
use super::message::Message;
use super::problem::{Ceiling, Problem};
use super::records::RecordStore;
use super::trace::{TermOutcome, TraceEntry};
use super::verdict::Lookups;
use crate::dns::{Answer, Lookup, Question, RecordType};
use crate::name::DomainName;

/// What ends the whole evaluation is an error here.
pub(super) type Stopped<T> = Result<T, Box<Problem>>;

/// The client's address as an integer.
#[derive(Clone, Copy, Debug)]
pub(super) enum Client {
    Ip4(u32),
    Ip6(u128),
}

impl Client {
    /// The type of the addresses that the client's is compared with.
    pub(super) fn record_type(self) -> RecordType {
        match self {
            Client::Ip4(_) => RecordType::A,
            Client::Ip6(_) => RecordType::Aaaa,
        }
    }
}

pub(super) struct Evaluator<'a, L: ?Sized> {
    lookup: &'a L,
    pub(super) records: &'a mut RecordStore,
    pub(super) message: &'a Message,
    pub(super) options: &'a Options,
    pub(super) client: Client,
    cost: Cost,
    asked: Asked,
    octets: usize,
    prefixes: usize,
    missing: Vec<Question>,
    trace: Vec<TraceEntry>,
    /// Targets of `include` that did not pass, with what finding that out
    /// cost. Only kept where the terms are not limited, or the same records
    /// including each other often would be evaluated without end.
    pub(super) not_passing: HashMap<DomainName, Cost>,
}

impl<'a, L: Lookup + ?Sized> Evaluator<'a, L> {
    pub(super) fn new(
        lookup: &'a L,
        records: &'a mut RecordStore,
        message: &'a Message,
        options: &'a Options,
    ) -> Self {
        let client = match message.ip() {
            IpAddr::V4(ip) => Client::Ip4(ip.to_bits()),
            IpAddr::V6(ip) => Client::Ip6(ip.to_bits()),
        };
        Evaluator {
            lookup,
            records,
            message,
            options,
            client,
            cost: Cost::default(),
            asked: Asked::default(),
            octets: 0,
            prefixes: 0,
            missing: Vec::new(),
            trace: Vec::new(),
            not_passing: HashMap::new(),
        }
    }

    /// The answer, be it a failure; `None` where it is missing.
    pub(super) fn ask_any(
        &mut self,
        question: Question,
        site: Site<'_>,
    ) -> Stopped<Option<Arc<Answer>>> {
        self.look_up(question, site, |_, _| None)
    }

    /// The answer, `None` where it is missing; a failure is a temperror.
    pub(super) fn ask(
        &mut self,
        name: DomainName,
        record_type: RecordType,
        site: Site<'_>,
    ) -> Stopped<Option<Arc<Answer>>> {
        self.look_up(Question::new(name, record_type), site, |question, answer| {
            let failure = answer.failure()?;
            let (domain, term) = (site.domain.clone(), site.term());
            Some(Box::new(Problem::Dns { domain, term, question: question.clone(), failure }))
        })
    }

    fn look_up(
        &mut self,
        question: Question,
        site: Site<'_>,
        problem_of: impl FnOnce(&Question, &Answer) -> Option<Box<Problem>>,
    ) -> Stopped<Option<Arc<Answer>>> {
        let ceilings = &self.options.limits.ceilings;
        let known = self.asked.contains(&question);
        if !known && self.asked.len() >= ceilings.questions {
            return Err(ceiling(Ceiling::Questions(ceilings.questions), site));
        }
        let found = self.lookup.lookup(&question);
        let problem = found.as_ref().ok().and_then(|answer| problem_of(&question, answer));
        if !known {
            self.asked.insert(question);
        }
        match (found, problem) {
            (_, Some(problem)) => Err(problem),
            (Ok(answer), None) => {
                if !known {
                    self.count_octets(&answer, site)?;
                }
                Ok(Some(answer))
            }
            (Err(needed), None) => {
                if !known {
                    self.missing.push(needed);
                }
                Ok(None)
            }
        }
    }

    fn count_octets(&mut self, answer: &Answer, site: Site<'_>) -> Stopped<()> {
        let most = self.options.limits.ceilings.octets;
        self.octets = self.octets.saturating_add(answer.octets());
        if self.octets > most { Err(ceiling(Ceiling::Octets(most), site)) } else { Ok(()) }
    }

    /// Counts a term that causes DNS queries (RFC 7208 section 4.6.4).
    pub(super) fn count_term(&mut self, site: Site<'_>) -> Stopped<()> {
        self.cost.terms = self.cost.terms.saturating_add(1);
        match self.options.limits.terms {
            Some(limit) if self.cost.terms > limit => Err(Box::new(Problem::LookupTerms {
                domain: site.domain.clone(),
                term: site.term_text(),
                limit,
            })),
            _ => Ok(()),
        }
    }

    /// Counts the lookup if it was void (RFC 7208 section 4.6.4).
    pub(super) fn count_void(&mut self, answer: &Answer, site: Site<'_>) -> Stopped<()> {
        if !answer.is_void() {
            return Ok(());
        }
        self.cost.void = self.cost.void.saturating_add(1);
        match self.options.limits.void {
            Some(limit) if self.cost.void > limit => Err(Box::new(Problem::VoidLookups {
                domain: site.domain.clone(),
                term: site.term_text(),
                limit,
            })),
            _ => Ok(()),
        }
    }

    /// Counts terms that are evaluated, and hosts and addresses that the
    /// client's is compared with.
    pub(super) fn count_prefixes(&mut self, prefixes: usize, site: Site<'_>) -> Stopped<()> {
        let most = self.options.limits.ceilings.prefixes;
        self.prefixes = self.prefixes.saturating_add(prefixes);
        if self.prefixes > most { Err(ceiling(Ceiling::Prefixes(most), site)) } else { Ok(()) }
    }

    /// Counts prefixes unless that meets the ceiling; whether it did not.
    pub(super) fn add_prefixes(&mut self, prefixes: usize) -> bool {
        let sum = self.prefixes.saturating_add(prefixes);
        let below = sum <= self.options.limits.ceilings.prefixes;
        self.prefixes = if below { sum } else { self.prefixes };
        below
    }

    /// Whether the evaluation keeps a trace.
    pub(super) fn traces(&self) -> bool {
        self.options.trace
    }

    /// The terms and void lookups so far.
    pub(super) fn cost(&self) -> Cost {
        self.cost
    }

    /// Counts again what was counted for the same thing before.
    pub(super) fn add_cost(&mut self, cost: Cost) {
        self.cost.terms = self.cost.terms.saturating_add(cost.terms);
        self.cost.void = self.cost.void.saturating_add(cost.void);
    }

    /// How many answers are missing so far: while there are any, what is
    /// evaluated is a guess at what else will have to be asked.
    pub(super) fn missing(&self) -> usize {
        self.missing.len()
    }

    /// The missing questions, the first being the one that is needed in any
    /// case, and the trace.
    pub(super) fn into_parts(self) -> (Vec<Question>, Vec<TraceEntry>) {
        (self.missing, self.trace)
    }

    pub(super) fn lookups(&self) -> Lookups {
        let Cost { terms, void } = self.cost;
        let (void_ip4, void_ip6) = match self.client {
            Client::Ip4(_) => (void, 0),
            Client::Ip6(_) => (0, void),
        };
        Lookups { terms, void, void_ip4, void_ip6, queries: self.asked.len() as u32 }
    }

    /// Opens the trace's entry for a term. Until it is closed it stands for an
    /// error, which is what it is when the evaluation ends there.
    pub(super) fn trace_term(&mut self, depth: usize, site: Site<'_>) -> Option<usize> {
        if !self.traces() {
            return None;
        }
        self.trace.push(TraceEntry {
            depth,
            domain: site.domain.clone(),
            term: site.term_text(),
            outcome: TermOutcome::Error,
        });
        Some(self.trace.len() - 1)
    }

    pub(super) fn trace_outcome(&mut self, entry: Option<usize>, outcome: TermOutcome) {
        if let Some(entry) = entry.and_then(|index| self.trace.get_mut(index)) {
            entry.outcome = outcome;
        }
    }
}

pub(super) fn ceiling(ceiling: Ceiling, site: Site<'_>) -> Box<Problem> {
    Box::new(Problem::Ceiling { domain: site.domain.clone(), term: site.term(), ceiling })
}
