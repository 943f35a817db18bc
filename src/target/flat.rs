//! The flat target: the policy's own record, and the chunks that it includes.

use crate::message::MessageSize;
use crate::name::{DomainName, NameError};
use crate::optimize::{Layout, PackError, PackedRecord, Packing, pack, rdata_octets};

use super::OutputRecord;

/// The two sets of chunk names. A change is written to the set that the
/// published record does not use, so that no receiver ever sees a mixture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChunkSet {
    /// `_spf1a`, `_spf2a`, …
    A,
    /// `_spf1b`, `_spf2b`, …
    B,
}

impl ChunkSet {
    /// The letter at the end of a chunk's label.
    pub fn letter(self) -> char {
        match self {
            ChunkSet::A => 'a',
            ChunkSet::B => 'b',
        }
    }
}

/// How chunks are named: a prefix, a number, the letter of the set, the domain.
#[derive(Clone, Debug)]
pub struct ChunkNames {
    /// The domain that the policy is published at.
    pub domain: DomainName,
    /// What their first label begins with.
    pub prefix: String,
    /// Which of the two sets.
    pub set: ChunkSet,
}

impl ChunkNames {
    /// The name of a chunk, the first being 1.
    ///
    /// # Errors
    ///
    /// A prefix or a domain that leaves no room for the label.
    pub fn chunk(&self, number: usize) -> Result<DomainName, NameError> {
        let label = format!("{}{number}{}", self.prefix, self.set.letter());
        self.domain.prefixed(&DomainName::parse(label)?)
    }

    /// The name of the record that a full domain redirects to.
    ///
    /// # Errors
    ///
    /// A prefix or a domain that leaves no room for the label.
    pub fn redirect(&self) -> Result<DomainName, NameError> {
        self.domain.prefixed(&DomainName::parse(&self.prefix)?)
    }

    /// Whether a name is one that a run with this prefix writes, of either set.
    pub fn is_own(&self, name: &DomainName) -> bool {
        let text = name.to_lowercase().to_string();
        let below = format!(".{}", self.domain.to_lowercase());
        let Some(label) = text.strip_suffix(&below) else { return false };
        let Some(rest) = label.strip_prefix(&self.prefix.to_ascii_lowercase()) else {
            return false;
        };
        let number = rest.strip_suffix(['a', 'b']).unwrap_or_default();
        !number.is_empty() && number.bytes().all(|octet| octet.is_ascii_digit())
    }
}

/// Where flat records go, and how large their messages may be.
#[derive(Clone, Debug)]
pub struct FlatLayout {
    /// The chunks' names.
    pub names: ChunkNames,
    /// Octets of the largest message.
    pub most: usize,
    /// Octets of data of each other TXT record at the domain.
    pub others: Vec<usize>,
    /// Seconds that the records may be cached.
    pub ttl: u32,
}

impl FlatLayout {
    fn chunk_size(&self, number: usize) -> MessageSize {
        let name = self.names.chunk(number).unwrap_or_else(|_| self.names.domain.clone());
        MessageSize::new(&name, &[])
    }
}

impl Layout for FlatLayout {
    fn apex(&self) -> MessageSize {
        MessageSize::new(&self.names.domain, &self.others)
    }

    fn chunk(&self, number: usize) -> MessageSize {
        self.chunk_size(number)
    }

    fn chunk_name(&self, number: usize) -> String {
        let label = format!("{}{number}{}", self.names.prefix, self.names.set.letter());
        format!("{label}.{}", self.names.domain.to_lowercase())
    }

    fn most(&self) -> usize {
        self.most
    }
}

/// The same layout for a domain whose record moves to a name of its own.
struct Moved<'a>(&'a FlatLayout, DomainName);

impl Layout for Moved<'_> {
    fn apex(&self) -> MessageSize {
        MessageSize::new(&self.1, &[])
    }

    fn chunk(&self, number: usize) -> MessageSize {
        self.0.chunk(number)
    }

    fn chunk_name(&self, number: usize) -> String {
        self.0.chunk_name(number)
    }

    fn most(&self) -> usize {
        self.0.most
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
    let size = MessageSize::new(&moved, &[]);
    let packed = pack(packing, &Moved(layout, moved.clone()))?;
    let redirect = format!("v=spf1 redirect={moved}");
    let mut records =
        vec![OutputRecord::new(layout.names.domain.clone(), layout.ttl, redirect, layout.apex())];
    records.extend(named(packed, layout, &moved, size)?);
    Ok(records)
}

fn named(
    packed: Vec<PackedRecord>,
    layout: &FlatLayout,
    own: &DomainName,
    own_size: MessageSize,
) -> Result<Vec<OutputRecord>, FlatError> {
    let record = |packed: PackedRecord| {
        let (name, size) = match packed.chunk {
            None => (own.clone(), own_size),
            Some(number) => (layout.names.chunk(number)?, layout.chunk(number)),
        };
        Ok(OutputRecord::new(name, layout.ttl, packed.text, size))
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
