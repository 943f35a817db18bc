//! Where the answers of a run come from: the network, or a file in its place.
//!
//! Callers write a program over [`Lookup`] and give it to [`Source::run`]; the
//! same program runs on either. Whatever was answered is kept for the caller
//! to count or to record.

use std::cell::RefCell;
use std::io;
use std::sync::Arc;

use thiserror::Error;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::{Receiver, Sender};

use super::{Answer, Ask, Bounds, Cache, Lookup, Question, RecordType, Step, gather, gather_each};
use crate::name::DomainName;

/// A source of answers, with the answers that it gave.
pub struct Source {
    origin: Origin,
    answers: Cache,
}

enum Origin {
    Closed(Box<dyn Lookup>),
    Network { asker: Box<dyn Ask>, runtime: Runtime },
}

/// Why a program could not run to its end.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SourceError {
    /// The file that answers in place of the network lacks a question: it was
    /// recorded for something else.
    #[error("{0} is not recorded")]
    NotRecorded(Question),
    /// A program asked again for what it had been told: a mistake of ours.
    #[error("the answer to {0} was not taken")]
    NotTaken(Question),
    /// The operating system gave no means to wait for answers.
    #[error("cannot wait for answers: {0}")]
    Runtime(io::Error),
}

impl Source {
    /// A file in place of the network.
    pub fn closed(lookup: impl Lookup + 'static) -> Source {
        Source { origin: Origin::Closed(Box::new(lookup)), answers: Cache::default() }
    }

    /// The network. Not to be run or dropped inside an asynchronous task; those
    /// call [`gather`] themselves.
    ///
    /// # Errors
    ///
    /// [`SourceError::Runtime`] when the operating system gives no event queue.
    pub fn network(asker: impl Ask + 'static) -> Result<Source, SourceError> {
        let runtime =
            Builder::new_current_thread().enable_all().build().map_err(SourceError::Runtime)?;
        let origin = Origin::Network { asker: Box::new(asker), runtime };
        Ok(Source { origin, answers: Cache::default() })
    }

    /// Runs a program to its end. Over the network it is run again whenever
    /// answers have come in, so it has to be pure.
    ///
    /// # Errors
    ///
    /// [`SourceError::NotRecorded`] when a file lacks what the program needs,
    /// [`SourceError::NotTaken`] when the program does not end.
    pub fn run<T>(
        &mut self,
        mut program: impl FnMut(&dyn Lookup) -> Step<T>,
    ) -> Result<T, SourceError> {
        match &self.origin {
            Origin::Closed(lookup) => {
                let known = RefCell::new(std::mem::take(&mut self.answers));
                let step = program(&Noted { lookup: lookup.as_ref(), known: &known });
                self.answers = known.into_inner();
                match step {
                    Step::Done(value) => Ok(value),
                    Step::Need(questions) => Err(SourceError::NotRecorded(first(questions))),
                }
            }
            Origin::Network { asker, runtime } => runtime
                .block_on(gather(asker.as_ref(), &mut self.answers, |cache| program(cache)))
                .map_err(SourceError::NotTaken),
        }
    }

    /// Runs a program for every job that comes, many at once over the network
    /// (see [`gather_each`]), and sends what `finish` makes of each as it ends.
    /// Jobs come from another thread, and results go to one. What is answered is
    /// not among [`Source::answers`]: it may be more than there is room for.
    /// Gives how many questions were asked of the network.
    pub fn run_each<J, T, R>(
        &self,
        bounds: Bounds,
        jobs: &mut Receiver<J>,
        results: &Sender<R>,
        program: impl Fn(&J, &dyn Lookup) -> Step<T>,
        finish: impl Fn(J, Result<T, SourceError>) -> R,
    ) -> usize {
        match &self.origin {
            Origin::Closed(lookup) => {
                while let Some(job) = jobs.blocking_recv() {
                    let result = match program(&job, lookup.as_ref()) {
                        Step::Done(value) => Ok(value),
                        Step::Need(questions) => Err(SourceError::NotRecorded(first(questions))),
                    };
                    if results.blocking_send(finish(job, result)).is_err() {
                        break;
                    }
                }
                0
            }
            Origin::Network { asker, runtime } => {
                let finish = |job, result: Result<T, Question>| {
                    finish(job, result.map_err(SourceError::NotTaken))
                };
                let asker = asker.as_ref();
                runtime.block_on(gather_each(asker, bounds, jobs, results, program, finish))
            }
        }
    }

    /// Every answer of the runs so far: what a lock file holds, and as many as
    /// there were questions.
    pub fn answers(&self) -> &Cache {
        &self.answers
    }
}

/// Notes what a closed world was asked: it makes each answer anew, and a policy
/// may ask for a large one thousands of times.
struct Noted<'a> {
    lookup: &'a dyn Lookup,
    known: &'a RefCell<Cache>,
}

impl Lookup for Noted<'_> {
    fn lookup(&self, question: &Question) -> Result<Arc<Answer>, Question> {
        if let Ok(answer) = self.known.borrow().lookup(question) {
            return Ok(answer);
        }
        let answer = self.lookup.lookup(question)?;
        self.known.borrow_mut().insert(question.clone(), answer.clone());
        Ok(answer)
    }
}

fn first(questions: Vec<Question>) -> Question {
    let root = || Question::new(DomainName::root(), RecordType::Txt);
    questions.into_iter().next().unwrap_or_else(root)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::{DnsFile, Reply};
    use futures_util::FutureExt;
    use futures_util::future::BoxFuture;

    struct NoNames;

    impl Ask for NoNames {
        fn ask(&self, _question: Question) -> BoxFuture<'static, Answer> {
            async { Answer::new(Reply::NoName) }.boxed()
        }
    }

    fn question(name: &str) -> Question {
        Question::new(DomainName::parse(name).unwrap(), RecordType::Txt)
    }

    /// Needs one answer after the other.
    fn program(lookup: &dyn Lookup) -> Step<usize> {
        for name in ["a.test", "b.test"] {
            if let Err(missing) = lookup.lookup(&question(name)) {
                return Step::Need(vec![missing]);
            }
        }
        Step::Done(2)
    }

    #[test]
    fn one_program_runs_on_either() {
        let file = DnsFile::read(br#"{"a.test":{}}"#).unwrap();
        let mut sources = [Source::closed(file), Source::network(NoNames).unwrap()];
        for source in &mut sources {
            assert_eq!(source.run(program).unwrap(), 2);
            assert_eq!(source.answers().len(), 2);
        }
    }

    /// Else a policy that asks for one answer over and over holds it as often.
    #[test]
    fn a_file_makes_each_answer_once() {
        let file = DnsFile::read(br#"{"a.test":{"TXT":["x"]}}"#).unwrap();
        let mut source = Source::closed(file);
        let ask = |lookup: &dyn Lookup| lookup.lookup(&question("a.test")).unwrap();
        let twice = |lookup: &dyn Lookup| Step::Done((ask(lookup), ask(lookup)));
        let (first, second) = source.run(twice).unwrap();
        let third = source.run(|lookup| Step::Done(ask(lookup))).unwrap();
        assert!(Arc::ptr_eq(&first, &second) && Arc::ptr_eq(&first, &third));
        assert_eq!(source.answers().len(), 1);
    }

    #[test]
    fn a_recording_names_what_it_lacks() {
        let file = DnsFile::read(
            br#"{"spfc_lock":1,"answers":[{"name":"a.test","type":"TXT","status":"nodata"}]}"#,
        );
        let error = Source::closed(file.unwrap()).run(program).unwrap_err();
        assert_eq!(error.to_string(), "b.test TXT is not recorded");
    }

    #[test]
    fn a_program_that_never_ends_is_told() {
        let mut source = Source::network(NoNames).unwrap();
        let error = source.run(|_| Step::<()>::Need(vec![question("a.test")])).unwrap_err();
        assert!(matches!(error, SourceError::NotTaken(asked) if asked == question("a.test")));
    }
}
