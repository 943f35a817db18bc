//! What fits the message of a shard: the policy's text, and the longest name
//! that can ask for it.

use std::cell::Cell;

use crate::addr::{Address, Prefix};
use crate::message::MessageSize;
use crate::name::{DomainName, NameError};
use crate::optimize::rdata_octets;

use super::super::owner::owner;
use super::{ShardError, ShardLimits};

/// Where shards stand, how large their messages may be, and how many they are.
pub(super) struct Room {
    /// The name of the family's tree.
    pub(super) root: DomainName,
    pub(super) limits: ShardLimits,
    /// Records that were tried so far.
    pub(super) tried: Cell<usize>,
}

/// The policy that passes these networks.
pub(super) fn policy<A: Address>(terms: &[Prefix<A>]) -> String {
    let mut text = String::from("v=spf1");
    for prefix in terms {
        text.push(' ');
        text.push_str(&term(*prefix));
    }
    text.push_str(" -all");
    text
}

fn term<A: Address>(prefix: Prefix<A>) -> String {
    format!("{}:{prefix}", A::FAMILY.as_str())
}

/// Octets of a term in a policy's text, with the blank before it.
pub(super) fn term_octets<A: Address>(prefix: Prefix<A>) -> usize {
    1 + term(prefix).len()
}

/// Octets of a policy's text besides its terms.
pub(super) fn fixed_octets() -> usize {
    policy::<u32>(&[]).len()
}

impl Room {
    /// Counts a record that is tried.
    pub(super) fn count_record(&self) -> Result<(), ShardError> {
        self.tried.set(self.tried.get().saturating_add(1));
        match self.tried.get() > self.limits.records {
            true => Err(ShardError::Records { most: self.limits.records }),
            false => Ok(()),
        }
    }

    /// The longest name that can match the wildcard of a block: of its last
    /// address, whose labels are as long as labels get.
    fn longest<A: Address>(&self, block: Prefix<A>) -> Result<DomainName, NameError> {
        owner(&self.root, Prefix::new(block.last(), A::BITS))
    }

    /// Octets of data that the record of a block may have.
    pub(super) fn data_octets<A: Address>(&self, block: Prefix<A>) -> Result<usize, NameError> {
        Ok(MessageSize::new(&self.longest(block)?, &[]).room(self.limits.message))
    }

    /// Octets of the largest message that answers with the record of a block.
    pub(super) fn message_octets<A: Address>(
        &self,
        block: Prefix<A>,
        text: &str,
    ) -> Result<usize, NameError> {
        Ok(MessageSize::new(&self.longest(block)?, &[]).octets(rdata_octets(text)))
    }

    /// That a block has no room for the least that its record says.
    pub(super) fn too_small<A: Address>(&self, block: Prefix<A>, text: &str) -> ShardError {
        match (self.longest(block), self.message_octets(block, text)) {
            (Ok(name), Ok(octets)) => {
                ShardError::Message { name, octets, most: self.limits.message }
            }
            (Err(reason), _) | (_, Err(reason)) => ShardError::Name(reason),
        }
    }
}
