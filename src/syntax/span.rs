//! Places in a record.

/// The octets from `start` up to, not including, `end` of one record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// Offset of the first octet.
    pub start: u32,
    /// Offset behind the last octet.
    pub end: u32,
}

impl Span {
    /// The span from `start` up to `end`. Offsets over `u32::MAX` are cut to
    /// it; no DNS answer is that long.
    pub fn new(start: usize, end: usize) -> Span {
        let offset = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
        Span { start: offset(start), end: offset(end) }
    }

    /// The octets of `text` that the span covers; none where it reaches past the end.
    pub fn of(self, text: &[u8]) -> &[u8] {
        text.get(self.start as usize..self.end as usize).unwrap_or_default()
    }

    /// The number of octets.
    pub fn octets(self) -> usize {
        self.end.saturating_sub(self.start) as usize
    }
}
