//! The symbolic half: both policies lowered from their text, and their
//! decision maps compared over all addresses.

use crate::policy::{Decisions, Lowered, Verdict, WalkOptions, compare, lower, walk};

use super::{Claim, Refutation, Unproven};

/// Which of the two policies is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// What was read.
    Source,
    /// What is to be published.
    Output,
}

impl std::fmt::Display for Side {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Side::Source => "source",
            Side::Output => "output",
        })
    }
}

/// Reads and lowers one side of a claim.
///
/// # Errors
///
/// Questions to ask first, or the errors that some address reaches.
pub fn lowered(
    claim: &Claim<'_>,
    side: Side,
    decisions: &mut Decisions,
) -> Result<Lowered, Unproven> {
    let subject = match side {
        Side::Source => &claim.source,
        Side::Output => &claim.output,
    };
    let options = WalkOptions { keep: claim.keep.clone(), ceilings: claim.ceilings };
    let graph = walk(subject.lookup, subject.domain, &options).map_err(Unproven::Need)?;
    let lowered = lower(&graph, &subject.generated.known, claim.ceilings.levels, decisions);
    let errors = lowered.map.errors(decisions);
    if !errors.is_empty() {
        return Err(Refutation::Error { side, errors }.into());
    }
    Ok(lowered)
}

/// Compares both sides over all addresses.
pub(super) fn equal(claim: &Claim<'_>) -> Result<(), Unproven> {
    let mut decisions = Decisions::default();
    let source = lowered(claim, Side::Source, &mut decisions)?;
    let output = lowered(claim, Side::Output, &mut decisions)?;
    let comparison = compare(&source.map, &output.map, &mut decisions);
    match comparison.verdict {
        Verdict::Equal => Ok(()),
        _ => Err(Refutation::from_comparison(&comparison, &decisions).into()),
    }
}
