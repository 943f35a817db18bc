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
    /// The policy of `domain` as `lookup` has it, with no zone file.
    pub fn new(domain: &'a DomainName, lookup: &'a dyn Lookup) -> VerifySide<'a> {
        VerifySide { domain, lookup, zone: None }
    }

    fn subject(&self, generated: &'a Generated) -> Subject<'a> {
        Subject { domain: self.domain, lookup: self.lookup, generated }
    }
}

/// Two policies, compared.
#[derive(Clone, Debug)]
#[non_exhaustive]
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
///
/// # Examples
///
/// ```
/// use std::collections::HashSet;
///
/// use spfc::compile::{Halt, VerifySide, verify};
/// use spfc::dns::{Source, ZoneMap};
/// use spfc::limits::Ceilings;
/// use spfc::name::DomainName;
/// use spfc::policy::{Change, Verdict};
///
/// let zones = ZoneMap::read(
///     br#"{
///         "a.example": {"TXT": ["v=spf1 ip4:192.0.2.0/25 ip4:192.0.2.128/25 -all"]},
///         "b.example": {"TXT": ["v=spf1 include:c.example -all"]},
///         "c.example": {"TXT": ["v=spf1 ip4:192.0.2.0/24 ?all"]},
///         "d.example": {"TXT": ["v=spf1 ip4:192.0.2.0/25 -all"]}
///     }"#,
/// )?;
/// let mut dns = Source::closed(zones);
/// let [a, b, d] = ["a.example", "b.example", "d.example"].map(DomainName::parse);
/// let (a, b, d) = (a?, b?, d?);
/// let mut compared = |first: &DomainName, second: &DomainName| {
///     dns.run(|lookup| {
///         let (first, second) = (VerifySide::new(first, lookup), VerifySide::new(second, lookup));
///         Halt::step(verify(&first, &second, &HashSet::new(), Ceilings::DEFAULT))
///     })
/// };
///
/// assert_eq!(compared(&a, &b)??.comparison.verdict, Verdict::Equal);
/// let verified = compared(&a, &d)??;
/// assert_eq!(verified.comparison.verdict, Verdict::Different);
/// let lost = &verified.comparison.ip4[0];
/// assert_eq!(lost.range.to_string(), "192.0.2.128-192.0.2.255");
/// assert_eq!(lost.change(), Change::Lost);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
