//! Messages in a stream: each stands behind its length in two octets (RFC 1035
//! section 4.2.2, RFC 7766 section 8).
//!
//! Nothing is known here of what a message says.

/// Octets of the longest message that is taken. A question is a name of 255
/// octets and an OPT record; 65,535 octets from thousands of connections at once
/// would be memory for nothing.
pub(super) const MOST_OCTETS: usize = 4_096;

/// What has been read of a stream and not yet been taken.
#[derive(Debug, Default)]
pub(super) struct Frames {
    octets: Vec<u8>,
    taken: usize,
}

/// A message that is longer than [`MOST_OCTETS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooLong;

impl Frames {
    /// How many octets may be added: enough to complete a message.
    pub(super) fn room(&self) -> usize {
        (2 + MOST_OCTETS).saturating_sub(self.octets.len() - self.taken)
    }

    /// Adds what was read.
    pub(super) fn add(&mut self, octets: &[u8]) {
        self.octets.drain(..self.taken);
        self.taken = 0;
        self.octets.extend_from_slice(octets);
    }

    /// The next message, where it is there as a whole.
    ///
    /// # Errors
    ///
    /// Its length is more than is taken.
    pub(super) fn next(&mut self) -> Result<Option<&[u8]>, TooLong> {
        let rest = self.octets.get(self.taken..).unwrap_or_default();
        let [high, low, behind @ ..] = rest else { return Ok(None) };
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        if length > MOST_OCTETS {
            return Err(TooLong);
        }
        let Some(message) = behind.get(..length) else { return Ok(None) };
        self.taken += 2 + length;
        Ok(Some(message))
    }

    /// Gives memory back while a connection has nothing to say.
    pub(super) fn rest(&mut self) {
        if self.taken == self.octets.len() {
            *self = Frames::default();
        }
    }
}

/// Appends a message behind its length. Nothing is longer than a length can say:
/// answers are built in as many octets.
pub(super) fn append(stream: &mut Vec<u8>, message: &[u8]) {
    let Ok(length) = u16::try_from(message.len()) else { return };
    stream.extend_from_slice(&length.to_be_bytes());
    stream.extend_from_slice(message);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn messages_may_be_empty_and_not_too_long() {
        let mut frames = Frames::default();
        frames.add(&[0, 0, 0, 1, 7, 0x10]);
        assert_eq!(frames.next(), Ok(Some(&[][..])));
        assert_eq!(frames.next(), Ok(Some(&[7][..])));
        assert_eq!(frames.next(), Ok(None));
        frames.add(&[1]);
        assert_eq!(frames.next(), Err(TooLong));
    }

    proptest! {
        /// However a stream is cut, it holds the same messages.
        #[test]
        fn cuts_change_nothing(
            messages in proptest::collection::vec(
                proptest::collection::vec(any::<u8>(), 0..600), 0..12),
            cuts in proptest::collection::vec(1..900_usize, 1..40),
        ) {
            let mut stream = Vec::new();
            messages.iter().for_each(|message| append(&mut stream, message));
            let mut frames = Frames::default();
            let mut found = Vec::new();
            let mut cuts = cuts.iter().cycle();
            let mut rest = &stream[..];
            while !rest.is_empty() {
                let cut = (*cuts.next().unwrap()).min(rest.len()).min(frames.room());
                prop_assert!(cut > 0);
                frames.add(&rest[..cut]);
                rest = &rest[cut..];
                while let Some(message) = frames.next().unwrap() {
                    found.push(message.to_vec());
                }
                frames.rest();
            }
            prop_assert_eq!(found, messages);
            prop_assert!(frames.octets.is_empty());
        }

        #[test]
        fn no_stream_does_harm(stream in proptest::collection::vec(any::<u8>(), 0..300)) {
            let mut frames = Frames::default();
            frames.add(&stream);
            while let Ok(Some(_)) = frames.next() {}
        }
    }
}
