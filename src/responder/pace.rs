//! How long a thread waits before it takes the next datagrams, so that it is woken
//! once for many of them and not for each.
//!
//! Pure: neither clocks nor sockets.

use std::time::Duration;

/// The rate from which waiting pays: one datagram in so long a time.
const INTERVAL: Duration = Duration::from_micros(50);
/// Batches in a row at that rate after which it is so: a client that asks one question
/// after the other comes soon after each answer, and has nothing to come behind it.
const ROW: u32 = 4;
/// How long is waited. The system adds some half of it, and about forty datagrams
/// come meanwhile at the rate that one thread can answer.
const PAUSE: Duration = Duration::from_micros(100);

/// What a thread knows of the rate of its datagrams.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pace {
    /// When the last batch was taken.
    last: Duration,
    /// Batches in a row that came at the rate.
    row: u32,
}

impl Pace {
    /// How long to wait after a batch of `count` that was taken at `now`, and that had
    /// room for `most`. Nothing where more is waiting already, and nothing where
    /// datagrams are so rare that somebody would wait for it in vain.
    pub(super) fn pause(&mut self, count: usize, most: usize, now: Duration) -> Option<Duration> {
        let gap = now.saturating_sub(self.last);
        self.last = now;
        let frequent = gap < INTERVAL * u32::try_from(count).unwrap_or(u32::MAX);
        self.row = if frequent { self.row.saturating_add(1) } else { 0 };
        (self.row >= ROW && count < most).then_some(PAUSE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_where_datagrams_are_frequent_and_none_is_left() {
        let mut pace = Pace::default();
        let at = |us| Duration::from_micros(us);
        // After a rest, and one by one at 10,000 a second: answered at once.
        assert_eq!(pace.pause(1, 64, at(1_000_000)), None);
        assert_eq!(pace.pause(1, 64, at(1_000_100)), None);
        // 30 in 100 microseconds, again and again.
        for row in 2..=ROW + 1 {
            let pause = (row > ROW).then_some(PAUSE);
            assert_eq!(pace.pause(30, 64, at(1_000_000 + 100 * u64::from(row))), pause);
        }
        // A full batch: more is there.
        assert_eq!(pace.pause(64, 64, at(1_000_600)), None);
        // A clock that goes back counts as one that stands.
        assert_eq!(pace.pause(1, 64, at(10)), Some(PAUSE));
    }

    #[test]
    fn somebody_who_asks_one_by_one_seldom_waits() {
        let (mut pace, mut now, mut waits) = (Pace::default(), Duration::ZERO, 0);
        for _ in 0..1000 {
            now += Duration::from_micros(20);
            if let Some(pause) = pace.pause(1, 64, now) {
                (now, waits) = (now + pause, waits + 1);
            }
        }
        assert!(waits <= 1000 / ROW, "{waits}");
    }
}
