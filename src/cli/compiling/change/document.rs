//! A change as a JSON document.

use crate::cli::ranges::{RangeChange, changes};
use crate::compile::{Compiled, PublishedDifference};
use crate::dns::Txt;
use crate::documents::{AppliedShape, ChangeDocument, NameChangeShape, RangeShape, SCHEMA};
use crate::policy::Change;
use crate::publish::{Action, NameChange, Stage};
use crate::update::Applied;

/// The document.
pub(super) fn document(
    compiled: &Compiled,
    difference: &PublishedDifference,
    applied: Option<Applied>,
) -> ChangeDocument {
    let mut document = ChangeDocument {
        schema: SCHEMA,
        domain: compiled.plan.domain.to_string(),
        done: compiled.plan.is_done(),
        changes: compiled.plan.changes().map(|(stage, change)| shape(stage, change)).collect(),
        wait: compiled.plan.wait,
        gained: Vec::new(),
        lost: Vec::new(),
        changed: Vec::new(),
        before: difference.lookups.into(),
        after: compiled.lookups.into(),
        problems: difference.errors.iter().map(ToString::to_string).collect(),
        applied: applied.map(|Applied { chunks, own, old }| AppliedShape { chunks, own, old }),
    };
    for change in ranges(difference) {
        let list: &mut Vec<RangeShape> = match change.change {
            Change::Gained => &mut document.gained,
            Change::Lost => &mut document.lost,
            Change::Other => &mut document.changed,
        };
        list.push(change.shape);
    }
    document
}

/// The ranges whose result changes.
pub(super) fn ranges(difference: &PublishedDifference) -> Vec<RangeChange> {
    let mut ranges = changes(&difference.comparison, &difference.decisions);
    if !difference.published {
        ranges.iter_mut().for_each(|range| range.shape.before = String::from("none"));
    }
    ranges
}

fn shape(stage: Stage, change: &NameChange) -> NameChangeShape {
    let joined = |text: &Txt| String::from_utf8_lossy(&text.joined()).into_owned();
    NameChangeShape {
        name: change.name.to_string(),
        stage: match stage {
            Stage::Chunks => "chunks",
            Stage::Own => "own",
            Stage::Old => "old",
        },
        action: action(change.action()),
        ttl: change.ttl,
        before: change.before.iter().map(joined).collect(),
        after: change.after.as_ref().map(|strings| strings.concat()),
    }
}

/// The action in a word.
pub(super) fn action(action: Action) -> &'static str {
    match action {
        Action::Add => "add",
        Action::Change => "change",
        Action::Keep => "keep",
        Action::Delete => "delete",
    }
}
