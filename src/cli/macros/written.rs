//! A macro record and what answers for it, for people.

use crate::cli::compiling;
use crate::cli::describe::{counted, heading};
use crate::cli::style::{DIM, paint};
use crate::compile::MacroOutput;

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
