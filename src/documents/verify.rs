//! The document of `spfc verify`.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::differences::{end, when};
use super::{ProofShape, SCHEMA};
use crate::addr::Address;
use crate::compile::Verified;
use crate::policy::{Decisions, Difference, Verdict};

/// Why the question can be open.
pub(crate) const OPEN: &str = "it hangs on what terms match that only the message can decide and that only one of the policies has";

/// Two policies, compared.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VerifyDocument {
    pub(crate) schema: u32,
    /// `null` where that hangs on terms that only one of them has.
    pub(crate) equal: Option<bool>,
    /// Why the question is open.
    pub(crate) reason: Option<String>,
    /// How equality was proven.
    pub(crate) proof: Option<ProofShape>,
    pub(crate) differences: Vec<DifferenceShape>,
}

/// A range of addresses with both results.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DifferenceShape {
    pub(crate) family: &'static str,
    pub(crate) first: String,
    pub(crate) last: String,
    pub(crate) a: String,
    pub(crate) b: String,
    /// Which dynamic terms match.
    pub(crate) when: Option<BTreeMap<String, bool>>,
}

impl VerifyDocument {
    /// The document of a comparison.
    pub(crate) fn new(verified: &Verified) -> VerifyDocument {
        let comparison = &verified.comparison;
        let decisions = &verified.decisions;
        let ip4 = comparison.ip4.iter().map(|difference| shape(difference, decisions));
        let ip6 = comparison.ip6.iter().map(|difference| shape(difference, decisions));
        VerifyDocument {
            schema: SCHEMA,
            equal: match comparison.verdict {
                Verdict::Equal => Some(true),
                Verdict::Different => Some(false),
                Verdict::Open => None,
            },
            reason: (comparison.verdict == Verdict::Open).then(|| OPEN.to_owned()),
            proof: verified.proof.map(|proof| ProofShape {
                tested: proof.tested,
                addresses: proof.addresses,
                worlds: proof.worlds,
            }),
            differences: ip4.chain(ip6).collect(),
        }
    }
}

fn shape<A: Address>(difference: &Difference<A>, decisions: &Decisions) -> DifferenceShape {
    DifferenceShape {
        family: A::FAMILY.as_str(),
        first: difference.range.first.to_ip().to_string(),
        last: difference.range.last.to_ip().to_string(),
        a: end(difference.witness.first, decisions),
        b: end(difference.witness.second, decisions),
        when: when(difference, decisions),
    }
}
