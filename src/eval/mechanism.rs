//! Whether a mechanism matches (RFC 7208 section 5), but for what the included
//! record of an `include` says.

use super::evaluator::{Client, Evaluator, Stopped};
use super::frame::{Frame, Site};
use super::target::Target;
use crate::addr::{Address, Prefix};
use crate::dns::Lookup;
use crate::name::DomainName;
use crate::syntax::{DomainSpec, Ip4Network, Ip6Network, Mechanism, Record, Term, TermKind};

/// What a mechanism came to.
#[derive(Debug)]
pub(super) enum Found {
    /// It matches.
    Match,
    /// It does not, or an answer is missing to say.
    NoMatch,
    /// It does not, its target being no DNS name.
    NotAName,
    /// It matches if the record of this name passes.
    Include(Target),
}

impl From<bool> for Found {
    fn from(matches: bool) -> Found {
        if matches { Found::Match } else { Found::NoMatch }
    }
}

impl<L: Lookup + ?Sized> Evaluator<'_, L> {
    pub(super) fn mechanism(
        &mut self,
        record: &Record,
        mechanism: &Mechanism,
        site: Site<'_>,
    ) -> Stopped<Found> {
        self.count_prefixes(1, site)?;
        match mechanism {
            Mechanism::All => return Ok(Found::Match),
            Mechanism::Ip4(network) => return Ok(self.in_ip4(network).into()),
            Mechanism::Ip6(network) => return Ok(self.in_ip6(network).into()),
            _ => self.count_term(site)?,
        }
        self.asking_mechanism(record, mechanism, site)
    }

    /// How many of the next terms are `ip4` and `ip6` terms that do not match.
    /// Long records are little else, so they are passed by without what other
    /// terms need; none of them where a ceiling would end them.
    pub(super) fn pass_addresses_by(&mut self, frame: &Frame) -> usize {
        let terms = frame.parse.record.terms();
        let passes_by = |term: &&Term| match &term.kind {
            TermKind::Directive(directive) => match &directive.mechanism {
                Mechanism::Ip4(network) => !self.in_ip4(network),
                Mechanism::Ip6(network) => !self.in_ip6(network),
                _ => false,
            },
            TermKind::Modifier(_) => false,
        };
        let passed = match &frame.networks {
            Some(networks) => networks.passed_by(self.client, frame.next, terms.len()),
            None => {
                let rest = terms.get(frame.next..).unwrap_or_default();
                rest.iter().take_while(passes_by).count()
            }
        };
        if self.add_prefixes(passed) { passed } else { 0 }
    }

    /// Whether the client is in the network (section 5.6).
    fn in_ip4(&self, network: &Ip4Network) -> bool {
        let length = network.length.unwrap_or(u32::BITS as u8);
        match self.client {
            Client::Ip4(ip) => in_prefix(ip, network.address.to_bits(), length),
            Client::Ip6(_) => false,
        }
    }

    /// Whether the client is in the network (section 5.6).
    fn in_ip6(&self, network: &Ip6Network) -> bool {
        let length = network.length.unwrap_or(u128::BITS as u8);
        match self.client {
            Client::Ip4(_) => false,
            Client::Ip6(ip) => in_prefix(ip, network.address.to_bits(), length),
        }
    }

    /// A mechanism that causes DNS queries, counted as such.
    fn asking_mechanism(
        &mut self,
        record: &Record,
        mechanism: &Mechanism,
        site: Site<'_>,
    ) -> Stopped<Found> {
        let target = match mechanism {
            Mechanism::Include(spec) => {
                return Ok(Found::Include(self.target(record, spec, site)?));
            }
            Mechanism::Exists(spec) => self.target(record, spec, site)?,
            Mechanism::A(spec, _) | Mechanism::Mx(spec, _) | Mechanism::Ptr(spec) => {
                self.target_or_domain(record, spec.as_ref(), site)?
            }
            Mechanism::All | Mechanism::Ip4(_) | Mechanism::Ip6(_) => return Ok(Found::NoMatch),
        };
        let target = match target {
            Target::Name(target) => target,
            Target::NotAName(_) => return Ok(Found::NotAName),
            Target::Unknown => return Ok(Found::NoMatch),
        };
        let matches = match mechanism {
            Mechanism::A(_, lengths) => self.a(target, lengths, site)?,
            Mechanism::Mx(_, lengths) => self.mx(target, lengths, site)?,
            Mechanism::Ptr(_) => self.ptr(&target, site)?,
            _ => self.exists(target, site)?,
        };
        Ok(Found::from(matches))
    }

    /// The target of a domain-spec, or the current domain where it is left out.
    fn target_or_domain(
        &mut self,
        record: &Record,
        spec: Option<&DomainSpec>,
        site: Site<'_>,
    ) -> Stopped<Target> {
        match spec {
            Some(spec) => self.target(record, spec, site),
            None => Ok(Target::Name(DomainName::clone(site.domain))),
        }
    }
}

/// Whether `ip` lies in the prefix of `length` bits around `address`.
#[inline]
pub(super) fn in_prefix<A: Address>(ip: A, address: A, length: u8) -> bool {
    Prefix::new(address, length).range().contains(ip)
}
