//! Comparing any two policies over all addresses.

use std::collections::HashSet;

use crate::dns::{Lookup, ZoneFile};
use crate::limits::Ceilings;
use crate::name::DomainName;
use crate::policy::{
    Comparison, Decisions, Graph, Known, Meaning, Verdict, WalkOptions, compare, walk,
};
use crate::proof::{
    Claim, Proof, Refutation, Side, Subject, Unproven, independent_half, lowered, zone_ranges,
};

use super::{CompileError, Halt};

/// One of the policies to compare.
#[derive(Clone, Copy)]
pub struct VerifySide<'a> {
    /// The domain whose policy it is.
    pub domain: &'a DomainName,
    /// DNS as the policy is read.
    pub lookup: &'a dyn Lookup,
    /// The zone file that it is read from, whose `exists` names are then as
    /// good as addresses.
    pub zone: Option<&'a ZoneFile>,
}

impl<'a> VerifySide<'a> {
    fn subject(&self, known: &'a Known, zones: &'a [DomainName]) -> Subject<'a> {
        Subject { domain: self.domain, lookup: self.lookup, known, zones }
    }
}

/// Two policies, compared.
#[derive(Clone, Debug)]
pub struct Verified {
    /// Where they differ.
    pub comparison: Comparison,
    /// The independent half of the proof, where they do not.
    pub proof: Option<Proof>,
    /// The decisions that the comparison refers to.
    pub decisions: Decisions,
}

/// Compares two policies; targets in `keep` are unknowns that both share.
///
/// # Errors
///
/// Questions to ask first, or the errors of a policy.
pub fn verify(
    first: &VerifySide<'_>,
    second: &VerifySide<'_>,
    keep: &HashSet<DomainName>,
    ceilings: Ceilings,
) -> Result<Verified, Halt> {
    let options = WalkOptions { keep: keep.clone(), ceilings };
    let known = |side: &VerifySide<'_>| -> Result<(Known, Vec<DomainName>), Halt> {
        let graph = walk(side.lookup, side.domain, &options)?;
        Ok(side.zone.map(|zone| zone_terms(&graph, zone)).unwrap_or_default())
    };
    let (first_known, first_zones) = known(first)?;
    let (second_known, second_zones) = known(second)?;
    let claim = Claim {
        source: first.subject(&first_known, &first_zones),
        output: second.subject(&second_known, &second_zones),
        keep,
        ceilings,
        within_limits: false,
    };
    compared(&claim)
}

fn compared(claim: &Claim<'_>) -> Result<Verified, Halt> {
    let mut decisions = Decisions::default();
    let source = lowered(claim, Side::Source, &mut decisions).map_err(halt)?;
    let output = lowered(claim, Side::Output, &mut decisions).map_err(halt)?;
    let comparison = compare(&source.map, &output.map, &mut decisions);
    let proof = match comparison.verdict {
        Verdict::Equal => Some(independent_half(claim).map_err(halt)?),
        _ => None,
    };
    Ok(Verified { comparison, proof, decisions })
}

fn halt(unproven: Unproven) -> Halt {
    match unproven {
        Unproven::Need(questions) => Halt::Need(questions),
        Unproven::Refuted(refutation) => match *refutation {
            Refutation::Error { errors, .. } => CompileError::Policy(errors).into(),
            other => CompileError::Unproven(other).into(),
        },
    }
}

/// The `exists` terms of a policy that a zone file decides, with the addresses
/// that they match, and the zones of their names.
fn zone_terms(graph: &Graph, file: &ZoneFile) -> (Known, Vec<DomainName>) {
    let mut known = Known::new();
    let mut zones = Vec::new();
    let terms = graph.nodes.iter().filter_map(|node| node.record()).flat_map(|found| &found.terms);
    for term in terms {
        let Meaning::Dynamic(kind) = &term.meaning else { continue };
        let Some(zone) = kind.text.strip_prefix("exists:%{ir}.%{v}.") else { continue };
        let Ok(zone) = DomainName::parse(zone) else { continue };
        let held =
            file.apexes().any(|apex| zone.is_at_or_below(apex)) || file.apexes().next().is_none();
        if !held {
            continue;
        }
        if let Some(ranges) = zone_ranges(file.owners(), &zone) {
            known.insert(kind.text.clone(), ranges);
            zones.push(zone);
        }
    }
    (known, zones)
}
