//! `spfc diff`: what changed in DNS since a recording was taken, as records and
//! as addresses.

mod human;

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::dns::Dns;
use super::error::{CliError, shown};
use super::exit::Exit;
use super::global::Format;
use super::json::{AnswerShape, DiffDocument, DomainShape, FailedShape, RecordShape, SCHEMA};
use super::lock::{failures, records};
use super::needed;
use super::output::Session;
use super::ranges::{Change, RangeChange, changes};
use crate::dns::{Answer, Cache, Failure, Lookup, Question, Recording, Reply, Step};
use crate::limits::Ceilings;
use crate::name::DomainName;
use crate::policy::{Decisions, Graph, Known, Lowered, WalkOptions, compare, lower, walk};

const COMMAND: &str = "diff";

/// Ask DNS again and show what changed since a recording was taken
#[derive(Debug, Args)]
#[command(after_help = "Exits 1 on change, and 4 when DNS failed and nothing else changed.")]
pub(super) struct DiffArgs {
    /// The lock file
    #[arg(short, long, value_name = "FILE", default_value = "spf.lock")]
    file: PathBuf,
}

/// What changed.
struct Difference {
    taken: String,
    answers: usize,
    records: Vec<RecordShape>,
    domains: Vec<DomainDifference>,
    failed: Vec<(Question, Failure)>,
}

/// What changed for one domain.
struct DomainDifference {
    domain: DomainName,
    ranges: Vec<RangeChange>,
    problem: Option<String>,
}

impl Difference {
    fn changed(&self) -> bool {
        !self.records.is_empty() || self.domains.iter().any(|domain| !domain.ranges.is_empty())
    }
}

/// Runs `spfc diff`.
///
/// # Errors
///
/// A file that is no recording; DNS failing where nothing else changed.
pub(super) fn run(args: &DiffArgs, session: &Session) -> Result<Exit, CliError> {
    session.global.published_only(COMMAND)?;
    let format = session.global.format_of(COMMAND, &[Format::Human, Format::Json])?;
    let text = std::fs::read(&args.file).map_err(|error| CliError::read(&args.file, error))?;
    let before = Recording::read(&text)
        .map_err(|error| CliError::Recording { path: shown(&args.file), error })?;
    let mut dns = Dns::open(session)?;
    dns.run(|lookup| ask(lookup, &before))?;
    let difference = difference(&before, dns.answers());
    match format {
        Format::Json => session.json(&document(&difference))?,
        _ => session.print(&human::text(&difference, session.global.verbose))?,
    }
    match (difference.changed(), difference.failed.is_empty()) {
        (true, _) => Ok(Exit::No),
        (false, true) => Ok(Exit::Done),
        (false, false) => Err(CliError::Unanswered(difference.failed)),
    }
}

/// Asks what the recording holds, and what the policies need now.
fn ask(lookup: &dyn Lookup, before: &Recording) -> Step<()> {
    let again = before.answers().into_iter();
    let mut missing: Vec<Question> =
        again.filter_map(|(question, _)| lookup.lookup(question).err()).collect();
    for domain in before.domains() {
        if let Err(questions) = needed::ask(lookup, domain) {
            missing.extend(questions);
        }
    }
    if missing.is_empty() { Step::Done(()) } else { Step::Need(missing) }
}

fn difference(before: &Recording, now: &Cache) -> Difference {
    let failed = failures(now.iter().map(|(question, answer)| (question, &**answer)));
    let domains = before.domains().iter().map(|domain| of_domain(before, now, domain));
    Difference {
        taken: before.taken().to_owned(),
        answers: before.answers().len(),
        records: changed_records(before, now),
        domains: domains.collect(),
        failed,
    }
}

fn changed_records(before: &Recording, now: &Cache) -> Vec<RecordShape> {
    let mut questions: Vec<&Question> = now.iter().map(|(question, _)| question).collect();
    questions.sort();
    questions
        .into_iter()
        .filter_map(|question| {
            let shape = |answer: Result<Arc<Answer>, Question>| answer.ok().map(|it| shape(&it));
            let (before, after) = (shape(before.lookup(question)), shape(now.lookup(question)));
            // That DNS fails now is no change of what is published.
            let failed = after.as_ref().is_some_and(|after| after.status == FAILED);
            // Nor is it a change that a name which is asked anew does not exist.
            let empty = |it: &AnswerShape| it.status == NO_DATA || it.status == NO_NAME;
            let nothing = before.is_none() && after.as_ref().is_some_and(empty);
            (before != after && !failed && !nothing).then(|| RecordShape {
                name: question.name.to_string(),
                record_type: question.record_type.as_str(),
                before,
                after,
            })
        })
        .collect()
}

const FAILED: &str = "failed";
const NO_DATA: &str = "nodata";
const NO_NAME: &str = "nxdomain";

fn shape(answer: &Answer) -> AnswerShape {
    let status = match &answer.reply {
        Reply::Records(_) => "records",
        Reply::NoData => NO_DATA,
        Reply::NoName => NO_NAME,
        Reply::Failure(_) => FAILED,
    };
    AnswerShape { status, records: records(answer) }
}

fn of_domain(before: &Recording, now: &Cache, domain: &DomainName) -> DomainDifference {
    let mut decisions = Decisions::default();
    let mut ranges = Vec::new();
    let problem;
    match (lowered(before, domain, &mut decisions), lowered(now, domain, &mut decisions)) {
        (Ok(old), Ok(new)) => {
            let errors = new.map.errors(&decisions);
            problem = errors.first().map(ToString::to_string);
            if !errors.iter().any(|error| error.is_temporary()) {
                let comparison = compare(&old.map, &new.map, &mut decisions);
                ranges = changes(&comparison, &decisions);
            }
        }
        (Err(question), _) => {
            problem = Some(format!("{question} is not recorded, so addresses cannot be compared"));
        }
        (_, Err(question)) => {
            problem = Some(format!("{question} has no answer, so addresses cannot be compared"));
        }
    }
    DomainDifference { domain: domain.clone(), ranges, problem }
}

/// The policy of a domain by these answers; a question that they lack.
fn lowered(
    lookup: &dyn Lookup,
    domain: &DomainName,
    decisions: &mut Decisions,
) -> Result<Lowered, Question> {
    let graph: Graph = walk(lookup, domain, &WalkOptions::default()).map_err(|questions| {
        let root = || Question::new(domain.clone(), crate::dns::RecordType::Txt);
        questions.into_iter().next().unwrap_or_else(root)
    })?;
    Ok(lower(&graph, &Known::new(), Ceilings::DEFAULT.levels, decisions))
}

fn document(difference: &Difference) -> DiffDocument {
    let of = |domain: &DomainDifference, wanted: Change| {
        let ranges = domain.ranges.iter().filter(move |range| range.change == wanted);
        ranges.map(|range| range.shape.clone()).collect()
    };
    DiffDocument {
        schema: SCHEMA,
        taken: difference.taken.clone(),
        changed: difference.changed(),
        records: difference.records.clone(),
        domains: difference
            .domains
            .iter()
            .map(|domain| DomainShape {
                domain: domain.domain.to_string(),
                gained: of(domain, Change::Gained),
                lost: of(domain, Change::Lost),
                changed: of(domain, Change::Other),
                problem: domain.problem.clone(),
            })
            .collect(),
        failed: difference
            .failed
            .iter()
            .map(|(question, failure)| FailedShape {
                name: question.name.to_string(),
                record_type: question.record_type.as_str(),
                reason: failure.to_string(),
            })
            .collect(),
    }
}
