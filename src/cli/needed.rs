//! What a recording of a policy has to hold, and what it may hold besides.

use std::collections::HashSet;

use crate::compile::{CompileError, Halt, SourceOptions, read_source};
use crate::dns::{Lookup, Noted, Question, RecordType};
use crate::lint::{LintOptions, Subject, lint};
use crate::policy::{Decisions, PolicyError, Reading};

/// A policy whose answers are all known.
pub(super) struct Needed {
    /// The errors that some address reaches.
    pub(super) errors: Vec<PolicyError>,
    /// The questions that reading, compiling and checking the policy asks.
    pub(super) policy: HashSet<Question>,
}

/// Asks everything that reading, compiling and checking a policy asks, for both
/// families, and what a linter wants to know besides: the DMARC record and the
/// like. What stands at the names that a compiler would write is no part of the
/// policy, nor is what only a message decides. `recorded` says that a recording
/// answers, which may lack what does not belong to the policy.
///
/// # Errors
///
/// Questions to ask first.
pub(super) fn ask(
    lookup: &dyn Lookup,
    options: &SourceOptions,
    recorded: bool,
) -> Result<Needed, Vec<Question>> {
    let noted = Noted::new(lookup);
    let mut missing = Vec::new();
    let mut errors = Vec::new();
    match Reading::read(&noted, &options.domain, options.source.as_ref()) {
        Err(questions) => missing.extend(questions),
        Ok(_) => match read_source(&*options.view(&noted), options, &mut Decisions::default()) {
            Err(Halt::Need(questions)) => missing.extend(questions),
            Err(Halt::Refuse(error)) => {
                if let CompileError::Policy(list) = *error {
                    errors = list;
                }
            }
            Ok(_) => {}
        },
    }
    let policy = noted.into_asked();
    if !recorded {
        // What stands at the domain beside its record takes room in a message.
        let own = Question::new(options.domain.clone(), RecordType::Txt);
        missing.extend(lookup.lookup(&own).err());
    }
    let lint_options = LintOptions { recorded, ..LintOptions::default() };
    let subject = Subject::domain(options.domain.clone());
    let linted = lint(&*options.view(lookup), &subject, &lint_options);
    missing.extend(linted.err().into_iter().flatten());
    if missing.is_empty() { Ok(Needed { errors, policy }) } else { Err(missing) }
}
