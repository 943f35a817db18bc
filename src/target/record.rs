//! One TXT record to publish.

use crate::message::MessageSize;
use crate::name::DomainName;
use crate::optimize::{rdata_octets, split_strings};

/// A TXT record to publish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputRecord {
    /// Its owner.
    pub name: DomainName,
    /// Seconds that it may be cached.
    pub ttl: u32,
    /// The SPF record.
    pub text: String,
    /// Octets of the DNS message that answers with it, other TXT records of
    /// the owner included.
    pub message_octets: usize,
}

impl OutputRecord {
    /// A record whose answer has this size besides its own data.
    pub fn new(name: DomainName, ttl: u32, text: String, size: MessageSize) -> OutputRecord {
        let message_octets = size.octets(rdata_octets(&text));
        OutputRecord { name, ttl, text, message_octets }
    }

    /// The character-strings that the text is published as.
    pub fn strings(&self) -> Vec<String> {
        split_strings(&self.text)
    }
}
