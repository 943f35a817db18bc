//! Packing terms into the fewest TXT records that each fit a DNS message.
//!
//! What does not fit the policy's own record goes to chunks, records that it
//! includes. A chunk passes its addresses; the include carries the outcome.

use thiserror::Error;

use super::cover::StaticTerms;
use super::text::RecordText;
use crate::message::MessageSize;

/// The end of every chunk: in an include, what fails does not match.
const CHUNK_END: &str = "-all";

/// Where the records go, and how large they may be.
pub trait Layout {
    /// The answer that carries the policy's own record.
    fn apex(&self) -> MessageSize;
    /// The answer that carries a chunk, the first being 1.
    fn chunk(&self, number: usize) -> MessageSize;
    /// The name of a chunk, in text form.
    fn chunk_name(&self, number: usize) -> String;
    /// Octets of the largest message.
    fn most(&self) -> usize;
}

/// What is to be packed.
#[derive(Clone, Debug)]
pub struct Packing {
    /// The static terms, by position and outcome.
    pub groups: Vec<StaticTerms>,
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
    /// Not even one term fits the message of a chunk.
    #[error("a record with the term '{term}' alone does not fit a message of {most} octets")]
    TermTooLong {
        /// The term.
        term: String,
        /// Octets of the largest message.
        most: usize,
    },
}

/// Packs terms. The policy's own record comes first; it is over the size when
/// it does not fit even with all static terms in chunks.
///
/// # Errors
///
/// A term that fits nowhere.
pub fn pack(packing: &Packing, layout: &dyn Layout) -> Result<Vec<PackedRecord>, PackError> {
    let room = layout.apex().room(layout.most());
    // Largest first; each entry says how many terms stay in the own record.
    let mut by_size: Vec<usize> = (0..packing.groups.len()).collect();
    by_size.sort_by_key(|group| std::cmp::Reverse(packing.groups[*group].octets()));
    let mut split = Split { packing, layout, spilled: vec![None; packing.groups.len()] };
    for group in by_size {
        if split.apex()?.rdata_octets() <= room {
            break;
        }
        split.spill(group, room)?;
    }
    split.records()
}

struct Split<'a> {
    packing: &'a Packing,
    layout: &'a dyn Layout,
    /// For each group how many of its terms stay, when the rest is in chunks.
    spilled: Vec<Option<usize>>,
}

impl Split<'_> {
    /// Moves a group to chunks. Terms stay behind only where that saves a
    /// chunk: otherwise the own record stays as it is when ranges come and go.
    fn spill(&mut self, group: usize, room: usize) -> Result<(), PackError> {
        self.spilled[group] = Some(0);
        let chunks = self.chunks(group, 1)?.len();
        let own = self.apex()?;
        let each = 1 + self.packing.groups[group].outcome.prefix().len();
        let mut staying = 0;
        let mut grown = own.clone();
        for term in &self.packing.groups[group].terms {
            if grown.rdata_with(each + term.len()) > room {
                break;
            }
            grown.push(&format!("{}{term}", self.packing.groups[group].outcome.prefix()));
            staying += 1;
        }
        self.spilled[group] = Some(staying);
        let fewer = self.chunks(group, 1)?.len() < chunks && self.apex()?.rdata_octets() <= room;
        if !fewer {
            self.spilled[group] = Some(0);
        }
        Ok(())
    }

    /// The terms of a group that are in chunks, chunk by chunk.
    fn chunks(&self, group: usize, first: usize) -> Result<Vec<RecordText>, PackError> {
        let Some(staying) = self.spilled[group] else { return Ok(Vec::new()) };
        let terms = &self.packing.groups[group].terms[staying..];
        let mut chunks: Vec<RecordText> = Vec::new();
        let mut open: Option<RecordText> = None;
        for term in terms {
            let room = self.layout.chunk(first + chunks.len()).room(self.layout.most());
            match &mut open {
                Some(record) if record.fits(term, room) => record.push(term),
                _ => {
                    chunks.extend(open.take());
                    let mut record = RecordText::default();
                    if !record.fits(term, room) {
                        let most = self.layout.most();
                        return Err(PackError::TermTooLong { term: term.clone(), most });
                    }
                    record.push(term);
                    open = Some(record);
                }
            }
        }
        chunks.extend(open);
        chunks.iter_mut().for_each(|record| record.push(CHUNK_END));
        Ok(chunks)
    }

    /// The policy's own record.
    fn apex(&self) -> Result<RecordText, PackError> {
        let mut record = RecordText::default();
        let mut number = 1;
        for position in 0..=self.packing.dynamic.len() {
            for (group, terms) in self.packing.groups.iter().enumerate() {
                if terms.position != position {
                    continue;
                }
                let prefix = terms.outcome.prefix();
                let staying = self.spilled[group].unwrap_or(terms.terms.len());
                for term in &terms.terms[..staying] {
                    record.push(&format!("{prefix}{term}"));
                }
                for _ in self.chunks(group, number)? {
                    let name = self.layout.chunk_name(number);
                    record.push(&format!("{prefix}include:{name}"));
                    number += 1;
                }
            }
            if let Some(term) = self.packing.dynamic.get(position) {
                record.push(term);
            }
        }
        for term in &self.packing.end {
            record.push(term);
        }
        Ok(record)
    }

    fn records(&self) -> Result<Vec<PackedRecord>, PackError> {
        let mut records = vec![PackedRecord { chunk: None, text: self.apex()?.text().to_owned() }];
        let mut order: Vec<usize> = (0..self.packing.groups.len()).collect();
        order.sort_by_key(|group| self.packing.groups[*group].position);
        for group in order {
            let first = records.len();
            for (index, record) in self.chunks(group, first)?.iter().enumerate() {
                let chunk = Some(first + index);
                records.push(PackedRecord { chunk, text: record.text().to_owned() });
            }
        }
        Ok(records)
    }
}

impl RecordText {
    /// Whether a chunk with one more term and its end has room.
    fn fits(&self, term: &str, room: usize) -> bool {
        // The end may open a string of its own: one octet more.
        self.rdata_with(term.len()) + 2 + CHUNK_END.len() <= room
    }
}
