//! One choice of the groups that go to chunks, and the policy's own record
//! that is left of it.

use super::bins::{Bin, Item, chunk_record};
use super::search::{Problem, fewest};
use super::{GroupPlace, Layout, PackError, PackedRecord, Packing, PublishedTerms};
use crate::optimize::text::RecordText;

/// The groups of a policy with some of them in chunks.
pub(super) struct Split<'a> {
    packing: &'a Packing,
    layout: &'a dyn Layout,
    published: &'a PublishedTerms,
    spilled: Vec<GroupPlace>,
    items: Vec<Item<'a>>,
}

impl<'a> Split<'a> {
    /// The choice in which these groups go to chunks.
    ///
    /// # Errors
    ///
    /// Terms that have to stand in one record and fit no chunk.
    pub(super) fn new(
        packing: &'a Packing,
        layout: &'a dyn Layout,
        published: &'a PublishedTerms,
        spilled: &[GroupPlace],
    ) -> Result<Self, PackError> {
        let mut spilled = spilled.to_vec();
        spilled.sort_unstable();
        let mut items = Vec::new();
        let room = layout.chunk(1).room(layout.most());
        for (group, place) in spilled.iter().enumerate() {
            for unit in &packing.positions[place.0].groups[place.1].units {
                let alone = chunk_record(unit.chunk.iter());
                if alone.rdata_octets() > room {
                    let (term, most) = (unit.chunk.join(" "), layout.most());
                    return Err(PackError::TermTooLong { term, most });
                }
                items.push(Item { group, unit });
            }
        }
        Ok(Split { packing, layout, published, spilled, items })
    }

    /// The records of this choice with at most `most` chunks; `None` where the
    /// own record does not fit.
    pub(super) fn pack(&self, most: usize) -> Option<Vec<PackedRecord>> {
        let own_octets =
            |bins: &[Bin], staying: &[usize]| self.own(bins, staying).map(|own| own.rdata_octets());
        let problem = Problem {
            items: &self.items,
            layout: self.layout,
            published: self.published,
            own_octets: &own_octets,
            own_room: self.layout.apex().room(self.layout.most()),
        };
        let packed = fewest(&problem, most)?;
        self.records(&packed.bins, &packed.staying)
    }

    /// The records with every spilled term in a chunk, whatever becomes of the
    /// own record.
    pub(super) fn over(&self) -> Vec<PackedRecord> {
        let problem = Problem {
            items: &self.items,
            layout: self.layout,
            published: self.published,
            own_octets: &|_, staying| staying.is_empty().then_some(0),
            own_room: 0,
        };
        let packed = fewest(&problem, usize::MAX);
        packed.and_then(|packed| self.records(&packed.bins, &packed.staying)).unwrap_or_default()
    }

    /// The policy's own record; `None` where a term that has to stay in it
    /// means something only in a chunk.
    fn own(&self, bins: &[Bin], staying: &[usize]) -> Option<RecordText> {
        let mut record = RecordText::default();
        let mut at = 0;
        for position in 0..=self.packing.dynamic.len() {
            while let Some(here) =
                self.packing.positions.get(at).filter(|it| it.position == position)
            {
                match self.spilled.iter().any(|place| place.0 == at) {
                    false => here.joint.iter().flatten().for_each(|term| record.push(term)),
                    true => self.parted(at, bins, staying, &mut record)?,
                }
                at += 1;
            }
            if let Some(term) = self.packing.dynamic.get(position) {
                record.push(term);
            }
        }
        self.packing.end.iter().for_each(|term| record.push(term));
        Some(record)
    }

    /// The terms of a position of which some are in chunks.
    fn parted(
        &self,
        at: usize,
        bins: &[Bin],
        staying: &[usize],
        record: &mut RecordText,
    ) -> Option<()> {
        for (index, group) in self.packing.positions[at].groups.iter().enumerate() {
            let Some(spilled) = self.spilled.iter().position(|place| *place == (at, index)) else {
                for unit in &group.units {
                    unit.own.as_ref()?.iter().for_each(|term| record.push(term));
                }
                continue;
            };
            for item in staying.iter().map(|item| &self.items[*item]) {
                if item.group == spilled {
                    item.unit.own.as_ref()?.iter().for_each(|term| record.push(term));
                }
            }
            for bin in bins.iter().filter(|bin| bin.group == spilled) {
                let text = bin.record(&self.items);
                let name = self.layout.chunk_name(bin.number, text.text());
                record.push(&format!("{}include:{name}", group.outcome.prefix()));
            }
        }
        Some(())
    }

    fn records(&self, bins: &[Bin], staying: &[usize]) -> Option<Vec<PackedRecord>> {
        let own = self.own(bins, staying)?;
        let chunk = |bin: &Bin| {
            let text = bin.record(&self.items).text().to_owned();
            PackedRecord { chunk: Some(bin.number), text }
        };
        let own = PackedRecord { chunk: None, text: own.text().to_owned() };
        Some(std::iter::once(own).chain(bins.iter().map(chunk)).collect())
    }
}
