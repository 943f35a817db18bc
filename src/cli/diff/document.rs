//! What changed, for programs.

use super::super::ranges::{RangeChange, branches, changes};
use super::{Difference, difference::DomainDifference, difference::RecordChange};
use crate::documents::{
    DeciderShape, DiffDocument, DomainShape, DriftLookupsShape, FailedShape, PartShape,
    PassingShape, PassingsShape, ProviderShape, RangeShape, RecordShape, SCHEMA,
};
use crate::lint::render::diagnostics;
use crate::policy::{Change, Passing};

/// The whole document.
pub(super) fn document(difference: &Difference) -> DiffDocument {
    let failed = difference.failed.iter().map(|(question, failure)| FailedShape {
        name: question.name.to_string(),
        record_type: question.record_type.as_str(),
        reason: failure.to_string(),
    });
    let found = difference.domains.iter().map(|domain| diagnostics(&domain.report));
    let found = found.filter_map(|list| match list {
        serde_json::Value::Array(list) => Some(list),
        _ => None,
    });
    DiffDocument {
        schema: SCHEMA,
        taken: difference.taken.clone(),
        changed: difference.changed(),
        records: shapes(&difference.records),
        other_records: shapes(&difference.others),
        domains: difference.domains.iter().map(of_domain).collect(),
        failed: failed.collect(),
        diagnostics: found.flatten().collect(),
    }
}

fn shapes(changes: &[RecordChange]) -> Vec<RecordShape> {
    changes.iter().map(|change| change.shape.clone()).collect()
}

fn of_domain(domain: &DomainDifference) -> DomainShape {
    let drift = &domain.drift;
    let ranges = changes(&drift.comparison, &drift.decisions);
    let of = |wanted: Change| -> Vec<RangeShape> {
        let ranges = ranges.iter().filter(|range| range.change == wanted);
        ranges.map(|range| range.shape.clone()).collect()
    };
    let providers = branches(drift).into_iter().filter_map(|(branch, parts)| {
        let (gained, lost) = (shaped(&parts, Change::Gained), shaped(&parts, Change::Lost));
        let passes = !gained.is_empty() || !lost.is_empty();
        passes.then(|| ProviderShape {
            domain: branch.domain.to_string(),
            term: branch.include.clone(),
            gained,
            lost,
        })
    });
    DomainShape {
        domain: domain.domain.to_string(),
        gained: of(Change::Gained),
        lost: of(Change::Lost),
        changed: of(Change::Other),
        providers: providers.collect(),
        lookups: DriftLookupsShape {
            before: domain.lookups_before.into(),
            after: domain.now.lookups.into(),
        },
        passing: PassingsShape { ip4: passing(drift.passing_ip4), ip6: passing(drift.passing_ip6) },
        problem: domain.problem(),
    }
}

fn shaped(parts: &[RangeChange], wanted: Change) -> Vec<PartShape> {
    let parts = parts.iter().filter(|part| part.change == wanted);
    let shape = |part: &RangeChange| PartShape {
        range: part.shape.clone(),
        by: DeciderShape {
            domain: part.by.as_ref().map(|by| by.domain.to_string()),
            term: part.by.as_ref().and_then(|by| by.term.clone()),
        },
    };
    parts.map(shape).collect()
}

fn passing(passing: Passing) -> PassingShape {
    PassingShape {
        before: passing.before,
        kept: passing.kept,
        lost_percent: passing.lost_percent(),
    }
}
