//! The time of day, which is shown and kept but decides nothing.
//!
//! How long something takes is measured by tokio's clock, which tests let run as they
//! want.

use std::fmt::Debug;
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

/// Tells the time of day.
pub trait Clock: Debug + Send + Sync {
    /// Seconds since 1970.
    fn unix_seconds(&self) -> i64;
}

/// The clock of the system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn unix_seconds(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    }
}

/// A clock that goes as tokio's does, from some time of day on.
#[derive(Clone, Copy, Debug)]
pub struct SteadyClock {
    begun: Instant,
    unix_seconds: i64,
}

impl SteadyClock {
    /// Says so many seconds since 1970 now.
    pub fn starting_at(unix_seconds: i64) -> SteadyClock {
        SteadyClock { begun: Instant::now(), unix_seconds }
    }
}

impl Clock for SteadyClock {
    fn unix_seconds(&self) -> i64 {
        let elapsed = i64::try_from(self.begun.elapsed().as_secs()).unwrap_or(i64::MAX);
        self.unix_seconds.saturating_add(elapsed)
    }
}

/// Seconds since 1970 in the form of RFC 3339; a time that it cannot say is its first.
pub fn rfc3339(unix_seconds: i64) -> String {
    jiff::Timestamp::from_second(unix_seconds).unwrap_or_default().to_string()
}
