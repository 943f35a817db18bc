//! Faults in the log, each once: what repeats is counted, and told again after a
//! minute.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::escape;

/// How long the same fault is not logged again.
const QUIET: Duration = Duration::from_secs(60);
/// Different faults that are known at once.
const KNOWN: usize = 256;

/// Faults that were logged.
#[derive(Debug, Default)]
pub(super) struct Faults {
    known: Mutex<HashMap<String, Known>>,
}

#[derive(Debug)]
struct Known {
    logged: Instant,
    since: u64,
}

impl Faults {
    /// Logs a fault, or counts it.
    pub(super) fn log(&self, message: &str) {
        match self.count(message, Instant::now()) {
            None => {}
            Some(0) => tracing::error!("{}", escape::message(message)),
            Some(times) => {
                tracing::error!("{} (and {times} times since)", escape::message(message));
            }
        }
    }

    /// How often a fault was met since it was logged, where it is to be logged now.
    fn count(&self, message: &str, now: Instant) -> Option<u64> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(fault) = known.get_mut(message) {
            if now.duration_since(fault.logged) < QUIET {
                fault.since += 1;
                return None;
            }
            fault.logged = now;
            return Some(std::mem::take(&mut fault.since));
        }
        if known.len() >= KNOWN {
            known.retain(|_, fault| now.duration_since(fault.logged) < QUIET);
        }
        if known.len() < KNOWN {
            known.insert(message.to_owned(), Known { logged: now, since: 0 });
        }
        Some(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_logged_once_a_minute() {
        let faults = Faults::default();
        let start = Instant::now();
        let count = |seconds| faults.count("a", start + Duration::from_secs(seconds));
        assert_eq!(count(0), Some(0));
        assert_eq!(count(1), None);
        assert_eq!(count(59), None);
        assert_eq!(count(60), Some(2));
        assert_eq!(count(61), None);
        assert_eq!(faults.count("b", start), Some(0));
    }

    #[test]
    fn no_more_than_so_many_are_kept() {
        let faults = Faults::default();
        let start = Instant::now();
        for number in 0..2 * KNOWN {
            assert_eq!(faults.count(&number.to_string(), start), Some(0));
        }
        assert_eq!(faults.known.lock().unwrap().len(), KNOWN);
    }
}
