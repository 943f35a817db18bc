//! Running a pure program against DNS: each question is asked once, and all
//! questions that are known are asked at once.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};

use super::{Answer, Lookup, Question};

/// An answer that is to come.
pub type AnswerFuture = BoxFuture<'static, Answer>;

/// Something that asks DNS servers.
pub trait Ask {
    /// Asks one question; whatever goes wrong is an answer too.
    fn ask(&self, question: Question) -> AnswerFuture;
}

impl<A: Ask + ?Sized> Ask for Box<A> {
    fn ask(&self, question: Question) -> BoxFuture<'static, Answer> {
        (**self).ask(question)
    }
}

/// How far a program came with the answers that it had.
#[derive(Clone, Debug)]
#[must_use]
pub enum Step<T> {
    /// It is done.
    Done(T),
    /// It cannot end without answers to these questions.
    Need(Vec<Question>),
}

impl<T> From<Result<T, Vec<Question>>> for Step<T> {
    /// For programs whose only error is that answers are missing.
    fn from(result: Result<T, Vec<Question>>) -> Step<T> {
        match result {
            Ok(value) => Step::Done(value),
            Err(questions) => Step::Need(questions),
        }
    }
}

/// The answers of one run.
#[derive(Clone, Debug, Default)]
pub struct Cache {
    answers: HashMap<Question, Arc<Answer>>,
}

impl Cache {
    /// Adds an answer, or takes the place of an earlier one.
    pub fn insert(&mut self, question: Question, answer: impl Into<Arc<Answer>>) {
        self.answers.insert(question, answer.into());
    }

    /// How many questions were answered.
    pub fn len(&self) -> usize {
        self.answers.len()
    }

    /// Whether nothing was answered.
    pub fn is_empty(&self) -> bool {
        self.answers.is_empty()
    }

    /// All questions with their answers, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (&Question, &Arc<Answer>)> {
        self.answers.iter()
    }
}

impl Lookup for Cache {
    fn lookup(&self, question: &Question) -> Result<Arc<Answer>, Question> {
        self.answers.get(question).cloned().ok_or_else(|| question.clone())
    }
}

/// Runs `program` until it is done, asking what it needs.
///
/// The program is run again whenever answers have come in, so that one slow
/// answer holds up only what hangs on it. No question is asked twice. The
/// program has to end once it has every answer that it asked for: one that
/// needs only questions that are answered is `Err` with the first of them.
///
/// # Errors
///
/// A question that the program still needs although it was answered: a mistake
/// of the program.
pub async fn gather<T>(
    asker: &(impl Ask + ?Sized),
    cache: &mut Cache,
    mut program: impl FnMut(&Cache) -> Step<T>,
) -> Result<T, Question> {
    let mut pending = FuturesUnordered::new();
    let mut asked: HashSet<Question> = HashSet::new();
    loop {
        let needed = match program(cache) {
            Step::Done(value) => return Ok(value),
            Step::Need(questions) => questions,
        };
        for question in &needed {
            if cache.lookup(question).is_err() && asked.insert(question.clone()) {
                let question = question.clone();
                pending.push(asker.ask(question.clone()).map(|answer| (question, answer)));
            }
        }
        let Some((question, answer)) = pending.next().await else {
            return Err(needed.into_iter().next().unwrap_or_else(root_question));
        };
        cache.insert(question, answer);
        while let Some(Some((question, answer))) = pending.next().now_or_never() {
            cache.insert(question, answer);
        }
    }
}

/// Stands for the question of a program that names none.
pub(super) fn root_question() -> Question {
    Question::new(crate::name::DomainName::root(), super::RecordType::Txt)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::{RecordType, Reply};
    use crate::name::DomainName;
    use std::pin::pin;
    use std::sync::Mutex;
    use std::task::{Context, Poll};
    use tokio::sync::oneshot;

    /// Answers in rounds: whatever was asked is answered when the test says so.
    #[derive(Default)]
    struct Rounds {
        waiting: Mutex<Vec<(Question, oneshot::Sender<Answer>)>>,
    }

    impl Rounds {
        /// Runs `gather` to its end, and tells what each round asked.
        fn run<T>(
            &self,
            program: impl FnMut(&Cache) -> Step<T>,
        ) -> (Result<T, Question>, Vec<usize>) {
            let mut cache = Cache::default();
            let mut run = pin!(gather(self, &mut cache, program));
            let mut rounds = Vec::new();
            let mut context = Context::from_waker(futures_util::task::noop_waker_ref());
            loop {
                if let Poll::Ready(result) = run.as_mut().poll(&mut context) {
                    return (result, rounds);
                }
                let waiting = std::mem::take(&mut *self.waiting.lock().unwrap());
                rounds.push(waiting.len());
                for (_, sender) in waiting {
                    sender.send(Answer::new(Reply::NoData)).unwrap();
                }
            }
        }
    }

    impl Ask for Rounds {
        fn ask(&self, question: Question) -> BoxFuture<'static, Answer> {
            let (sender, receiver) = oneshot::channel();
            self.waiting.lock().unwrap().push((question, sender));
            receiver.map(Result::unwrap).boxed()
        }
    }

    fn question(text: &str) -> Question {
        Question::new(DomainName::parse(text).unwrap(), RecordType::Txt)
    }

    /// A binary tree: each name shorter than three labels has two below it, and
    /// both halves share the name `z`.
    fn tree(cache: &Cache) -> Step<usize> {
        let mut open = vec!["a".to_owned(), "b".to_owned()];
        let mut needed = Vec::new();
        let mut known = 0;
        while let Some(name) = open.pop() {
            if cache.lookup(&question(&name)).is_err() {
                needed.push(question(&name));
                continue;
            }
            known += 1;
            if name.len() < 5 && name != "z" {
                open.extend(["z".to_owned(), format!("a.{name}"), format!("b.{name}")]);
            }
        }
        if needed.is_empty() { Step::Done(known) } else { Step::Need(needed) }
    }

    #[test]
    fn the_rounds_are_the_depth_and_no_question_is_asked_twice() {
        let (done, rounds) = Rounds::default().run(tree);
        assert!(done.is_ok());
        assert_eq!(rounds, [2, 5, 8]);
    }

    #[test]
    fn a_program_that_never_takes_an_answer_ends() {
        let (done, rounds) = Rounds::default().run(|_| Step::<()>::Need(vec![question("a")]));
        assert_eq!(done, Err(question("a")));
        assert_eq!(rounds, [1]);
        let (done, rounds) = Rounds::default().run(|_| Step::<()>::Need(Vec::new()));
        assert!(done.is_err() && rounds.is_empty());
    }
}
