//! Ranges for which two policies differ.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::addr::Address;
use crate::escape;
use crate::policy::{Comparison, Decisions, Difference, End};

/// A range of addresses with what is decided for it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct RangeShape {
    pub(crate) family: &'static str,
    pub(crate) first: String,
    pub(crate) last: String,
    pub(crate) before: String,
    pub(crate) after: String,
    /// The terms that only a message decides, where the difference hangs on them.
    pub(crate) when: Option<BTreeMap<String, bool>>,
}

impl RangeShape {
    /// The document of a difference.
    pub(crate) fn new<A: Address>(difference: &Difference<A>, decisions: &Decisions) -> RangeShape {
        RangeShape {
            family: A::FAMILY.as_str(),
            first: difference.range.first.to_ip().to_string(),
            last: difference.range.last.to_ip().to_string(),
            before: end(difference.witness.first, decisions),
            after: end(difference.witness.second, decisions),
            when: when(difference, decisions),
        }
    }

    /// Those of a comparison, IPv4 first.
    pub(crate) fn all(comparison: &Comparison, decisions: &Decisions) -> Vec<RangeShape> {
        let ip4 = comparison.ip4.iter().map(|difference| RangeShape::new(difference, decisions));
        let ip6 = comparison.ip6.iter().map(|difference| RangeShape::new(difference, decisions));
        ip4.chain(ip6).collect()
    }
}

/// The dynamic terms that take part in a difference, and whether each matches
/// where the policies differ; `None` where there is none.
pub(super) fn when<A>(
    difference: &Difference<A>,
    decisions: &Decisions,
) -> Option<BTreeMap<String, bool>> {
    let terms = [difference.first, difference.second].map(|id| &decisions.get(id).dynamic);
    let matches = |term| difference.witness.matching.contains(term);
    let when: BTreeMap<String, bool> = terms
        .into_iter()
        .flatten()
        .map(|(term, _)| (decisions.dynamic(*term).text.clone(), matches(term)))
        .collect();
    (!when.is_empty()).then_some(when)
}

/// What is decided in the end, in a word.
pub(super) fn end(end: End, decisions: &Decisions) -> String {
    match end {
        End::Undecided => "neutral".to_owned(),
        End::Outcome(outcome) => outcome.to_string(),
        End::Redirect(term) => escape::text(&decisions.dynamic(term).text),
        End::Error(id) if decisions.policy_error(id).is_temporary() => "temperror".to_owned(),
        End::Error(_) => "permerror".to_owned(),
    }
}
