//! The documents of `spfc flatten` and `spfc macro`.

use serde::Serialize;

use super::{LookupsShape, RangeShape};

/// A compiled policy: what both targets say.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct CompiledDocument {
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
    pub(in crate::cli) diagnostics: serde_json::Value,
}

/// A policy compiled to flat records.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct FlattenDocument {
    #[serde(flatten)]
    pub(in crate::cli) compiled: CompiledDocument,
    /// What `--just-enough` inlined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::cli) inlined: Option<Vec<InlinedShape>>,
}

/// A term in whose place its answers stand now.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct InlinedShape {
    pub(in crate::cli) term: String,
    pub(in crate::cli) domain: String,
    pub(in crate::cli) target: String,
    pub(in crate::cli) reason: String,
    pub(in crate::cli) lookups: u32,
    pub(in crate::cli) void: u32,
    pub(in crate::cli) ranges: usize,
    pub(in crate::cli) octets: usize,
    pub(in crate::cli) ttl: Option<u32>,
}

/// A policy compiled to a macro record.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct MacroDocument {
    #[serde(flatten)]
    pub(in crate::cli) compiled: CompiledDocument,
    /// What to publish at the domain.
    pub(in crate::cli) record: String,
    /// The name of the zone.
    pub(in crate::cli) zone: String,
    /// Terms of the zone's addresses that stand in the record too.
    pub(in crate::cli) inlined: Vec<String>,
    /// What the responder holds.
    pub(in crate::cli) sets: Vec<SetShape>,
    /// The records of a static zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::cli) zone_records: Option<Vec<ZoneRecordShape>>,
}

/// The addresses of one zone.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct SetShape {
    pub(in crate::cli) zone: String,
    /// `exists` or `include`: what the names are answered with.
    pub(in crate::cli) mechanism: &'static str,
    pub(in crate::cli) outcome: &'static str,
    /// Ranges, `first-last`.
    pub(in crate::cli) ip4: Vec<String>,
    /// Ranges, `first-last`.
    pub(in crate::cli) ip6: Vec<String>,
}

/// A record of a static zone.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct ZoneRecordShape {
    pub(in crate::cli) name: String,
    #[serde(rename = "type")]
    pub(in crate::cli) record_type: &'static str,
    pub(in crate::cli) ttl: u32,
    pub(in crate::cli) data: String,
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
    /// Ranges that the policy decides otherwise than by its end.
    pub(in crate::cli) ip4_ranges: usize,
    /// Ranges that the policy decides otherwise than by its end.
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
