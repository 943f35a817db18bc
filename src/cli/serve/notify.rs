//! What the service manager is told (sd_notify(3)); nothing where there is none.

use std::time::{Duration, Instant};

use sd_notify::NotifyState;

/// The service is in this state. A manager that does not listen is no fault of
/// the server.
pub(super) fn tell(states: &[NotifyState<'_>]) {
    let _ = sd_notify::notify(states);
}

/// It answers.
pub(super) fn ready(status: &str) {
    tell(&[NotifyState::Ready, NotifyState::Status(status)]);
}

/// It reads its configuration again; [`ready`] follows.
pub(super) fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(_) => tell(&[NotifyState::Reloading]),
    }
}

/// The watchdog of the service manager, which wants a sign in time.
#[derive(Debug)]
pub(super) struct Watchdog {
    each: Option<Duration>,
    last: Instant,
}

impl Watchdog {
    /// The watchdog that this process has, if any.
    pub(super) fn new() -> Watchdog {
        let each = sd_notify::watchdog_enabled().map(|most| most / 3);
        Watchdog { each, last: Instant::now() }
    }

    /// How long may be waited, at most `most`.
    pub(super) fn patience(&self, most: Duration) -> Duration {
        self.each.map_or(most, |each| each.saturating_sub(self.last.elapsed()).min(most))
    }

    /// Gives the sign where it is time.
    pub(super) fn alive(&mut self) {
        if self.each.is_some_and(|each| self.last.elapsed() >= each) {
            self.last = Instant::now();
            tell(&[NotifyState::Watchdog]);
        }
    }
}
