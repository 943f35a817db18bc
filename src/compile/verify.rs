//! Comparing any two policies over all addresses.

use std::collections::HashSet;

use crate::dns::{Lookup, ZoneFile};
use crate::image::ZoneMechanism;
use crate::limits::Ceilings;
use crate::name::DomainName;
use crate::policy::{Comparison, Decisions, Graph, Meaning, Verdict, WalkOptions, compare, walk};
use crate::proof::{
    Claim, Generated, Proof, Refutation, Side, Subject, Unproven, ZoneFault, independent_half,
    lowered, zone_clients,
};

use super::{CompileError, Halt};

/// One of the policies to compare.
#[derive(Clone, Copy)]
pub struct VerifySide<'a> {
    /// The domain whose policy it is.
    pub domain: &'a DomainName,
    /// DNS as the policy is read.
    pub lookup: &'a dyn Lookup,
    /// The zone file that it is read from: terms of macro records whose names it
    /// holds are then as good as addresses.
    pub zone: Option<&'a ZoneFile>,
}

impl<'a> VerifySide<'a> {
    fn subject(&self, generated: &'a Generated) -> Subject<'a> {
        Subject { domain: self.domain, lookup: self.lookup, generated }
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
    let held = |side: &VerifySide<'_>| match side.zone {
        Some(zone) => zone_terms(&walk(side.lookup, side.domain, &options)?, zone),
        None => Ok(Generated::default()),
    };
    let (first_held, second_held) = (held(first)?, held(second)?);
    let claim = Claim {
        source: first.subject(&first_held),
        output: second.subject(&second_held),
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

/// What the forms of a macro record's term begin with.
const FORMS: [(ZoneMechanism, &str); 2] = [
    (ZoneMechanism::Exists, "exists:%{ir}.%{v}."),
    (ZoneMechanism::Include, "include:%{ir}.%{v}."),
];

/// The terms of a policy that a zone file decides by the client's address. A
/// term whose names lead elsewhere, or to policies that ask DNS, stays unknown.
///
/// # Errors
///
/// A zone that makes the term a permerror for some clients.
fn zone_terms(graph: &Graph, file: &ZoneFile) -> Result<Generated, Halt> {
    let mut held = Generated::default();
    let terms = graph.nodes.iter().filter_map(|node| node.record()).flat_map(|found| &found.terms);
    for term in terms {
        let Meaning::Dynamic(kind) = &term.meaning else { continue };
        let form = FORMS.into_iter().find_map(|(mechanism, before)| {
            Some((mechanism, DomainName::parse(kind.text.strip_prefix(before)?).ok()?))
        });
        let Some((mechanism, zone)) = form else { continue };
        let is_held =
            file.apexes().any(|apex| zone.is_at_or_below(apex)) || file.apexes().next().is_none();
        if !is_held || held.known.contains_key(&kind.text) {
            continue;
        }
        match zone_clients(file.owners(), &zone, mechanism) {
            Ok(reading) => {
                held.known.insert(kind.text.clone(), reading.addresses);
                held.networks.push(reading.networks);
                held.zones.push(zone);
            }
            Err(ZoneFault::Alias(_) | ZoneFault::Asks { .. }) => {}
            Err(fault) => return Err(CompileError::ClientZone { zone, fault }.into()),
        }
    }
    Ok(held)
}
