//! The symbolic half: both policies lowered from their text, and their
//! decision maps compared over all addresses.

use crate::dns::Lookup;
use crate::policy::{Decisions, Graph, Known, Lowered, Verdict, WalkOptions, compare, lower, walk};

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

/// A policy, read and lowered.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The include graph.
    pub graph: Graph,
    /// Its decision map.
    pub lowered: Lowered,
}

/// Reads one side of a claim.
///
/// # Errors
///
/// Questions to ask first, or the errors that some address reaches.
pub fn read(
    claim: &Claim<'_>,
    side: Side,
    known: &Known,
    decisions: &mut Decisions,
) -> Result<Reading, Unproven> {
    let lookup: &dyn Lookup = match side {
        Side::Source => claim.source,
        Side::Output => claim.output,
    };
    let options = WalkOptions { keep: claim.keep.clone(), ceilings: claim.ceilings };
    let graph = walk(lookup, claim.domain, &options).map_err(Unproven::Need)?;
    let lowered = lower(&graph, known, claim.ceilings.levels, decisions);
    let errors = lowered.map.errors(decisions);
    if !errors.is_empty() {
        return Err(Refutation::Error { side, errors }.into());
    }
    Ok(Reading { graph, lowered })
}

/// Compares both sides over all addresses.
///
/// # Errors
///
/// Questions to ask first, or the ranges that differ.
pub(super) fn equal(claim: &Claim<'_>) -> Result<(Reading, Reading), Unproven> {
    let mut decisions = Decisions::default();
    let source = read(claim, Side::Source, &Known::new(), &mut decisions)?;
    let output = read(claim, Side::Output, claim.known, &mut decisions)?;
    let comparison = compare(&source.lowered.map, &output.lowered.map, &mut decisions);
    if comparison.verdict != Verdict::Equal {
        return Err(Refutation::from_comparison(&comparison, &decisions).into());
    }
    Ok((source, output))
}
