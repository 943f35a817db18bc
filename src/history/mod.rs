//! Every version of every source in an SQLite file, and what happened when no
//! version came.
//!
//! One process writes, others may read meanwhile. A version that was added
//! survives whatever ends the process or the machine. Lock files of successive
//! versions share nearly all their lines, and each line is stored once.
//!
//! A history must not stand in the way of what it is the history of. So one that
//! is damaged is moved aside and a new one begun, and after a full disk the next
//! call works as if nothing had been. What is added comes back as it was or as a
//! [`HistoryError`], whatever is in the file.
//!
//! The clock is not read here, and nothing decides which versions there should
//! be: callers do. Calls wait for the disk, and up to five seconds for another
//! process.

mod digest;
mod error;
mod file;
mod lines;
mod numbers;
mod prune;
mod ranges;
mod read;
mod salvage;
mod schema;
mod version;
mod write;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use rusqlite::Connection;

pub use error::HistoryError;
pub use prune::Pruned;
pub use ranges::count_changes;
pub use version::{
    Change, Event, EventKind, ProviderCount, RangeChange, Version, VersionSummary, Why,
};

use file::{Access, OpenFile};
use salvage::Salvaged;

/// A history, open for writing or only for reading.
#[derive(Debug)]
pub struct History {
    path: PathBuf,
    access: Access,
    /// None where the file could not be opened again after it was damaged or moved.
    open: Option<OpenFile>,
    remarks: Vec<String>,
}

impl History {
    /// Opens the history at `path` for writing, or creates it there, readable by
    /// its owner only. What stands there and is no history, or is damaged, is
    /// moved to a name like `history.db.broken-1`, and what can be read of it
    /// taken over. Then there is a remark that says so, for the log.
    ///
    /// # Errors
    ///
    /// [`HistoryError::TooNew`], and what the system refuses.
    pub fn open(path: impl Into<PathBuf>) -> Result<(History, Option<String>), HistoryError> {
        let mut history = History::with_access(path.into(), Access::Write)?;
        let remark = history.take_remark();
        Ok((history, remark))
    }

    /// Opens the history at `path` for reading. Another process may write it
    /// meanwhile.
    ///
    /// # Errors
    ///
    /// As for [`History::open`]; [`HistoryError::Corrupt`] for what is no history,
    /// [`HistoryError::Empty`] for one that is just being created.
    pub fn read_only(path: impl Into<PathBuf>) -> Result<History, HistoryError> {
        History::with_access(path.into(), Access::Read)
    }

    fn with_access(path: PathBuf, access: Access) -> Result<History, HistoryError> {
        let mut history = History { path, access, open: None, remarks: Vec::new() };
        history.connection()?;
        Ok(history)
    }

    /// What the log should say and did not yet: that a damaged file was moved
    /// aside, or that the file was gone. To be asked after calls that write.
    pub fn take_remark(&mut self) -> Option<String> {
        let remarks = std::mem::take(&mut self.remarks);
        (!remarks.is_empty()).then(|| remarks.join("; "))
    }

    /// Adds a version. It is on the disk when this returns. Adding the same again
    /// changes nothing.
    ///
    /// # Errors
    ///
    /// [`HistoryError::Different`] where the source has another version of this
    /// number; [`HistoryError::Number`], [`HistoryError::Range`] and
    /// [`HistoryError::TooLong`] for what cannot be kept; otherwise what may work
    /// later. After an error nothing of the version is there.
    pub fn add(&mut self, version: &Version) -> Result<(), HistoryError> {
        self.run(|connection| write::add(connection, version))
    }

    /// Adds an event. It is on the disk when this returns. Adding the same again
    /// changes nothing. Of a source's day the first events and the last one are
    /// kept, and of a source a few thousand.
    ///
    /// # Errors
    ///
    /// [`HistoryError::TooLong`] for a sentence of megabytes, otherwise what may
    /// work later.
    pub fn add_event(&mut self, event: &Event) -> Result<(), HistoryError> {
        self.run(|connection| write::add_event(connection, event))
    }

    /// The versions of a source, newest first, with how much each provider changed.
    ///
    /// # Errors
    ///
    /// [`HistoryError::Damaged`] where one of them cannot be read.
    pub fn versions(&mut self, source: &str) -> Result<Vec<VersionSummary>, HistoryError> {
        self.run(|connection| read::versions(connection, source))
    }

    /// One version with its lock file and changes; none where it is not kept.
    ///
    /// # Errors
    ///
    /// [`HistoryError::Damaged`] where it does not say what it said when added.
    pub fn version(&mut self, source: &str, number: u64) -> Result<Option<Version>, HistoryError> {
        self.run(|connection| read::version(&*connection.transaction()?, source, number))
    }

    /// The number of the newest version of a source.
    ///
    /// # Errors
    ///
    /// Those of reading.
    pub fn latest_number(&mut self, source: &str) -> Result<Option<u64>, HistoryError> {
        self.run(|connection| read::latest_number(connection, source))
    }

    /// The events of a source, newest first.
    ///
    /// # Errors
    ///
    /// [`HistoryError::Damaged`] where one of them cannot be read.
    pub fn events(&mut self, source: &str) -> Result<Vec<Event>, HistoryError> {
        self.run(|connection| read::events(connection, source))
    }

    /// The names of the sources that have versions or events, sorted.
    ///
    /// # Errors
    ///
    /// Those of reading.
    pub fn sources(&mut self) -> Result<Vec<String>, HistoryError> {
        self.run(|connection| read::sources(connection))
    }

    /// The names of the sources with a version of this domain, as it was written
    /// when they were added, sorted.
    ///
    /// # Errors
    ///
    /// Those of reading.
    pub fn sources_of(&mut self, domain: &str) -> Result<Vec<String>, HistoryError> {
        self.run(|connection| read::sources_of(connection, domain))
    }

    /// Deletes the versions from before `keep_after`, in seconds since 1970, all
    /// but `most_versions` of each source, and the events from before
    /// `keep_after`. The newest version of each source stays. The room goes back
    /// to the disk in small steps.
    ///
    /// # Errors
    ///
    /// What may work later. What was deleted until then stays deleted.
    pub fn prune(&mut self, keep_after: i64, most_versions: usize) -> Result<Pruned, HistoryError> {
        self.run(|connection| prune::prune(connection, keep_after, most_versions))
    }

    /// Does something with the database. Who writes begins a new one and tries
    /// again where it turns out to be damaged.
    fn run<T>(
        &mut self,
        work: impl Fn(&mut Connection) -> Result<T, HistoryError>,
    ) -> Result<T, HistoryError> {
        match work(self.connection()?) {
            Err(HistoryError::Corrupt(reason)) if self.access.writes() => {
                self.open = Some(self.begin_anew(&reason)?);
                work(self.connection()?)
            }
            done => done,
        }
    }

    /// The connection to the file at the path. An administrator may have moved the
    /// file, or put a copy in its place: what is written then must not go to one
    /// that nobody can find.
    fn connection(&mut self) -> Result<&mut Connection, HistoryError> {
        if let Some(file) = self.open.take_if(|file| !file.is_at(&self.path)) {
            file.leave();
            self.remarks.push(format!("{} was moved or replaced", self.path.display()));
        }
        let file = match self.open.take() {
            Some(file) => file,
            None => match OpenFile::new(&self.path, self.access) {
                Err(HistoryError::Corrupt(reason)) if self.access.writes() => {
                    self.begin_anew(&reason)?
                }
                opened => opened?,
            },
        };
        Ok(&mut self.open.insert(file).connection)
    }

    /// Moves the damaged file aside, and takes over what can be read of it.
    fn begin_anew(&mut self, reason: &str) -> Result<OpenFile, HistoryError> {
        if let Some(file) = self.open.take() {
            file.leave();
        }
        let broken = file::move_aside(&self.path)?;
        let (path, to) = (self.path.display(), broken.display());
        self.remarks.push(format!("{path} was damaged ({reason}) and is now {to}"));
        let mut file = OpenFile::new(&self.path, self.access)?;
        let Salvaged { versions, events } = salvage::take_over(&broken, &mut file.connection);
        file::tidy(&broken);
        self.remarks.push(format!("{versions} versions and {events} events of it were kept"));
        Ok(file)
    }

    /// The path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}
