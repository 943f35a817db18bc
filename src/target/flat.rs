//! The flat target: the policy's own record, and the chunks that it includes.

use crate::message::MessageSize;
use crate::name::{DomainName, NameError};
use crate::optimize::{
    Layout, PackError, PackedRecord, Packing, PublishedTerms, pack, rdata_octets, unit_octets,
};

use super::OutputRecord;
use super::chunks::{ChunkNames, ChunkSet, PublishedRecords};

/// More chunks than lookups allow.
const MOST_CHUNKS: usize = 99;

/// Where flat records go, and how large their messages may be.
#[derive(Clone, Debug)]
pub struct FlatLayout {
    /// The chunks' names.
    pub names: ChunkNames,
    /// The set of every chunk, where the user chooses it.
    pub set: Option<ChunkSet>,
    /// Octets of the largest message.
    pub most: usize,
    /// Octets of data of each other TXT record at the domain.
    pub others: Vec<usize>,
    /// The same at the name that a full domain redirects to.
    pub redirect_others: Vec<usize>,
    /// Seconds that the records may be cached.
    pub ttl: u32,
    /// What is published now.
    pub published: PublishedRecords,
}

impl FlatLayout {
    /// Octets that terms which have to stand in one chunk may have, with the
    /// blanks before them, wherever its strings break.
    pub fn unit_octets(&self) -> usize {
        unit_octets(self.chunk(MOST_CHUNKS).room(self.most))
    }

    /// The set that a chunk is written to. One that is published as it is
    /// stays; one that changes goes to the other set, so that who still has the
    /// old record in its cache finds the old chunk.
    fn set_of(&self, number: usize, text: &str) -> ChunkSet {
        let published = &self.published.chunks;
        let same_number = || published.iter().filter(|chunk| chunk.number == number);
        let of_set_a = published.iter().any(|chunk| chunk.set == ChunkSet::A);
        let new = if of_set_a { ChunkSet::B } else { ChunkSet::A };
        let is_free = |set: &ChunkSet| same_number().all(|chunk| chunk.set != *set);
        let chosen = || match same_number().find(|chunk| chunk.text == text) {
            Some(same) => same.set,
            None => [new, new.other()].into_iter().find(is_free).unwrap_or(new),
        };
        self.set.unwrap_or_else(chosen)
    }

    fn chunk_record(&self, number: usize, text: String) -> Result<OutputRecord, NameError> {
        let name = self.names.chunk(number, self.set_of(number, &text))?;
        Ok(OutputRecord::new(name, self.ttl, text, self.chunk(number)))
    }
}

impl Layout for FlatLayout {
    fn apex(&self) -> MessageSize {
        MessageSize::new(&self.names.domain, &self.others)
    }

    fn chunk(&self, number: usize) -> MessageSize {
        let name = self.names.chunk(number, ChunkSet::A);
        MessageSize::new(name.as_ref().unwrap_or(&self.names.domain), &[])
    }

    fn chunk_name(&self, number: usize, text: &str) -> String {
        let label = self.names.label(number, self.set_of(number, text));
        format!("{label}.{}", self.names.domain.to_lowercase())
    }

    fn most(&self) -> usize {
        self.most
    }

    fn published(&self) -> &PublishedTerms {
        &self.published.terms
    }
}

/// The same layout for a domain whose record moves to a name of its own.
struct Moved<'a>(&'a FlatLayout, DomainName);

impl Layout for Moved<'_> {
    fn apex(&self) -> MessageSize {
        MessageSize::new(&self.1, &self.0.redirect_others)
    }

    fn chunk(&self, number: usize) -> MessageSize {
        self.0.chunk(number)
    }

    fn chunk_name(&self, number: usize, text: &str) -> String {
        self.0.chunk_name(number, text)
    }

    fn most(&self) -> usize {
        self.0.most
    }

    fn published(&self) -> &PublishedTerms {
        self.0.published()
    }
}

/// The records of the flat target; the policy's own comes first.
///
/// Where the other TXT records of the domain leave no room for the record, and
/// `may_move` allows it, the domain only redirects to a record at a name of its
/// own.
///
/// # Errors
///
/// Terms that fit no message, and names with no room for a label.
pub fn flat(
    packing: &Packing,
    layout: &FlatLayout,
    may_move: bool,
) -> Result<Vec<OutputRecord>, FlatError> {
    let packed = pack(packing, layout)?;
    let fits = packed
        .first()
        .is_some_and(|own| layout.apex().octets(rdata_octets(&own.text)) <= layout.most);
    if fits || !may_move || layout.others.is_empty() {
        return named(packed, layout, &layout.names.domain, layout.apex());
    }
    let moved = layout.names.redirect()?;
    let below = Moved(layout, moved.clone());
    let packed = pack(packing, &below)?;
    let redirect = format!("v=spf1 redirect={moved}");
    let mut records =
        vec![OutputRecord::new(layout.names.domain.clone(), layout.ttl, redirect, layout.apex())];
    records.extend(named(packed, layout, &moved, below.apex())?);
    Ok(records)
}

fn named(
    packed: Vec<PackedRecord>,
    layout: &FlatLayout,
    own: &DomainName,
    own_size: MessageSize,
) -> Result<Vec<OutputRecord>, FlatError> {
    let record = |packed: PackedRecord| match packed.chunk {
        None => Ok(OutputRecord::new(own.clone(), layout.ttl, packed.text, own_size)),
        Some(number) => Ok(layout.chunk_record(number, packed.text)?),
    };
    packed.into_iter().map(record).collect()
}

/// Why there are no flat records.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FlatError {
    /// A term that fits no message.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// No room for a chunk's label.
    #[error("the name of a chunk {0}")]
    Name(#[from] NameError),
}
