//! Reading a source: the policy as the user wants it read, lowered, with all
//! that has to stay as it is.

use std::collections::HashSet;

use crate::dns::{Lookup, Published, Question, RecordType, Repaired, SourceAs, Txt};
use crate::limits::Ceilings;
use crate::name::DomainName;
use crate::outcome::Qualifier;
use crate::policy::{
    Decisions, DynamicKind, DynamicTerm, End, Graph, Known, LookupCount, Lowered, Meaning, NodeId,
    WalkOptions, count_lookups, lower, walk,
};
use crate::syntax::is_spf_record;

use super::{CompileError, Halt};

/// How a policy is read.
#[derive(Clone, Debug)]
pub struct SourceOptions {
    /// The domain that the policy is for.
    pub domain: DomainName,
    /// A record taken as the one published at the domain.
    pub record: Option<Vec<u8>>,
    /// The name at which the policy is read as that of the domain.
    pub source: Option<DomainName>,
    /// Terms that are read as if they were not there.
    pub without: Vec<String>,
    /// Targets that are left alone.
    pub keep: HashSet<DomainName>,
    /// More such targets, which nobody asked for: inlining them saves nothing
    /// that is needed. Some may be none of the policy's.
    pub live: HashSet<DomainName>,
    /// Bounds on the work.
    pub ceilings: Ceilings,
}

impl SourceOptions {
    /// The published policy of a domain.
    pub fn new(domain: DomainName) -> SourceOptions {
        SourceOptions {
            domain,
            record: None,
            source: None,
            without: Vec::new(),
            keep: HashSet::new(),
            live: HashSet::new(),
            ceilings: Ceilings::DEFAULT,
        }
    }

    /// DNS as these options read it.
    pub fn view<'a>(&self, lookup: &'a dyn Lookup) -> Box<dyn Lookup + 'a> {
        let mut view: Box<dyn Lookup + 'a> = Box::new(lookup);
        if let Some(source) = &self.source {
            view = Box::new(SourceAs::new(view, self.domain.clone(), source.clone()));
        }
        if let Some(record) = &self.record {
            view = Box::new(Published::new(view, [(self.domain.clone(), record.clone())]));
        }
        if !self.without.is_empty() {
            let without = self.without.iter().map(|term| term.clone().into_bytes());
            view = Box::new(Repaired::new(view, without));
        }
        view
    }
}

/// A policy that was read and lowered, without errors that an address reaches.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SourcePolicy {
    /// The record of the domain, as read.
    pub text: String,
    /// The graph without what is kept.
    pub graph: Graph,
    /// The names of all records that the policy reaches, kept parts included.
    pub reached: HashSet<DomainName>,
    /// The lookups that evaluating the source costs, kept parts included.
    pub lookups: LookupCount,
    /// The decision map.
    pub lowered: Lowered,
    /// What is decided behind all directives.
    pub end: End,
    /// The targets that are left alone, by the user's word or because they
    /// cannot be expressed otherwise.
    pub keep: HashSet<DomainName>,
    /// The terms that stay as they are, and why.
    pub kept: Vec<Kept>,
}

/// A term that stays as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The term, without its qualifier.
    pub term: String,
    /// The domain whose record it stands in.
    pub domain: DomainName,
    /// Why it stays.
    pub reason: KeptReason,
}

/// Why a term stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeptReason {
    /// The user keeps its target.
    Asked,
    /// Only the message can decide it.
    Dynamic,
    /// It includes terms that only the message can decide and that mean
    /// something else outside of their own record.
    Masking,
    /// The policy is within its limits without inlining it.
    Live,
}

impl KeptReason {
    /// The reason in words.
    pub fn as_str(self) -> &'static str {
        match self {
            KeptReason::Asked => "kept as asked",
            KeptReason::Dynamic => "only the message can decide it",
            KeptReason::Live => "the policy is within its limits without inlining it",
            KeptReason::Masking => {
                "its record holds terms that only the message can decide, and they mean something else outside of it"
            }
        }
    }
}

/// Reads the policy of `view`, the DNS of [`SourceOptions::view`].
///
/// # Errors
///
/// Questions to ask first, or every error that some address reaches.
pub fn read_source(
    view: &dyn Lookup,
    options: &SourceOptions,
    decisions: &mut Decisions,
) -> Result<SourcePolicy, Halt> {
    if options.domain.label_count() < 2 {
        return Err(CompileError::SingleLabel(options.domain.clone()).into());
    }
    let full = walk(view, &options.domain, &walk_options(options, HashSet::new()))?;
    let mut keep: HashSet<DomainName> = options.keep.union(&options.live).cloned().collect();
    let (graph, lowered) = loop {
        let graph = walk(view, &options.domain, &walk_options(options, keep.clone()))?;
        let lowered = lower(&graph, &Known::new(), options.ceilings.levels, decisions);
        let errors = lowered.map.errors(decisions);
        if !errors.is_empty() {
            return Err(CompileError::Policy(errors).into());
        }
        let known = keep.len();
        keep.extend(lowered.masking.iter().map(|masking| masking.target.clone()));
        if keep.len() == known {
            break (graph, lowered);
        }
    };
    let lookups = count_lookups(&full).get(&Graph::ROOT).copied().unwrap_or_default();
    let end = default_end(&graph, decisions);
    let kept = kept_terms(&graph, options);
    all_kept(view, options, &graph)?;
    let text = graph
        .root()
        .record()
        .map(|found| String::from_utf8_lossy(found.record.text()).into_owned());
    let text = text.unwrap_or_default();
    let reached = full.nodes.iter().skip(1).map(|node| node.domain.clone()).collect();
    Ok(SourcePolicy { text, graph, reached, lookups, lowered, end, keep, kept })
}

fn walk_options(options: &SourceOptions, keep: HashSet<DomainName>) -> WalkOptions {
    WalkOptions { keep, ceilings: options.ceilings }
}

/// What a policy decides for those that none of its directives matches: the
/// qualifier of `all`, found through redirects; neutral where there is none
/// (RFC 7208 section 4.7).
fn default_end(graph: &Graph, decisions: &mut Decisions) -> End {
    let mut at = Graph::ROOT;
    for _ in 0..graph.nodes.len() {
        let Some(found) = graph.node(at).record() else { break };
        if let Some((_, directive)) = found.record.all() {
            return End::Outcome(directive.qualifier);
        }
        match found.terms.last().map(|term| (&term.meaning, term)) {
            Some((Meaning::Redirect(child), _)) => at = *child,
            Some((Meaning::Dynamic(kind), _)) if kind.text.starts_with("redirect=") => {
                let text = kind.text.clone();
                let bound_to = kind.bound.then(|| graph.node(at).domain.to_lowercase().to_string());
                let opaque = kind.kept.is_some();
                return End::Redirect(decisions.term(DynamicTerm { text, bound_to, opaque }));
            }
            _ => break,
        }
    }
    End::Outcome(Qualifier::Neutral)
}

fn is_kept(graph: &Graph, name: &DomainName) -> bool {
    dynamic_terms(graph).any(|(_, kind)| kind.kept.as_ref() == Some(name))
}

fn dynamic_terms(graph: &Graph) -> impl Iterator<Item = (&DomainName, &DynamicKind)> {
    graph.nodes.iter().flat_map(|node| {
        let terms = node.record().map_or(&[][..], |found| &found.terms);
        terms.iter().filter_map(|term| match &term.meaning {
            Meaning::Dynamic(kind) => Some((&node.domain, kind)),
            _ => None,
        })
    })
}

/// Whether each target that the user keeps is one of the policy's; some may
/// stand below what stays live.
///
/// # Errors
///
/// Questions to ask first; the first target that is none.
fn all_kept(view: &dyn Lookup, options: &SourceOptions, graph: &Graph) -> Result<(), Halt> {
    let missing = |graph: &Graph| options.keep.iter().find(|name| !is_kept(graph, name)).cloned();
    let mut unused = missing(graph);
    if unused.is_some() && !options.live.is_empty() {
        unused =
            missing(&walk(view, &options.domain, &walk_options(options, options.keep.clone()))?);
    }
    match unused {
        Some(name) => Err(CompileError::NothingToKeep(name).into()),
        None => Ok(()),
    }
}

fn kept_terms(graph: &Graph, options: &SourceOptions) -> Vec<Kept> {
    let kept = |(domain, kind): (&DomainName, &DynamicKind)| Kept {
        term: kind.text.clone(),
        domain: domain.clone(),
        reason: match &kind.kept {
            None => KeptReason::Dynamic,
            Some(name) if options.keep.contains(name) => KeptReason::Asked,
            Some(name) if options.live.contains(name) => KeptReason::Live,
            Some(_) => KeptReason::Masking,
        },
    };
    let mut all: Vec<Kept> = Vec::new();
    for term in dynamic_terms(graph).map(kept) {
        if !all.iter().any(|known| known.term == term.term) {
            all.push(term);
        }
    }
    all
}

/// Whether each term that is to be left out stands in some record of `graph`,
/// as `lookup` has them without leaving anything out.
///
/// # Errors
///
/// The first term that does not.
pub(super) fn all_left_out(
    graph: &Graph,
    lookup: &dyn Lookup,
    without: &[String],
) -> Result<(), Halt> {
    let mut found: HashSet<&String> = HashSet::new();
    for node in &graph.nodes {
        let question = Question::new(node.domain.clone(), RecordType::Txt);
        let answer = lookup.lookup(&question).map_err(|question| vec![question])?;
        for text in answer.texts().iter().map(Txt::joined).filter(|text| is_spf_record(text)) {
            found.extend(without.iter().filter(|term| holds(&text, term)));
        }
    }
    match without.iter().find(|term| !found.contains(term)) {
        Some(term) => Err(CompileError::NoSuchTerm(term.clone()).into()),
        None => Ok(()),
    }
}

/// Whether a record holds a term as it is written.
fn holds(record: &[u8], term: &str) -> bool {
    record.split(|octet| *octet == b' ').any(|it| it.eq_ignore_ascii_case(term.as_bytes()))
}

/// The records of `graph` that hold one of the terms that are to be left out,
/// as `lookup` has them without leaving anything out.
///
/// # Errors
///
/// Questions to ask first.
pub(super) fn holding(
    graph: &Graph,
    lookup: &dyn Lookup,
    without: &[String],
) -> Result<HashSet<NodeId>, Halt> {
    let mut holding = HashSet::new();
    for (id, node) in graph.iter().filter(|_| !without.is_empty()) {
        let question = Question::new(node.domain.clone(), RecordType::Txt);
        let answer = lookup.lookup(&question).map_err(|question| vec![question])?;
        let mut texts = answer.texts().iter().map(Txt::joined).filter(|text| is_spf_record(text));
        if texts.any(|text| without.iter().any(|term| holds(&text, term))) {
            holding.insert(id);
        }
    }
    Ok(holding)
}

/// Refuses terms to be left out of what is published as it stands: a part that
/// is kept still holds them.
///
/// # Errors
///
/// The first such term.
pub(super) fn none_kept(
    lookup: &dyn Lookup,
    source: &SourcePolicy,
    without: &[String],
) -> Result<(), Halt> {
    // A host that is kept has addresses to be asked for, and no policy.
    let policy =
        |kind: &DynamicKind| ["include:", "redirect="].iter().any(|it| kind.text.starts_with(it));
    let kept = dynamic_terms(&source.graph).filter(|(_, kind)| policy(kind));
    for name in kept.filter_map(|(_, kind)| kind.kept.as_ref()) {
        let graph = walk(lookup, name, &WalkOptions::default())?;
        for term in without {
            if all_left_out(&graph, lookup, std::slice::from_ref(term)).is_ok() {
                let (term, name) = (term.clone(), name.clone());
                return Err(CompileError::KeptTerm { term, name }.into());
            }
        }
    }
    Ok(())
}
