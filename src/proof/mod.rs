//! The proof that two policies mean the same, in two halves that share no
//! lowering: decision maps compared over all addresses, and `check_host()` run
//! on both policies at the addresses where they could differ.
//!
//! It takes DNS as it would be with the output published, never what the
//! compiler thought while it made it.

mod addresses;
mod oracle;
mod refutation;
mod served;
mod symbolic;
mod world;
mod zone;

use std::collections::HashSet;

use crate::addr::AddressSet;
use crate::dns::{Lookup, Question};
use crate::limits::Ceilings;
use crate::name::DomainName;
use crate::policy::Known;

pub use addresses::{TEST_ADDRESSES, TestAddresses};
pub use refutation::Refutation;
pub use served::{Served, Zoned};
pub use symbolic::{Reading, Side, read};
pub use zone::zone_ranges;

/// What is to be proven: that `domain` has the same policy in both readings.
#[derive(Clone, Copy)]
pub struct Claim<'a> {
    /// The domain.
    pub domain: &'a DomainName,
    /// DNS as the source was read.
    pub source: &'a dyn Lookup,
    /// DNS with the output published.
    pub output: &'a dyn Lookup,
    /// Targets that both policies leave alone: unknowns, the same in both.
    pub keep: &'a HashSet<DomainName>,
    /// What generated zones answer, as read back from them: the dynamic terms
    /// of the output that these zones decide.
    pub known: &'a Known,
    /// The zones that `output` answers for.
    pub zones: &'a [DomainName],
    /// Bounds on the work.
    pub ceilings: Ceilings,
    /// Whether the output has to keep the limits of RFC 7208 section 4.6.4.
    pub within_limits: bool,
}

/// A claim that was proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// Proves a claim.
///
/// # Errors
///
/// Questions to ask first, or how the policies differ.
pub fn prove(claim: &Claim<'_>) -> Result<Proof, Unproven> {
    let (source, output) = symbolic::equal(claim)?;
    let mut addresses = TestAddresses::default();
    addresses.add_policy(claim.source, &source.graph);
    addresses.add_policy(claim.output, &output.graph);
    claim.known.values().for_each(|set: &AddressSet| addresses.add_set(set));
    oracle::agree(claim, &source, &output, &addresses)
}
