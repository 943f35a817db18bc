//! Many programs at once, over an asker that answers when and in what order the
//! test says.

use super::*;
use crate::dns::{Cache, Published, RecordType, Records, Reply, Txt, gather};
use crate::name::DomainName;
use proptest::prelude::*;
use std::collections::HashSet;
use std::sync::Mutex;
use tokio::sync::mpsc::channel;

/// Answers each question after as many turns of the runtime as its name says,
/// and notes what was asked and how much of it at once.
#[derive(Clone, Default)]
struct Turns(Arc<Mutex<Noted>>);

#[derive(Default)]
struct Noted {
    asked: Vec<Question>,
    at_once: usize,
    most_at_once: usize,
}

impl Ask for Turns {
    fn ask(&self, question: Question) -> BoxFuture<'static, Answer> {
        let noted = self.0.clone();
        {
            let mut noted = noted.lock().unwrap();
            noted.asked.push(question.clone());
            noted.at_once += 1;
            noted.most_at_once = noted.most_at_once.max(noted.at_once);
        }
        async move {
            let name = question.name.to_string();
            for _ in 0..20 + name.bytes().map(usize::from).sum::<usize>() % 7 {
                tokio::task::yield_now().await;
            }
            noted.lock().unwrap().at_once -= 1;
            let text = format!("about {question}");
            Answer::new(Reply::from(Records::Txt(vec![Txt::new([text])])))
        }
        .boxed()
    }
}

impl Turns {
    fn asked(&self) -> Vec<Question> {
        self.0.lock().unwrap().asked.clone()
    }

    fn most_at_once(&self) -> usize {
        self.0.lock().unwrap().most_at_once
    }
}

fn question(text: &str) -> Question {
    Question::new(DomainName::parse(text).unwrap(), RecordType::Txt)
}

/// What is known of a name and of all that hangs on it. A job is a path of
/// numbers: it needs each of them, then the next two at once, and so on; jobs
/// share their names.
fn texts(job: &[u8], lookup: &dyn Lookup) -> Step<Vec<String>> {
    let mut found = Vec::new();
    for level in job.chunks(2) {
        let mut missing = Vec::new();
        for number in level {
            match lookup.lookup(&question(&format!("n{number}.test"))) {
                Ok(answer) => {
                    let texts = answer.texts().iter();
                    found.extend(texts.map(|t| String::from_utf8_lossy(&t.joined()).into_owned()));
                }
                Err(question) => missing.push(question),
            }
        }
        if !missing.is_empty() {
            return Step::Need(missing);
        }
    }
    Step::Done(found)
}

fn wide() -> Bounds {
    Bounds { programs: 8, questions: 5, kept_octets: 1 << 20 }
}

/// Runs jobs to their end; what came of each, in the order of the jobs.
fn run_each<T>(
    asker: &Turns,
    bounds: Bounds,
    jobs: &[Vec<u8>],
    program: impl Fn(&[u8], &dyn Lookup) -> Step<T>,
) -> Vec<Result<T, Question>> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (sender, mut receiver) = channel(jobs.len().max(1));
    for job in jobs.iter().cloned().enumerate() {
        sender.try_send(job).unwrap();
    }
    drop(sender);
    let (results, mut ended) = channel(jobs.len().max(1));
    let gathered = gather_each(
        asker,
        bounds,
        &mut receiver,
        &results,
        |(_, job), lookup| program(job, lookup),
        |(index, _), result| (index, result),
    );
    assert_eq!(runtime.block_on(gathered), asker.asked().len());
    let mut found: Vec<_> = jobs.iter().map(|_| None).collect();
    while let Ok((index, result)) = ended.try_recv() {
        assert!(found[index].replace(result).is_none(), "job {index} ended twice");
    }
    found.into_iter().map(|result| result.expect("every job ends")).collect()
}

#[test]
fn a_question_is_asked_once_for_all_programs() {
    let jobs: Vec<Vec<u8>> = (0..100).map(|job| vec![job, 200, 201, 202, 203]).collect();
    let asker = Turns::default();
    let results = run_each(&asker, wide(), &jobs, texts);
    assert!(results.iter().all(|result| result.as_ref().is_ok_and(|texts| texts.len() == 5)));
    let asked = asker.asked();
    assert_eq!(asked.len(), 104);
    assert_eq!(asked.iter().collect::<HashSet<_>>().len(), 104);
    assert_eq!(asker.most_at_once(), 5);
}

#[test]
fn no_more_programs_than_allowed_run_at_once() {
    let started = RefCell::new(HashSet::new());
    let program = |job: &[u8], lookup: &dyn Lookup| {
        started.borrow_mut().insert(job.to_vec());
        assert!(started.borrow().len() <= 3);
        let step = texts(job, lookup);
        if matches!(step, Step::Done(_)) {
            started.borrow_mut().remove(job);
        }
        step
    };
    let jobs: Vec<Vec<u8>> = (0..40).map(|job| vec![job, 100 + job]).collect();
    let bounds = Bounds { programs: 3, ..wide() };
    assert_eq!(run_each(&Turns::default(), bounds, &jobs, program).len(), 40);
}

#[test]
fn a_program_that_fails_stops_no_other() {
    // The odd ones need the same for ever, and one needs nothing it can name.
    let program = |job: &[u8], lookup: &dyn Lookup| match job {
        [7] => Step::Need(Vec::new()),
        [number] if number % 2 == 1 => Step::Need(vec![question(&format!("n{number}.test"))]),
        _ => texts(job, lookup),
    };
    let jobs: Vec<Vec<u8>> = (0..50).map(|job| vec![job]).collect();
    for (index, result) in run_each(&Turns::default(), wide(), &jobs, program).iter().enumerate() {
        match (index, index % 2) {
            (7, _) => assert_eq!(result.as_ref().unwrap_err(), &root_question()),
            (_, 1) => {
                assert_eq!(result.as_ref().unwrap_err(), &question(&format!("n{index}.test")));
            }
            _ => assert!(result.is_ok()),
        }
    }
}

#[test]
fn the_run_ends_when_nobody_listens() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (sender, mut jobs) = channel(10);
    for job in 0..10u8 {
        sender.try_send(vec![job]).unwrap();
    }
    let (results, mut ended) = channel(1);
    let asker = Turns::default();
    let finish = |job: Vec<u8>, _| job[0];
    let gathered = gather_each(&asker, wide(), &mut jobs, &results, |job, l| texts(job, l), finish);
    let listen = async {
        let taken = [ended.recv().await, ended.recv().await, ended.recv().await];
        drop(ended);
        taken
    };
    // The list has not ended: its sender is still there.
    let (_, taken) = runtime.block_on(async { tokio::join!(gathered, listen) });
    assert!(taken.iter().all(Option::is_some));
    drop(sender);
}

#[test]
fn answers_are_taken_while_nobody_takes_results() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (sender, mut jobs) = channel(10);
    (0..10u8).for_each(|job| sender.try_send(vec![job]).unwrap());
    drop(sender);
    let (results, mut ended) = channel(1);
    let asker = Turns::default();
    let finish = |_, result: Result<Vec<String>, Question>| result.unwrap().len();
    let gathered = gather_each(&asker, wide(), &mut jobs, &results, |job, l| texts(job, l), finish);
    let listen = async {
        for _ in 0..10_000 {
            tokio::task::yield_now().await;
        }
        // As many programs as may be have begun, and all that they asked came.
        assert_eq!(asker.0.lock().unwrap().at_once, 0);
        let stalled = asker.asked().len();
        let mut count = 0;
        while let Some(found) = ended.recv().await {
            assert_eq!(found, 1);
            count += 1;
            if count == 10 {
                break;
            }
        }
        stalled
    };
    let (asked, stalled) = runtime.block_on(async { tokio::join!(gathered, listen) });
    assert_eq!(asked, 10);
    assert!((8..=9).contains(&stalled), "{stalled}");
}

#[test]
fn a_job_ends_before_the_next_one_comes() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (sender, mut jobs) = channel(1);
    let (results, mut ended) = channel(1);
    let asker = Turns::default();
    let finish = |job: Vec<u8>, _| job[0];
    let gathered = gather_each(&asker, wide(), &mut jobs, &results, |job, l| texts(job, l), finish);
    let list = async {
        // Each job is written when the one before it has ended, and then no more.
        for job in [vec![0, 1, 2], vec![5], vec![0]] {
            let first = job[0];
            sender.send(job).await.unwrap();
            assert_eq!(ended.recv().await, Some(first));
        }
        drop(sender);
    };
    assert_eq!(runtime.block_on(async { tokio::join!(gathered, list) }).0, 4);
}

#[test]
fn overlays_that_read_elsewhere_end() {
    let program = |job: &[u8], lookup: &dyn Lookup| {
        let own = question(&format!("n{}.test", job[0]));
        let view = Published::new(lookup, [(own.name.clone(), b"v=spf1 -all".to_vec())]);
        texts(job, &view)
    };
    let jobs: Vec<Vec<u8>> = (0..20).map(|job| vec![job, 30]).collect();
    let results = run_each(&Turns::default(), wide(), &jobs, program);
    for texts in results {
        assert!(texts.unwrap().contains(&"v=spf1 -all".to_owned()));
    }
}

proptest! {
    #[test]
    fn programs_find_what_they_find_alone(
        jobs in proptest::collection::vec(proptest::collection::vec(0u8..30, 0..12), 0..30),
        programs in 1usize..9,
        questions in 1usize..9,
        kept_octets in prop_oneof![Just(0usize), Just(1_500), Just(1 << 20)],
    ) {
        let asker = Turns::default();
        let bounds = Bounds { programs, questions, kept_octets };
        let results = run_each(&asker, bounds, &jobs, texts);
        prop_assert!(asker.most_at_once() <= questions);
        let asked = asker.asked();
        let distinct: HashSet<_> = asked.iter().collect();
        if kept_octets == 1 << 20 {
            prop_assert_eq!(asked.len(), distinct.len());
        }
        let wanted: HashSet<_> =
            jobs.iter().flatten().map(|number| question(&format!("n{number}.test"))).collect();
        prop_assert_eq!(distinct, wanted.iter().collect());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for (job, result) in jobs.iter().zip(results) {
            let mut cache = Cache::default();
            let alone = gather(&asker, &mut cache, |cache| texts(job, cache));
            prop_assert_eq!(result, runtime.block_on(alone));
        }
    }
}
