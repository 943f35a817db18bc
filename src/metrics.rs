//! Counters that are written by one thread and read by any. They name no
//! producer: what is counted is said by who counts.

use std::sync::atomic::{AtomicU64, Ordering};

/// `N` counters of one thread. Threads that count at once have one each, so that
/// counting needs neither a lock nor another thread's memory.
#[derive(Debug)]
#[repr(align(128))]
pub struct Tally<const N: usize> {
    counts: [AtomicU64; N],
}

impl<const N: usize> Default for Tally<N> {
    fn default() -> Self {
        Tally { counts: std::array::from_fn(|_| AtomicU64::new(0)) }
    }
}

impl<const N: usize> Tally<N> {
    /// Counts one more. Only one thread may count; what others count at the same
    /// time may get lost.
    #[inline]
    pub fn add(&self, counter: usize) {
        if let Some(count) = self.counts.get(counter) {
            count.store(count.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
        }
    }

    /// What has been counted so far.
    pub fn read(&self) -> [u64; N] {
        std::array::from_fn(|counter| self.counts[counter].load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_counts_for_itself() {
        let tally = Tally::<3>::default();
        for counter in [0, 2, 2, 7] {
            tally.add(counter);
        }
        assert_eq!(tally.read(), [1, 0, 2]);
    }
}
