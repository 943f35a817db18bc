//! The shard target: an ordinary zone that answers the `include` names of a
//! macro record with small policies of `ip4` and `ip6` terms.
//!
//! A network whose terms fit one message is one wildcard record. In one whose
//! terms do not, some children, the next octet or nibble, get records of their
//! own, and its wildcard keeps the rest. A wildcard does not apply at or below
//! a name that exists (RFC 4592 section 2.2.1): what is below a child with a
//! record is the child's alone, and every network on the way to a record has a
//! wildcard, so that each client's name has exactly one policy.

mod choice;
mod message;
mod tree;

use std::cell::Cell;

use crate::addr::{Address, AddressSet, Prefix, RangeSet};
use crate::image::family_label;
use crate::name::{DomainName, NameError};

use self::message::{Room, policy};
use self::tree::{Shard, divide};
use super::owner::{label_bits, owner};
use super::{ZoneData, ZoneRecord};

/// The records of one set.
#[derive(Clone, Debug)]
pub struct Shards {
    /// The TXT records.
    pub records: Vec<ZoneRecord>,
    /// Octets of the largest DNS message that answers with one of them.
    pub message_octets: usize,
}

/// What shards have to keep to.
#[derive(Clone, Copy, Debug)]
pub struct ShardLimits {
    /// Octets of the largest DNS message.
    pub message: usize,
    /// Records of one family that are tried at most, those among them that
    /// turn out to be better left to the network around theirs.
    pub records: usize,
}

/// Why there are no shards.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ShardError {
    /// Names over 253 octets.
    #[error("the name of a shard {0}")]
    Name(#[from] NameError),
    /// Even one term is too much for a message.
    #[error("the answer for {name} needs {octets} octets or more, over the {most} of a message")]
    Message {
        /// The name of a client.
        name: DomainName,
        /// Octets of the smallest answer.
        octets: usize,
        /// Octets of the largest message.
        most: usize,
    },
    /// Ranges that take too many records.
    #[error("the ranges take more than {most} records of a zone: a responder needs none")]
    Records {
        /// The most there may be.
        most: usize,
    },
}

/// The TXT records of one set below `zone`, in the reversed layout with the
/// family in the name.
///
/// Both families have a wildcard next to the zone, also one without ranges:
/// an include of a name without a record is a permerror.
///
/// # Errors
///
/// Names over 253 octets, messages without room for one term, and too many
/// records.
pub fn shard(
    zone: &DomainName,
    set: &AddressSet,
    ttl: u32,
    limits: ShardLimits,
) -> Result<Shards, ShardError> {
    let mut shards = Shards { records: Vec::new(), message_octets: 0 };
    family(zone, &set.ip4, ttl, limits, &mut shards)?;
    family(zone, &set.ip6, ttl, limits, &mut shards)?;
    Ok(shards)
}

fn family<A: Address>(
    zone: &DomainName,
    set: &RangeSet<A>,
    ttl: u32,
    limits: ShardLimits,
    out: &mut Shards,
) -> Result<(), ShardError> {
    let room =
        Room { root: zone.child(family_label(A::FAMILY).as_bytes())?, limits, tried: Cell::new(0) };
    let terms: Vec<Prefix<A>> = set.prefixes().collect();
    let shard = divide(&room, Prefix::new(A::MIN, 0), &terms)?;
    write(&room, &shard, ttl, out)
}

/// Adds a shard's records, its own wildcard first. Where every child has
/// records, no client meets the wildcard; next to the zone it stands all the same.
fn write<A: Address>(
    room: &Room,
    shard: &Shard<A>,
    ttl: u32,
    out: &mut Shards,
) -> Result<(), ShardError> {
    let children = 1usize << label_bits::<A>();
    if shard.children.len() < children || shard.block.length() == 0 {
        let text = policy(&shard.kept);
        out.message_octets = out.message_octets.max(room.message_octets(shard.block, &text)?);
        let name = owner(&room.root, shard.block)?;
        out.records.push(ZoneRecord { name, ttl, data: ZoneData::Txt(text) });
    }
    shard.children.iter().try_for_each(|child| write(room, child, ttl, out))
}

#[cfg(test)]
mod tests;
