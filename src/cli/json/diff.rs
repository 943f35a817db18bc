//! The document of `spfc diff`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::LookupsShape;

/// What changed since a recording.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct DiffDocument {
    pub(in crate::cli) schema: u32,
    /// When the recording was taken.
    pub(in crate::cli) taken: String,
    pub(in crate::cli) changed: bool,
    pub(in crate::cli) records: Vec<RecordShape>,
    /// Answers that changed in what SPF does not read.
    pub(in crate::cli) other_records: Vec<RecordShape>,
    pub(in crate::cli) domains: Vec<DomainShape>,
    /// Questions that got no answer.
    pub(in crate::cli) failed: Vec<FailedShape>,
    /// The findings of the rules on drift, as lint has them.
    pub(in crate::cli) diagnostics: Vec<serde_json::Value>,
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
    /// The gained and lost ranges by who brought or lost them.
    pub(in crate::cli) providers: Vec<ProviderShape>,
    pub(in crate::cli) lookups: DriftLookupsShape,
    pub(in crate::cli) passing: PassingsShape,
    /// Why the ranges could not be compared, or what is wrong with the policy now.
    pub(in crate::cli) problem: Option<String>,
}

/// A branch of the policy with what it gained and lost.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct ProviderShape {
    /// The domain of the policy's own record, or of the one that it redirects to.
    pub(in crate::cli) domain: String,
    /// The `include` in it; `null` for its other terms.
    pub(in crate::cli) term: Option<String>,
    pub(in crate::cli) gained: Vec<PartShape>,
    pub(in crate::cli) lost: Vec<PartShape>,
}

/// A range with the term that passes it, or passed it.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct PartShape {
    #[serde(flatten)]
    pub(in crate::cli) range: RangeShape,
    pub(in crate::cli) by: DeciderShape,
}

/// A term with the domain whose record it stands in.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct DeciderShape {
    pub(in crate::cli) domain: Option<String>,
    pub(in crate::cli) term: Option<String>,
}

/// The lookups of the policy at worst.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct DriftLookupsShape {
    pub(in crate::cli) before: LookupsShape,
    pub(in crate::cli) after: LookupsShape,
}

/// How much of what passed still does, in each family.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct PassingsShape {
    /// In addresses.
    pub(in crate::cli) ip4: PassingShape,
    /// In networks of 64 bits.
    pub(in crate::cli) ip6: PassingShape,
}

/// How much of what passed still does.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct PassingShape {
    pub(in crate::cli) before: u128,
    pub(in crate::cli) kept: u128,
    pub(in crate::cli) lost_percent: u32,
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
