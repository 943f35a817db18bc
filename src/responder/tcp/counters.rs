//! What is counted of connections.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Counters that the server's thread writes and others read.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) accepted: AtomicU64,
    pub(super) displaced: AtomicU64,
    pub(super) timed_out: AtomicU64,
    pub(super) hopeless: AtomicU64,
    pub(super) faults: AtomicU64,
    pub(super) messages: AtomicU64,
    pub(super) open: AtomicU64,
}

/// What has happened to connections since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TcpCounts {
    /// Connections that were taken.
    pub accepted: u64,
    /// Connections that were closed to make room for new ones.
    pub displaced: u64,
    /// Connections that were closed because they took too long.
    pub timed_out: u64,
    /// Connections that were closed because of messages that no answer is for:
    /// shorter than a header, responses, longer than a question can be.
    pub hopeless: u64,
    /// Connections that the system would not hand over.
    pub faults: u64,
    /// Messages that were answered.
    pub messages: u64,
    /// Connections that are open now.
    pub open: u64,
}

/// Adds one.
pub(super) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Relaxed);
}

impl Counters {
    /// All of them at this moment.
    pub(super) fn read(&self) -> TcpCounts {
        TcpCounts {
            accepted: self.accepted.load(Relaxed),
            displaced: self.displaced.load(Relaxed),
            timed_out: self.timed_out.load(Relaxed),
            hopeless: self.hopeless.load(Relaxed),
            faults: self.faults.load(Relaxed),
            messages: self.messages.load(Relaxed),
            open: self.open.load(Relaxed),
        }
    }
}
