//! Packing terms into the fewest TXT records that each fit a DNS message.
//!
//! What does not fit the policy's own record goes to chunks, records that it
//! includes. A chunk passes its addresses; the include carries the outcome.
//! What is published already stays where it is, as far as that costs no record.

mod bins;
mod deepest;
mod fullest;
mod own;
mod search;

#[cfg(test)]
mod tests;

use std::collections::HashSet;

use thiserror::Error;

use super::unit::PositionCover;
use crate::message::MessageSize;
pub use bins::unit_octets;
use own::Split;

/// Where the records go, and how large they may be.
pub trait Layout {
    /// The answer that carries the policy's own record.
    fn apex(&self) -> MessageSize;
    /// The answer that carries a chunk, the first being 1.
    fn chunk(&self, number: usize) -> MessageSize;
    /// The name of the chunk with this number and record, in text form. Its
    /// length depends on the number alone.
    fn chunk_name(&self, number: usize, text: &str) -> String;
    /// Octets of the largest message.
    fn most(&self) -> usize;
    /// What is published now.
    fn published(&self) -> &PublishedTerms;
}

/// Which terms stand where in the records that are published now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublishedTerms {
    /// The terms of the policy's own record, with their qualifiers.
    pub own: HashSet<String>,
    /// The terms of the chunks that it includes, by the number of the chunk.
    pub chunks: Vec<(usize, HashSet<String>)>,
}

/// What is to be packed.
#[derive(Clone, Debug)]
pub struct Packing {
    /// The static terms, in the order of their positions.
    pub positions: Vec<PositionCover>,
    /// The dynamic terms in their order, with their qualifiers.
    pub dynamic: Vec<String>,
    /// What stands behind all directives: `~all`, `redirect=…`, `exp=…`.
    pub end: Vec<String>,
}

/// One record, packed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackedRecord {
    /// The number of the chunk; `None` for the policy's own record.
    pub chunk: Option<usize>,
    /// The record.
    pub text: String,
}

/// Why terms cannot be packed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PackError {
    /// Not even one term, or one cover with its holes, fits the message of a
    /// chunk.
    #[error("a record with the term '{term}' alone does not fit a message of {most} octets")]
    TermTooLong {
        /// The terms.
        term: String,
        /// Octets of the largest message.
        most: usize,
    },
}

/// Rounds in which a packing is packed again.
const MOST_ROUNDS: usize = 4;
/// The most groups of which every choice is tried.
const MOST_CHOICES: usize = 5;

/// Packs terms. The policy's own record comes first; it is over the size when
/// it does not fit even with all static terms in chunks.
///
/// Once the records are published, packing the same terms gives them again.
///
/// # Errors
///
/// A term that fits nowhere.
pub fn pack(packing: &Packing, layout: &dyn Layout) -> Result<Vec<PackedRecord>, PackError> {
    let mut records = packed(packing, layout, layout.published())?;
    for _ in 0..MOST_ROUNDS {
        let again = packed(packing, layout, &PublishedTerms::of(&records))?;
        if again == records || again.len() > records.len() {
            break;
        }
        records = again;
    }
    Ok(records)
}

/// Packs terms beside what is published.
fn packed(
    packing: &Packing,
    layout: &dyn Layout,
    published: &PublishedTerms,
) -> Result<Vec<PackedRecord>, PackError> {
    let mut best: Option<Vec<PackedRecord>> = None;
    let mut error = None;
    for spilled in choices(packing) {
        // Only fewer chunks are better.
        let most = best.as_ref().map_or(usize::MAX, |records| records.len().saturating_sub(2));
        match Split::new(packing, layout, published, &spilled) {
            Ok(split) => best = split.pack(most).or(best),
            Err(too_long) => error = Some(too_long),
        }
        if best.as_ref().is_some_and(|records| records.len() <= 2) {
            break;
        }
    }
    match (best, error) {
        (Some(records), _) => Ok(records),
        (None, Some(error)) => Err(error),
        (None, None) => Ok(Split::new(packing, layout, published, &all(packing))?.over()),
    }
}

impl PublishedTerms {
    /// The terms of records that are to be published.
    fn of(records: &[PackedRecord]) -> PublishedTerms {
        let terms = |text: &str| text.split(' ').skip(1).map(str::to_owned).collect();
        let mut published = PublishedTerms::default();
        for record in records {
            match record.chunk {
                None => published.own = terms(&record.text),
                Some(number) => published.chunks.push((number, terms(&record.text))),
            }
        }
        published
    }
}

/// A group by its place: of the position, then within it.
type GroupPlace = (usize, usize);

fn all(packing: &Packing) -> Vec<GroupPlace> {
    let places = packing.positions.iter().enumerate();
    places
        .flat_map(|(at, position)| (0..position.groups.len()).map(move |group| (at, group)))
        .collect()
}

/// Which groups go to chunks: none, then few and large ones first.
fn choices(packing: &Packing) -> Vec<Vec<GroupPlace>> {
    let octets = |place: &GroupPlace| packing.positions[place.0].groups[place.1].octets();
    let mut groups = all(packing);
    groups.sort_by_key(|place| std::cmp::Reverse(octets(place)));
    if groups.len() > MOST_CHOICES {
        return (0..=groups.len()).map(|count| groups[..count].to_vec()).collect();
    }
    let mut choices: Vec<Vec<GroupPlace>> = (0..1u32 << groups.len())
        .map(|choice| {
            let chosen = |(bit, _): &(usize, &GroupPlace)| choice >> bit & 1 == 1;
            groups.iter().enumerate().filter(chosen).map(|(_, place)| *place).collect()
        })
        .collect();
    choices.sort_by_key(Vec::len);
    choices
}
