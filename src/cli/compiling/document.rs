//! A compiled policy as a JSON document.

use crate::cli::json::{
    CompiledDocument, KeptShape, OutputShape, ProofShape, RangeShape, ResultShape, SCHEMA,
    SourceShape,
};
use crate::cli::ranges::changes;
use crate::compile::Compiled;
use crate::lint::Report;
use crate::lint::render::diagnostics;
use crate::name::DomainName;

/// The document; `ranges` counts the IPv4 and the IPv6 ranges of the policy.
pub(in crate::cli) fn document(
    compiled: &Compiled,
    domain: &DomainName,
    ranges: (usize, usize),
    report: &Report,
) -> CompiledDocument {
    let records = compiled.records.iter().map(|record| OutputShape {
        name: record.name.to_string(),
        ttl: record.ttl,
        text: record.text.clone(),
        strings: record.strings(),
        message_octets: record.message_octets,
    });
    let kept = compiled.source.kept.iter().map(|kept| KeptShape {
        term: kept.term.clone(),
        domain: kept.domain.to_string(),
        reason: kept.reason.as_str(),
    });
    let (ip4_ranges, ip6_ranges) = ranges;
    CompiledDocument {
        schema: SCHEMA,
        domain: domain.to_string(),
        source: SourceShape {
            record: compiled.source.text.clone(),
            lookups: compiled.source.lookups.into(),
        },
        // Without a proof there is no output.
        equivalent: true,
        proof: ProofShape {
            tested: compiled.proof.tested,
            addresses: compiled.proof.addresses,
            worlds: compiled.proof.worlds,
        },
        records: records.collect(),
        result: ResultShape {
            lookups: compiled.lookups.into(),
            terms: compiled.terms(),
            octets: compiled.octets(),
            ip4_ranges,
            ip6_ranges,
            changed: compiled.changed,
        },
        kept: kept.collect(),
        repaired: repaired(compiled),
        notes: compiled.notes.clone(),
        diagnostics: diagnostics(report),
    }
}

fn repaired(compiled: &Compiled) -> Vec<RangeShape> {
    let Some(comparison) = &compiled.repaired else { return Vec::new() };
    changes(comparison, &compiled.decisions).into_iter().map(|change| change.shape).collect()
}
