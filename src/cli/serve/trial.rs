//! What a server would make of its sources if it began now: they are read and judged as
//! the server does it, from what one has left, and nothing is written.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::Arc;

use crate::cli::describe::counted;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::output::Session;
use crate::cli::style::{BAD, STRONG, WARN, paint};
use crate::config::ServeConfig;
use crate::dns::{FreshAnswers, SourceError};
use crate::escape;
use crate::name::DomainName;
use crate::refresh::{
    Clock, DirectoryError, Engine, Failing, HeldStatus, Notice, Plan, Severity, SourceStatus,
    StateDirectory, Status, SystemClock, ZoneOutput, failure_word, rfc3339,
};

use super::desk::exit_of;
use super::faults::Faults;
use super::plan::{answers, plan};

/// Sources and zones as a server would have them.
pub(super) struct Trial {
    begun: i64,
    plan: Plan,
    /// Zones without a plan, and why.
    pub(super) unplanned: BTreeMap<DomainName, CliError>,
    status: Status,
    outputs: BTreeMap<DomainName, ZoneOutput>,
    /// Sources of which some zone has nothing.
    unserved: BTreeSet<String>,
    /// What is to be known of what a server has left, and how a run ends for it.
    state: Vec<(Exit, String)>,
    /// Sources that cannot stand together in a zone.
    clashes: Vec<String>,
    /// What the operator should know of what the sources say now.
    remarks: Vec<Notice>,
}

/// What became of all sources.
struct Read {
    status: Status,
    outputs: BTreeMap<DomainName, ZoneOutput>,
    /// What was said of what survived, before anything was read.
    survived: Vec<Notice>,
    said: Vec<Notice>,
}

impl Trial {
    /// Reads all sources.
    ///
    /// # Errors
    ///
    /// Nobody can be asked.
    pub(super) fn run(config: &ServeConfig, session: &Session) -> Result<Trial, CliError> {
        let begun = SystemClock.unix_seconds();
        let (plan, unplanned) = plan(config, &session.global, &BTreeMap::new(), &Faults::default());
        let answers = answers(config, &session.global)?;
        let mut state = Vec::new();
        let directory = left(config).unwrap_or_else(|error| {
            // Who may not look there need not be who serves.
            let open = matches!(error, DirectoryError::Open(_));
            let unknown = "it is not known what was served last, so nothing is said of that";
            state.push((if open { Exit::No } else { Exit::Done }, format!("{unknown}: {error}")));
            None
        });
        let mut read = read(config, &plan, answers.clone(), None)?;
        // What is said of a source belongs to what it says now, whatever was known before.
        let remarks = std::mem::take(&mut read.said);
        let remarks = remarks.into_iter().filter(|it| it.severity == Severity::Warning).collect();
        if let Some(directory) = directory {
            read = self::read(config, &plan, answers, Some(directory))?;
        }
        let is_error = |notice: &Notice| notice.severity == Severity::Error;
        let lost = read.survived.into_iter().filter(is_error);
        state.extend(lost.map(|notice| (Exit::No, notice.to_string())));
        let others =
            read.said.into_iter().filter(|notice| is_error(notice) && notice.source.is_none());
        let clashes = others.map(|notice| notice.text).collect();
        let unserved = unserved(&plan, &read.outputs);
        let Read { status, outputs, .. } = read;
        Ok(Trial { begun, plan, unplanned, status, outputs, unserved, state, clashes, remarks })
    }

    /// What a zone would hold, with the names of its sources; none where it is not known.
    pub(super) fn output(&self, zone: &DomainName) -> Option<(&ZoneOutput, BTreeSet<&String>)> {
        let plan = self.plan.zones.iter().find(|plan| plan.asked.terms.zone() == zone)?;
        Some((self.outputs.get(zone)?, plan.tenants.values().collect()))
    }

    /// How many sources have nothing to be served with in some zone.
    pub(super) fn unserved(&self) -> usize {
        self.unserved.len()
    }

    /// Says what is to be known of the state, and of all sources of which there is
    /// something; how a run ends that has nothing else to tell.
    pub(super) fn write_sources(&self, text: &mut String) -> Exit {
        let mut exit = Exit::Done;
        for (own, reason) in &self.state {
            let _ = writeln!(text, "{} {}", paint(WARN, "state:"), escape::message(reason));
            exit = exit.worse(*own);
        }
        for reason in &self.clashes {
            let _ = writeln!(text, "{} {}", paint(BAD, "error:"), escape::message(reason));
            exit = exit.worse(Exit::Usage);
        }
        for source in &self.status.sources {
            let mut lines = Vec::new();
            exit = exit.worse(self.judge(source, &mut lines));
            if lines.is_empty() {
                continue;
            }
            let identity = &source.identity;
            let what = match (&identity.domain, &identity.file) {
                (Some(domain), _) => format!("the policy of {domain}"),
                (None, file) => file.clone().unwrap_or_default(),
            };
            let name = paint(STRONG, escape::text(&source.source));
            let _ = writeln!(text, "source {name}, {}", escape::text(&what));
            lines.iter().for_each(|line| {
                let _ = writeln!(text, "  {line}");
            });
        }
        if !text.is_empty() {
            text.push('\n');
        }
        exit
    }

    /// What is to be known of a source.
    fn judge(&self, source: &SourceStatus, lines: &mut Vec<String>) -> Exit {
        let mut exit = Exit::Done;
        if let Some(Failing { kind, reason, .. }) = &source.failing {
            let reason = format!("{}: {reason}", failure_word(*kind));
            lines.push(format!("{} {}", paint(BAD, "error:"), escape::message(&reason)));
            lines.push(match self.last_good(source) {
                Some(version) => format!("{version} is served as long as that lasts"),
                None => "nothing is there to be served in its place".to_owned(),
            });
            exit = exit.worse(exit_of(Some(*kind)));
        }
        let name = escape::text(&source.source);
        if let Some(held) = &source.held {
            lines.push(format!("{} {}", paint(WARN, "waits:"), self.waits(&name, held)));
            let stays = self.last_good(source).unwrap_or_else(|| "what was served".to_owned());
            lines.push(format!("{stays} is served until then"));
            exit = exit.worse(Exit::No);
        } else if source.pinned {
            let what = match source.why.as_ref().and_then(|why| why.to) {
                Some(to) => format!("a person went back to version {to}"),
                None => "a person chose what is served".to_owned(),
            };
            let ends = format!("'spfc accept {name}' lets DNS decide again");
            lines.push(format!("{} {what}: {ends}", paint(WARN, "pinned:")));
        }
        let own = |remark: &&Notice| remark.source.as_ref() == Some(&source.source);
        for Notice { text, .. } in self.remarks.iter().filter(own) {
            lines.push(format!("{} {}", paint(WARN, "warning:"), escape::message(text)));
        }
        exit
    }

    /// What waits for a person, or would as soon as a server has read it.
    fn waits(&self, name: &str, held: &HeldStatus) -> String {
        let reason = escape::message(&held.reason);
        let when = match held.since < self.begun {
            true => format!("since {} a change waits", rfc3339(held.since)),
            false => "a change would be held".to_owned(),
        };
        format!("{when} until 'spfc accept {name}': {reason}")
    }

    /// The version of a source that is served, if all its zones have it.
    fn last_good(&self, source: &SourceStatus) -> Option<String> {
        let version = source.version.filter(|_| !self.unserved.contains(&source.source))?;
        Some(format!("version {version}, of {},", rfc3339(source.since?)))
    }
}

/// What a server has left; none where there is no such thing, and why it cannot be
/// looked at.
fn left(config: &ServeConfig) -> Result<Option<StateDirectory>, DirectoryError> {
    let Some(path) = &config.state else { return Ok(None) };
    let directory = StateDirectory::at(path);
    Ok(directory.holds_something()?.then_some(directory))
}

/// Reads all sources once, behind what was left there.
fn read(
    config: &ServeConfig,
    plan: &Plan,
    answers: FreshAnswers,
    directory: Option<StateDirectory>,
) -> Result<Read, CliError> {
    let (options, clock) = (config.refresh.clone(), Arc::new(SystemClock));
    let mut engine = match directory {
        Some(directory) => Engine::looking_at(options, clock, answers, directory),
        None => Engine::new(options, clock, answers, None),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(SourceError::Runtime)?;
    let (survived, said) = runtime.block_on(async {
        engine.configure(plan.clone());
        engine.load();
        let survived = engine.take_notices();
        engine.refresh_all().await;
        (survived, engine.take_notices())
    });
    let outputs = engine.take_zones().into_iter();
    let outputs = outputs.map(|output| (output.zone.clone(), output)).collect();
    Ok(Read { status: engine.status(), outputs, survived, said })
}

/// The sources of which some zone has nothing.
fn unserved(plan: &Plan, outputs: &BTreeMap<DomainName, ZoneOutput>) -> BTreeSet<String> {
    let mut unserved = BTreeSet::new();
    for zone in &plan.zones {
        let output = outputs.get(zone.asked.terms.zone());
        let unready: Option<BTreeSet<&DomainName>> = output
            .filter(|output| output.image.is_some())
            .map(|output| output.unready.iter().collect());
        let lacks = |domain: &DomainName| unready.as_ref().is_none_or(|it| it.contains(domain));
        let lacking = zone.tenants.iter().filter(|(domain, _)| lacks(domain));
        unserved.extend(lacking.map(|(_, source)| source.clone()));
    }
    unserved
}

/// Domains of a zone, or how many there are beside the first.
pub(super) fn named(domains: &[DomainName]) -> String {
    const NAMED: usize = 8;
    let names: Vec<String> = domains.iter().take(NAMED).map(ToString::to_string).collect();
    let names = names.join(", ");
    match domains.len().saturating_sub(NAMED) {
        0 => names,
        more => format!("{names} and {} more", counted(more, "domain")),
    }
}
