//! A plan taken up: what survived of its sources and zones, and what is to be read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tokio::time::Instant;

use crate::dns::{Lookup, Recording, Step};
use crate::history::{Event, EventKind, Why};
use crate::name::DomainName;
use crate::refresh::judgement::failure_word;
use crate::refresh::{
    AddressSource, Identity, SourceSets, SourceState, Version, compare_answers, compile_sets,
    rfc3339,
};

use super::outcome::sentence;
use super::source::{ServedSets, Source};
use super::zone::{Mark, Zone};
use super::{Engine, Plan, Severity};

impl Engine {
    /// Takes up a plan in place of the one before. Zones that were served before the
    /// last restart are at hand at once; [`Engine::load`] has to follow.
    pub fn configure(&mut self, plan: Plan) {
        let mut before: BTreeMap<DomainName, Zone> =
            self.zones.drain(..).map(|zone| (zone.name().clone(), zone)).collect();
        let mut new = Vec::new();
        for zone in plan.zones {
            let mut zone = Zone::new(zone);
            match before.remove(zone.name()) {
                Some(mut old) => zone.take_over(&mut old),
                None => new.push(self.zones.len()),
            }
            self.zones.push(zone);
        }
        self.take_sources(plan.sources);
        for place in new {
            self.restore(place);
        }
    }

    /// The sources that some zone uses; what is not used any more is forgotten.
    fn take_sources(&mut self, mut definitions: BTreeMap<String, AddressSource>) {
        let used: BTreeSet<&String> = self.zones.iter().flat_map(|zone| &zone.used).collect();
        definitions.retain(|name, _| used.contains(name));
        let gone: Vec<String> =
            self.sources.keys().filter(|name| !definitions.contains_key(*name)).cloned().collect();
        for name in gone {
            self.sources.remove(&name);
            self.keeper.remove(&name);
            let sentence = "it is no longer configured".to_owned();
            let time = self.clock.unix_seconds();
            self.keeper.event(Event { source: name, time, kind: EventKind::Removed, sentence });
        }
        for (name, definition) in definitions {
            match self.sources.get_mut(&name) {
                Some(source) if source.definition == definition => {}
                Some(source) => {
                    source.definition = definition;
                    source.due = Some(Instant::now());
                    source.forget_troubles();
                }
                None => drop(self.sources.insert(name, Source::new(definition))),
            }
        }
        for source in self.sources.values_mut() {
            source.zones.clear();
        }
        for zone in &mut self.zones {
            let asked = Arc::new(zone.plan.asked.clone());
            zone.dirty = true;
            for source in &zone.used {
                if let Some(source) = self.sources.get_mut(source) {
                    source.zones.insert(zone.key.clone(), Arc::clone(&asked));
                }
            }
        }
        for source in self.sources.values_mut() {
            let zones = &source.zones;
            source.sets.retain(|key, _| zones.contains_key(key));
        }
    }

    /// Takes the sets of a zone from how it was last served.
    fn restore(&mut self, place: usize) {
        let Some(zone) = self.zones.get_mut(place) else { return };
        let Some(directory) = self.keeper.survived() else { return };
        let image = match directory.read_zone(zone.name()) {
            Ok(Some(image)) => image,
            Ok(None) => return,
            Err(error) => {
                return self.notice(Severity::Error, format!("what was served is lost: {error}"));
            }
        };
        for (mark, sets) in zone.parts(&image) {
            let Mark { source, version, terms, record } = mark;
            let Some(source) = self.sources.get_mut(&source) else { continue };
            let good = source.state.good.as_ref();
            if good.is_none_or(|good| good.number == version) {
                source.restored = i64::try_from(image.created).ok();
                source.sets.entry(terms).or_insert(ServedSets { version, sets, record });
            }
        }
        let now = self.clock.unix_seconds();
        match zone.assemble(&self.sources, now) {
            Ok(_) => zone.created_at(&image),
            Err(reason) => self.notice(Severity::Error, reason),
        }
    }

    /// Looks for what survived of the sources that are new, and lets them be read.
    pub fn load(&mut self) {
        let names: Vec<String> = self.sources.keys().cloned().collect();
        for name in names {
            let survived = match self.sources.get(&name) {
                Some(source) if !source.loaded => Some(self.survived(&name)),
                _ => None,
            };
            let is_new = survived.is_some();
            let Some(source) = self.sources.get_mut(&name) else { continue };
            if let Some(survived) = survived {
                source.loaded = true;
                source.due = Some(Instant::now());
                if let Some(file) = survived {
                    (source.state, source.identity) = (file.state, file.identity);
                    if source.is_redefined() {
                        source.forget_troubles();
                    }
                } else if let Some(good) = source.restored() {
                    let text = format!(
                        "version {} comes from the image of its zone, nothing else is there of it",
                        good.number
                    );
                    source.state.good = Some(good);
                    self.notice_of(&name, Severity::Warning, text);
                    self.save(&name);
                }
            }
            self.compile_served(&name);
            if is_new {
                self.catch_up(&name);
                self.tell_again(&name);
            }
        }
        // Before there are newer files, so that the history is behind by one at most.
        self.write_state();
    }

    /// Says again what stands against a source since before the start.
    fn tell_again(&mut self, name: &str) {
        let Some(source) = self.sources.get(name) else { return };
        let failing = source.state.failing.as_ref().map(|it| {
            let word = failure_word(it.kind);
            (Severity::Error, it.since, format!("{word}: {}", it.reason))
        });
        let held = source.state.held.as_ref().map(|it| {
            (Severity::Warning, it.since, format!("a change waits for a person: {}", it.reason))
        });
        let publish = source.publish();
        for (severity, since, what) in failing.into_iter().chain(held) {
            self.notice_of(name, severity, format!("still, since {}, {what}", rfc3339(since)));
        }
        if let Some(record) = publish {
            let text = format!("still, its record is another one: publish '{record}'");
            self.notice_of(name, Severity::Warning, text);
        }
    }

    /// Lets the history have the version of a source's file, which an end by force may
    /// have kept from it, and no later version a number that the history has already.
    fn catch_up(&mut self, name: &str) {
        let Some(Ok(history)) = self.keeper.history() else { return };
        let Ok(newest) = history.latest_number(name) else { return };
        let newest = newest.unwrap_or(0);
        let Some(source) = self.sources.get_mut(name) else { return };
        source.newest = newest;
        let Some(good) = source.state.good.as_ref().filter(|good| good.number > newest) else {
            return;
        };
        let before = history.version(name, newest).ok().flatten().and_then(|it| it.lock);
        let before = before.and_then(|lock| Recording::read(lock.as_bytes()).ok());
        let difference = match (&good.answers, source.identity.policy()) {
            (Some(answers), Some(policy)) => {
                let before = before.as_ref().map(|before| (&policy, before as &dyn Lookup));
                compare_answers(before, &policy, &**answers)
            }
            _ => None,
        };
        let passes = source.passing.map_or([0, 0], |passing| passing.map(|it| it.after));
        let changes = difference.map(|it| it.changes).unwrap_or_default();
        let sentence = sentence(good.why, None, &changes);
        let version = source.entry(name, sentence, passes, changes);
        version.into_iter().for_each(|version| self.keeper.version(version));
    }

    /// What survived of a source: its file, or the last version of the history.
    fn survived(&mut self, name: &str) -> Option<crate::refresh::SourceFile> {
        let directory = self.keeper.survived()?;
        match directory.read_source(name) {
            Ok(Some(file)) => return Some(file),
            Ok(None) => {}
            Err(error) => {
                self.notice(
                    Severity::Error,
                    format!("what was known of '{name}' is lost: {error}"),
                );
            }
        }
        let source = self.sources.get(name)?;
        let mut file = source.file(name);
        let history = self.keeper.history()?.ok()?;
        let number = history.latest_number(name).ok()??;
        let version = history.version(name, number).ok()??;
        let answers = Recording::read(version.lock.as_ref()?.as_bytes()).ok()?;
        // A version without answers is one of a file, whose addresses are not kept.
        if source.domain().as_deref() != Some(version.domain.as_str()) {
            return None;
        }
        file.identity = Identity::of_version(&version, &answers)?;
        // The file is written anew, or it would be missed at each start.
        let (since, why) = (version.time, version.why);
        let good = Version { number, since, why, answers: Some(Arc::new(answers)) };
        // Nothing but a person's word takes the place of what a person chose.
        let pinned = matches!(why, Why::RolledBack { .. });
        file.state = SourceState { good: Some(good), pinned, ..SourceState::default() };
        self.keeper.source(file.clone());
        let text = format!("version {number} comes from the history, its file is not there");
        self.notice_of(name, Severity::Warning, text);
        Some(file)
    }

    /// Compiles the version that is served for the zones that lack its sets.
    pub(super) fn compile_served(&mut self, name: &str) {
        let Some(source) = self.sources.get_mut(name) else { return };
        let Some(good) = &source.state.good else { return };
        source.sets.retain(|_, served| served.version == good.number);
        source.count();
        let Some(good) = &source.state.good else { return };
        let (Some(answers), Some(policy)) = (&good.answers, source.identity.policy()) else {
            return;
        };
        let mut problems = Vec::new();
        for (key, asked) in &source.zones {
            if source.sets.contains_key(key) {
                continue;
            }
            match compile_sets(&**answers, &policy, &asked.terms, &asked.record) {
                Step::Done(Ok(compiled)) => {
                    let record = Some(compiled.record);
                    let text = mark(name, good.number, key, record.as_deref());
                    let sets = compiled.sets.into_iter().map(|(name, set)| (name, Arc::new(set)));
                    let sets = SourceSets { sets: sets.collect(), text };
                    let version = good.number;
                    source.sets.insert(key.clone(), ServedSets { version, sets, record });
                }
                Step::Done(Err(error)) => problems.push(error.to_string()),
                Step::Need(_) => problems.push("an answer is not recorded".to_owned()),
            }
        }
        source.count();
        for problem in problems {
            let text = format!(
                "version {} of '{name}' cannot be served: {problem}",
                good_number(self, name)
            );
            self.notice(Severity::Error, text);
        }
        self.touch(name);
    }
}

fn good_number(engine: &Engine, name: &str) -> u64 {
    let good = engine.sources.get(name).and_then(|source| source.state.good.as_ref());
    good.map_or(0, |good| good.number)
}

/// What an image keeps of a source's sets.
pub(super) fn mark(
    source: &str,
    version: u64,
    terms: &str,
    record: Option<&str>,
) -> Option<String> {
    let (source, terms) = (source.to_owned(), terms.to_owned());
    let mark = Mark { source, version, terms, record: record.map(str::to_owned) };
    serde_json::to_string(&mark).ok()
}
