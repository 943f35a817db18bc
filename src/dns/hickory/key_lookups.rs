//! What a validator asks for itself: keys, their digests, and where zones begin.
//!
//! Every answer hangs on the keys of all zones above it, so what was answered is
//! kept a while. Only what servers said is kept, never a verdict on it:
//! signatures are verified for each answer anew, so that one that has run out
//! since counts for nothing.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use hickory_net::{DnsError, NetError};
use hickory_proto::op::{DnsResponse, Query};
use hickory_proto::rr::RecordType;

/// The longest that an answer is kept.
const KEPT: Duration = Duration::from_secs(300);
/// The most questions with their answers; beyond that all are forgotten.
const MOST_LOOKUPS: usize = 4_096;

pub(super) type Outcome = Result<DnsResponse, NetError>;
type Asked = Shared<BoxFuture<'static, Outcome>>;

/// The lookups of one validator.
#[derive(Default)]
pub(super) struct KeyLookups {
    lookups: Mutex<HashMap<Query, Lookup>>,
}

struct Lookup {
    asked: Asked,
    answered: bool,
    until: Instant,
}

impl KeyLookups {
    /// Whether a validator asks this for itself, and not for its caller.
    pub(super) fn concerns(query: &Query) -> bool {
        matches!(query.query_type, RecordType::DNSKEY | RecordType::DS | RecordType::NS)
    }

    /// The answer to a question, which `ask` asks where it is not known. What is
    /// being asked is waited for, up to `time` after it was begun: whoever began
    /// it may have gone.
    pub(super) async fn answer(
        &self,
        query: Query,
        time: Duration,
        ask: impl Future<Output = Outcome> + Send + 'static,
    ) -> Outcome {
        let asked = self.begin(&query, Instant::now(), time, ask.boxed());
        let outcome = asked.clone().await;
        self.settle(&query, &asked, Instant::now(), &outcome);
        outcome
    }

    /// Forgets all: what was built on it made no sense.
    pub(super) fn forget(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Query, Lookup>> {
        self.lookups.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(
        &self,
        query: &Query,
        now: Instant,
        time: Duration,
        ask: BoxFuture<'static, Outcome>,
    ) -> Asked {
        let mut lookups = self.lock();
        if let Some(known) = lookups.get(query).filter(|known| now < known.until) {
            return known.asked.clone();
        }
        if lookups.len() >= MOST_LOOKUPS {
            lookups.retain(|_, lookup| now < lookup.until);
        }
        if lookups.len() >= MOST_LOOKUPS {
            lookups.clear();
        }
        let asked = ask.shared();
        let lookup = Lookup { asked: asked.clone(), answered: false, until: now + time };
        lookups.insert(query.clone(), lookup);
        asked
    }

    /// Says how long an answer stays, once.
    fn settle(&self, query: &Query, asked: &Asked, now: Instant, outcome: &Outcome) {
        let mut lookups = self.lock();
        let Some(lookup) = lookups.get_mut(query) else { return };
        if lookup.answered || !lookup.asked.ptr_eq(asked) {
            return;
        }
        match kept_for(outcome) {
            Duration::ZERO => {
                lookups.remove(query);
            }
            time => {
                lookup.answered = true;
                lookup.until = now + time;
            }
        }
    }
}

/// How long an answer may be kept; failures are not.
fn kept_for(outcome: &Outcome) -> Duration {
    let seconds = match outcome {
        Ok(response) => {
            let records = response.answers.iter().chain(&response.authorities);
            records.map(|record| record.ttl).min()
        }
        Err(NetError::Dns(DnsError::NoRecordsFound(negative))) => negative.negative_ttl,
        Err(_) => None,
    };
    Duration::from_secs(seconds.unwrap_or(0).into()).min(KEPT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use hickory_proto::op::Message;
    use hickory_proto::rr::rdata::A;
    use hickory_proto::rr::{Name, RData, Record};

    fn query(text: &str) -> Query {
        Query::query(Name::from_ascii(text).unwrap(), RecordType::DNSKEY)
    }

    fn answered(ttl: u32) -> Outcome {
        let mut message = Message::query();
        let data = RData::A(A(Ipv4Addr::LOCALHOST));
        message.add_answer(Record::from_rdata(Name::root(), ttl, data));
        Ok(DnsResponse::from_message(message.into_response()).unwrap())
    }

    /// Lookups with a count of what was asked.
    #[derive(Default)]
    struct Counted {
        lookups: KeyLookups,
        asked: Arc<AtomicUsize>,
    }

    impl Counted {
        /// Asks at a time, and counts.
        fn ask(&self, name: &str, now: Instant, outcome: Outcome) -> usize {
            let count = self.asked.clone();
            let ask = async move {
                count.fetch_add(1, Ordering::Relaxed);
                outcome
            };
            let query = query(name);
            let asked = self.lookups.begin(&query, now, Duration::from_secs(5), ask.boxed());
            let outcome = asked.clone().now_or_never().unwrap();
            self.lookups.settle(&query, &asked, now, &outcome);
            self.asked.load(Ordering::Relaxed)
        }
    }

    fn after(begin: Instant, seconds: u64) -> Instant {
        begin + Duration::from_secs(seconds)
    }

    #[test]
    fn answers_stay_for_their_ttl_and_no_longer_than_the_bound() {
        let (counted, begin) = (Counted::default(), Instant::now());
        let day = || answered(86_400);
        assert_eq!(counted.ask("a.", begin, answered(10)), 1);
        assert_eq!(counted.ask("a.", after(begin, 9), answered(10)), 1);
        assert_eq!(
            counted.ask("a.", after(begin, 10), answered(10)),
            2,
            "reading prolongs nothing"
        );
        assert_eq!(counted.ask("b.", begin, day()), 3);
        assert_eq!(counted.ask("b.", after(begin, 299), day()), 3);
        assert_eq!(counted.ask("b.", after(begin, 300), day()), 4);
        counted.lookups.forget();
        assert_eq!(counted.ask("b.", after(begin, 301), day()), 5);
    }

    #[test]
    fn failures_and_what_has_no_time_are_asked_again() {
        let (counted, begin) = (Counted::default(), Instant::now());
        for outcome in [Err(NetError::Timeout), answered(0)] {
            counted.ask("a.", begin, outcome.clone());
            counted.ask("a.", begin, outcome);
        }
        assert_eq!(counted.asked.load(Ordering::Relaxed), 4);
        assert!(counted.lookups.lock().is_empty());
    }

    #[test]
    fn what_was_left_alone_is_asked_again() {
        let (lookups, begin) = (KeyLookups::default(), Instant::now());
        let never = || futures_util::future::pending().boxed();
        let time = Duration::from_secs(5);
        let first = lookups.begin(&query("a."), begin, time, never());
        let second = lookups.begin(&query("a."), after(begin, 4), time, never());
        let third = lookups.begin(&query("a."), after(begin, 5), time, never());
        assert!(first.ptr_eq(&second) && !first.ptr_eq(&third));
    }

    #[test]
    fn there_are_never_more_than_the_bound() {
        let (counted, begin) = (Counted::default(), Instant::now());
        for number in 0..3 * MOST_LOOKUPS {
            let at = after(begin, number as u64 / 100);
            counted.ask(&format!("n{number}."), at, answered(60));
            assert!(counted.lookups.lock().len() <= MOST_LOOKUPS);
        }
    }
}
