//! The documents of `spfc image` and `spfc query`.

use serde::Serialize;

use super::SCHEMA;

/// The images that were written.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct ImagesDocument {
    schema: u32,
    images: Vec<ImageShape>,
}

/// One image.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct ImageShape {
    /// The zone.
    pub(in crate::cli) zone: String,
    /// The file.
    pub(in crate::cli) path: String,
    /// Its octets.
    pub(in crate::cli) octets: usize,
    /// Names below which addresses stand.
    pub(in crate::cli) trees: usize,
    /// Sets of addresses, which names may share.
    pub(in crate::cli) sets: usize,
    /// IPv4 ranges of all sets.
    pub(in crate::cli) ip4_ranges: usize,
    /// IPv6 ranges of all sets.
    pub(in crate::cli) ip6_ranges: usize,
    /// The sources that were compiled.
    pub(in crate::cli) sources: Vec<String>,
    /// What the operator should know.
    pub(in crate::cli) remarks: Vec<String>,
}

impl ImagesDocument {
    /// The document of these images.
    pub(in crate::cli) fn new(images: Vec<ImageShape>) -> ImagesDocument {
        ImagesDocument { schema: SCHEMA, images }
    }
}

/// What a zone answers for an address, and why.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct QueryDocument {
    schema: u32,
    /// The address.
    pub(in crate::cli) address: String,
    /// The zone.
    pub(in crate::cli) zone: String,
    /// The domain of the zone that was asked about.
    pub(in crate::cli) domain: Option<String>,
    /// Each name that a record may ask for.
    pub(in crate::cli) answers: Vec<NameAnswerShape>,
}

/// What one name is answered with, and why.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct NameAnswerShape {
    /// The name asked.
    pub(in crate::cli) name: String,
    /// The type that receivers ask.
    #[serde(rename = "type")]
    pub(in crate::cli) record_type: &'static str,
    /// `answer`, `nodata` or `nxdomain`.
    pub(in crate::cli) status: &'static str,
    /// What the record gives to clients that the name stands for.
    pub(in crate::cli) outcome: String,
    /// The record's data.
    pub(in crate::cli) data: Option<String>,
    /// Whether the address is in the set that the name stands for.
    pub(in crate::cli) listed: bool,
    /// Why.
    pub(in crate::cli) why: Option<WhyShape>,
}

/// Why an address is in a set or not.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct WhyShape {
    /// The name of the source in the configuration.
    pub(in crate::cli) source: String,
    /// `policy` or `cidrs`.
    pub(in crate::cli) kind: &'static str,
    /// The policy's domain.
    pub(in crate::cli) domain: Option<String>,
    /// When the policy's answers were taken.
    pub(in crate::cli) taken: Option<String>,
    /// What `check_host()` makes of the policy.
    pub(in crate::cli) result: Option<&'static str>,
    /// The terms that decided, the innermost last.
    pub(in crate::cli) path: Vec<DecidingShape>,
    /// The file of addresses.
    pub(in crate::cli) file: Option<String>,
    /// The line of the file where the address stands, from 1.
    pub(in crate::cli) line: Option<usize>,
    /// What stands in the way of an explanation.
    pub(in crate::cli) problem: Option<String>,
}

/// A term that decided.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct DecidingShape {
    /// Whose record it stands in.
    pub(in crate::cli) domain: String,
    /// The term.
    pub(in crate::cli) term: String,
}

impl QueryDocument {
    /// The document of these answers.
    pub(in crate::cli) fn new(
        address: String,
        zone: String,
        domain: Option<String>,
        answers: Vec<NameAnswerShape>,
    ) -> QueryDocument {
        QueryDocument { schema: SCHEMA, address, zone, domain, answers }
    }
}
