//! What a compiled policy says.

use crate::compile::{Compiled, MacroOptions, MacroOutput, MacroStyle};
use crate::documents::{RangeShape, SCHEMA};
use crate::image::ServedSet;
use crate::lint::Report;
use crate::lint::render::diagnostics;
use crate::name::DomainName;
use crate::target::ZoneRecord;

use super::shapes::{
    CompiledDocument, KeptShape, MacroDocument, OutputShape, ProofShape, ResultShape, SetShape,
    SourceShape, ZoneRecordShape,
};

impl CompiledDocument {
    /// The document; `ranges` counts the IPv4 and the IPv6 ranges of the policy.
    pub(crate) fn new(
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
}

impl MacroDocument {
    /// The document of a macro record and of what answers for it.
    pub(crate) fn new(
        output: &MacroOutput,
        options: &MacroOptions,
        report: &Report,
    ) -> MacroDocument {
        let count = |family: fn(&ServedSet) -> &Vec<String>| {
            output.sets.iter().map(|set| family(set).len()).sum()
        };
        let ranges = (count(|set| &set.ip4), count(|set| &set.ip6));
        let compiled =
            CompiledDocument::new(&output.compiled, &options.source.domain, ranges, report);
        let record = output.compiled.records.first().map(|record| record.text.clone());
        let zone_record = |record: &ZoneRecord| ZoneRecordShape {
            name: record.name.to_string(),
            record_type: record.data.record_type(),
            ttl: record.ttl,
            data: record.data.presentation(),
        };
        let is_static =
            matches!(options.style, MacroStyle::ExistsStatic { .. } | MacroStyle::Shard { .. });
        MacroDocument {
            compiled,
            record: record.unwrap_or_default(),
            zone: options.zone.to_string(),
            inlined: output.inlined.terms.clone(),
            sets: output.sets.iter().map(set).collect(),
            zone_records: is_static.then(|| output.zone_records.iter().map(zone_record).collect()),
        }
    }
}

fn set(set: &ServedSet) -> SetShape {
    SetShape {
        zone: set.layout.zone().to_string(),
        mechanism: set.mechanism.as_str(),
        outcome: set.outcome.result().as_str(),
        ip4: set.ip4.clone(),
        ip6: set.ip6.clone(),
    }
}

fn repaired(compiled: &Compiled) -> Vec<RangeShape> {
    let Some(comparison) = &compiled.repaired else { return Vec::new() };
    RangeShape::all(comparison, &compiled.decisions)
}
