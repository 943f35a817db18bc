//! The keys of a compiled policy.

use serde::Serialize;
use utoipa::ToSchema;

use crate::documents::{LookupsShape, RangeShape};

/// A compiled policy: what both targets say.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CompiledDocument {
    pub(crate) schema: u32,
    pub(crate) domain: String,
    pub(crate) source: SourceShape,
    pub(crate) equivalent: bool,
    pub(crate) proof: ProofShape,
    pub(crate) records: Vec<OutputShape>,
    pub(crate) result: ResultShape,
    pub(crate) kept: Vec<KeptShape>,
    /// What leaving out terms changes.
    pub(crate) repaired: Vec<RangeShape>,
    /// What the output cannot carry over, in words.
    pub(crate) notes: Vec<String>,
    /// Findings about the source, as `spfc lint` has them.
    #[schema(value_type = Vec<Object>)]
    pub(crate) diagnostics: serde_json::Value,
}

/// A policy compiled to flat records.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FlattenDocument {
    #[serde(flatten)]
    pub(crate) compiled: CompiledDocument,
    /// What `--just-enough` inlined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) inlined: Option<Vec<InlinedShape>>,
}

/// A term in whose place its answers stand now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InlinedShape {
    pub(crate) term: String,
    pub(crate) domain: String,
    pub(crate) target: String,
    pub(crate) reason: String,
    pub(crate) lookups: u32,
    pub(crate) void: u32,
    pub(crate) ranges: usize,
    pub(crate) octets: usize,
    pub(crate) ttl: Option<u32>,
}

/// A policy compiled to a macro record.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MacroDocument {
    #[serde(flatten)]
    pub(crate) compiled: CompiledDocument,
    /// What to publish at the domain.
    pub(crate) record: String,
    /// The name of the zone.
    pub(crate) zone: String,
    /// Terms of the zone's addresses that stand in the record too.
    pub(crate) inlined: Vec<String>,
    /// What the responder holds.
    pub(crate) sets: Vec<SetShape>,
    /// The records of a static zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) zone_records: Option<Vec<ZoneRecordShape>>,
}

/// The addresses of one zone.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SetShape {
    pub(crate) zone: String,
    /// `exists` or `include`: what the names are answered with.
    pub(crate) mechanism: &'static str,
    pub(crate) outcome: &'static str,
    /// Ranges, `first-last`.
    pub(crate) ip4: Vec<String>,
    /// Ranges, `first-last`.
    pub(crate) ip6: Vec<String>,
}

/// A record of a static zone.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ZoneRecordShape {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) record_type: &'static str,
    pub(crate) ttl: u32,
    pub(crate) data: String,
}

/// What was read.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SourceShape {
    pub(crate) record: String,
    pub(crate) lookups: LookupsShape,
}

/// How the output was proven.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProofShape {
    pub(crate) tested: usize,
    pub(crate) addresses: usize,
    pub(crate) worlds: usize,
}

/// One record to publish.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OutputShape {
    pub(crate) name: String,
    pub(crate) ttl: u32,
    pub(crate) text: String,
    pub(crate) strings: Vec<String>,
    pub(crate) message_octets: usize,
}

/// The output in figures.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ResultShape {
    pub(crate) lookups: LookupsShape,
    pub(crate) terms: usize,
    pub(crate) octets: usize,
    /// Ranges that the policy decides otherwise than by its end.
    pub(crate) ip4_ranges: usize,
    /// Ranges that the policy decides otherwise than by its end.
    pub(crate) ip6_ranges: usize,
    pub(crate) changed: usize,
}

/// A term that stays as it is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KeptShape {
    pub(crate) term: String,
    pub(crate) domain: String,
    pub(crate) reason: &'static str,
}
