//! `spfc tree`: what a policy includes, what that costs, and what it brings.

mod dot;
mod human;

use clap::Args;

use super::dns::Dns;
use super::error::CliError;
use super::exit::Exit;
use super::global::Format;
use super::output::Session;
use super::usage::read_domain;
use crate::compile::SourceOptions;
use crate::dns::{Lookup, Step};
use crate::documents::TreeDocument;
use crate::policy::{Decisions, Graph, Known, NodeState, PolicyError, WalkOptions, lower, walk};

const COMMAND: &str = "tree";

/// Show the include tree with its lookups, and where the tenth falls
#[derive(Debug, Args)]
#[command(
    after_help = "Counts are of the worst path: no term matches before the last (RFC 7208 section 4.6.4).\n\
                  --format dot prints a graph for Graphviz."
)]
pub(super) struct TreeArgs {
    /// The domain whose policy is shown
    domain: String,
}

/// Runs `spfc tree`.
///
/// # Errors
///
/// A policy in error, after the tree has been printed as far as there is one.
pub(super) fn run(args: &TreeArgs, session: &Session) -> Result<Exit, CliError> {
    let format = session.global.format_of(COMMAND, &[Format::Human, Format::Json, Format::Dot])?;
    let options = session.global.source_options(read_domain(&args.domain)?)?;
    let mut dns = Dns::open(session)?;
    let graph = dns.run(|lookup| step(lookup, &options))?;
    let errors = errors(&graph, &options);
    if let NodeState::Broken { record: None, .. } = graph.root().state {
        return Err(CliError::Policy(errors));
    }
    match format {
        Format::Json => session.json(&TreeDocument::new(&graph))?,
        Format::Dot => session.print(&dot::text(&graph))?,
        _ => session.print(&human::text(&graph, session.global.verbose))?,
    }
    if errors.is_empty() { Ok(Exit::Done) } else { Err(CliError::Policy(errors)) }
}

fn step(lookup: &dyn Lookup, options: &SourceOptions) -> Step<Graph> {
    let walked = walk(
        &*options.view(lookup),
        &options.domain,
        &WalkOptions { keep: options.keep.clone(), ceilings: options.ceilings },
    );
    walked.into()
}

/// The errors that some address reaches.
fn errors(graph: &Graph, options: &SourceOptions) -> Vec<PolicyError> {
    let mut decisions = Decisions::default();
    let lowered = lower(graph, &Known::new(), options.ceilings.levels, &mut decisions);
    lowered.map.errors(&decisions)
}
