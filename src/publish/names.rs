//! Names as forms without escapes take them: plain, and in their zone.

use super::{Form, Plan, RenderError};
use crate::name::DomainName;

/// Checks that the zone holds all names of a change.
pub(super) fn check_zone(plan: &Plan, zone: &DomainName) -> Result<(), RenderError> {
    match plan.changes().find(|(_, change)| !change.name.is_at_or_below(zone)) {
        None => Ok(()),
        Some((_, change)) => {
            Err(RenderError::OutsideZone { name: change.name.clone(), zone: zone.clone() })
        }
    }
}

/// Whether an octet stands for itself in every form.
pub(super) fn is_plain(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_')
}

/// The whole name without a final dot, in lower case.
pub(super) fn full(name: &DomainName, form: Form) -> Result<String, RenderError> {
    joined(name, name.label_count(), form)
}

/// The labels left of the zone, in lower case; empty at its apex. The name has
/// to be in the zone.
pub(super) fn relative(
    name: &DomainName,
    zone: &DomainName,
    form: Form,
) -> Result<String, RenderError> {
    joined(name, name.label_count().saturating_sub(zone.label_count()), form)
}

fn joined(name: &DomainName, labels: usize, form: Form) -> Result<String, RenderError> {
    let mut text = String::new();
    for (index, label) in name.labels().take(labels).enumerate() {
        let wildcard = index == 0 && label == b"*";
        if !wildcard && !label.iter().all(|octet| is_plain(*octet)) {
            return Err(RenderError::Name { form, name: name.clone() });
        }
        if index > 0 {
            text.push('.');
        }
        text.extend(label.iter().map(|octet| char::from(octet.to_ascii_lowercase())));
    }
    Ok(text)
}
