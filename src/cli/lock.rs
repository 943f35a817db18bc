//! `spfc lock`: every answer that policies need, recorded.

use std::collections::HashSet;
use std::path::PathBuf;

use clap::Args;

use super::describe::counted;
use super::dns::Dns;
use super::error::{CliError, shown};
use super::exit::Exit;
use super::global::Format;
use super::needed;
use super::output::Session;
use super::style::{GOOD, paint};
use super::usage::read_domain;
use super::{atomic, escape};
use crate::dns::{Answer, Failure, Lookup, Question, Recording, Step};
use crate::name::DomainName;
use crate::policy::{Fault, PolicyError};

const COMMAND: &str = "lock";

/// Record every DNS answer that the policies of these domains need
#[derive(Debug, Args)]
pub(super) struct LockArgs {
    /// The domains
    #[arg(required = true, value_name = "DOMAIN")]
    domains: Vec<String>,
    /// The lock file to write, whole or not at all [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Runs `spfc lock`.
///
/// # Errors
///
/// A policy in error or DNS failing; then nothing is written.
pub(super) fn run(args: &LockArgs, session: &Session) -> Result<Exit, CliError> {
    session.global.published_only(COMMAND)?;
    // A lock file is JSON, whatever the format.
    session.global.format_of(COMMAND, &[Format::Human, Format::Json])?;
    let domains: Result<Vec<DomainName>, _> =
        args.domains.iter().map(|text| read_domain(text)).collect();
    let domains = domains?;
    let mut dns = Dns::open(session)?;
    let errors = dns.run(|lookup| step(lookup, &domains))?;
    let optional: HashSet<Question> = domains.iter().filter_map(needed::dmarc).collect();
    refuse(&dns, errors, &optional)?;
    let known = dns.answers().iter().filter(|(question, answer)| {
        // Nothing but the judgement of a linter hangs on a DMARC record.
        !(optional.contains(*question) && answer.failure().is_some())
    });
    let answers = known.map(|(question, answer)| (question.clone(), answer.clone()));
    let taken = jiff::Timestamp::from_second(jiff::Timestamp::now().as_second())
        .unwrap_or_default()
        .to_string();
    let recording = Recording::new(taken, domains.iter().cloned(), answers);
    write(args, session, &recording)
}

fn write(args: &LockArgs, session: &Session, recording: &Recording) -> Result<Exit, CliError> {
    let text = recording.to_string();
    match &args.output {
        Some(path) if path.as_os_str() != "-" => {
            atomic::write(path, text.as_bytes()).map_err(|error| CliError::write(path, error))?;
            session.aside(&format!(
                "{} {} for {} in {}",
                paint(GOOD, "recorded"),
                counted(recording.answers().len(), "answer"),
                counted(recording.domains().len(), "domain"),
                shown(path)
            ));
        }
        _ => session.print(&text)?,
    }
    Ok(Exit::Done)
}

/// All domains in one go, so that their questions are asked at once.
fn step(lookup: &dyn Lookup, domains: &[DomainName]) -> Step<Vec<PolicyError>> {
    let mut missing = Vec::new();
    let mut errors: Vec<PolicyError> = Vec::new();
    for domain in domains {
        match needed::ask(lookup, domain) {
            Ok(needed) => errors.extend(needed.errors),
            Err(questions) => missing.extend(questions),
        }
    }
    if missing.is_empty() { Step::Done(errors) } else { Step::Need(missing) }
}

/// Refuses what a recording would only keep alive: failures and broken policies.
fn refuse(
    dns: &Dns,
    errors: Vec<PolicyError>,
    optional: &HashSet<Question>,
) -> Result<(), CliError> {
    if errors.iter().any(|error| !error.is_temporary()) {
        let lasting = errors.into_iter().filter(|error| !matches!(error.fault, Fault::Dns { .. }));
        return Err(CliError::Policy(lasting.collect()));
    }
    let failed = failures(dns.answers().iter().map(|(question, answer)| (question, &**answer)));
    let failed: Vec<_> =
        failed.into_iter().filter(|(question, _)| !optional.contains(question)).collect();
    if failed.is_empty() { Ok(()) } else { Err(CliError::Unanswered(failed)) }
}

/// The questions that got no answer, in order.
pub(super) fn failures<'a>(
    answers: impl Iterator<Item = (&'a Question, &'a Answer)>,
) -> Vec<(Question, Failure)> {
    let mut failed: Vec<(Question, Failure)> = answers
        .filter_map(|(question, answer)| Some((question.clone(), answer.failure()?)))
        .collect();
    failed.sort_by(|a, b| a.0.cmp(&b.0));
    failed
}

/// `192.0.2.1`, `10 mx.example.com`, `"v=spf1 -all"`: the records of an answer
/// as zone files have them, sorted.
pub(super) fn records(answer: &Answer) -> Vec<String> {
    use crate::dns::{Records, Reply};
    let Reply::Records(records) = &answer.reply else { return Vec::new() };
    let mut texts: Vec<String> = match records {
        Records::A(list) => list.iter().map(ToString::to_string).collect(),
        Records::Aaaa(list) => list.iter().map(ToString::to_string).collect(),
        Records::Ptr(list) => list.iter().map(|name| name.to_lowercase().to_string()).collect(),
        Records::Mx(list) => list
            .iter()
            .map(|mx| format!("{} {}", mx.preference, mx.exchange.to_lowercase()))
            .collect(),
        Records::Txt(list) | Records::Spf(list) => {
            list.iter().map(|text| format!("\"{}\"", escape::octets(&text.joined()))).collect()
        }
    };
    texts.sort();
    texts
}
