//! DNS that follows a script by tokio's clock, and counts what it is asked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use spfc::dns::{Answer, Ask, Failure, Question};
use tokio::time::Instant;

use super::script::Script;

/// How long an answer takes, and how long it takes until there is none.
const LATENCY: Duration = Duration::from_millis(20);
const TIMEOUT: Duration = Duration::from_secs(5);

/// How often a question was asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) answered: u64,
    pub(crate) failed: u64,
}

/// DNS that follows a script.
#[derive(Clone)]
pub(crate) struct World {
    script: Arc<Script>,
    begun: Instant,
    asked: Arc<Mutex<HashMap<Question, Asked>>>,
}

impl World {
    /// Begins now.
    pub(crate) fn new(script: Arc<Script>) -> World {
        World { script, begun: Instant::now(), asked: Arc::default() }
    }

    /// The time since the beginning.
    pub(crate) fn at(&self) -> Duration {
        self.begun.elapsed()
    }

    /// How often each question was asked until now.
    pub(crate) fn asked(&self) -> HashMap<Question, Asked> {
        self.asked.lock().unwrap().clone()
    }
}

impl Ask for World {
    fn ask(&self, question: Question) -> BoxFuture<'static, Answer> {
        let answer = self.script.answer(&question, self.at());
        let failure = answer.failure();
        let mut asked = self.asked.lock().unwrap();
        let asked = asked.entry(question).or_default();
        match failure {
            Some(_) => asked.failed += 1,
            None => asked.answered += 1,
        }
        let latency = if failure == Some(Failure::Timeout) { TIMEOUT } else { LATENCY };
        tokio::time::sleep(latency).map(|()| answer).boxed()
    }
}
