//! Running many pure programs at once: they share their answers, each question
//! is asked once however many programs want it, and a bound holds for programs,
//! for questions and for what is kept of the answers.
//!
//! A program keeps hold of every answer that it has seen until it is done. So
//! it ends, whatever is dropped from the shared answers meanwhile.

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::sync::mpsc::{Receiver, Sender};

use super::gather::root_question;
use super::kept::KeptAnswers;
use super::{Answer, Ask, Lookup, Question, Step};

/// What many programs may take together.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Programs that run at once, at least one.
    pub programs: usize,
    /// Questions that wait for their answers at once, at least one.
    pub questions: usize,
    /// Octets of answers that are kept, about, beside those that running
    /// programs hold.
    pub kept_octets: usize,
}

/// Runs `program` for every job that comes, and sends what `finish` makes of
/// each when it ends, in whatever order they do. `finish` is given a question
/// where a program still needed it although it was answered: a mistake of that
/// program, which stops no other.
///
/// A program is run again when an answer that it needs has come in: at once when
/// it was the last one, and otherwise when there is nothing else to do. While
/// nobody takes results no program is run, but answers are taken: a reader that
/// pauses makes no question time out.
///
/// Ends when there are no more jobs, or when nobody listens any more. Gives how
/// many questions were asked.
pub async fn gather_each<J, T, R>(
    asker: &(impl Ask + ?Sized),
    bounds: Bounds,
    jobs: &mut Receiver<J>,
    results: &Sender<R>,
    program: impl Fn(&J, &dyn Lookup) -> Step<T>,
    finish: impl Fn(J, Result<T, Question>) -> R,
) -> usize {
    let mut crowd = Crowd::new(bounds);
    let mut more = true;
    loop {
        crowd.ask(asker);
        if crowd.is_awake() {
            // Programs take their time, and questions must not wait for them: so
            // the runtime looks at its sockets before each.
            tokio::task::yield_now().await;
            while let Some(Some((question, answer))) = crowd.pending.next().now_or_never() {
                crowd.deliver(question, answer);
                crowd.ask(asker);
            }
            let place = tokio::select! {
                biased;
                place = results.reserve() => match place {
                    Ok(place) => place,
                    Err(_) => return crowd.asked,
                },
                Some((question, answer)) = crowd.pending.next() => {
                    crowd.deliver(question, answer);
                    continue;
                },
            };
            if let Some(id) = crowd.next_awake()
                && let Some((job, result)) = crowd.run(id, &program)
            {
                place.send(finish(job, result));
            }
            continue;
        }
        let free = more && crowd.running.len() < bounds.programs.max(1);
        // A program that is not awake waits for an answer.
        if !free && crowd.pending.is_empty() {
            return crowd.asked;
        }
        tokio::select! {
            biased;
            () = results.closed() => return crowd.asked,
            job = jobs.recv(), if free => match job {
                Some(job) => crowd.start(job),
                None => more = false,
            },
            Some((question, answer)) = crowd.pending.next() => crowd.deliver(question, answer),
        }
    }
}

/// Programs that run at once.
struct Crowd<J> {
    bounds: Bounds,
    running: HashMap<u64, Running<J>>,
    next_id: u64,
    /// Programs that have every answer that they asked for. A program that was
    /// run since may still be here and below.
    awake: VecDeque<u64>,
    /// Programs that have some of the answers.
    half_awake: VecDeque<u64>,
    kept: KeptAnswers,
    /// The programs that wait for each question that is asked or is to be.
    waiting: HashMap<Question, Vec<u64>>,
    /// Questions to ask when there is room for them.
    queue: VecDeque<Question>,
    pending: FuturesUnordered<BoxFuture<'static, (Question, Answer)>>,
    asked: usize,
}

struct Running<J> {
    job: J,
    /// The answers that the program has seen.
    seen: RefCell<HashMap<Question, Arc<Answer>>>,
    /// Questions that it waits for.
    missing: usize,
    /// It has not been run since an answer came in.
    news: bool,
}

/// What one program sees: what it has seen before, then what all share.
struct View<'a> {
    seen: &'a RefCell<HashMap<Question, Arc<Answer>>>,
    kept: &'a KeptAnswers,
}

impl Lookup for View<'_> {
    fn lookup(&self, question: &Question) -> Result<Arc<Answer>, Question> {
        if let Some(answer) = self.seen.borrow().get(question) {
            return Ok(answer.clone());
        }
        let answer = self.kept.get(question).ok_or_else(|| question.clone())?;
        self.seen.borrow_mut().insert(question.clone(), answer.clone());
        Ok(answer)
    }
}

impl<J> Crowd<J> {
    fn new(bounds: Bounds) -> Crowd<J> {
        Crowd {
            bounds,
            running: HashMap::new(),
            next_id: 0,
            awake: VecDeque::new(),
            half_awake: VecDeque::new(),
            kept: KeptAnswers::new(bounds.kept_octets),
            waiting: HashMap::new(),
            queue: VecDeque::new(),
            pending: FuturesUnordered::new(),
            asked: 0,
        }
    }

    fn start(&mut self, job: J) {
        let seen = RefCell::default();
        self.running.insert(self.next_id, Running { job, seen, missing: 0, news: true });
        self.awake.push_back(self.next_id);
        self.next_id += 1;
    }

    /// Asks as many of the questions that wait as there is room for.
    fn ask(&mut self, asker: &(impl Ask + ?Sized)) {
        while self.pending.len() < self.bounds.questions.max(1)
            && let Some(question) = self.queue.pop_front()
        {
            self.asked += 1;
            let asked = asker.ask(question.clone());
            self.pending.push(asked.map(|answer| (question, answer)).boxed());
        }
    }

    /// Whether there is a program to run. Those that were run since they were
    /// woken are passed by.
    fn is_awake(&mut self) -> bool {
        let running = &self.running;
        let news = |id: &u64| running.get(id).is_some_and(|program| program.news);
        for queue in [&mut self.awake, &mut self.half_awake] {
            while queue.front().is_some_and(|id| !news(id)) {
                queue.pop_front();
            }
        }
        !self.awake.is_empty() || !self.half_awake.is_empty()
    }

    /// Takes the program that is to be run next.
    fn next_awake(&mut self) -> Option<u64> {
        self.awake.pop_front().or_else(|| self.half_awake.pop_front())
    }

    /// Runs a program once more; its job and what came of it when it ends.
    fn run<T>(
        &mut self,
        id: u64,
        program: &impl Fn(&J, &dyn Lookup) -> Step<T>,
    ) -> Option<(J, Result<T, Question>)> {
        let running = self.running.get_mut(&id)?;
        running.news = false;
        let step = program(&running.job, &View { seen: &running.seen, kept: &self.kept });
        let result = match step {
            Step::Done(value) => Ok(value),
            Step::Need(questions) => Err(self.wait(id, questions)?),
        };
        self.running.remove(&id).map(|running| (running.job, result))
    }

    /// Lets a program wait for answers; a question that it needs for ever when
    /// there is nothing to wait for.
    fn wait(&mut self, id: u64, questions: Vec<Question>) -> Option<Question> {
        let running = self.running.get_mut(&id)?;
        let mut first = None;
        for question in questions {
            first.get_or_insert_with(|| question.clone());
            if running.seen.borrow().contains_key(&question) {
                continue;
            }
            if let Some(answer) = self.kept.get(&question) {
                running.seen.borrow_mut().insert(question, answer);
                running.news = true;
                continue;
            }
            let waiting = self.waiting.entry(question).or_insert_with_key(|question| {
                self.queue.push_back(question.clone());
                Vec::new()
            });
            if !waiting.contains(&id) {
                waiting.push(id);
                running.missing += 1;
            }
        }
        if running.news {
            self.awake.push_back(id);
        }
        let stuck = running.missing == 0 && !running.news;
        stuck.then(|| first.unwrap_or_else(root_question))
    }

    /// Gives an answer to all that wait for it.
    fn deliver(&mut self, question: Question, answer: Answer) {
        let answer = Arc::new(answer);
        let waiting = self.waiting.remove(&question).unwrap_or_default();
        for id in &waiting {
            let Some(running) = self.running.get_mut(id) else { continue };
            running.seen.get_mut().insert(question.clone(), answer.clone());
            running.missing -= 1;
            match running.missing {
                0 => self.awake.push_back(*id),
                _ if !running.news => self.half_awake.push_back(*id),
                _ => {}
            }
            running.news = true;
        }
        self.kept.insert(question, answer, waiting.len() > 1);
    }
}

#[cfg(test)]
#[path = "gather_each_tests.rs"]
mod tests;
