//! Answers kept for as long as they hold, so that many policies that are read
//! again and again ask each question once in the life of its answer.
//!
//! What is done with an answer that says something new is not known here, and
//! nothing is kept on disk.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use tokio::time::Instant;

use super::{Answer, Ask, Question};

/// How long answers are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Freshness {
    /// No answer is asked for again before; also how long one without a TTL is kept.
    pub least: Duration,
    /// No answer is kept longer.
    pub most: Duration,
    /// How long a failure is kept.
    pub failed: Duration,
}

/// Asks what it does not know, and what it no longer knows.
///
/// Clones share their answers.
#[derive(Clone)]
pub struct FreshAnswers {
    asker: Arc<dyn Ask + Send + Sync>,
    freshness: Freshness,
    shared: Arc<Mutex<Known>>,
}

#[derive(Default)]
struct Known {
    answers: HashMap<Question, Kept>,
    /// What is being asked, by whoever wants it.
    asking: HashMap<Question, Asking>,
    asked: u64,
}

type Asking = Shared<BoxFuture<'static, Answer>>;

struct Kept {
    answer: Answer,
    expires: Instant,
}

impl FreshAnswers {
    /// Knows nothing yet.
    pub fn new(asker: Arc<dyn Ask + Send + Sync>, freshness: Freshness) -> FreshAnswers {
        FreshAnswers { asker, freshness, shared: Arc::default() }
    }

    /// Until when the answer to a question is kept; `None` where it is not known,
    /// or no longer.
    pub fn expires(&self, question: &Question) -> Option<Instant> {
        let known = self.known();
        let kept = known.answers.get(question)?;
        Some(kept.expires).filter(|expires| *expires > Instant::now())
    }

    /// Forgets what no longer holds, so that the answers take no more room than
    /// those that are asked for.
    pub fn tidy(&self) {
        let now = Instant::now();
        self.known().answers.retain(|_, kept| kept.expires > now);
    }

    /// Forgets all answers.
    pub fn forget(&self) {
        self.known().answers.clear();
    }

    /// How many answers are kept.
    pub fn len(&self) -> usize {
        self.known().answers.len()
    }

    /// Whether nothing is kept.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many questions were asked in all.
    pub fn asked(&self) -> u64 {
        self.known().asked
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks, and keeps the answer.
    async fn fetch(self, question: Question) -> Answer {
        let answer = self.asker.ask(question.clone()).await;
        let expires = Instant::now() + self.freshness.of(&answer);
        let mut known = self.known();
        known.asking.remove(&question);
        known.answers.insert(question, Kept { answer: answer.clone(), expires });
        answer
    }
}

impl Ask for FreshAnswers {
    fn ask(&self, question: Question) -> BoxFuture<'static, Answer> {
        let mut known = self.known();
        if let Some(kept) = known.answers.get(&question)
            && kept.expires > Instant::now()
        {
            return std::future::ready(kept.answer.clone()).boxed();
        }
        if let Some(asking) = known.asking.get(&question) {
            return asking.clone().boxed();
        }
        known.asked += 1;
        let asking = self.clone().fetch(question.clone()).boxed().shared();
        known.asking.insert(question, asking.clone());
        asking.boxed()
    }
}

impl Freshness {
    /// How long an answer is kept.
    fn of(&self, answer: &Answer) -> Duration {
        if answer.failure().is_some() {
            return self.failed;
        }
        let ttl = answer.ttl.map_or(self.least, |ttl| Duration::from_secs(ttl.into()));
        ttl.min(self.most).max(self.least)
    }
}

impl fmt::Debug for FreshAnswers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = self.known();
        f.debug_struct("FreshAnswers")
            .field("freshness", &self.freshness)
            .field("answers", &known.answers.len())
            .field("asking", &known.asking.len())
            .field("asked", &known.asked)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::{Failure, RecordType, Reply};
    use crate::name::DomainName;

    /// Answers after a second with no data, with the TTL that the name's first label
    /// says; `fail` fails.
    struct Server;

    impl Ask for Server {
        fn ask(&self, question: Question) -> BoxFuture<'static, Answer> {
            async move {
                tokio::time::sleep(Duration::from_secs(1)).await;
                let label = question.name.labels().next().unwrap_or_default().to_vec();
                let ttl = String::from_utf8(label).unwrap();
                match ttl.as_str() {
                    "fail" => Answer::new(Reply::Failure(Failure::Timeout)),
                    ttl => Answer { ttl: ttl.parse().ok(), ..Answer::new(Reply::NoData) },
                }
            }
            .boxed()
        }
    }

    fn answers() -> FreshAnswers {
        let seconds = Duration::from_secs;
        let freshness = Freshness { least: seconds(60), most: seconds(1000), failed: seconds(10) };
        FreshAnswers::new(Arc::new(Server), freshness)
    }

    fn question(name: &str) -> Question {
        Question::new(DomainName::parse(name).unwrap(), RecordType::Txt)
    }

    /// Runs with a clock that goes on when there is nothing to do.
    fn run<T>(future: impl Future<Output = T>) -> T {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_time().start_paused(true).build().unwrap().block_on(future)
    }

    #[test]
    fn an_answer_is_asked_for_once_in_its_life() {
        for (name, seconds) in [
            ("300.test", 300),
            ("5.test", 60),
            ("none.test", 60),
            ("90000.test", 1000),
            ("fail.test", 10),
        ] {
            run(async {
                let (answers, question) = (answers(), question(name));
                let begun = Instant::now();
                // Whoever comes while it is asked waits for the same answer.
                let both = (answers.ask(question.clone()), answers.ask(question.clone()));
                let (one, two) = tokio::join!(both.0, both.1);
                assert_eq!((&one, answers.asked()), (&two, 1));
                assert_eq!(begun.elapsed(), Duration::from_secs(1));
                let expires = answers.expires(&question).unwrap();
                assert_eq!(expires - Instant::now(), Duration::from_secs(seconds), "{name}");
                tokio::time::sleep(Duration::from_secs(seconds - 1)).await;
                answers.tidy();
                assert_eq!(answers.ask(question.clone()).await, one);
                assert_eq!((answers.asked(), answers.len()), (1, 1));
                tokio::time::sleep(Duration::from_secs(1)).await;
                assert_eq!(answers.expires(&question), None);
                answers.ask(question.clone()).await;
                assert_eq!(answers.asked(), 2);
            });
        }
    }

    #[test]
    fn what_no_longer_holds_takes_no_room() {
        run(async {
            let answers = answers();
            for name in 0..100 {
                answers.ask(question(&format!("60.n{name}.test"))).await;
            }
            answers.tidy();
            assert!(answers.len() < 61, "{answers:?}");
            answers.forget();
            assert!(answers.is_empty());
        });
    }
}
