//! The document of `spfc flatten --diff` and `--apply`.

use serde::Serialize;

use super::{LookupsShape, RangeShape};

/// What has to change in DNS, and what that changes for receivers.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct ChangeDocument {
    pub(in crate::cli) schema: u32,
    pub(in crate::cli) domain: String,
    /// Whether everything stands already as it is to stand.
    pub(in crate::cli) done: bool,
    /// The names in the order in which they are changed.
    pub(in crate::cli) changes: Vec<NameChangeShape>,
    /// Seconds that receivers may still use what was published before.
    pub(in crate::cli) wait: u32,
    pub(in crate::cli) gained: Vec<RangeShape>,
    pub(in crate::cli) lost: Vec<RangeShape>,
    pub(in crate::cli) changed: Vec<RangeShape>,
    /// The lookups of what is published.
    pub(in crate::cli) before: LookupsShape,
    /// The lookups of the output.
    pub(in crate::cli) after: LookupsShape,
    /// What is wrong with what is published.
    pub(in crate::cli) problems: Vec<String>,
    /// What was done; only with `--apply`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::cli) applied: Option<AppliedShape>,
}

/// What happens at one name.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct NameChangeShape {
    pub(in crate::cli) name: String,
    /// `chunks`, `own` or `old`: what has to be done before what.
    pub(in crate::cli) stage: &'static str,
    /// `add`, `change`, `keep` or `delete`.
    pub(in crate::cli) action: &'static str,
    pub(in crate::cli) ttl: u32,
    /// The records that stand there, each joined.
    pub(in crate::cli) before: Vec<String>,
    pub(in crate::cli) after: Option<String>,
}

/// What was done.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct AppliedShape {
    pub(in crate::cli) chunks: usize,
    pub(in crate::cli) own: usize,
    pub(in crate::cli) old: usize,
}
