//! What an operator has to know of a change, as lines for comments.
//!
//! Lines are visible ASCII and blanks: names come with their escapes.

use super::{Action, NameChange, Plan, RenderOptions};

/// Names as a list.
pub(super) fn listed<'a>(changes: impl IntoIterator<Item = &'a NameChange>) -> String {
    let names: Vec<String> =
        changes.into_iter().map(|change| change.name.to_lowercase().to_string()).collect();
    names.join(", ")
}

/// What the text is.
pub(super) fn title(plan: &Plan) -> String {
    format!("The SPF policy of {}, compiled by spfc.", plan.domain.to_lowercase())
}

/// What becomes of the records that nothing leads to any more; empty where
/// there are none.
pub(super) fn old(plan: &Plan, options: &RenderOptions) -> Vec<String> {
    if plan.old.is_empty() {
        return Vec::new();
    }
    let (names, wait) = (listed(&plan.old), plan.wait);
    let (title, when) = match options.drop_old {
        true => ("deleted", "Not sooner than"),
        false => ("kept", "Give --drop-old not sooner than"),
    };
    vec![
        format!("No longer used, and {title}: {names}."),
        format!("{when} {wait} seconds after the policy's own record has changed:"),
        String::from("caches may still hold the one before it, which leads to these names."),
    ]
}

/// That other TXT records are not known, for forms that write all of a name's.
pub(super) fn unknown_others(plan: &Plan) -> Vec<String> {
    if plan.looked_at {
        return Vec::new();
    }
    vec![
        String::from("What else stands at these names was not looked at. TXT records that are not"),
        format!("listed here are DELETED: add those of {}.", listed(&plan.own)),
    ]
}

/// That published records have to be imported, for forms that would write the
/// policy's own record beside the one that stands there.
pub(super) fn import(plan: &Plan) -> Vec<String> {
    let stands = |change: &&NameChange| !plan.looked_at || !change.before.is_empty();
    let standing: Vec<&NameChange> = plan.own.iter().filter(stands).collect();
    if standing.is_empty() {
        return Vec::new();
    }
    vec![
        format!("Import the SPF records that stand at {}, where Terraform", listed(standing)),
        String::from("does not hold them yet: two at one name are a permerror."),
    ]
}

/// What has to be applied before the rest, for forms that do not order changes.
pub(super) fn order(plan: &Plan, reader: &str) -> Vec<String> {
    let to_do = |changes: &'_ [NameChange]| -> Vec<NameChange> {
        changes.iter().filter(|change| change.action() != Action::Keep).cloned().collect()
    };
    let (chunks, own) = (to_do(&plan.chunks), to_do(&plan.own));
    // Where one name alone changes there is no order.
    let Some((last, before)) = own.split_last() else { return Vec::new() };
    if chunks.is_empty() && before.is_empty() {
        return Vec::new();
    }
    vec![
        format!("{reader} has its own order of changes. Leave no gap: apply"),
        listed(chunks.iter().chain(before)),
        format!("first, and {} when they are served.", last.name.to_lowercase()),
    ]
}
