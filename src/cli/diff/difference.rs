//! Finding what changed: DNS asked again, each policy compared, each answer.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::lock::{failures, records};
use super::super::recorded::Recorded;
use crate::dns::{Answer, Cache, Failure, Lookup, Question, Reply, SourceAs, Step};
use crate::documents::{AnswerShape, RecordShape};
use crate::lint::{Baseline, LintOptions, Report, Subject, lint};
use crate::name::DomainName;
use crate::policy::{Drift, LookupCount, Reading, drift, read_of};

/// What changed.
pub(super) struct Difference {
    pub(super) taken: String,
    /// How many answers were recorded.
    pub(super) answers: usize,
    /// Answers that changed in what SPF reads of them.
    pub(super) records: Vec<RecordChange>,
    /// Other answers that changed.
    pub(super) others: Vec<RecordChange>,
    pub(super) domains: Vec<DomainDifference>,
    /// Questions of the policies that got no answer.
    pub(super) failed: Vec<(Question, Failure)>,
}

/// An answer that changed.
pub(super) struct RecordChange {
    /// The whole answers.
    pub(super) shape: RecordShape,
    /// The records that SPF does not read.
    pub(super) unread: Vec<String>,
}

/// What changed for one domain.
pub(super) struct DomainDifference {
    pub(super) domain: DomainName,
    pub(super) drift: Drift,
    pub(super) lookups_before: LookupCount,
    pub(super) now: Reading,
    /// The findings of the rules on drift.
    pub(super) report: Report,
}

impl DomainDifference {
    /// What keeps addresses from being compared, or is wrong with the policy now.
    pub(super) fn problem(&self) -> Option<String> {
        let failed = self.drift.failed.as_ref();
        failed.or(self.drift.errors.first()).map(ToString::to_string)
    }

    /// Whether some address has another result.
    pub(super) fn changed(&self) -> bool {
        !self.drift.ip4.is_empty() || !self.drift.ip6.is_empty()
    }
}

impl Difference {
    /// Puts together what changed, from the answers of now.
    pub(super) fn new(
        before: &Recorded,
        now: &Cache,
        domains: Vec<DomainDifference>,
    ) -> Difference {
        let readings: Vec<&Reading> = domains
            .iter()
            .map(|domain| &domain.now)
            .chain(before.policies().map(|(_, policy)| policy.reading()))
            .collect();
        let answers = now.iter().map(|(question, answer)| (question, &**answer));
        let read = answers.filter(|(question, _)| of_policy(&readings, question).is_some());
        let failed = failures(read);
        let (records, others) = changed_records(before, now, &readings);
        Difference {
            taken: before.recording.taken().to_owned(),
            answers: before.recording.answers().len(),
            records,
            others,
            domains,
            failed,
        }
    }

    /// Whether anything that SPF reads changed.
    pub(super) fn changed(&self) -> bool {
        !self.records.is_empty() || self.domains.iter().any(DomainDifference::changed)
    }
}

/// Asks what the recording holds and what the policies need now, and compares
/// each policy. `known` keeps those that are done: no answer changes any more.
pub(super) fn ask(
    lookup: &dyn Lookup,
    before: &Recorded,
    max_shrink: u32,
    known: &mut BTreeMap<DomainName, DomainDifference>,
) -> Step<Vec<DomainDifference>> {
    let again = before.recording.answers().into_iter();
    let mut missing: Vec<Question> =
        again.filter_map(|(question, _)| lookup.lookup(question).err()).collect();
    for (domain, policy) in before.policies() {
        if known.contains_key(domain) {
            continue;
        }
        match of_domain(lookup, domain, policy, max_shrink) {
            Ok(found) => drop(known.insert(domain.clone(), found)),
            Err(questions) => missing.extend(questions),
        }
    }
    match missing.is_empty() {
        true => Step::Done(std::mem::take(known).into_values().collect()),
        false => Step::Need(missing),
    }
}

fn of_domain(
    lookup: &dyn Lookup,
    domain: &DomainName,
    policy: &Arc<Baseline>,
    max_shrink: u32,
) -> Result<DomainDifference, Vec<Question>> {
    let now = Reading::read(lookup, domain, policy.source())?;
    let drift = drift(policy.reading(), &now);
    let subject = Subject { baseline: Some(policy.clone()), ..Subject::domain(domain.clone()) };
    let options = LintOptions { beyond_policy: false, max_shrink, ..LintOptions::default() };
    let mut report = match policy.source() {
        Some(source) => {
            let view = SourceAs::new(lookup, domain.clone(), source.clone());
            lint(&view, &subject, &options)?
        }
        None => lint(lookup, &subject, &options)?,
    };
    report.diagnostics.retain(|found| found.rule.judges_drift());
    let lookups_before = policy.reading().lookups;
    Ok(DomainDifference { domain: domain.clone(), drift, lookups_before, now, report })
}

/// Whether policies are read from the answer to a question, and then whether it
/// is an explanation to each that is.
fn of_policy(readings: &[&Reading], question: &Question) -> Option<bool> {
    let reading = readings.iter().filter(|reading| reading.answer(question).is_some());
    reading.map(|reading| reading.explains(question)).reduce(|one, other| one && other)
}

fn changed_records(
    before: &Recorded,
    now: &Cache,
    readings: &[&Reading],
) -> (Vec<RecordChange>, Vec<RecordChange>) {
    let mut questions: Vec<&Question> = now.iter().map(|(question, _)| question).collect();
    questions.sort();
    let (mut changed, mut others) = (Vec::new(), Vec::new());
    for question in questions {
        let (old, new) = (before.recording.lookup(question).ok(), now.lookup(question).ok());
        // That DNS fails now is no change of what is published.
        if new.as_ref().is_some_and(|new| new.failure().is_some()) {
            continue;
        }
        let policy = of_policy(readings, question);
        let explanation = policy != Some(false);
        let read = |answer: &Option<Arc<Answer>>| {
            answer.as_ref().and_then(|answer| read_of(answer, explanation))
        };
        let shape = |answer: &Option<Arc<Answer>>| answer.as_ref().map(|answer| shape(answer));
        let (was, is) = (read(&old), read(&new));
        // Nor is it a change that a name which is asked anew does not exist.
        let same = was == is || old.is_none() && is.as_ref().is_none_or(Vec::is_empty);
        let shapes = (shape(&old), shape(&new));
        let unread = |answer: &Option<Arc<Answer>>| {
            answer.as_ref().map_or_else(Vec::new, |answer| unread(answer, explanation))
        };
        let change = RecordChange {
            unread: [unread(&old), unread(&new)].concat(),
            shape: RecordShape {
                name: question.name.to_string(),
                record_type: question.record_type.as_str(),
                before: shapes.0.clone(),
                after: shapes.1.clone(),
            },
        };
        match policy {
            Some(_) if !same => changed.push(change),
            // A name that the recording does not know did not change.
            _ if old.is_some() && shapes.0 != shapes.1 => others.push(change),
            _ => {}
        }
    }
    (changed, others)
}

/// The texts of an answer that are no SPF records, as they are shown.
fn unread(answer: &Answer, explanation: bool) -> Vec<String> {
    let other =
        |text: &&crate::dns::Txt| !explanation && !crate::syntax::is_spf_record(&text.joined());
    let others: Vec<_> = answer.texts().iter().filter(other).cloned().collect();
    records(&Answer::new(Reply::from(crate::dns::Records::Txt(others))))
}

fn shape(answer: &Answer) -> AnswerShape {
    let status = match &answer.reply {
        Reply::Records(_) => "records",
        Reply::NoData => "nodata",
        Reply::NoName => "nxdomain",
        Reply::Failure(_) => "failed",
    };
    AnswerShape { status, records: records(answer) }
}
