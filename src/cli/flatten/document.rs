//! A flattened policy as a JSON document.

use crate::cli::json::{
    FlattenDocument, KeptShape, OutputShape, ProofShape, RangeShape, ResultShape, SCHEMA,
    SourceShape,
};
use crate::cli::ranges::changes;
use crate::compile::{FlattenOptions, Flattened};

use super::{octets, terms};

/// The document.
pub(super) fn document(flattened: &Flattened, options: &FlattenOptions) -> FlattenDocument {
    let records = flattened.records.iter().map(|record| OutputShape {
        name: record.name.to_string(),
        ttl: record.ttl,
        text: record.text.clone(),
        strings: record.strings(),
        message_octets: record.message_octets,
    });
    let kept = flattened.source.kept.iter().map(|kept| KeptShape {
        term: kept.term.clone(),
        domain: kept.domain.to_string(),
        reason: kept.reason.as_str(),
    });
    FlattenDocument {
        schema: SCHEMA,
        domain: options.source.domain.to_string(),
        source: SourceShape {
            record: flattened.source.text.clone(),
            lookups: flattened.source.lookups.into(),
        },
        // Without a proof there is no output.
        equivalent: true,
        proof: ProofShape {
            tested: flattened.proof.tested,
            addresses: flattened.proof.addresses,
            worlds: flattened.proof.worlds,
        },
        records: records.collect(),
        result: ResultShape {
            lookups: flattened.lookups.into(),
            terms: terms(flattened),
            octets: octets(flattened),
            ip4_ranges: flattened.ip4_ranges,
            ip6_ranges: flattened.ip6_ranges,
            changed: flattened.changed,
        },
        kept: kept.collect(),
        repaired: repaired(flattened),
        notes: flattened.notes.clone(),
        diagnostics: [],
    }
}

fn repaired(flattened: &Flattened) -> Vec<RangeShape> {
    let Some(comparison) = &flattened.repaired else { return Vec::new() };
    changes(comparison, &flattened.decisions).into_iter().map(|change| change.shape).collect()
}
