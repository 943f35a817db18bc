//! A change batch of Amazon Route 53, in JSON: `ChangeResourceRecordSets` does
//! all of it or nothing.

use std::fmt::Write;

use serde::Serialize;

use super::presentation::{escaped_name, quoted_strings};
use super::sets::old_ttl;
use super::{Action, Form, NameChange, Plan, RenderError, RenderOptions, TextFault, notes};
use crate::dns::Txt;
use crate::name::DomainName;

/// Characters of one value at most.
pub(super) const VALUE_CHARACTERS: usize = 4_000;
/// Characters of all values of a batch at most; those of an UPSERT count twice.
const BATCH_CHARACTERS: usize = 32_000;
/// Values of a batch at most; those of an UPSERT count twice.
const BATCH_VALUES: usize = 1_000;
/// Characters of a batch's comment at most.
const COMMENT_CHARACTERS: usize = 256;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ChangeBatch {
    comment: String,
    changes: Vec<Change>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Change {
    action: Verb,
    resource_record_set: ResourceRecordSet,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
enum Verb {
    /// Refused where the name has TXT records.
    Create,
    /// Takes the place of all TXT records of the name.
    Upsert,
    /// Refused where the name has other TXT records or another TTL.
    Delete,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ResourceRecordSet {
    name: String,
    #[serde(rename = "Type")]
    record_type: &'static str,
    #[serde(rename = "TTL")]
    ttl: u32,
    resource_records: Vec<ResourceRecord>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ResourceRecord {
    value: String,
}

/// The document.
pub(super) fn render(plan: &Plan, options: &RenderOptions) -> Result<String, RenderError> {
    let old = plan.old.iter().filter(|_| options.drop_old);
    let changes = plan.chunks.iter().chain(&plan.own).chain(old);
    let changes: Result<Vec<Change>, RenderError> =
        changes.filter(|change| change.action() != Action::Keep).map(change).collect();
    let changes = changes?;
    check_limits(&changes)?;
    let batch = ChangeBatch { comment: comment(plan, options, changes.is_empty()), changes };
    // Strings and numbers always serialize.
    let text = serde_json::to_string_pretty(&batch).unwrap_or_default();
    Ok(text + "\n")
}

fn change(change: &NameChange) -> Result<Change, RenderError> {
    let (before, after) = (change.standing_before(), change.standing_after());
    let (action, ttl, records) = match (before.is_empty(), after.is_empty()) {
        (true, _) => (Verb::Create, change.ttl, after),
        (false, true) => (Verb::Delete, old_ttl(change), before),
        (false, false) if change.after.is_none() => (Verb::Upsert, old_ttl(change), after),
        (false, false) => (Verb::Upsert, change.ttl, after),
    };
    let mut values: Vec<ResourceRecord> = Vec::new();
    for record in &records {
        let value = value(&change.name, record, " ", Form::Route53)?;
        if !values.iter().any(|known| known.value == value) {
            values.push(ResourceRecord { value });
        }
    }
    let resource_record_set = ResourceRecordSet {
        name: escaped_name(&change.name, octal),
        record_type: "TXT",
        ttl,
        resource_records: values,
    };
    Ok(Change { action, resource_record_set })
}

/// The strings of a record as Route 53 takes them: each in quotation marks,
/// octets that are not printable ASCII in three octal digits.
pub(super) fn value(
    name: &DomainName,
    record: &Txt,
    separator: &str,
    form: Form,
) -> Result<String, RenderError> {
    let fault = match quoted_strings(record, separator, octal) {
        Some(value) if value.len() <= VALUE_CHARACTERS => return Ok(value),
        Some(_) => TextFault::Long(VALUE_CHARACTERS),
        None => TextFault::Empty,
    };
    Err(RenderError::Text { form, name: name.clone(), fault })
}

fn octal(text: &mut String, octet: u8) {
    let _ = write!(text, "\\{octet:03o}");
}

fn check_limits(changes: &[Change]) -> Result<(), RenderError> {
    let counted = |of: fn(&ResourceRecord) -> usize| -> usize {
        let sum = |change: &Change| -> usize {
            let sum: usize = change.resource_record_set.resource_records.iter().map(of).sum();
            if change.action == Verb::Upsert { 2 * sum } else { sum }
        };
        changes.iter().map(sum).sum()
    };
    let limits = [
        ("values", counted(|_| 1), BATCH_VALUES),
        ("characters of values", counted(|record| record.value.len()), BATCH_CHARACTERS),
    ];
    match limits.into_iter().find(|(_, count, most)| count > most) {
        None => Ok(()),
        Some((what, count, most)) => {
            Err(RenderError::LargeBatch { form: Form::Route53, what, count, most })
        }
    }
}

/// What fits into the one comment that a batch has.
fn comment(plan: &Plan, options: &RenderOptions, nothing: bool) -> String {
    let mut text = notes::title(plan);
    if nothing {
        text.push_str(" There is nothing to change.");
    }
    if !plan.looked_at {
        text.push_str(" Refused where a name has TXT records already.");
    }
    if !plan.old.is_empty() {
        let (names, wait) = (notes::listed(&plan.old), plan.wait);
        text.push_str(&match options.drop_old {
            true => format!(" Not sooner than {wait} s after the policy changed."),
            false => format!(" To delete {wait} s later, with --drop-old: {names}."),
        });
    }
    if text.len() > COMMENT_CHARACTERS {
        // Visible ASCII and blanks, so any place is one to cut.
        text.truncate(COMMENT_CHARACTERS - 3);
        text.push_str("...");
    }
    text
}
