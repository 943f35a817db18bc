//! How two policies differ, when a proof fails.

use std::net::IpAddr;

use thiserror::Error;

use crate::addr::Address;
use crate::outcome::SpfResult;
use crate::policy::{Comparison, Decisions, Difference, End, PolicyError};

use super::Side;

/// How many differing ranges a message names.
const NAMED: usize = 5;

/// How two policies differ.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Refutation {
    /// One of them is in error for some address.
    #[error("the {side} is in error: {}", .errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Error {
        /// Which one.
        side: Side,
        /// Its errors.
        errors: Vec<PolicyError>,
    },
    /// The decision maps differ.
    #[error("{count} ranges differ: {}", .ranges.join("; "))]
    Ranges {
        /// How many ranges differ.
        count: usize,
        /// The first few, in words.
        ranges: Vec<String>,
    },
    /// `check_host()` gives other results.
    #[error(
        "check_host() of {address} gives {source_result} for the source and {output_result} for the output"
    )]
    Result {
        /// The client.
        address: IpAddr,
        /// What the source gives.
        source_result: SpfResult,
        /// What the output gives.
        output_result: SpfResult,
    },
    /// The output breaks a limit that the unlimited function does not know.
    #[error(
        "check_host() of {address} gives {result} for the output under the limits of RFC 7208 section 4.6.4"
    )]
    Limits {
        /// The client.
        address: IpAddr,
        /// What the output gives.
        result: SpfResult,
    },
}

impl Refutation {
    /// The ranges of a comparison, the first of them in words.
    pub(super) fn from_comparison(comparison: &Comparison, decisions: &Decisions) -> Refutation {
        let ip4 = comparison.ip4.iter().map(|difference| in_words(difference, decisions));
        let ip6 = comparison.ip6.iter().map(|difference| in_words(difference, decisions));
        Refutation::Ranges {
            count: comparison.ip4.len() + comparison.ip6.len(),
            ranges: ip4.chain(ip6).take(NAMED).collect(),
        }
    }
}

fn in_words<A: Address>(difference: &Difference<A>, decisions: &Decisions) -> String {
    let witness = &difference.witness;
    let (first, second) =
        (end_in_words(witness.first, decisions), end_in_words(witness.second, decisions));
    let mut words = format!("{}: {first} in the source, {second} in the output", difference.range);
    for (index, term) in witness.matching.iter().enumerate() {
        words.push_str(if index == 0 { " when " } else { " and " });
        words.push_str(&decisions.dynamic(*term).text);
    }
    if !witness.matching.is_empty() {
        words.push_str(" matches");
    }
    words
}

/// What is decided, in words.
fn end_in_words(end: End, decisions: &Decisions) -> String {
    match end {
        End::Undecided => String::from("nothing"),
        End::Outcome(outcome) => outcome.to_string(),
        End::Redirect(term) => decisions.dynamic(term).text.clone(),
        End::Error(error) => decisions.policy_error(error).to_string(),
    }
}
