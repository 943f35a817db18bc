//! What has to be on the disk, written in its order and again where it failed.
//!
//! What cannot be written is served all the same: a full disk must not keep a change
//! from anybody. It is written as soon as there is room.

use std::collections::{BTreeMap, VecDeque};

use crate::history::{Event, History, HistoryError, Version};
use crate::image::ImageFile;
use crate::name::DomainName;

use super::{OwnedDirectory, SourceFile, StateDirectory};

/// Entries of the history that wait for room at most; then the oldest go.
const WAITING: usize = 4096;
/// A day, in seconds.
const DAY: i64 = 86_400;

/// Writes what has to survive; where there is no state directory, nothing.
#[derive(Debug, Default)]
pub(super) struct Keeper {
    /// Where what survived is read.
    survived: Option<StateDirectory>,
    directory: Option<OwnedDirectory>,
    history: Option<History>,
    /// Sources whose files are not as they should be, with what they should be.
    sources: BTreeMap<String, SourceFile>,
    zones: BTreeMap<DomainName, ImageFile>,
    entries: VecDeque<Entry>,
    /// What was last wrong.
    problem: Option<String>,
    /// When the history was last cut, in seconds since 1970.
    pruned: Option<i64>,
    remarks: Vec<String>,
}

/// An entry of the history.
#[derive(Clone, Debug)]
enum Entry {
    Version(Box<Version>),
    Event(Event),
}

impl Keeper {
    /// Writes to this directory.
    pub(super) fn new(directory: Option<OwnedDirectory>) -> Keeper {
        let survived = directory.as_ref().map(|directory| directory.directory().clone());
        Keeper { survived, directory, ..Keeper::default() }
    }

    /// Reads this directory, and writes nowhere.
    pub(super) fn reading(directory: StateDirectory) -> Keeper {
        Keeper { survived: Some(directory), ..Keeper::default() }
    }

    /// Where what survived is read, where there is such a place.
    pub(super) fn survived(&self) -> Option<&StateDirectory> {
        self.survived.as_ref()
    }

    /// Whether anything is kept.
    pub(super) fn keeps(&self) -> bool {
        self.directory.is_some()
    }

    /// What keeps it from writing, as far as is known.
    pub(super) fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    /// What the log should say, once.
    pub(super) fn take_remarks(&mut self) -> Vec<String> {
        std::mem::take(&mut self.remarks)
    }

    /// Lets a source's file be written.
    pub(super) fn source(&mut self, file: SourceFile) {
        if self.keeps() {
            self.sources.insert(file.source.clone(), file);
        }
    }

    /// Lets a zone's image be written.
    pub(super) fn zone(&mut self, image: ImageFile) {
        if self.keeps() {
            self.zones.insert(image.zone.layout().zone().clone(), image);
        }
    }

    /// Lets a version be added to the history.
    pub(super) fn version(&mut self, version: Version) {
        self.entry(Entry::Version(Box::new(version)));
    }

    /// Lets an event be added to the history.
    pub(super) fn event(&mut self, event: Event) {
        self.entry(Entry::Event(event));
    }

    fn entry(&mut self, entry: Entry) {
        if !self.keeps() {
            return;
        }
        if self.entries.len() >= WAITING {
            self.entries.pop_front();
            self.remarks
                .push("the history lacks what happened while it could not be written".to_owned());
        }
        self.entries.push_back(entry);
    }

    /// Forgets a source that is no longer configured.
    pub(super) fn remove(&mut self, name: &str) {
        self.sources.remove(name);
        if let Some(directory) = &self.directory
            && let Err(error) = directory.remove_source(name)
        {
            self.remarks.push(error.to_string());
        }
    }

    /// The history, opened where it is not. Who only reads has none: to open it leaves
    /// files beside it.
    pub(super) fn history(&mut self) -> Option<Result<&mut History, HistoryError>> {
        let directory = self.directory.as_ref()?;
        if self.history.is_none() {
            match History::open(directory.directory().history()) {
                Ok((history, remark)) => {
                    self.remarks.extend(remark);
                    self.history = Some(history);
                }
                Err(error) => return Some(Err(error)),
            }
        }
        self.history.as_mut().map(Ok)
    }

    /// Writes all that waits: sources first, which say what is good, then the history,
    /// then zones. Says once what keeps it from that, and once that nothing does any
    /// more.
    pub(super) fn write(&mut self) {
        let problem = self.write_all().err();
        match (&self.problem, &problem) {
            (None, Some(problem)) => self
                .remarks
                .push(format!("the state cannot be written, and is tried again: {problem}")),
            (Some(_), None) => self.remarks.push("the state is written again".to_owned()),
            _ => {}
        }
        self.problem = problem;
        if let Some(history) = &mut self.history {
            self.remarks.extend(history.take_remark());
        }
    }

    fn write_all(&mut self) -> Result<(), String> {
        let Some(directory) = &self.directory else { return Ok(()) };
        let mut first = None;
        self.sources.retain(|_, file| match directory.write_source(file) {
            Ok(()) => false,
            Err(error) => {
                first.get_or_insert(error.to_string());
                true
            }
        });
        let entries = self.write_entries();
        let Some(directory) = &self.directory else { return Ok(()) };
        self.zones.retain(|_, image| match directory.write_zone(image) {
            Ok(()) => false,
            Err(error) => {
                first.get_or_insert(error.to_string());
                true
            }
        });
        match first {
            Some(first) => Err(first),
            None => entries,
        }
    }

    fn write_entries(&mut self) -> Result<(), String> {
        while let Some(entry) = self.entries.pop_front() {
            let Some(history) = self.history() else { return Ok(()) };
            let added = history.and_then(|history| match &entry {
                Entry::Version(version) => history.add(version),
                Entry::Event(event) => history.add_event(event),
            });
            match added {
                Ok(()) => {}
                Err(error) if error.later_may_help() => {
                    self.entries.push_front(entry);
                    return Err(error.to_string());
                }
                // It would fail the next time as well, and all others wait behind it.
                Err(error) => self.remarks.push(format!("the history lacks an entry: {error}")),
            }
        }
        Ok(())
    }

    /// Cuts the history once a day.
    pub(super) fn prune(&mut self, now: i64, days: u32, versions: u32) {
        if self.pruned.is_some_and(|pruned| (pruned..pruned.saturating_add(DAY)).contains(&now)) {
            return;
        }
        let keep_after = now.saturating_sub(DAY.saturating_mul(days.into()));
        let Some(Ok(history)) = self.history() else { return };
        let cut = history.prune(keep_after, versions as usize);
        self.pruned = Some(now);
        if let Err(error) = cut {
            self.remarks.push(format!("the history was not cut: {error}"));
        }
    }
}
