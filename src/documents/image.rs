//! The documents of `spfc image` and `spfc query`.

use serde::Serialize;

use super::SCHEMA;

/// The images that were written.
#[derive(Debug, Serialize)]
pub(crate) struct ImagesDocument {
    schema: u32,
    images: Vec<ImageShape>,
}

/// One image.
#[derive(Debug, Serialize)]
pub(crate) struct ImageShape {
    /// The zone.
    pub(crate) zone: String,
    /// The file.
    pub(crate) path: String,
    /// Its octets.
    pub(crate) octets: usize,
    /// Names below which addresses stand.
    pub(crate) trees: usize,
    /// Sets of addresses, which names may share.
    pub(crate) sets: usize,
    /// IPv4 ranges of all sets.
    pub(crate) ip4_ranges: usize,
    /// IPv6 ranges of all sets.
    pub(crate) ip6_ranges: usize,
    /// The sources that were compiled.
    pub(crate) sources: Vec<String>,
    /// What the operator should know.
    pub(crate) remarks: Vec<String>,
}

impl ImagesDocument {
    /// The document of these images.
    pub(crate) fn new(images: Vec<ImageShape>) -> ImagesDocument {
        ImagesDocument { schema: SCHEMA, images }
    }
}

/// What a zone answers for an address, and why.
#[derive(Debug, Serialize)]
pub(crate) struct QueryDocument {
    schema: u32,
    /// The address.
    pub(crate) address: String,
    /// The zone.
    pub(crate) zone: String,
    /// The domain of the zone that was asked about.
    pub(crate) domain: Option<String>,
    /// Each name that a record may ask for.
    pub(crate) answers: Vec<NameAnswerShape>,
}

/// What one name is answered with, and why.
#[derive(Debug, Serialize)]
pub(crate) struct NameAnswerShape {
    /// The name asked.
    pub(crate) name: String,
    /// The type that receivers ask.
    #[serde(rename = "type")]
    pub(crate) record_type: &'static str,
    /// `answer`, `nodata` or `nxdomain`.
    pub(crate) status: &'static str,
    /// What the record gives to clients that the name stands for.
    pub(crate) outcome: String,
    /// The record's data.
    pub(crate) data: Option<String>,
    /// Whether the address is in the set that the name stands for.
    pub(crate) listed: bool,
    /// Why.
    pub(crate) why: Option<WhyShape>,
}

/// Why an address is in a set or not.
#[derive(Debug, Serialize)]
pub(crate) struct WhyShape {
    /// The name of the source in the configuration.
    pub(crate) source: String,
    /// `policy` or `cidrs`.
    pub(crate) kind: &'static str,
    /// The policy's domain.
    pub(crate) domain: Option<String>,
    /// When the policy's answers were taken.
    pub(crate) taken: Option<String>,
    /// What `check_host()` makes of the policy.
    pub(crate) result: Option<&'static str>,
    /// The terms that decided, the innermost last.
    pub(crate) path: Vec<DecidingShape>,
    /// The file of addresses.
    pub(crate) file: Option<String>,
    /// The line of the file where the address stands, from 1.
    pub(crate) line: Option<usize>,
    /// What stands in the way of an explanation.
    pub(crate) problem: Option<String>,
}

/// A term that decided.
#[derive(Debug, Serialize)]
pub(crate) struct DecidingShape {
    /// Whose record it stands in.
    pub(crate) domain: String,
    /// The term.
    pub(crate) term: String,
}

impl QueryDocument {
    /// The document of these answers.
    pub(crate) fn new(
        address: String,
        zone: String,
        domain: Option<String>,
        answers: Vec<NameAnswerShape>,
    ) -> QueryDocument {
        QueryDocument { schema: SCHEMA, address, zone, domain, answers }
    }
}
