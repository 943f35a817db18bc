//! `spfc lint --fix`: records with their fixes made, printed or written back.
//!
//! Which fixes are safe is for the library to say.

mod write;

use std::path::Path;
use std::sync::Arc;

use super::super::dns::Dns;
use super::super::error::CliError;
use super::super::exit::Exit;
use super::super::global::Format;
use super::super::output::Session;
use super::super::target::Target;
use super::super::usage::UsageError;
use super::LintArgs;
use super::output::{exit, text, unread};
use super::subjects::{Inputs, Subjects};
use crate::compile::{Fixed, fix, replacement};
use crate::dns::{Replaced, Txt, ZoneFile};
use crate::escape;
use crate::lint::render::json_fixed;
use crate::lint::{LintOptions, Report, Rule, Subject, drop_repeated};
use crate::name::DomainName;

/// What is run, for messages.
pub(super) const COMMAND: &str = "lint --fix";
/// Its formats: the records stand where other formats have the findings.
pub(super) const FORMATS: &[Format] = &[Format::Human, Format::Json];
/// How often a zone is gone through at most: a record that was mended may make
/// room for fixes of records that include it.
const MOST_PASSES: usize = 10;
/// Characters of a target before a message about it at most.
const LABEL_CHARACTERS: usize = 60;

/// A policy with its fixes made.
struct Outcome<'a> {
    subject: &'a Subject,
    zone: Option<&'a Arc<ZoneFile>>,
    fixed: Fixed,
}

impl Outcome<'_> {
    /// The record before and after, where it was mended.
    fn change(&self) -> Option<(&[u8], &[u8])> {
        let (old, new) = (self.fixed.original.as_deref()?, self.fixed.mended.record.as_deref()?);
        (old != new).then_some((old, new))
    }

    fn is_in(&self, zone: &Arc<ZoneFile>) -> bool {
        self.zone.is_some_and(|own| Arc::ptr_eq(own, zone))
    }
}

/// Refuses targets that `--write` cannot write.
///
/// # Errors
///
/// The first target that is no file.
pub(super) fn only_files(args: &LintArgs) -> Result<(), UsageError> {
    let stdin = |path: &Path| path == Path::new("-");
    for target in &args.targets {
        match Target::read(target) {
            Target::File(path, _) if !stdin(&path) => {}
            _ => return Err(UsageError::NoFile(target.clone())),
        }
    }
    match args.file.iter().find(|file| stdin(Path::new(file))) {
        Some(file) => Err(UsageError::NoFile(file.clone())),
        None => Ok(()),
    }
}

/// Fixes all policies, prints or writes their records, and says what is left.
///
/// # Errors
///
/// A recording without an answer, a file that cannot be written.
pub(super) fn run(
    args: &LintArgs,
    inputs: &Inputs<'_>,
    subjects: &Subjects,
    dns: &mut Dns,
    options: &LintOptions,
    session: &Session,
) -> Result<Exit, CliError> {
    let outcomes = outcomes(subjects, dns, options)?;
    let written = match args.write {
        true => write::write(&outcomes, inputs, session)?,
        false => vec![false; outcomes.len()],
    };
    // What was to be written and was not still has its findings.
    let report = |(outcome, written): (&Outcome<'_>, &bool)| match outcome.change() {
        Some(_) if args.write && !written => outcome.fixed.found.clone(),
        _ => outcome.fixed.left.clone(),
    };
    let mut left: Vec<Report> = outcomes.iter().zip(&written).map(report).collect();
    drop_repeated(&mut left);
    let exit = exit(&left, subjects.unreadable(), args.fail_on.into());
    if session.global.format == Format::Json {
        let targets = left.iter().zip(&outcomes).zip(&written);
        let targets =
            targets.map(|((report, outcome), written)| (report, &outcome.fixed.mended, *written));
        session.print(&json_fixed(targets, subjects.unreadable()))?;
    } else {
        // Another run would not fix more.
        let found = left.iter_mut().flat_map(|report| &mut report.diagnostics);
        found.for_each(|found| found.fix = found.fix.take().filter(|fix| !fix.kind.is_safe()));
        session.aside(text(&left, session).trim_end());
        for (outcome, written) in outcomes.iter().zip(&written) {
            say(outcome, !args.write || *written, session);
        }
        if !args.write {
            session.print(&records(&outcomes))?;
        }
    }
    session.errors(&subjects.unreadable().iter().map(unread).collect::<Vec<_>>());
    Ok(exit)
}

/// Fixes all policies; those of a zone again, where another record of it was
/// mended.
fn outcomes<'a>(
    subjects: &'a Subjects,
    dns: &mut Dns,
    options: &LintOptions,
) -> Result<Vec<Outcome<'a>>, CliError> {
    let mut outcomes = Vec::new();
    for (subject, zone) in subjects.iter() {
        let fixed = fixed(subject, zone, &[], dns, options)?;
        outcomes.push(Outcome { subject, zone, fixed });
    }
    // Without DNS no record is read with another one.
    let passes = if options.offline { 0 } else { MOST_PASSES };
    let mut changed: Vec<&Arc<ZoneFile>> = Vec::new();
    for outcome in &outcomes {
        changed.extend(outcome.zone.filter(|_| outcome.change().is_some()));
    }
    for _ in 0..passes {
        let mut again: Vec<&Arc<ZoneFile>> = Vec::new();
        while let Some(zone) = changed.pop() {
            changed.retain(|other| !Arc::ptr_eq(other, zone));
            let replaced: Vec<_> = outcomes
                .iter()
                .filter(|outcome| outcome.is_in(zone))
                .filter_map(replaced)
                .collect();
            let mut more = false;
            for outcome in outcomes.iter_mut().filter(|outcome| outcome.is_in(zone)) {
                let next = fixed(outcome.subject, outcome.zone, &replaced, dns, options)?;
                more |= !next.mended.applied.is_empty();
                outcome.fixed = after(&outcome.fixed, next);
            }
            again.extend(more.then_some(zone));
        }
        changed = again;
    }
    Ok(outcomes)
}

/// What a record of a zone is replaced by in the reading of the others.
fn replaced(outcome: &Outcome<'_>) -> Option<(DomainName, Txt, Txt)> {
    let (old, new) = outcome.change()?;
    Some(replacement(outcome.subject.domain.as_ref()?, old, new))
}

/// One pass behind another.
fn after(first: &Fixed, next: Fixed) -> Fixed {
    let mut mended = next.mended;
    mended.applied = [first.mended.applied.clone(), mended.applied].concat();
    let original = first.original.clone().or(next.original);
    Fixed { found: first.found.clone(), left: next.left, original, mended }
}

fn fixed(
    subject: &Subject,
    zone: Option<&Arc<ZoneFile>>,
    replaced: &[(DomainName, Txt, Txt)],
    dns: &mut Dns,
    options: &LintOptions,
) -> Result<Fixed, CliError> {
    dns.run(|lookup| {
        let view = Replaced::new(Subjects::view(zone, lookup), replaced.iter().cloned());
        fix(&view, subject, options).into()
    })
}

/// Says what was fixed, where it was `kept`, and what was not and why.
fn say(outcome: &Outcome<'_>, kept: bool, session: &Session) {
    let mended = &outcome.fixed.mended;
    let named = |rule: &Rule| format!("{} {}", rule.code, rule.name);
    let mut counts: Vec<(&Rule, usize)> = Vec::new();
    for &rule in &mended.applied {
        match counts.iter_mut().find(|(known, _)| known.code == rule.code) {
            Some((_, count)) => *count += 1,
            None => counts.push((rule, 1)),
        }
    }
    // The label of a record is the record, which may be long.
    let label: String = outcome.fixed.left.target.chars().take(LABEL_CHARACTERS).collect();
    let fixed: Vec<String> = counts
        .into_iter()
        .map(|(rule, count)| match count {
            1 => named(rule),
            count => format!("{} ({count} times)", named(rule)),
        })
        .collect();
    if kept && !fixed.is_empty() {
        session.note(format!("{label}: fixed {}", fixed.join(", ")));
    }
    for (rule, reason) in &mended.refused {
        session.note(format!("{label}: {} is not fixed: {reason}", named(rule)));
    }
}

/// The records as lines: one as it is, of several each that is for a domain
/// behind its name and a tab.
fn records(outcomes: &[Outcome<'_>]) -> String {
    let line = |outcome: &Outcome<'_>| {
        let record = outcome.fixed.mended.record.as_deref()?;
        let name = outcome.subject.domain.as_ref().filter(|_| outcomes.len() > 1);
        let name = name.map_or_else(String::new, |name| format!("{name}\t"));
        Some(format!("{name}{}\n", line_of(record)))
    };
    outcomes.iter().filter_map(line).collect()
}

/// A record as it is, but for octets that no sound record has and a terminal
/// would act on.
fn line_of(record: &[u8]) -> String {
    match std::str::from_utf8(record) {
        Ok(text) if text.bytes().all(|octet| matches!(octet, b' '..=b'~')) => text.to_owned(),
        _ => escape::octets(record),
    }
}
