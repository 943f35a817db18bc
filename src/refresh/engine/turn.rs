//! Sources that are due, read.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::dns::{Bounds, Lookup, Question, Recording, gather_each};
use crate::image::AddressIndex;
use crate::name::DomainName;
use crate::refresh::{
    AddressSource, FaultKind, Found, NewFinding, PassedDifference, PolicySets, PolicySource,
    ZoneAsked, find, rfc3339,
};

use super::Engine;

/// Sources that are read at once: an order waits no longer than these take.
pub(super) const AT_ONCE: usize = 64;
/// Questions that wait for their answers at once.
const QUESTIONS: usize = 256;
/// Octets of answers that are kept in one turn, beside those that stay fresh anyway.
const KEPT_OCTETS: usize = 64 << 20;

/// What it takes to read one policy.
struct Job {
    name: String,
    policy: PolicySource,
    zones: Vec<Arc<ZoneAsked>>,
    good: Option<(PolicySource, Arc<Recording>)>,
    anew: bool,
}

/// What a zone gets.
#[derive(Clone)]
pub(super) struct ZoneSets {
    pub(super) sets: Vec<(DomainName, Arc<AddressIndex>)>,
    /// The record that goes with them; none for a file of addresses.
    pub(super) record: Option<String>,
}

/// Something that may be served.
pub(super) struct Candidate {
    /// What it is compiled from; none where it is a file of addresses.
    pub(super) answers: Option<Arc<Recording>>,
    /// For each zone, in their order, the sets.
    pub(super) sets: Vec<ZoneSets>,
    /// What changed; none where that cannot be said.
    pub(super) difference: Option<PassedDifference>,
    pub(super) remarks: Vec<String>,
}

impl Engine {
    /// Reads some of the sources that are due, at most as many as are read at once.
    /// Whether more of them are.
    pub async fn refresh(&mut self) -> bool {
        let now = Instant::now();
        let is_due = |due: Option<Instant>| due.is_some_and(|due| due <= now);
        let due = self.sources.iter().filter(|(_, source)| is_due(source.due));
        let mut due: Vec<(Option<Instant>, String, bool)> =
            due.map(|(name, source)| (source.due, name.clone(), source.is_file())).collect();
        due.sort();
        let more = due.len() > AT_ONCE;
        due.truncate(AT_ONCE);
        let (files, policies): (Vec<_>, Vec<_>) = due.into_iter().partition(|(.., file)| *file);
        for (_, name, _) in files {
            self.read_file(&name);
        }
        let jobs = policies.iter().filter_map(|(_, name, _)| self.job(name)).collect();
        for (name, found) in self.find_all(jobs).await {
            self.take(&name, found, None);
        }
        self.answers.tidy();
        self.assemble();
        more
    }

    fn job(&self, name: &str) -> Option<Job> {
        let source = self.sources.get(name)?;
        let AddressSource::Policy(policy) = &source.definition else { return None };
        Some(Job {
            name: name.to_owned(),
            policy: policy.clone(),
            zones: source.zones.values().cloned().collect(),
            good: source.good(),
            anew: source.zones.keys().any(|key| !source.sets.contains_key(key)),
        })
    }

    async fn find_all(&self, jobs: Vec<Job>) -> Vec<(String, Found)> {
        if jobs.is_empty() {
            return Vec::new();
        }
        let bounds = Bounds { programs: AT_ONCE, questions: QUESTIONS, kept_octets: KEPT_OCTETS };
        let (sending, mut waiting) = mpsc::channel(jobs.len());
        let (results, mut found) = mpsc::channel(jobs.len());
        for job in jobs {
            // There is room for all of them.
            let _ = sending.try_send(job);
        }
        drop(sending);
        let program = |job: &Job, lookup: &dyn Lookup| {
            let good = job.good.as_ref().map(|(policy, answers)| (policy, &**answers));
            find(lookup, &job.policy, &job.zones, good, job.anew)
        };
        let finish = |job: Job, result: Result<Found, Question>| (job.name, ended(result));
        gather_each(&self.answers, bounds, &mut waiting, &results, program, finish).await;
        let mut all = Vec::new();
        while let Ok(found) = found.try_recv() {
            all.push(found);
        }
        all
    }

    pub(super) fn candidate(
        &self,
        name: &str,
        new: NewFinding,
        taken: Option<String>,
    ) -> Candidate {
        let NewFinding { answers, sets, difference } = new;
        let definition = self.sources.get(name).map(|source| &source.definition);
        let answers = match definition {
            Some(AddressSource::Policy(policy)) => {
                let taken = taken.unwrap_or_else(|| rfc3339(self.clock.unix_seconds()));
                Some(Arc::new(policy.recording(taken, answers)))
            }
            _ => None,
        };
        let mut remarks: Vec<String> =
            sets.iter().flat_map(|it| it.remarks.iter().cloned()).collect();
        remarks.dedup();
        let shared = |(name, set): (DomainName, AddressIndex)| (name, Arc::new(set));
        let of_zone = |it: PolicySets| ZoneSets {
            sets: it.sets.into_iter().map(shared).collect(),
            record: Some(it.record),
        };
        let sets: Vec<ZoneSets> = sets.into_iter().map(of_zone).collect();
        let source = self.sources.get(name);
        let difference = match source.filter(|source| source.lacks_answers()) {
            Some(source) => source.difference(name, &sets),
            None => difference,
        };
        Candidate { answers, sets, difference, remarks }
    }
}

/// What came of a program; one that cannot end is a mistake of this one.
fn ended(result: Result<Found, Question>) -> Found {
    result.unwrap_or_else(|question| Found::Failed {
        kind: FaultKind::Dns,
        reason: format!("{question} was answered, and is asked for again"),
    })
}
