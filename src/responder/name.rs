//! The name that a question asks for: its octets as they came, in lower case,
//! and where its labels begin.
//!
//! No allocation: one buffer is filled again for every question.

/// The longest name on the wire, its root label included (RFC 1035 section 2.3.4).
pub const MAX_WIRE_OCTETS: usize = 255;
/// The most labels that fit, the root not counted.
const MAX_LABELS: usize = 127;

/// A name in lower case, without its root label.
#[derive(Clone, Debug)]
pub struct QuestionName {
    octets: [u8; MAX_WIRE_OCTETS],
    length: usize,
    starts: [u8; MAX_LABELS],
    labels: usize,
}

impl Default for QuestionName {
    fn default() -> QuestionName {
        let (octets, starts) = ([0; MAX_WIRE_OCTETS], [0; MAX_LABELS]);
        QuestionName { octets, length: 0, starts, labels: 0 }
    }
}

impl QuestionName {
    /// Reads an uncompressed name at the start of `wire`. Gives the octets that
    /// it takes, its root label included, and nothing where it is compressed,
    /// of another kind, too long, or not whole.
    #[inline]
    pub fn read(&mut self, wire: &[u8]) -> Option<usize> {
        let (mut at, mut labels) = (0, 0);
        loop {
            let length = usize::from(*wire.get(at)?);
            if length == 0 {
                break;
            }
            if length > 63 || at + length + 2 > MAX_WIRE_OCTETS {
                return None;
            }
            *self.starts.get_mut(labels)? = at as u8;
            labels += 1;
            at += length + 1;
        }
        // Octets of length are below the letters, so they stay as they are.
        self.octets.get_mut(..at)?.copy_from_slice(wire.get(..at)?);
        self.octets[..at].make_ascii_lowercase();
        (self.length, self.labels) = (at, labels);
        Some(at + 1)
    }

    /// The whole name, each label behind its length, without the root.
    #[inline]
    pub fn wire(&self) -> &[u8] {
        &self.octets[..self.length]
    }

    /// How many labels it has, the root not counted.
    #[inline]
    pub fn label_count(&self) -> usize {
        self.labels
    }

    /// Where a label begins, from 0 at the most specific; the end of the name
    /// behind the last.
    #[inline]
    pub fn start(&self, label: usize) -> usize {
        match label < self.labels {
            true => usize::from(self.starts[label]),
            false => self.length,
        }
    }

    /// The octets of a label; none behind the last.
    #[inline]
    pub fn label(&self, label: usize) -> &[u8] {
        let (start, end) = (self.start(label), self.start(label + 1));
        self.octets.get(start + 1..end).unwrap_or_default()
    }

    /// The octets of the labels from `first` up to, not including, `end`.
    #[inline]
    pub fn between(&self, first: usize, end: usize) -> &[u8] {
        self.octets.get(self.start(first)..self.start(end)).unwrap_or_default()
    }

    /// The label at which a name in lower case begins that is a suffix of this
    /// one and has so many labels.
    #[inline]
    pub fn suffix(&self, wire: &[u8], labels: usize) -> Option<usize> {
        let first = self.labels.checked_sub(labels)?;
        (self.octets.get(self.start(first)..self.length)? == wire).then_some(first)
    }
}

/// A name of labels behind their lengths, and all names above it up to the root, which
/// is empty.
pub(super) fn at_and_above(wire: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::successors(Some(wire), |name| {
        let (length, behind) = name.split_first()?;
        behind.get(usize::from(*length)..)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> QuestionName {
        let mut wire = Vec::new();
        for label in text.split('.') {
            wire.push(label.len() as u8);
            wire.extend_from_slice(label.as_bytes());
        }
        wire.push(0);
        let mut name = QuestionName::default();
        assert_eq!(name.read(&wire), Some(wire.len()));
        name
    }

    #[test]
    fn labels_are_found_in_lower_case() {
        let name = read("7.Z.eXample");
        assert_eq!(name.label_count(), 3);
        assert_eq!([name.label(0), name.label(1), name.label(2)], [&b"7"[..], b"z", b"example"]);
        assert_eq!(name.label(3), b"");
        assert_eq!(name.between(0, 2), b"\x017\x01z");
        assert_eq!(name.suffix(b"\x01z\x07example", 2), Some(1));
        assert_eq!(name.suffix(b"\x07example", 2), None);
        assert_eq!(name.suffix(b"\x017\x01z\x07example", 4), None);
    }

    #[test]
    fn above_a_name_are_its_suffixes() {
        let names: Vec<&[u8]> = at_and_above(b"\x017\x01z\x02ab").collect();
        assert_eq!(names, [&b"\x017\x01z\x02ab"[..], b"\x01z\x02ab", b"\x02ab", b""]);
        assert_eq!(at_and_above(b"").collect::<Vec<_>>(), [b""]);
    }

    #[test]
    fn names_of_other_kinds_are_left_to_others() {
        let mut name = QuestionName::default();
        for wire in [&b""[..], b"\x01a", b"\xc0\x0c", b"\x41a\0", b"\x3fabc"] {
            assert_eq!(name.read(wire), None, "{wire:?}");
        }
        let long = |last: usize| {
            let mut wire = [&[63_u8][..], &[b'a'; 63]].concat().repeat(3);
            wire.push(last as u8);
            wire.extend(std::iter::repeat_n(b'a', last));
            wire.push(0);
            wire
        };
        assert_eq!(name.read(&long(61)), Some(255));
        assert_eq!(name.read(&long(62)), None);
        assert_eq!(name.read(b"\0"), Some(1));
        assert_eq!(name.label_count(), 0);
        let most = b"\x01a".repeat(127);
        assert_eq!(name.read(&[&most[..], b"\0"].concat()), Some(255));
        assert_eq!(name.read(&[&b"\x01a".repeat(128)[..], b"\0"].concat()), None);
    }
}
