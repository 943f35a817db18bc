//! The document of `spfc diff`.

use serde::Serialize;

use super::{LookupsShape, RangeShape};

/// What changed since a recording.
#[derive(Debug, Serialize)]
pub(crate) struct DiffDocument {
    pub(crate) schema: u32,
    /// When the recording was taken.
    pub(crate) taken: String,
    pub(crate) changed: bool,
    pub(crate) records: Vec<RecordShape>,
    /// Answers that changed in what SPF does not read.
    pub(crate) other_records: Vec<RecordShape>,
    pub(crate) domains: Vec<DomainShape>,
    /// Questions that got no answer.
    pub(crate) failed: Vec<FailedShape>,
    /// The findings of the rules on drift, as lint has them.
    pub(crate) diagnostics: Vec<serde_json::Value>,
}

/// An answer that changed.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct RecordShape {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) record_type: &'static str,
    /// `null` where the question was not asked.
    pub(crate) before: Option<AnswerShape>,
    pub(crate) after: Option<AnswerShape>,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct AnswerShape {
    /// `records`, `nodata`, `nxdomain` or `failed`.
    pub(crate) status: &'static str,
    pub(crate) records: Vec<String>,
}

/// What changed for the senders of a domain.
#[derive(Debug, Serialize)]
pub(crate) struct DomainShape {
    pub(crate) domain: String,
    pub(crate) gained: Vec<RangeShape>,
    pub(crate) lost: Vec<RangeShape>,
    pub(crate) changed: Vec<RangeShape>,
    /// The gained and lost ranges by who brought or lost them.
    pub(crate) providers: Vec<ProviderShape>,
    pub(crate) lookups: DriftLookupsShape,
    pub(crate) passing: PassingsShape,
    /// Why the ranges could not be compared, or what is wrong with the policy now.
    pub(crate) problem: Option<String>,
}

/// A branch of the policy with what it gained and lost.
#[derive(Debug, Serialize)]
pub(crate) struct ProviderShape {
    /// The domain of the policy's own record, or of the one that it redirects to.
    pub(crate) domain: String,
    /// The `include` in it; `null` for its other terms.
    pub(crate) term: Option<String>,
    pub(crate) gained: Vec<PartShape>,
    pub(crate) lost: Vec<PartShape>,
}

/// A range with the term that passes it, or passed it.
#[derive(Debug, Serialize)]
pub(crate) struct PartShape {
    #[serde(flatten)]
    pub(crate) range: RangeShape,
    pub(crate) by: DeciderShape,
}

/// A term with the domain whose record it stands in.
#[derive(Debug, Serialize)]
pub(crate) struct DeciderShape {
    pub(crate) domain: Option<String>,
    pub(crate) term: Option<String>,
}

/// The lookups of the policy at worst.
#[derive(Debug, Serialize)]
pub(crate) struct DriftLookupsShape {
    pub(crate) before: LookupsShape,
    pub(crate) after: LookupsShape,
}

/// How much of what passed still does, in each family.
#[derive(Debug, Serialize)]
pub(crate) struct PassingsShape {
    /// In addresses.
    pub(crate) ip4: PassingShape,
    /// In networks of 64 bits.
    pub(crate) ip6: PassingShape,
}

/// How much of what passed still does.
#[derive(Debug, Serialize)]
pub(crate) struct PassingShape {
    pub(crate) before: u128,
    pub(crate) kept: u128,
    pub(crate) lost_percent: u32,
}

/// A question without an answer.
#[derive(Debug, Serialize)]
pub(crate) struct FailedShape {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) record_type: &'static str,
    pub(crate) reason: String,
}
