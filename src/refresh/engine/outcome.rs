//! What becomes of what was found of a source: served, held, told.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::dns::Step;
use crate::history::{self, Event, EventKind, ProviderCount, RangeChange, Why, count_changes};
use crate::image::AddressIndex;
use crate::refresh::judgement::failure_word;
use crate::refresh::{
    Decision, Failing, FaultKind, Found, Held, ProviderChange, SourceSets, Version, judge,
    says_the_same,
};

use super::load::mark;
use super::source::ServedSets;
use super::turn::{Candidate, ZoneSets};
use super::{Engine, Severity};

/// Why a policy has a new version of whose last one nothing but the sets was there.
const LOST_ANSWERS: &str = "the answers of the version before were lost";

impl Engine {
    /// Does what is to be done about what was found of a policy. `taken` is when its
    /// answers were, where that is not now.
    pub(super) fn take(&mut self, name: &str, found: Found, taken: Option<String>) {
        match found {
            Found::Same => self.same(name),
            Found::Failed { kind, reason } => self.fail(name, kind, reason),
            Found::New(new) => {
                let candidate = self.candidate(name, *new, taken);
                self.judge(name, candidate, None);
            }
        }
    }

    /// Judges what may be served, and does so. `held` is what waits for a person where
    /// it is a file of addresses.
    pub(super) fn judge(
        &mut self,
        name: &str,
        candidate: Candidate,
        held: Option<Arc<AddressIndex>>,
    ) {
        let Some(source) = self.sources.get(name) else { return };
        let passing = candidate.difference.as_ref().map(|it| [it.ip4, it.ip6]);
        let redefined = source.is_redefined();
        match judge(&source.state, passing, redefined, self.options.max_shrink) {
            Decision::Serve(why) => {
                let lost = why == Why::Changed && source.lacks_answers();
                let again = lost.then(|| LOST_ANSWERS.to_owned());
                self.serve(name, why, candidate, again);
                self.plan_next(name);
            }
            Decision::Hold(reason) => self.hold(name, reason, candidate, held),
        }
    }

    /// It says what is served.
    pub(super) fn same(&mut self, name: &str) {
        let now = self.clock.unix_seconds();
        let Some(source) = self.sources.get_mut(name) else { return };
        source.state.checked = Some(now);
        let released = self.release(name, "it says again what is served");
        let recovered = self.recover(name, "says what is served");
        if released || recovered {
            self.save(name);
        }
        self.plan_next(name);
    }

    /// Nothing waits for a person any more, for this reason; whether something did.
    fn release(&mut self, name: &str, why: &str) -> bool {
        let Some(source) = self.sources.get_mut(name) else { return false };
        source.candidate = None;
        let Some(held) = source.state.held.take() else { return false };
        let sentence = format!("nothing waits any more, {why}; what waited was: {}", held.reason);
        self.happened(name, EventKind::Released, Severity::Info, sentence);
        true
    }

    /// It can be read again, and so it does this; whether it could not.
    fn recover(&mut self, name: &str, does: &str) -> bool {
        let Some(source) = self.sources.get_mut(name) else { return false };
        let Some(failing) = source.state.failing.take() else { return false };
        let sentence =
            format!("it can be read again, and {does}; what failed was: {}", failing.reason);
        self.happened(name, EventKind::Recovered, Severity::Info, sentence);
        true
    }

    /// It cannot be read.
    pub(super) fn fail(&mut self, name: &str, kind: FaultKind, reason: String) {
        let now = self.clock.unix_seconds();
        let Some(source) = self.sources.get_mut(name) else { return };
        source.failures = source.failures.saturating_add(1);
        source.turns += 1;
        // A file costs nothing to look at, and is mended by who waits for it.
        let failures = if kind == FaultKind::File { 1 } else { source.failures };
        source.due = Some(Instant::now() + self.options.again(failures));
        let mut since = now;
        if let Some(before) = source.state.failing.as_mut().filter(|before| before.kind == kind) {
            // While DNS fails it is chance which of the names is met first.
            if kind == FaultKind::Dns || before.reason == reason {
                before.reason = reason;
                return;
            }
            since = before.since;
        }
        let stays = match &source.state.good {
            Some(good) => format!("version {} stays", good.number),
            None => "there is nothing to serve".to_owned(),
        };
        source.state.failing = Some(Failing { since, kind, reason: reason.clone() });
        let sentence = format!("{}, {stays}: {reason}", failure_word(kind));
        self.happened(name, EventKind::Failed, Severity::Error, sentence);
        self.save(name);
    }

    /// It waits for a person.
    fn hold(
        &mut self,
        name: &str,
        reason: String,
        found: Candidate,
        candidate: Option<Arc<AddressIndex>>,
    ) {
        let Candidate { answers, difference, .. } = found;
        let counts = count_changes(&difference.unwrap_or_default().changes);
        let providers = counts.iter().map(ProviderChange::from).collect();
        let now = self.clock.unix_seconds();
        let Some(source) = self.sources.get_mut(name) else { return };
        source.state.checked = Some(now);
        let known =
            source.state.held.as_ref().is_some_and(|held| match (&held.answers, &answers) {
                (Some(held), Some(found)) => {
                    held.iter().len() == found.iter().len()
                        && matches!(says_the_same(&**found, held), Step::Done(true))
                }
                (None, None) => source.candidate.is_none() || source.candidate == candidate,
                _ => false,
            });
        let since = match &source.state.held {
            Some(held) if known => held.since,
            _ => now.max(source.last_held.saturating_add(1)),
        };
        source.last_held = since;
        source.state.held = Some(Held { since, reason: reason.clone(), providers, answers });
        source.candidate = candidate;
        let number = source.state.good.as_ref().map_or(0, |good| good.number);
        let recovered =
            self.recover(name, if known { "waits as before" } else { "says something else" });
        if !known {
            let losers = losers(&counts);
            let sentence = format!(
                "version {number} stays until somebody accepts the change: {reason}{losers}"
            );
            self.happened(name, EventKind::Held, Severity::Warning, sentence);
        }
        if !known || recovered {
            self.save(name);
        }
        self.plan_next(name);
    }

    /// It is served from now on.
    pub(super) fn serve(
        &mut self,
        name: &str,
        why: Why,
        candidate: Candidate,
        word: Option<String>,
    ) {
        let since = self.clock.unix_seconds();
        // An order takes what waits, and makes no server answer that did not.
        let ordered = matches!(why, Why::Accepted | Why::RolledBack { .. });
        if !ordered {
            self.release(name, "it says something else that is served");
            self.recover(name, "says something else");
        }
        let Some(source) = self.sources.get_mut(name) else { return };
        let number = source.state.next_number().max(source.newest.saturating_add(1));
        let Candidate { answers, sets, difference, remarks } = candidate;
        let difference = difference.unwrap_or_default();
        let zones: Vec<String> = source.zones.keys().cloned().collect();
        source.sets.clear();
        for (key, sets) in zones.into_iter().zip(sets) {
            let ZoneSets { sets, record } = sets;
            let text = mark(name, number, &key, record.as_deref());
            let sets = SourceSets { sets, text };
            source.sets.insert(key, ServedSets { version: number, sets, record });
        }
        source.state.good = Some(Version { number, since, why, answers });
        source.state.checked = Some(since);
        source.state.pinned = matches!(why, Why::RolledBack { .. });
        (source.state.held, source.candidate) = (None, None);
        source.identity = crate::refresh::Identity::of(&source.definition);
        source.count();
        let sentence = sentence(why, word.as_deref(), &difference.changes);
        let passes = [difference.ip4.after, difference.ip6.after];
        let version = source.entry(name, sentence.clone(), passes, difference.changes);
        self.save(name);
        version.into_iter().for_each(|version| self.keeper.version(version));
        self.notice_of(name, Severity::Info, format!("version {number} is served: {sentence}"));
        for remark in remarks {
            self.notice_of(name, Severity::Warning, remark);
        }
        self.touch(name);
    }

    /// Says when a source is read again: when the first of its answers ends.
    pub(super) fn plan_next(&mut self, name: &str) {
        let now = Instant::now();
        let Some(source) = self.sources.get_mut(name) else { return };
        source.turns += 1;
        source.failures = 0;
        if source.is_file() {
            source.due = None;
            return;
        }
        let held = source.state.held.as_ref().and_then(|held| held.answers.as_ref());
        let good = source.state.good.as_ref().and_then(|good| good.answers.as_ref());
        let answers = held.or(good).into_iter().flat_map(|answers| answers.iter());
        let ends = answers.map(|(question, _)| self.answers.expires(question));
        let first = ends.map(|end| end.map_or(Duration::ZERO, |end| end - now)).min();
        let first = first.unwrap_or(self.options.least).max(Duration::from_secs(1));
        source.due = Some(now + self.options.next(name, source.turns, first));
    }

    pub(super) fn save(&mut self, name: &str) {
        if let Some(source) = self.sources.get(name) {
            self.keeper.source(source.file(name));
        }
    }

    /// Tells the history and the log.
    pub(super) fn happened(
        &mut self,
        name: &str,
        kind: EventKind,
        severity: Severity,
        sentence: String,
    ) {
        self.notice_of(name, severity, sentence.clone());
        let time = self.clock.unix_seconds();
        self.keeper.event(Event { source: name.to_owned(), time, kind, sentence });
    }
}

/// Who loses what passed, where somebody does: three at most.
fn losers(counts: &[ProviderCount]) -> String {
    let lost = counts.iter().filter(|count| count.change == history::Change::Lost);
    let names: Vec<&str> = lost.map(|count| count.provider.as_str()).take(3).collect();
    if names.is_empty() { String::new() } else { format!("; lost by {}", names.join(", ")) }
}

/// Why a version is served and how much it changes, for people.
pub(super) fn sentence(why: Why, word: Option<&str>, changes: &[RangeChange]) -> String {
    let reason = match (why, word) {
        (_, Some(word)) => word.to_owned(),
        (Why::First, _) => "nothing was known before".to_owned(),
        (Why::Changed, _) => "it says something else than before".to_owned(),
        (Why::Configured, _) => "the configuration has it in another way".to_owned(),
        (Why::Accepted, _) => "a person accepted it".to_owned(),
        (Why::RolledBack { to }, _) => format!("a person went back to version {to}"),
    };
    format!("{reason}; {}", tally(changes))
}

/// How many ranges changed, for people.
pub(super) fn tally(changes: &[RangeChange]) -> String {
    let count = |change| changes.iter().filter(|it| it.change == change).count();
    let (gained, lost) = (count(history::Change::Gained), count(history::Change::Lost));
    format!("ranges gained: {gained}, lost: {lost}")
}
