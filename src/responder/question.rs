//! Reading the question that nearly every packet is: one name of class IN or
//! another, with at most an OPT record behind it, from octets to fields in one
//! pass.
//!
//! What is anything else is not judged here: `general` reads it, slowly and
//! completely, and comes to the same result wherever both can.

use super::edns::Edns;
use super::name::QuestionName;

/// Octets of a message's header (RFC 1035 section 4.1.1).
pub const HEADER_OCTETS: usize = 12;

/// A question, its name aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    /// The type that is asked for.
    pub qtype: u16,
    /// The class that is asked for.
    pub qclass: u16,
    /// The octet of the message behind the question.
    pub end: usize,
    /// What the OPT record says, where there is one.
    pub edns: Option<Edns>,
}

/// Reads a message that holds one question, uncompressed, and at most an OPT
/// record of version 0 behind it; the name into `name`. `None` for all others.
#[inline]
pub fn read(message: &[u8], name: &mut QuestionName) -> Option<Question> {
    let (header, body) = message.split_first_chunk::<HEADER_OCTETS>()?;
    // A query of opcode 0 with one question, no answer, no authority.
    if header[2] & 0xf8 != 0 || header[4..10] != [0, 1, 0, 0, 0, 0] || header[10] != 0 {
        return None;
    }
    let octets = name.read(body)?;
    let (fields, rest) = body.get(octets..)?.split_first_chunk::<4>()?;
    let edns = match (header[11], rest) {
        (0, []) => None,
        (1, rest) => Some(opt(rest)?),
        _ => return None,
    };
    Some(Question {
        qtype: u16::from_be_bytes([fields[0], fields[1]]),
        qclass: u16::from_be_bytes([fields[2], fields[3]]),
        end: HEADER_OCTETS + octets + 4,
        edns,
    })
}

/// An OPT record of version 0 that is all of `record`.
fn opt(record: &[u8]) -> Option<Edns> {
    let (head, options) = record.split_first_chunk::<11>()?;
    let [0, 0, 41, class_high, class_low, extended, version, flags, zero, high, low] = *head else {
        return None;
    };
    if extended != 0
        || version != 0
        || options.len() != usize::from(u16::from_be_bytes([high, low]))
    {
        return None;
    }
    if has_client_subnet(options) {
        return None;
    }
    let ttl = u32::from_be_bytes([extended, version, flags, zero]);
    Some(Edns::read(u16::from_be_bytes([class_high, class_low]), ttl, options))
}

/// Whether some option is a client subnet, whose form has to be looked at
/// (RFC 7871 section 7.1.1).
fn has_client_subnet(options: &[u8]) -> bool {
    let mut rest = options;
    while let Some((head, behind)) = rest.split_first_chunk::<4>() {
        if head[..2] == [0, 8] {
            return true;
        }
        let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
        rest = behind.get(length..).unwrap_or_default();
    }
    false
}
