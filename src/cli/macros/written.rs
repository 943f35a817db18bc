//! A macro record and what answers for it, for people and as JSON.

use crate::cli::compiling;
use crate::cli::describe::{counted, heading};
use crate::cli::json::{MacroDocument, SetShape, ZoneRecordShape};
use crate::cli::style::{DIM, paint};
use crate::compile::{MacroOptions, MacroOutput, MacroStyle};
use crate::image::ServedSet;
use crate::lint::Report;
use crate::target::ZoneRecord;

/// The records, and what answers for the zone.
pub(super) fn text(output: &MacroOutput) -> String {
    let mut out = compiling::text(&output.compiled.records);
    if !output.zone_records.is_empty() {
        let records = counted(output.zone_records.len(), "record");
        let largest = match output.zone_message_octets {
            0 => String::new(),
            octets => format!(", {octets} octets on the wire at most"),
        };
        let about = format!("zone of {records}{largest} (--output zone prints it)");
        out.push_str(&format!("\n{}\n", paint(DIM, about)));
        return out;
    }
    for set in &output.sets {
        out.push_str(&format!("\n{}\n", heading(set.layout.zone())));
        for range in set.ip4.iter().chain(&set.ip6) {
            out.push_str(range);
            out.push('\n');
        }
    }
    out
}

/// The document.
pub(super) fn document(
    output: &MacroOutput,
    options: &MacroOptions,
    report: &Report,
) -> MacroDocument {
    let count = |family: fn(&ServedSet) -> &Vec<String>| {
        output.sets.iter().map(|set| family(set).len()).sum()
    };
    let ranges = (count(|set| &set.ip4), count(|set| &set.ip6));
    let compiled = compiling::document(&output.compiled, &options.source.domain, ranges, report);
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

fn set(set: &ServedSet) -> SetShape {
    SetShape {
        zone: set.layout.zone().to_string(),
        mechanism: set.mechanism.as_str(),
        outcome: set.outcome.result().as_str(),
        ip4: set.ip4.clone(),
        ip6: set.ip6.clone(),
    }
}
