//! The document of `spfc flatten --diff` and `--apply`.

use serde::Serialize;

use super::{LookupsShape, RangeShape};

/// What has to change in DNS, and what that changes for receivers.
#[derive(Debug, Serialize)]
pub(crate) struct ChangeDocument {
    pub(crate) schema: u32,
    pub(crate) domain: String,
    /// Whether everything stands already as it is to stand.
    pub(crate) done: bool,
    /// The names in the order in which they are changed.
    pub(crate) changes: Vec<NameChangeShape>,
    /// Seconds that receivers may still use what was published before.
    pub(crate) wait: u32,
    pub(crate) gained: Vec<RangeShape>,
    pub(crate) lost: Vec<RangeShape>,
    pub(crate) changed: Vec<RangeShape>,
    /// The lookups of what is published.
    pub(crate) before: LookupsShape,
    /// The lookups of the output.
    pub(crate) after: LookupsShape,
    /// What is wrong with what is published.
    pub(crate) problems: Vec<String>,
    /// What was done; only with `--apply`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) applied: Option<AppliedShape>,
}

/// What happens at one name.
#[derive(Debug, Serialize)]
pub(crate) struct NameChangeShape {
    pub(crate) name: String,
    /// `chunks`, `own` or `old`: what has to be done before what.
    pub(crate) stage: &'static str,
    /// `add`, `change`, `keep` or `delete`.
    pub(crate) action: &'static str,
    pub(crate) ttl: u32,
    /// The records that stand there, each joined.
    pub(crate) before: Vec<String>,
    pub(crate) after: Option<String>,
}

/// What was done.
#[derive(Debug, Serialize)]
pub(crate) struct AppliedShape {
    pub(crate) chunks: usize,
    pub(crate) own: usize,
    pub(crate) old: usize,
}
