//! `spfc lock`: every answer that policies need, recorded.

use std::collections::HashSet;
use std::path::PathBuf;

use clap::Args;

use super::describe::counted;
use super::dns::Dns;
use super::error::{CliError, shown};
use super::exit::Exit;
use super::global::Format;
use super::needed::{self, Needed};
use super::output::Session;
use super::style::{GOOD, paint};
use super::usage::{UsageError, read_domain};
use crate::compile::SourceOptions;
use crate::dns::{Answer, Failure, Lookup, Question, Recording, Step};
use crate::escape;
use crate::name::DomainName;
use crate::policy::PolicyError;
use crate::whole_file;

const COMMAND: &str = "lock";

/// Record every DNS answer that the policies of these domains need
#[derive(Debug, Args)]
#[command(
    after_help = "With --source NAME the policy at NAME is recorded as that of the one DOMAIN. What a linter \
                  looks at beside the policy, such as the DMARC record, is recorded as well. A policy in \
                  error is refused: compared with it later, what receivers reject would be 'unchanged'. \
                  'spfc lint' says what is wrong."
)]
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
    if session.global.record.is_some() {
        return Err(UsageError::NotHere { flag: "--record", command: COMMAND }.into());
    }
    // A lock file is JSON, whatever the format.
    session.global.format_of(COMMAND, &[Format::Human, Format::Json])?;
    let domains: Result<Vec<DomainName>, _> =
        args.domains.iter().map(|text| read_domain(text)).collect();
    let domains = domains?;
    if session.global.source.is_some() && domains.len() > 1 {
        return Err(UsageError::Excluded("--source", "several domains").into());
    }
    let policies: Result<Vec<SourceOptions>, _> =
        domains.iter().map(|domain| session.global.source_options(domain.clone())).collect();
    let policies = policies?;
    let mut dns = Dns::open(session)?;
    let recorded = dns.recorded();
    let mut known = policies.iter().map(|_| None).collect::<Vec<_>>();
    let needed = dns.run(|lookup| step(lookup, &policies, recorded, &mut known))?;
    refuse(&dns, &needed)?;
    let known = dns.answers().iter().filter(|(question, answer)| {
        // Nothing but the judgement of a linter hangs on the others.
        needed.policy.contains(*question) || answer.failure().is_none()
    });
    let answers = known.map(|(question, answer)| (question.clone(), answer.clone()));
    let taken = jiff::Timestamp::from_second(jiff::Timestamp::now().as_second())
        .unwrap_or_default()
        .to_string();
    let recording = Recording::new(taken, domains, answers);
    let sourced = policies.into_iter().filter_map(|it| Some((it.domain, it.source?)));
    let recording = sourced.fold(recording, |it, (domain, source)| it.with_source(domain, source));
    write(args, session, &recording)
}

fn write(args: &LockArgs, session: &Session, recording: &Recording) -> Result<Exit, CliError> {
    let text = recording.to_string();
    match &args.output {
        Some(path) if path.as_os_str() != "-" => {
            whole_file::write(path, text.as_bytes())
                .map_err(|error| CliError::write(path, error))?;
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

/// All domains in one go, so that their questions are asked at once. `known`
/// keeps those that are done: no answer changes any more.
fn step(
    lookup: &dyn Lookup,
    policies: &[SourceOptions],
    recorded: bool,
    known: &mut [Option<Needed>],
) -> Step<Needed> {
    let mut missing = Vec::new();
    for (policy, known) in policies.iter().zip(known.iter_mut()).filter(|(_, it)| it.is_none()) {
        match needed::ask(lookup, policy, recorded) {
            Ok(needed) => *known = Some(needed),
            Err(questions) => missing.extend(questions),
        }
    }
    if !missing.is_empty() {
        return Step::Need(missing);
    }
    let mut all = Needed { errors: Vec::new(), policy: HashSet::new() };
    for needed in known.iter_mut().filter_map(Option::take) {
        all.errors.extend(needed.errors);
        all.policy.extend(needed.policy);
    }
    Step::Done(all)
}

/// Refuses what a recording would only keep alive: failures and broken policies.
fn refuse(dns: &Dns, needed: &Needed) -> Result<(), CliError> {
    let lasting = |error: &&PolicyError| !error.is_temporary();
    let lasting: Vec<PolicyError> = needed.errors.iter().filter(lasting).cloned().collect();
    if !lasting.is_empty() {
        return Err(CliError::Policy(lasting));
    }
    let answers = dns.answers().iter().map(|(question, answer)| (question, &**answer));
    let failed = failures(answers.filter(|(question, _)| needed.policy.contains(*question)));
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
