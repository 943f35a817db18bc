//! The independent half: `check_host()` on both policies at the test addresses.

use std::collections::HashMap;
use std::net::IpAddr;

use crate::dns::Step;
use crate::eval::{Message, Options, RecordStore, check_host};
use crate::limits::{Ceilings, Limits};
use crate::name::DomainName;
use crate::outcome::SpfResult;
use crate::policy::{Graph, Meaning, WalkOptions, walk};
use crate::syntax::{DomainTarget, Mechanism, TermKind};

use super::world::{Rule, World};
use super::{ChosenAddresses, Claim, Proof, Refutation, Subject, Unproven};

/// Runs the oracle on both sides, under several sets of answers of the dynamic
/// terms where there are any, and on the output under the limits too.
pub(super) fn agree(
    claim: &Claim<'_>,
    source: &Graph,
    output: &Graph,
    addresses: &ChosenAddresses,
) -> Result<Proof, Unproven> {
    let dynamic = is_dynamic(source, &claim.source) || is_dynamic(output, &claim.output);
    let rules = match dynamic {
        true => &Rule::ALL[..],
        false => &Rule::ALL[..1],
    };
    let chosen = &addresses.chosen;
    let named = [named_domains(source), named_domains(output)].concat();
    for rule in rules {
        let (source, output) = ((&claim.source, source), (&claim.output, output));
        let mut source_side = Runner::new(claim, source, Some(output), &named, *rule)?;
        let mut output_side = Runner::new(claim, output, Some(source), &named, *rule)?;
        for address in chosen {
            let source_result = source_side.run(*address, Limits::UNLIMITED)?;
            let output_result = output_side.run(*address, Limits::UNLIMITED)?;
            if source_result != output_result || !is_decided(source_result) {
                let address = *address;
                return Err(Refutation::Result { address, source_result, output_result }.into());
            }
        }
    }
    if claim.within_limits {
        keeps_limits(claim, &named, chosen)?;
    }
    Ok(Proof { tested: chosen.len(), addresses: addresses.of, worlds: rules.len() })
}

/// Whether a result is one of the four that a policy without errors gives:
/// agreeing on an error is no agreement on what the policies mean.
fn is_decided(result: SpfResult) -> bool {
    !matches!(result, SpfResult::None | SpfResult::Temperror | SpfResult::Permerror)
}

/// The output gives under the limits what it gives without, with DNS as it is
/// for the terms that are left alone, and nothing there for those that only the
/// message can decide: each of these is then void.
fn keeps_limits(
    claim: &Claim<'_>,
    named: &[DomainName],
    chosen: &[IpAddr],
) -> Result<(), Unproven> {
    let options = WalkOptions { ceilings: claim.ceilings, ..WalkOptions::default() };
    let graph = walk(claim.output.lookup, claim.output.domain, &options).map_err(Unproven::Need)?;
    let mut runner = Runner::new(claim, (&claim.output, &graph), None, named, Rule::Nothing)?;
    for address in chosen {
        let unlimited = runner.run(*address, Limits::UNLIMITED)?;
        let result = runner.run(*address, Limits::RFC7208)?;
        if result != unlimited {
            return Err(Refutation::Limits { address: *address, result }.into());
        }
    }
    Ok(())
}

/// Whether only the message can decide some term of a policy.
fn is_dynamic(graph: &Graph, subject: &Subject<'_>) -> bool {
    let terms = graph.nodes.iter().filter_map(|node| node.record()).flat_map(|found| &found.terms);
    terms.into_iter().any(|term| match &term.meaning {
        Meaning::Dynamic(kind) => !subject.generated.known.contains_key(&kind.text),
        _ => false,
    })
}

/// The domains of a policy and the targets of its `ptr` terms.
fn named_domains(graph: &Graph) -> Vec<DomainName> {
    let mut named: Vec<DomainName> = Vec::new();
    for node in &graph.nodes {
        let Some(found) = node.record() else { continue };
        for term in found.record.terms() {
            let TermKind::Directive(directive) = &term.kind else { continue };
            let target = match &directive.mechanism {
                Mechanism::Ptr(None) => Some(node.domain.clone()),
                Mechanism::Ptr(Some(spec)) => {
                    match found.record.domain_target(spec, &node.domain) {
                        DomainTarget::Static(name) => Some(name),
                        _ => None,
                    }
                }
                _ => None,
            };
            named.extend(target.filter(|target| !named.contains(target)));
        }
    }
    named
}

/// The oracle on one side of a claim.
struct Runner<'a> {
    world: World<'a>,
    records: RecordStore,
    message: Message,
    ceilings: Ceilings,
}

/// One side of a claim, with the graph of its static part.
type Side<'s, 'a> = (&'s Subject<'a>, &'s Graph);

impl<'a> Runner<'a> {
    /// A question that only the `other` side's static part asks has that side's
    /// answer: a host that is kept on both sides may be the mail exchange of a
    /// term that one of them has inlined.
    fn new(
        claim: &Claim<'a>,
        side: Side<'_, 'a>,
        other: Option<Side<'_, 'a>>,
        named: &'a [DomainName],
        rule: Rule,
    ) -> Result<Self, Unproven> {
        let (subject, _) = side;
        let (lookup, zones) = (subject.lookup, &subject.generated.zones);
        let mut answers = HashMap::new();
        // What both ask has the answer of this side.
        for (subject, graph) in other.into_iter().chain([side]) {
            for question in &graph.asked {
                let answer = subject.lookup.lookup(question);
                let answer = answer.map_err(|missing| Unproven::Need(vec![missing]))?;
                answers.insert(question.clone(), answer);
            }
        }
        let client = IpAddr::from([0, 0, 0, 0]);
        let world = World { lookup, answers, zones, named, rule, client };
        // Names of their own, so that no macro of the sender's expands to a name
        // that the policy asks for itself.
        let message = Message::mail_from(client, "helo.invalid", "someone@sender.invalid")
            .with_domain(subject.domain.to_text_octets());
        Ok(Runner { world, records: RecordStore::new(), message, ceilings: claim.ceilings })
    }

    fn run(&mut self, address: IpAddr, limits: Limits) -> Result<SpfResult, Unproven> {
        self.world.client = address;
        self.message.set_ip(address);
        let limits = Limits { ceilings: self.ceilings, ..limits };
        let options = Options { limits, trace: false };
        match check_host(&self.world, &mut self.records, &self.message, &options) {
            Step::Done(evaluation) => Ok(evaluation.result),
            Step::Need(questions) => Err(Unproven::Need(questions)),
        }
    }
}
