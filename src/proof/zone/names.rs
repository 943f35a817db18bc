//! The names of a zone in few octets: sorted, so that whatever lies below a
//! name stands together.
//!
//! A zone of a million records has to fit in memory beside what it was made
//! from, so there is no tree and nothing is allocated for a name.

use super::ZoneFault;

/// What stands at a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// An A record.
    Address,
    /// A TXT record, its strings joined.
    Text,
    /// An alias.
    Alias,
    /// Something that makes the name exist.
    Other,
}

/// One record of a zone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    name: u32,
    data: u32,
    data_octets: u16,
    name_octets: u8,
    pub(super) kind: Kind,
}

/// The records of a zone. A name is its labels from the zone down, each behind
/// an octet with its length, in lower case: the name above another one is then
/// where that one begins.
#[derive(Debug, Default)]
pub(super) struct ZoneNames {
    octets: Vec<u8>,
    entries: Vec<Entry>,
}

impl ZoneNames {
    /// Adds a record; the labels come from the zone down.
    ///
    /// # Errors
    ///
    /// More than this form can hold: a name over 255 octets, data over 65,535,
    /// 4 GB of both.
    pub(super) fn push<'a>(
        &mut self,
        labels: impl Iterator<Item = &'a [u8]>,
        kind: Kind,
        data: &[u8],
    ) -> Result<(), ZoneFault> {
        let name = self.octets.len();
        labels.for_each(|label| push_label(&mut self.octets, label));
        let data_at = self.octets.len();
        self.octets.extend_from_slice(data);
        let entry = || {
            Some(Entry {
                name: u32::try_from(name).ok()?,
                data: u32::try_from(data_at).ok()?,
                data_octets: u16::try_from(data.len()).ok()?,
                name_octets: u8::try_from(data_at - name).ok()?,
                kind,
            })
        };
        self.entries.push(entry().ok_or(ZoneFault::Size)?);
        Ok(())
    }

    /// Sorts what was added.
    pub(super) fn sort(&mut self) {
        let ZoneNames { octets, entries } = self;
        // Writers go from network to network, so runs are sorted already: the
        // stable sort finds them.
        entries.sort_by(|a, b| (name(octets, a), a.kind).cmp(&(name(octets, b), b.kind)));
        entries.shrink_to_fit();
    }

    /// The name of a record.
    pub(super) fn name(&self, entry: &Entry) -> &[u8] {
        name(&self.octets, entry)
    }

    /// The data of a record: the text of [`Kind::Text`], the address of
    /// [`Kind::Address`] where it was given.
    pub(super) fn data(&self, entry: &Entry) -> &[u8] {
        let at = entry.data as usize;
        &self.octets[at..at + usize::from(entry.data_octets)]
    }

    /// The records at a name and below it; none where it does not exist.
    pub(super) fn below(&self, name: &[u8]) -> &[Entry] {
        let first = self.entries.partition_point(|entry| self.name(entry) < name);
        let rest = &self.entries[first..];
        &rest[..rest.partition_point(|entry| self.name(entry).starts_with(name))]
    }

    /// Of records at a name and below it, those at the name.
    pub(super) fn at<'a>(&self, name_octets: usize, below: &'a [Entry]) -> &'a [Entry] {
        let at = |entry: &Entry| usize::from(entry.name_octets) == name_octets;
        &below[..below.partition_point(at)]
    }
}

fn name<'a>(octets: &'a [u8], entry: &Entry) -> &'a [u8] {
    let at = entry.name as usize;
    &octets[at..at + usize::from(entry.name_octets)]
}

/// Adds a label to a name. Labels have 63 octets at most.
pub(super) fn push_label(name: &mut Vec<u8>, label: &[u8]) {
    name.push(label.len() as u8);
    name.extend(label.iter().map(u8::to_ascii_lowercase));
}

/// The label that a name has behind its first `offset` octets.
pub(super) fn label_at(name: &[u8], offset: usize) -> Option<&[u8]> {
    let (length, rest) = name.get(offset..)?.split_first()?;
    rest.get(..usize::from(*length))
}
