//! What a recording of a policy has to hold.

use std::collections::HashSet;

use crate::compile::{CompileError, Halt, SourceOptions, read_source};
use crate::dns::{Lookup, Question, RecordType};
use crate::name::DomainName;
use crate::policy::{Decisions, Graph, PolicyError, WalkOptions, walk};
use crate::syntax::{DomainTarget, Record};

/// Asks everything that reading, compiling and checking the policy of a domain
/// asks, for both families. What stands at the names that a compiler would write
/// is no part of the policy, nor is what only a message decides.
///
/// # Errors
///
/// Questions to ask first.
pub(super) fn ask(lookup: &dyn Lookup, domain: &DomainName) -> Result<Needed, Vec<Question>> {
    let mut missing = Vec::new();
    let mut errors = Vec::new();
    match walk(lookup, domain, &WalkOptions::default()) {
        Ok(graph) => missing.extend(unknown(lookup, explanations(&graph))),
        Err(questions) => missing.extend(questions),
    }
    missing.extend(unknown(lookup, dmarc(domain)));
    if missing.is_empty() {
        let options = SourceOptions::new(domain.clone());
        match read_source(lookup, &options, &mut Decisions::default()) {
            Err(Halt::Need(questions)) => missing.extend(questions),
            Err(Halt::Refuse(error)) => {
                if let CompileError::Policy(list) = *error {
                    errors = list;
                }
            }
            Ok(_) => {}
        }
    }
    if missing.is_empty() { Ok(Needed { errors }) } else { Err(missing) }
}

/// A policy whose answers are all known.
pub(super) struct Needed {
    /// The errors that some address reaches.
    pub(super) errors: Vec<PolicyError>,
}

/// The DMARC record, by which a linter judges the final `all`.
pub(super) fn dmarc(domain: &DomainName) -> Option<Question> {
    domain.child(b"_dmarc").ok().map(|name| Question::new(name, RecordType::Txt))
}

/// The texts of explanations that a fail can come with.
fn explanations(graph: &Graph) -> impl Iterator<Item = Question> {
    let of_record = |domain: &DomainName, record: &Record| {
        let (_, spec) = record.explanation()?;
        match record.domain_target(spec, domain) {
            DomainTarget::Static(name) => Some(Question::new(name, RecordType::Txt)),
            _ => None,
        }
    };
    let found: HashSet<Question> = graph
        .nodes
        .iter()
        .filter_map(|node| of_record(&node.domain, &node.record()?.record))
        .collect();
    found.into_iter()
}

fn unknown<'a>(
    lookup: &'a dyn Lookup,
    questions: impl IntoIterator<Item = Question> + 'a,
) -> impl Iterator<Item = Question> + 'a {
    questions.into_iter().filter_map(|question| lookup.lookup(&question).err())
}
