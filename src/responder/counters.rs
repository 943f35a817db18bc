//! What a server counts, and the words for it.

use std::sync::Arc;

use crate::metrics::Tally;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Counted {
    /// Questions over UDP.
    Udp,
    /// Questions over TCP.
    Tcp,
    /// Answers with an address or a policy that passes.
    Hit,
    /// Answers that a client does not pass: no such name, or a policy that
    /// fails.
    Miss,
    /// Answers that a name holds nothing of the type that was asked for.
    NoData,
    /// Answers with records of the zone's own name or of its servers.
    Apex,
    /// Questions that could not be read.
    FormErr,
    /// Questions for zones or classes that are not here.
    Refused,
    /// Operations that this server does not have.
    NotImp,
    /// Versions of EDNS that this server does not have, and signatures.
    OtherError,
    /// Answers that could not be given for lack of data.
    ServFail,
    /// Packets that got no answer: responses, and those without a header.
    Dropped,
    /// Answers to hits that the rate limit left empty.
    LimitedHit,
    /// Answers to misses that the rate limit left empty.
    LimitedMiss,
    /// Refusals that the rate limit left empty.
    LimitedError,
    /// Answers that had no room.
    Truncated,
    /// Questions with a cookie of this server.
    CookieValid,
    /// Questions with a cookie that is not, or no longer, this server's.
    CookieBad,
    /// Messages that needed the slow path.
    Unusual,
    /// Questions that the query log had no room for.
    LogDropped,
    /// Replies that the system did not take.
    SendFailed,
}

impl Counted {
    /// All of them, in the order of their numbers.
    pub const ALL: [Counted; 21] = [
        Counted::Udp,
        Counted::Tcp,
        Counted::Hit,
        Counted::Miss,
        Counted::NoData,
        Counted::Apex,
        Counted::FormErr,
        Counted::Refused,
        Counted::NotImp,
        Counted::OtherError,
        Counted::ServFail,
        Counted::Dropped,
        Counted::LimitedHit,
        Counted::LimitedMiss,
        Counted::LimitedError,
        Counted::Truncated,
        Counted::CookieValid,
        Counted::CookieBad,
        Counted::Unusual,
        Counted::LogDropped,
        Counted::SendFailed,
    ];

    /// Its name, as in a log.
    pub fn as_str(self) -> &'static str {
        match self {
            Counted::Udp => "udp",
            Counted::Tcp => "tcp",
            Counted::Hit => "hit",
            Counted::Miss => "miss",
            Counted::NoData => "nodata",
            Counted::Apex => "apex",
            Counted::FormErr => "formerr",
            Counted::Refused => "refused",
            Counted::NotImp => "notimp",
            Counted::OtherError => "other_error",
            Counted::ServFail => "servfail",
            Counted::Dropped => "dropped",
            Counted::LimitedHit => "limited_hit",
            Counted::LimitedMiss => "limited_miss",
            Counted::LimitedError => "limited_error",
            Counted::Truncated => "truncated",
            Counted::CookieValid => "cookie_valid",
            Counted::CookieBad => "cookie_bad",
            Counted::Unusual => "unusual",
            Counted::LogDropped => "log_dropped",
            Counted::SendFailed => "send_failed",
        }
    }
}

/// The counters of one thread.
pub type Counters = Tally<{ Counted::ALL.len() }>;

/// Sums over threads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts([u64; Counted::ALL.len()]);

impl Counts {
    /// The sum over these threads.
    pub fn sum<'c>(counters: impl IntoIterator<Item = &'c Arc<Counters>>) -> Counts {
        let mut sums = Counts::default();
        for counters in counters {
            for (sum, count) in sums.0.iter_mut().zip(counters.read()) {
                *sum = sum.wrapping_add(count);
            }
        }
        sums
    }

    /// One of the sums.
    pub fn get(&self, counted: Counted) -> u64 {
        self.0[counted as usize]
    }

    /// All sums with their names.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> {
        Counted::ALL.into_iter().map(|counted| (counted.as_str(), self.get(counted)))
    }
}
