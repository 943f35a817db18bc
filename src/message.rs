//! Octets of DNS messages that carry texts: what of a message is there whatever
//! its records say.
//!
//! Sizes only; nothing here builds a message or knows what a record means.

use crate::name::DomainName;

/// Octets of one character-string at most (RFC 1035 section 3.3).
pub const STRING_OCTETS: usize = 255;
/// Octets of a DNS message over UDP that every receiver takes (RFC 1035 section
/// 4.2.1).
pub const UDP_OCTETS: usize = 512;
/// Octets of a DNS message's header (RFC 1035 section 4.1.1).
const HEADER_OCTETS: usize = 12;
/// Octets of a question behind its name: type and class.
const QUESTION_OCTETS: usize = 4;
/// Octets of a record before its data, its owner being a compression pointer
/// to the question: pointer, type, class, TTL, length.
const RECORD_OCTETS: usize = 12;
/// Octets of an EDNS OPT record without options (RFC 6891 section 6.1.2).
const OPT_OCTETS: usize = 11;

/// How large the answer to a TXT question is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageSize {
    /// Octets besides the data of our record.
    besides: usize,
}

impl MessageSize {
    /// The answer for `name`, where other TXT records with these octets of
    /// data stand beside ours.
    pub fn new(name: &DomainName, others: &[usize]) -> MessageSize {
        let others: usize = others.iter().map(|octets| RECORD_OCTETS + octets).sum();
        let besides = HEADER_OCTETS
            + name.wire_octets()
            + QUESTION_OCTETS
            + RECORD_OCTETS
            + others
            + OPT_OCTETS;
        MessageSize { besides }
    }

    /// Octets of the whole message where our record has this many octets of data.
    pub fn octets(&self, rdata_octets: usize) -> usize {
        self.besides + rdata_octets
    }

    /// Octets of data that our record may have in a message of `most` octets.
    pub fn room(&self, most: usize) -> usize {
        most.saturating_sub(self.besides)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_of_a_short_record() {
        // Counted by hand: 12 header, 13 name, 4 question, 12 record, 1 + 11 data, 11 OPT.
        let name = DomainName::parse("example.com").unwrap();
        assert_eq!(MessageSize::new(&name, &[]).octets(12), 64);
        assert_eq!(MessageSize::new(&name, &[20]).octets(12), 96);
        assert_eq!(MessageSize::new(&name, &[20]).room(96), 12);
        assert_eq!(MessageSize::new(&name, &[20]).room(9), 0);
    }
}
