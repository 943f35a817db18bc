//! Progress of long work: a line on a terminal, nothing anywhere else.

use std::fmt;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

/// A line on standard error that is gone when the work is done.
#[derive(Debug)]
pub(super) struct Progress(ProgressBar);

impl Progress {
    /// A line that turns while the work takes its time. Without a terminal
    /// there is none.
    pub(super) fn spinner(shown: bool) -> Progress {
        let target =
            if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
            bar.set_style(style);
        }
        if !bar.is_hidden() {
            bar.enable_steady_tick(Duration::from_millis(120));
        }
        Progress(bar)
    }

    /// A bar that fills as things get done. `total` is asked for only where the
    /// bar is seen, and may not be known.
    pub(super) fn counting(shown: bool, total: impl FnOnce() -> Option<u64>) -> Progress {
        let progress = Progress::spinner(shown);
        if progress.0.is_hidden() {
            return progress;
        }
        let template = match total() {
            Some(total) => {
                progress.0.set_length(total);
                "{bar:30} {human_pos}/{human_len}, {rate}{msg}, {eta} left"
            }
            None => "{spinner} {human_pos}, {rate}{msg}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            let rate = |state: &ProgressState, out: &mut dyn fmt::Write| {
                // Nobody is left to tell when a line cannot be drawn.
                let _ = write!(out, "{:.0}/s", state.per_sec());
            };
            progress.0.set_style(style.with_key("rate", rate));
        }
        progress
    }

    /// More things are done.
    pub(super) fn advance(&self, more: usize, message: impl FnOnce() -> String) {
        self.0.inc(more as u64);
        self.say(message);
    }

    /// Lets `write` write to the terminal with the line out of its way.
    pub(super) fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        self.0.suspend(write)
    }

    /// What is being done now.
    pub(super) fn say(&self, message: impl FnOnce() -> String) {
        if !self.0.is_hidden() {
            self.0.set_message(message());
        }
    }

    /// Takes the line away.
    pub(super) fn clear(&self) {
        self.0.finish_and_clear();
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.clear();
    }
}
