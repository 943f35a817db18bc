//! The document of `spfc verify`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::ProofShape;

/// Two policies, compared.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct VerifyDocument {
    pub(in crate::cli) schema: u32,
    /// `null` where that hangs on terms that only one of them has.
    pub(in crate::cli) equal: Option<bool>,
    /// Why the question is open.
    pub(in crate::cli) reason: Option<String>,
    /// How equality was proven.
    pub(in crate::cli) proof: Option<ProofShape>,
    pub(in crate::cli) differences: Vec<DifferenceShape>,
}

/// A range of addresses with both results.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct DifferenceShape {
    pub(in crate::cli) family: &'static str,
    pub(in crate::cli) first: String,
    pub(in crate::cli) last: String,
    pub(in crate::cli) a: String,
    pub(in crate::cli) b: String,
    /// Which dynamic terms match.
    pub(in crate::cli) when: Option<BTreeMap<String, bool>>,
}
