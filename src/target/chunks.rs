//! How chunks are named, and which of them are published.

use crate::name::{DomainName, NameError};
use crate::optimize::PublishedTerms;

/// The two sets of chunk names. A chunk that changes is written to the set that
/// the published record does not use for it, so that no receiver ever sees a
/// mixture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChunkSet {
    /// `_spf1a`, `_spf2a`, …
    A,
    /// `_spf1b`, `_spf2b`, …
    B,
}

impl ChunkSet {
    /// Both sets.
    pub const BOTH: [ChunkSet; 2] = [ChunkSet::A, ChunkSet::B];

    /// The letter at the end of a chunk's label.
    pub fn letter(self) -> char {
        match self {
            ChunkSet::A => 'a',
            ChunkSet::B => 'b',
        }
    }

    /// The other one.
    pub fn other(self) -> ChunkSet {
        match self {
            ChunkSet::A => ChunkSet::B,
            ChunkSet::B => ChunkSet::A,
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
}

impl ChunkNames {
    /// The name of a chunk, the first being 1.
    ///
    /// # Errors
    ///
    /// A prefix or a domain that leaves no room for the label.
    pub fn chunk(&self, number: usize, set: ChunkSet) -> Result<DomainName, NameError> {
        self.domain.prefixed(&DomainName::parse(self.label(number, set))?)
    }

    /// The first label of a chunk's name.
    pub fn label(&self, number: usize, set: ChunkSet) -> String {
        format!("{}{number}{}", self.prefix, set.letter())
    }

    /// The name of the record that a full domain redirects to.
    ///
    /// # Errors
    ///
    /// A prefix or a domain that leaves no room for the label.
    pub fn redirect(&self) -> Result<DomainName, NameError> {
        self.domain.prefixed(&DomainName::parse(&self.prefix)?)
    }

    /// A name like that of a chunk that no run ever writes: what it holds, a
    /// wildcard makes up.
    ///
    /// # Errors
    ///
    /// A prefix or a domain that leaves no room for the label.
    pub fn unwritten(&self) -> Result<DomainName, NameError> {
        self.domain.prefixed(&DomainName::parse(format!("{}0", self.prefix))?)
    }

    /// The number and the set of a chunk's name; `None` for any other name.
    pub fn place(&self, name: &DomainName) -> Option<(usize, ChunkSet)> {
        let text = name.to_lowercase().to_string();
        let below = format!(".{}", self.domain.to_lowercase());
        let rest = text.strip_suffix(&below)?.strip_prefix(&self.prefix.to_ascii_lowercase())?;
        let with = |set: ChunkSet| rest.strip_suffix(set.letter()).map(|number| (number, set));
        let (number, set) = ChunkSet::BOTH.into_iter().find_map(with)?;
        let plain = number.bytes().all(|octet| octet.is_ascii_digit()) && !number.starts_with('0');
        let number = number.parse().ok().filter(|_| plain)?;
        Some((number, set))
    }

    /// Whether a name is one that a run with this prefix writes, of either set.
    pub fn is_own(&self, name: &DomainName) -> bool {
        self.place(name).is_some()
    }
}

/// The record of the policy and its chunks as they are published now.
#[derive(Clone, Debug, Default)]
pub struct PublishedRecords {
    /// Which terms stand where.
    pub terms: PublishedTerms,
    /// The chunks that the record includes.
    pub chunks: Vec<PublishedChunk>,
}

/// A chunk as it is published now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedChunk {
    /// The number in its name.
    pub number: usize,
    /// The set of its name.
    pub set: ChunkSet,
    /// Its record.
    pub text: String,
}

impl PublishedRecords {
    /// The records with these texts.
    pub fn new(own: &str, chunks: Vec<PublishedChunk>) -> PublishedRecords {
        let terms = |text: &str| text.split(' ').skip(1).map(str::to_owned).collect();
        let by_number = chunks.iter().map(|chunk| (chunk.number, terms(&chunk.text))).collect();
        let terms = PublishedTerms { own: terms(own), chunks: by_number };
        PublishedRecords { terms, chunks }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_from_names() {
        let domain = DomainName::parse("Example.com").unwrap();
        let names = ChunkNames { domain, prefix: String::from("_spf") };
        let place = |name: &str| names.place(&DomainName::parse(name).unwrap());
        assert_eq!(place("_SPF12b.example.com"), Some((12, ChunkSet::B)));
        for other in [
            "_spf.example.com",
            "_spfa.example.com",
            "_spf01a.example.com",
            "_spf1c.example.com",
            "x._spf1a.example.com",
            "_spf1a.example.net",
        ] {
            assert_eq!(place(other), None, "{other}");
        }
        for set in ChunkSet::BOTH {
            assert_eq!(names.place(&names.chunk(3, set).unwrap()), Some((3, set)));
        }
    }
}
