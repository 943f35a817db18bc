//! What the HTTP side is told of the server that it belongs to.

use std::path::PathBuf;
use std::sync::Arc;

use crate::dns::Recording;
use crate::refresh::{PolicySource, Status};

/// A policy as it is served, with all answers that it is made of.
#[derive(Clone, Debug)]
pub struct ServedPolicy {
    /// The number of the version.
    pub version: u64,
    /// What it is.
    pub policy: PolicySource,
    /// Its answers.
    pub answers: Arc<Recording>,
}

/// Who knows how the server does. Its methods may wait, but not for DNS.
pub trait Overseer: Send + Sync {
    /// How sources and zones do, as was told last; none where nothing is compiled.
    fn status(&self) -> Option<Status>;

    /// Whether something good is served.
    fn is_ready(&self) -> bool;

    /// What was counted, with names as in the log.
    fn counters(&self) -> Vec<(&'static str, u64)>;

    /// The policy that a source serves; none for a file of addresses and where nothing is
    /// served.
    fn policy(&self, source: &str) -> Option<ServedPolicy>;

    /// The file of the history, where one is kept.
    fn history(&self) -> Option<PathBuf>;

    /// Serves what waits for a person, and says what was done: see
    /// [`Engine::accept`](crate::refresh::Engine::accept).
    ///
    /// # Errors
    ///
    /// Why it was not done, in a sentence.
    fn accept(&self, source: &str, since: Option<i64>) -> Result<String, String>;

    /// Serves an earlier version: see
    /// [`Engine::roll_back`](crate::refresh::Engine::roll_back).
    ///
    /// # Errors
    ///
    /// Why it was not done, in a sentence.
    fn roll_back(&self, source: &str, version: u64) -> Result<String, String>;
}
