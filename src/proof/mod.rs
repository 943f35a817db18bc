//! The proof that two policies mean the same, in two halves that share no
//! lowering: decision maps compared over all addresses, and `check_host()` run
//! on both policies at the addresses where they could differ.
//!
//! It takes DNS as it would be with the output published, never what the
//! compiler thought while it made it.

mod addresses;
mod oracle;
mod questions;
mod refutation;
mod served;
mod symbolic;
mod world;
mod zone;

use std::collections::HashSet;

use crate::dns::{Lookup, Question};
use crate::limits::Ceilings;
use crate::name::DomainName;
use crate::policy::{Known, WalkOptions, walk};

pub use addresses::{ChosenAddresses, TEST_ADDRESSES, TestAddresses};
pub use refutation::Refutation;
pub use served::{Printed, Served, Zoned};
pub use symbolic::{Side, lowered};
pub use zone::{
    PrintedZone, PrintedZoneError, WrittenNetworks, ZoneFault, ZoneReading, zone_clients,
};

/// What generated zones answer, as read back from them; nothing where a policy
/// has none.
#[derive(Clone, Debug, Default)]
pub struct Generated {
    /// The clients for which each dynamic term that a zone decides matches.
    pub known: Known,
    /// The zones.
    pub zones: Vec<DomainName>,
    /// The networks that the zones name.
    pub networks: Vec<WrittenNetworks>,
}

/// One of the two policies of a claim.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// The domain whose policy it is.
    pub domain: &'a DomainName,
    /// DNS as the policy is read.
    pub lookup: &'a dyn Lookup,
    /// The generated zones that `lookup` answers for.
    pub generated: &'a Generated,
}

/// What is to be proven: that two policies mean the same.
#[derive(Clone, Copy)]
pub struct Claim<'a> {
    /// What was read.
    pub source: Subject<'a>,
    /// What is to be published, read back from its text.
    pub output: Subject<'a>,
    /// Targets that both policies leave alone: unknowns, the same in both.
    pub keep: &'a HashSet<DomainName>,
    /// Bounds on the work.
    pub ceilings: Ceilings,
    /// Whether the output has to keep the limits of RFC 7208 section 4.6.4.
    pub within_limits: bool,
}

/// A claim that was proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Proof {
    /// Addresses at which `check_host()` gave the same results.
    pub tested: usize,
    /// Addresses at which the policies could differ; all of them are tested up
    /// to [`TEST_ADDRESSES`].
    pub addresses: usize,
    /// Sets of answers that the dynamic terms were given.
    pub worlds: usize,
}

/// Why there is no proof.
#[derive(Clone, Debug)]
pub enum Unproven {
    /// These questions have to be asked first.
    Need(Vec<Question>),
    /// The claim is wrong.
    Refuted(Box<Refutation>),
}

impl From<Refutation> for Unproven {
    fn from(refutation: Refutation) -> Unproven {
        Unproven::Refuted(Box::new(refutation))
    }
}

/// Proves a claim, by both halves.
///
/// # Errors
///
/// Questions to ask first, or how the policies differ.
pub fn prove(claim: &Claim<'_>) -> Result<Proof, Unproven> {
    symbolic_half(claim)?;
    independent_half(claim)
}

/// The symbolic half alone: the decision maps are equal over all addresses.
///
/// # Errors
///
/// Questions to ask first, or the ranges that differ.
pub fn symbolic_half(claim: &Claim<'_>) -> Result<(), Unproven> {
    symbolic::equal(claim)
}

/// The independent half alone: `check_host()` agrees at the test addresses.
///
/// # Errors
///
/// Questions to ask first, or an address with two results.
pub fn independent_half(claim: &Claim<'_>) -> Result<Proof, Unproven> {
    let options = WalkOptions { keep: claim.keep.clone(), ceilings: claim.ceilings };
    let graph = |subject: &Subject<'_>| {
        let mut graph = walk(subject.lookup, subject.domain, &options).map_err(Unproven::Need)?;
        let asked = questions::questions(subject.lookup, &graph, claim.keep);
        graph.asked = asked.map_err(Unproven::Need)?;
        Ok::<_, Unproven>(graph)
    };
    let (source, output) = (graph(&claim.source)?, graph(&claim.output)?);
    let mut addresses = TestAddresses::default();
    for (subject, graph) in [(&claim.source, &source), (&claim.output, &output)] {
        addresses.add_policy(subject.lookup, graph);
        subject.generated.known.values().for_each(|set| addresses.add_set(set));
        subject.generated.networks.iter().for_each(|networks| addresses.add_networks(networks));
    }
    oracle::agree(claim, &source, &output, &addresses.choose())
}
