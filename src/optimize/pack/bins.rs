//! Chunks while they are filled.

use crate::message::STRING_OCTETS;
use crate::optimize::text::RecordText;
use crate::optimize::unit::Unit;

/// The end of every chunk: in an include, what fails does not match.
const CHUNK_END: &str = "-all";
/// Octets of the longest address term: an IPv6 address in full, a length of
/// three digits, and a qualifier.
const LONGEST_TERM: usize = "-ip6:".len() + 39 + "/128".len();

/// Terms that go to one chunk together.
#[derive(Clone, Copy)]
pub(super) struct Item<'a> {
    /// Which of the groups in chunks they are of.
    pub(super) group: usize,
    /// The terms.
    pub(super) unit: &'a Unit,
}

/// A chunk, of one group: an include has one outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bin {
    /// The number in its name.
    pub(super) number: usize,
    /// The group.
    pub(super) group: usize,
    /// What is in it, in rising order.
    pub(super) items: Vec<usize>,
    /// Octets of its terms, with the blanks before them.
    pub(super) octets: usize,
    /// Octets of the longest of them.
    longest: usize,
}

impl Bin {
    pub(super) fn new(number: usize, group: usize) -> Bin {
        Bin { number, group, items: Vec::new(), octets: 0, longest: 0 }
    }

    /// Puts in an item.
    pub(super) fn put(&mut self, item: usize, items: &[Item<'_>]) {
        let at = self.items.partition_point(|known| *known < item);
        self.items.insert(at, item);
        self.octets += items[item].unit.chunk_octets();
        self.longest = self.longest.max(longest(&items[item]));
    }

    /// Whether there is room for one more item in `room` octets of data.
    pub(super) fn has_room(&self, item: usize, items: &[Item<'_>], room: usize) -> bool {
        let least = self.octets + items[item].unit.chunk_octets();
        if least_rdata(least) > room {
            return false;
        }
        let longest = self.longest.max(longest(&items[item]));
        if most_rdata(least, longest).is_some_and(|most| most <= room) {
            return true;
        }
        // Where strings break depends on the order of the terms.
        let mut grown = self.clone();
        grown.put(item, items);
        grown.record(items).rdata_octets() <= room
    }

    /// The chunk's record.
    pub(super) fn record(&self, items: &[Item<'_>]) -> RecordText {
        chunk_record(self.items.iter().flat_map(|item| &items[*item].unit.chunk))
    }
}

/// The record of a chunk with these terms.
pub(super) fn chunk_record<'a>(terms: impl IntoIterator<Item = &'a String>) -> RecordText {
    let mut record = RecordText::default();
    terms.into_iter().for_each(|term| record.push(term));
    record.push(CHUNK_END);
    record
}

/// The least octets of data of a chunk whose terms have these octets: where
/// every string but the last is full.
fn least_rdata(octets: usize) -> usize {
    let text = "v=spf1".len() + octets + 1 + CHUNK_END.len();
    text + text.div_ceil(STRING_OCTETS)
}

/// The most octets of data of such a chunk, where each string breaks before a
/// term as long as the longest; `None` where terms are longer than strings.
fn most_rdata(octets: usize, longest: usize) -> Option<usize> {
    let text = "v=spf1".len() + octets + 1 + CHUNK_END.len();
    // A string that has no room for the next blank and term has more than this.
    let shortest = STRING_OCTETS.checked_sub(longest + 1).filter(|octets| *octets > 0)?;
    Some(text + text.div_ceil(shortest))
}

fn longest(item: &Item<'_>) -> usize {
    item.unit.chunk.iter().map(String::len).max().unwrap_or_default()
}

/// Octets that terms which have to stand in one chunk may have, with the blanks
/// before them, so that they fit this room wherever its strings break.
pub fn unit_octets(room: usize) -> usize {
    let fits = |octets: &usize| most_rdata(*octets, LONGEST_TERM).is_some_and(|most| most <= room);
    let mut octets = capacity(room);
    while octets > 0 && !fits(&octets) {
        octets -= 1;
    }
    octets
}

/// The most octets of terms that a chunk with this room can have.
pub(super) fn capacity(room: usize) -> usize {
    let mut octets = room.saturating_sub(least_rdata(0));
    while octets > 0 && least_rdata(octets) > room {
        octets -= 1;
    }
    octets
}
