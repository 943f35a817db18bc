//! The document of `spfc tree`.

use serde::Serialize;
use utoipa::ToSchema;

use crate::documents::LookupsShape;

/// An include tree.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TreeDocument {
    pub(crate) schema: u32,
    #[serde(flatten)]
    pub(crate) policy: PolicyShape,
}

/// One record of the tree.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct PolicyShape {
    pub(crate) domain: String,
    /// `null` where there is no sound record.
    pub(crate) record: Option<String>,
    pub(crate) lookups: LookupsShape,
    /// The addresses that the record passes.
    pub(crate) addresses: Option<AddressesShape>,
    /// Why the record cannot be used.
    pub(crate) problem: Option<String>,
    /// The record's terms are further up, at its first place in the tree.
    pub(crate) repeated: bool,
    pub(crate) terms: Vec<TermShape>,
}

/// One term.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct TermShape {
    pub(crate) term: String,
    /// Lookups of the term and of all that it leads to.
    pub(crate) lookups: u32,
    /// Lookups of the whole policy up to the end of the term.
    pub(crate) cumulative: u32,
    pub(crate) addresses: Option<AddressesShape>,
    pub(crate) problem: Option<String>,
    #[schema(no_recursion)]
    pub(crate) target: Option<PolicyShape>,
}

/// How many addresses there are.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct AddressesShape {
    pub(crate) ip4: u64,
    pub(crate) ip6_prefixes: usize,
}
