//! All sources and zones of a server, and what happens to them one after the other.
//!
//! One task has the engine and calls it in turn: [`Engine::configure`] at the start and
//! whenever the configuration is read again, [`Engine::refresh`] when something is due,
//! orders of a person in between. After each, [`Engine::take_zones`] has what is to be
//! served from now on, and [`Engine::take_notices`] what the log should say; then
//! [`Engine::write`] lets it survive. Nobody waits for a disk to be served.

mod files;
mod load;
mod orders;
mod outcome;
mod source;
mod turn;
mod zone;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use tokio::time::Instant;

use crate::dns::{FreshAnswers, Recording};
use crate::name::DomainName;

use super::keeper::Keeper;
use super::{
    AddressSource, Clock, FaultKind, OwnedDirectory, PolicySource, RefreshOptions, StateDirectory,
    Status, ZoneAsked,
};

pub use orders::OrderError;
use source::Source;
use zone::Zone;
pub use zone::ZoneOutput;

/// What there is to do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The sources by their names.
    pub sources: BTreeMap<String, AddressSource>,
    /// The zones that are put together from them.
    pub zones: Vec<ZonePlan>,
}

/// A zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZonePlan {
    /// What it is asked.
    pub asked: ZoneAsked,
    /// Its domains with their sources; the root for a zone of one policy.
    pub tenants: BTreeMap<DomainName, String>,
}

/// How much a notice matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// All is well.
    Info,
    /// Somebody should look at it.
    Warning,
    /// Something does not work.
    Error,
}

/// Something that the log should say, in a sentence. May hold text from DNS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// How much it matters.
    pub severity: Severity,
    /// The source that it is about, where it is about one.
    pub source: Option<String>,
    /// The sentence.
    pub text: String,
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(source) = &self.source {
            write!(f, "'{source}': ")?;
        }
        f.write_str(&self.text)
    }
}

/// What is wrong with a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// The source.
    pub source: String,
    /// Whose fault it is; none where something waits for a person.
    pub kind: Option<FaultKind>,
    /// What it is, in a sentence. May hold text from DNS.
    pub reason: String,
}

/// Keeps the sources of zones up to date.
#[derive(Debug)]
pub struct Engine {
    options: RefreshOptions,
    clock: Arc<dyn Clock>,
    answers: FreshAnswers,
    sources: BTreeMap<String, Source>,
    zones: Vec<Zone>,
    keeper: Keeper,
    /// When what could not be written is tried again.
    rewrite: Option<Instant>,
    notices: Vec<Notice>,
}

impl Engine {
    /// Knows no source yet. `directory` is where it keeps what has to survive.
    pub fn new(
        options: RefreshOptions,
        clock: Arc<dyn Clock>,
        answers: FreshAnswers,
        directory: Option<OwnedDirectory>,
    ) -> Engine {
        Engine::with_keeper(options, clock, answers, Keeper::new(directory))
    }

    /// The same with what another one has kept there, of which nothing is touched, its
    /// lock and its history included: for those who want to know what that one would do.
    pub fn looking_at(
        options: RefreshOptions,
        clock: Arc<dyn Clock>,
        answers: FreshAnswers,
        directory: StateDirectory,
    ) -> Engine {
        Engine::with_keeper(options, clock, answers, Keeper::reading(directory))
    }

    fn with_keeper(
        options: RefreshOptions,
        clock: Arc<dyn Clock>,
        answers: FreshAnswers,
        keeper: Keeper,
    ) -> Engine {
        Engine {
            options,
            clock,
            answers,
            sources: BTreeMap::new(),
            zones: Vec::new(),
            keeper,
            rewrite: None,
            notices: Vec::new(),
        }
    }

    /// Goes on with other options and another DNS.
    pub fn adopt(&mut self, options: RefreshOptions, answers: FreshAnswers) {
        (self.options, self.answers) = (options, answers);
    }

    /// The sources of a zone that are not as they should be, sorted by their names.
    pub fn troubles(&self, zone: &DomainName) -> Vec<Trouble> {
        let mut zones = self.zones.iter().filter(|own| own.name() == zone);
        let used = zones.next().into_iter().flat_map(|zone| &zone.used);
        used.filter_map(|name| self.sources.get(name)?.trouble(name)).collect()
    }

    /// The policy that a source serves, with the number of its version and its answers;
    /// none for a file of addresses and where nothing is served.
    pub fn policy(&self, source: &str) -> Option<(u64, PolicySource, Arc<Recording>)> {
        let source = self.sources.get(source)?;
        let (policy, answers) = source.good()?;
        Some((source.state.good.as_ref()?.number, policy, answers))
    }

    /// When something is to be done next; `None` while nothing is.
    pub fn next_due(&self) -> Option<Instant> {
        let sources = self.sources.values().filter_map(|source| source.due).min();
        sources.into_iter().chain(self.rewrite).min()
    }

    /// Lets all sources be read again as soon as possible, files too, whatever their
    /// answers' times to live say.
    pub fn read_all_anew(&mut self) {
        self.answers.forget();
        let now = Instant::now();
        for source in self.sources.values_mut() {
            (source.due, source.failures) = (Some(now), 0);
        }
    }

    /// Reads all sources that are due, each once, however soon it is due again.
    pub async fn refresh_all(&mut self) {
        for _ in 0..=self.sources.len() / turn::AT_ONCE {
            if !self.refresh().await {
                return;
            }
        }
    }

    /// What is to be served since this was last asked: all zones that changed.
    pub fn take_zones(&mut self) -> Vec<ZoneOutput> {
        self.assemble();
        self.zones.iter_mut().filter_map(Zone::take).collect()
    }

    /// What the log should say since this was last asked.
    pub fn take_notices(&mut self) -> Vec<Notice> {
        let mut notices = std::mem::take(&mut self.notices);
        let remarks = self.keeper.take_remarks().into_iter();
        notices.extend(remarks.map(|text| Notice {
            severity: Severity::Warning,
            source: None,
            text,
        }));
        notices
    }

    /// How all sources and zones do.
    pub fn status(&self) -> Status {
        let now = Instant::now();
        let zones = self.zones.iter().map(Zone::status).collect();
        let sources = self.sources.iter().map(|(name, source)| source.status(name, now)).collect();
        let problem = self.keeper.problem().map(str::to_owned);
        Status::new(self.clock.unix_seconds(), sources, zones, problem)
    }

    /// Writes what waits to be written.
    pub fn write(&mut self) {
        self.write_state();
        let (days, versions) = (self.options.history_days, self.options.history_versions);
        self.keeper.prune(self.clock.unix_seconds(), days, versions);
    }

    fn write_state(&mut self) {
        self.keeper.write();
        self.rewrite = self.keeper.problem().map(|_| Instant::now() + self.options.retry);
    }

    /// Whether the writing of state fails for now.
    pub fn problem(&self) -> Option<&str> {
        self.keeper.problem()
    }

    fn notice(&mut self, severity: Severity, text: String) {
        self.notices.push(Notice { severity, source: None, text });
    }

    /// The same about a source.
    fn notice_of(&mut self, name: &str, severity: Severity, text: String) {
        self.notices.push(Notice { severity, source: Some(name.to_owned()), text });
    }
}
