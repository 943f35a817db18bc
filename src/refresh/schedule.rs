//! When a source is read again.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use super::RefreshOptions;

/// However often DNS fails, it is asked again after so long at most, or after the
/// configured time where that is longer.
const LONGEST_RETRY: Duration = Duration::from_secs(900);

impl RefreshOptions {
    /// How long it takes until a source is read again whose first answer ends after
    /// `held`: a little longer, so that sources do not all come at once. `name` and
    /// `turn`, how often it was read, say by how much.
    pub(super) fn next(&self, name: &str, turn: u64, held: Duration) -> Duration {
        let mut hasher = DefaultHasher::new();
        (name, turn).hash(&mut hasher);
        let part = (hasher.finish() >> 32) as f64 / f64::from(u32::MAX);
        held + held.mul_f64(part * f64::from(self.jitter.min(100)) / 100.0)
    }

    /// How long it takes until DNS is asked again that failed so many times in a row.
    pub(super) fn again(&self, failures: u32) -> Duration {
        let doubled = self.retry.saturating_mul(1 << failures.saturating_sub(1).min(10));
        doubled.min(LONGEST_RETRY.max(self.retry))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_come_apart_and_none_early() {
        let options = RefreshOptions::default();
        let held = Duration::from_secs(1000);
        let times: Vec<Duration> =
            (0..100).map(|n| options.next(&format!("s{n}"), 0, held)).collect();
        assert!(times.iter().all(|time| (held..=held * 11 / 10).contains(time)));
        let (least, most) = (times.iter().min().unwrap(), times.iter().max().unwrap());
        assert!(*most - *least > Duration::from_secs(80));
        assert_ne!(options.next("s", 0, held), options.next("s", 1, held));
        let steady = RefreshOptions { jitter: 0, ..options };
        assert_eq!(steady.next("s", 0, held), held);
    }

    #[test]
    fn failures_are_tried_less_and_less_often() {
        let options = RefreshOptions::default();
        let seconds: Vec<u64> = (1..8).map(|times| options.again(times).as_secs()).collect();
        assert_eq!(seconds, [60, 120, 240, 480, 900, 900, 900]);
        assert_eq!(options.again(u32::MAX).as_secs(), 900);
        let patient = RefreshOptions { retry: Duration::from_secs(3600), ..options };
        assert_eq!(patient.again(5).as_secs(), 3600);
    }
}
