//! The document of `spfc diff`.

use std::collections::BTreeMap;

use serde::Serialize;

/// What changed since a recording.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct DiffDocument {
    pub(in crate::cli) schema: u32,
    /// When the recording was taken.
    pub(in crate::cli) taken: String,
    pub(in crate::cli) changed: bool,
    pub(in crate::cli) records: Vec<RecordShape>,
    pub(in crate::cli) domains: Vec<DomainShape>,
    /// Questions that got no answer.
    pub(in crate::cli) failed: Vec<FailedShape>,
}

/// An answer that changed.
#[derive(Clone, Debug, Serialize)]
pub(in crate::cli) struct RecordShape {
    pub(in crate::cli) name: String,
    #[serde(rename = "type")]
    pub(in crate::cli) record_type: &'static str,
    /// `null` where the question was not asked.
    pub(in crate::cli) before: Option<AnswerShape>,
    pub(in crate::cli) after: Option<AnswerShape>,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(in crate::cli) struct AnswerShape {
    /// `records`, `nodata`, `nxdomain` or `failed`.
    pub(in crate::cli) status: &'static str,
    pub(in crate::cli) records: Vec<String>,
}

/// What changed for the senders of a domain.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct DomainShape {
    pub(in crate::cli) domain: String,
    pub(in crate::cli) gained: Vec<RangeShape>,
    pub(in crate::cli) lost: Vec<RangeShape>,
    pub(in crate::cli) changed: Vec<RangeShape>,
    /// Why the ranges could not be compared, or what is wrong with the policy now.
    pub(in crate::cli) problem: Option<String>,
}

/// A range of addresses with what is decided for it.
#[derive(Clone, Debug, Serialize)]
pub(in crate::cli) struct RangeShape {
    pub(in crate::cli) family: &'static str,
    pub(in crate::cli) first: String,
    pub(in crate::cli) last: String,
    pub(in crate::cli) before: String,
    pub(in crate::cli) after: String,
    /// The terms that only a message decides, where the difference hangs on them.
    pub(in crate::cli) when: Option<BTreeMap<String, bool>>,
}

/// A question without an answer.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct FailedShape {
    pub(in crate::cli) name: String,
    #[serde(rename = "type")]
    pub(in crate::cli) record_type: &'static str,
    pub(in crate::cli) reason: String,
}
