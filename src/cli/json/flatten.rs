//! The document of `spfc flatten`.

use serde::Serialize;

use super::{LookupsShape, RangeShape};

/// A flattened policy.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct FlattenDocument {
    pub(in crate::cli) schema: u32,
    pub(in crate::cli) domain: String,
    pub(in crate::cli) source: SourceShape,
    pub(in crate::cli) equivalent: bool,
    pub(in crate::cli) proof: ProofShape,
    pub(in crate::cli) records: Vec<OutputShape>,
    pub(in crate::cli) result: ResultShape,
    pub(in crate::cli) kept: Vec<KeptShape>,
    /// What leaving out terms changes.
    pub(in crate::cli) repaired: Vec<RangeShape>,
    /// What the output cannot carry over, in words.
    pub(in crate::cli) notes: Vec<String>,
    /// Findings about the source, as `spfc lint` has them.
    pub(in crate::cli) diagnostics: [(); 0],
}

/// What was read.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct SourceShape {
    pub(in crate::cli) record: String,
    pub(in crate::cli) lookups: LookupsShape,
}

/// How the output was proven.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct ProofShape {
    pub(in crate::cli) tested: usize,
    pub(in crate::cli) addresses: usize,
    pub(in crate::cli) worlds: usize,
}

/// One record to publish.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct OutputShape {
    pub(in crate::cli) name: String,
    pub(in crate::cli) ttl: u32,
    pub(in crate::cli) text: String,
    pub(in crate::cli) strings: Vec<String>,
    pub(in crate::cli) message_octets: usize,
}

/// The output in figures.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct ResultShape {
    pub(in crate::cli) lookups: LookupsShape,
    pub(in crate::cli) terms: usize,
    pub(in crate::cli) octets: usize,
    pub(in crate::cli) ip4_ranges: usize,
    pub(in crate::cli) ip6_ranges: usize,
    pub(in crate::cli) changed: usize,
}

/// A term that stays as it is.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct KeptShape {
    pub(in crate::cli) term: String,
    pub(in crate::cli) domain: String,
    pub(in crate::cli) reason: &'static str,
}
