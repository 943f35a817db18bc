//! How sources are kept up to date.

use std::time::Duration;

use crate::dns::Freshness;

/// How sources are kept up to date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshOptions {
    /// No answer of DNS is asked for again before, however short its TTL.
    pub least: Duration,
    /// No answer is kept longer, however long its TTL.
    pub most: Duration,
    /// How much later than its answers end a source may be read again, in percent of
    /// the time that they held. Sources that began together so come apart.
    pub jitter: u32,
    /// How long it takes until DNS is asked again that failed.
    pub retry: Duration,
    /// How much of what passed may be lost before a person has to say that it is meant,
    /// in percent.
    pub max_shrink: u32,
    /// How long versions are kept in the history, in days.
    pub history_days: u32,
    /// How many versions of a source are kept in the history.
    pub history_versions: u32,
}

impl Default for RefreshOptions {
    fn default() -> RefreshOptions {
        RefreshOptions {
            least: Duration::from_secs(60),
            most: Duration::from_secs(86_400),
            jitter: 10,
            retry: Duration::from_secs(60),
            max_shrink: 30,
            history_days: 400,
            history_versions: 200,
        }
    }
}

impl RefreshOptions {
    /// How long answers are kept. A failure is forgotten before the sources that met it
    /// are read again.
    pub fn freshness(&self) -> Freshness {
        Freshness { least: self.least, most: self.most, failed: self.retry / 2 }
    }
}
