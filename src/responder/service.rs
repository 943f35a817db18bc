//! What all threads of a server share: zones that can be swapped, the secret of
//! cookies, and the sums of what was counted.
//!
//! No sockets and no clock; how a message is answered is the worker's.

use std::io;
use std::net::IpAddr;
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;

use super::answer::Rcode;
use super::cookie::CookieKeys;
use super::counters::{Counters, Counts};
use super::limit::{BUCKETS, Limiter};
use super::worker::{Desk, Worker};
use super::{ServerOptions, Zones};

/// How a message came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transport {
    /// A datagram, whose sender may be somebody else.
    Udp,
    /// A connection.
    Tcp,
}

/// The time of a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// Milliseconds since some start, never fewer than before.
    pub milliseconds: u64,
    /// Seconds since 1970, which may jump.
    pub seconds: u32,
}

/// A question that the query log is told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedQuestion {
    /// Who asked.
    pub client: IpAddr,
    /// How.
    pub transport: Transport,
    /// The name in lower case, each label behind its length.
    pub name: Box<[u8]>,
    /// The type.
    pub qtype: u16,
    /// The code of the answer.
    pub rcode: Rcode,
    /// Whether the answer has an address or a policy that passes.
    pub passes: bool,
    /// Whether the rate limit left the answer empty.
    pub limited: bool,
}

/// Where sampled questions go: one in so many, as far as there is room.
#[derive(Clone, Debug)]
pub struct QueryLog {
    /// One in so many; 0 logs none.
    pub one_in: u32,
    /// Who writes them.
    pub sender: SyncSender<LoggedQuestion>,
}

/// What all threads of a server share.
#[derive(Debug)]
pub struct Service {
    zones: Arc<ArcSwap<Zones>>,
    keys: CookieKeys,
    options: ServerOptions,
    log: Option<QueryLog>,
    counters: Mutex<Vec<Arc<Counters>>>,
    /// Zones that were swapped and that a thread may still answer from.
    retired: Mutex<Vec<Arc<Zones>>>,
}

impl Service {
    /// A service for these zones.
    ///
    /// # Errors
    ///
    /// The system has no random octets for the secret of cookies.
    pub fn new(zones: Zones, options: &ServerOptions, log: Option<QueryLog>) -> io::Result<Self> {
        let keys = match options.cookie_secret {
            Some(secret) => CookieKeys::new(secret),
            None => CookieKeys::random()?,
        };
        let zones = Arc::new(ArcSwap::from_pointee(zones));
        let counters = Mutex::new(Vec::new());
        let retired = Mutex::new(Vec::new());
        Ok(Service { zones, keys, options: options.clone(), log, counters, retired })
    }

    /// Answers from other zones from now on. A message that is being answered is
    /// answered from the old ones as a whole.
    /// The old ones stay until [`Service::tidy`] finds that nobody needs them.
    pub fn swap(&self, zones: Zones) {
        let old = self.zones.swap(Arc::new(zones));
        self.retired.lock().unwrap_or_else(PoisonError::into_inner).push(old);
    }

    /// Frees zones that were swapped and that no thread answers from any more. To
    /// free those of many tenants takes milliseconds, which no answer should wait
    /// for; so it is done here, by who has time.
    pub fn tidy(&self) {
        let mut retired = self.retired.lock().unwrap_or_else(PoisonError::into_inner);
        let free = |zones: &mut Arc<Zones>| Arc::strong_count(zones) == 1;
        let freed: Vec<Arc<Zones>> = retired.extract_if(.., free).collect();
        drop(retired);
        drop(freed);
    }

    /// The zones as they are.
    pub fn zones(&self) -> Arc<Zones> {
        self.zones.load_full()
    }

    /// What a thread needs to answer.
    pub fn worker(&self, transport: Transport) -> Worker {
        let counters = Arc::new(Counters::default());
        let mut all = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(Arc::clone(&counters));
        let rate = &self.options.rate;
        let limited = transport == Transport::Udp && rate.per_second > 0;
        let threads = u32::try_from(self.options.udp.threads.max(1)).unwrap_or(u32::MAX);
        let mut worker = Worker::new(
            &self.zones,
            Desk {
                keys: self.keys.clone(),
                nsid: self.options.nsid.as_deref().map(Box::from),
                limiter: limited.then(|| Limiter::new(rate.per_second, BUCKETS, &rate.allow)),
                log: self.log.clone().filter(|log| log.one_in > 0),
                counters,
                transport,
            },
        );
        // Clients are spread over the threads of an address, so each gives its share.
        worker.share_limit(threads);
        worker
    }

    /// What all threads have counted.
    pub fn counts(&self) -> Counts {
        let all = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        Counts::sum(all.iter())
    }
}
