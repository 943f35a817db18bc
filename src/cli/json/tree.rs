//! The document of `spfc tree`.

use serde::Serialize;

use super::LookupsShape;

/// An include tree.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct TreeDocument {
    pub(in crate::cli) schema: u32,
    #[serde(flatten)]
    pub(in crate::cli) policy: PolicyShape,
}

/// One record of the tree.
#[derive(Clone, Debug, Serialize)]
pub(in crate::cli) struct PolicyShape {
    pub(in crate::cli) domain: String,
    /// `null` where there is no sound record.
    pub(in crate::cli) record: Option<String>,
    pub(in crate::cli) lookups: LookupsShape,
    /// The addresses that the record passes.
    pub(in crate::cli) addresses: Option<AddressesShape>,
    /// Why the record cannot be used.
    pub(in crate::cli) problem: Option<String>,
    /// The record's terms are further up, at its first place in the tree.
    pub(in crate::cli) repeated: bool,
    pub(in crate::cli) terms: Vec<TermShape>,
}

/// One term.
#[derive(Clone, Debug, Serialize)]
pub(in crate::cli) struct TermShape {
    pub(in crate::cli) term: String,
    /// Lookups of the term and of all that it leads to.
    pub(in crate::cli) lookups: u32,
    /// Lookups of the whole policy up to the end of the term.
    pub(in crate::cli) cumulative: u32,
    pub(in crate::cli) addresses: Option<AddressesShape>,
    pub(in crate::cli) problem: Option<String>,
    pub(in crate::cli) target: Option<PolicyShape>,
}

/// How many addresses there are.
#[derive(Clone, Debug, Serialize)]
pub(in crate::cli) struct AddressesShape {
    pub(in crate::cli) ip4: u64,
    pub(in crate::cli) ip6_prefixes: usize,
}
