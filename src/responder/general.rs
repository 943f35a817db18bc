//! Reading any message at all, with a library that knows all of DNS: what is not
//! the common question comes here.
//!
//! It allocates and takes its time. Wherever `question` reads a message, this
//! reads the same.

use hickory_proto::op::{Message, OpCode};
use hickory_proto::rr::rdata::opt::{EdnsCode, EdnsOption};

use super::answer::{ExtendedError, Rcode};
use super::edns::{Edns, option};

/// A message, as far as it can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct General {
    /// Why it gets no records, and the code of the reply; `None` for a question
    /// that can be answered.
    pub refused: Option<(Rcode, Option<ExtendedError>)>,
    /// Its question, where it has exactly one.
    pub asked: Option<Asked>,
    /// Its OPT record.
    pub edns: Option<Edns>,
}

/// A question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The name on the wire, uncompressed, in the case that it came in.
    pub wire: Vec<u8>,
    /// The type.
    pub qtype: u16,
    /// The class.
    pub qclass: u16,
}

impl General {
    fn refused(rcode: Rcode) -> General {
        General { refused: Some((rcode, None)), asked: None, edns: None }
    }
}

/// Reads a message that is no response.
pub fn read(message: &[u8]) -> General {
    let opcode = message.get(2).map_or(0, |flags| flags >> 3 & 0x0f);
    let Ok(message) = Message::from_vec(message) else {
        return match opcode {
            0 => General::refused(Rcode::FormErr),
            _ => General::refused(Rcode::NotImp),
        };
    };
    let edns = message.edns.as_ref().map(edns);
    let asked = match message.queries.as_slice() {
        [query] => {
            let (qtype, qclass) = (query.query_type().into(), query.query_class().into());
            Some(Asked { wire: wire(query.name()), qtype, qclass })
        }
        _ => None,
    };
    let sections = message.answers.is_empty() && message.authorities.is_empty();
    let cookie = edns.is_some_and(|edns| edns.version == 0 && edns.cookie.is_some());
    // A transfer says in the authority section what the client has (RFC 1995).
    let transfer = asked.as_ref().is_some_and(|asked| asked.qtype == 251);
    let refused = if message.metadata.op_code != OpCode::Query {
        Some((Rcode::NotImp, Some(ExtendedError::NotSupported)))
    } else if edns.is_some_and(|edns| edns.malformed) {
        Some((Rcode::FormErr, None))
    } else if message.queries.is_empty() && sections && cookie {
        // Who asks for nothing but a cookie gets one (RFC 7873 section 5.4).
        Some((Rcode::NoError, None))
    } else if asked.is_none() || !sections && !transfer {
        Some((Rcode::FormErr, None))
    } else if message.signature.is_some() || message.additionals.iter().any(is_signature) {
        Some((Rcode::NotAuth, None))
    } else if edns.is_some_and(|edns| edns.version != 0) {
        Some((Rcode::BadVers, None))
    } else {
        None
    };
    General { refused, asked, edns }
}

/// Whether a record signs the message: TSIG (RFC 8945) or SIG(0) (RFC 2931).
fn is_signature(record: &hickory_proto::rr::Record) -> bool {
    matches!(u16::from(record.record_type()), 24 | 250)
}

fn wire(name: &hickory_proto::rr::Name) -> Vec<u8> {
    let mut wire = Vec::new();
    for label in name.iter() {
        wire.push(label.len() as u8);
        wire.extend_from_slice(label);
    }
    wire.push(0);
    wire
}

/// What the OPT record says, its options written out and read as the common
/// question's are.
fn edns(opt: &hickory_proto::op::Edns) -> Edns {
    let flags = if opt.flags().dnssec_ok { 0x8000 } else { 0 };
    let ttl = u32::from(opt.version()) << 16 | flags;
    let mut options = Vec::new();
    for (code, value) in opt.options().as_ref() {
        let (code, value) = match (code, value) {
            (EdnsCode::Cookie, EdnsOption::Unknown(_, value)) => (option::COOKIE, &value[..]),
            (EdnsCode::NSID, _) => (option::NSID, &[][..]),
            _ => continue,
        };
        options.extend_from_slice(&code.to_be_bytes());
        options.extend_from_slice(&(value.len() as u16).to_be_bytes());
        options.extend_from_slice(value);
    }
    Edns::read(opt.max_payload(), ttl, &options)
}
