//! The history of the simulated time against the timetable: every change that was
//! served with its ranges and providers, and every fault once.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use spfc::history::{Event, EventKind, History, RangeChange, Version, Why};

use super::oracle::{Oracle, Places};
use super::script::Fault;
use super::simulation::BEGUN;
use super::tenants::Tenant;
use super::timetable::{Timetable, felt};

/// What the history has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) versions: usize,
    pub(crate) ranges: usize,
    pub(crate) failed: usize,
    pub(crate) recovered: usize,
    pub(crate) held: usize,
    pub(crate) released: usize,
}

/// How long a retry takes at most.
const RETRY: Duration = Duration::from_secs(900);

/// Compares the history of all tenants with what happened.
pub(crate) fn check(timetable: &Timetable, state: &Path) -> Counts {
    let mut history = History::read_only(state.join("history.db")).unwrap();
    let oracle = Oracle::new(Arc::new(timetable.script.clone()));
    let mut counts = Counts::default();
    for tenant in &timetable.tenants {
        let source = tenant.domain.to_string();
        let versions = history.versions(&source).unwrap();
        let versions = versions.iter().rev();
        let versions: Vec<Version> =
            versions.map(|it| history.version(&source, it.number).unwrap().unwrap()).collect();
        let events: Vec<Event> = history.events(&source).unwrap().into_iter().rev().collect();
        let chronicle = Chronicle { timetable, tenant, oracle: &oracle, versions, events };
        chronicle.check_versions();
        chronicle.check_faults();
        chronicle.check_holds();
        counts.add(&chronicle);
    }
    counts
}

impl Counts {
    fn add(&mut self, chronicle: &Chronicle<'_>) {
        let count = |kind| chronicle.events_of(kind).count();
        self.versions += chronicle.versions.len();
        self.ranges += chronicle.versions.iter().map(|it| it.changes.len()).sum::<usize>();
        self.failed += count(EventKind::Failed);
        self.recovered += count(EventKind::Recovered);
        self.held += count(EventKind::Held);
        self.released += count(EventKind::Released);
    }
}

/// What the history has of one tenant.
struct Chronicle<'a> {
    timetable: &'a Timetable,
    tenant: &'a Tenant,
    oracle: &'a Oracle,
    versions: Vec<Version>,
    events: Vec<Event>,
}

/// Since the beginning.
fn since(time: i64) -> Duration {
    Duration::from_secs(u64::try_from(time - BEGUN).unwrap())
}

impl Chronicle<'_> {
    fn events_of(&self, kind: EventKind) -> impl Iterator<Item = &Event> {
        self.events.iter().filter(move |event| event.kind == kind)
    }

    /// What each policy that came changed, and when; whether a person would be asked.
    fn steps(&self) -> Vec<(Duration, Duration, Vec<RangeChange>, bool)> {
        let mut steps = Vec::new();
        for question in &self.tenant.changing {
            let policies = &self.timetable.script.changing[&question.name];
            let sound = |place: &usize| !policies[*place].broken;
            let places: Vec<usize> = (0..policies.len()).filter(sound).collect();
            for pair in places.windows(2) {
                let from = policies[pair[1]].from;
                let then = |place| -> Places {
                    let mut places = self.oracle.current(self.tenant, from);
                    // What is not told yet of others in error is not told here.
                    for (name, place) in &mut places {
                        if self.timetable.script.changing[name][*place].broken {
                            *place = 0;
                        }
                    }
                    places.insert(question.name.clone(), place);
                    places
                };
                let (before, after) = (then(pair[0]), then(pair[1]));
                let (changes, passing) = self.oracle.changes(self.tenant, [&before, &after]);
                let held = passing.iter().any(|it| it.lost_more_than(30));
                steps.push((from, self.timetable.script.kept(question), changes, held));
            }
        }
        steps
    }

    /// The versions have what changed, all of it, in time, and nothing else.
    fn check_versions(&self) {
        let domain = &self.tenant.domain;
        assert_eq!(self.versions.first().map(|it| it.why), Some(Why::First), "{domain}");
        let later = &self.versions[1..];
        let mut told: Vec<&RangeChange> = later.iter().flat_map(|it| &it.changes).collect();
        let steps = self.steps();
        let held = steps.iter().find(|(.., held)| *held).map(|(from, ..)| *from);
        let mut expected = Vec::new();
        for (from, kept, changes, _) in &steps {
            if changes.is_empty() || held.is_some_and(|held| self.is_held(held, *from)) {
                continue;
            }
            let has = |it: &&Version| changes.iter().all(|change| it.changes.contains(change));
            let after = |it: &&Version| since(it.time) >= *from;
            let version = later.iter().filter(after).find(has);
            let version = version.unwrap_or_else(|| {
                panic!("{domain}: {changes:?} of {from:?} is in no version: {later:#?}")
            });
            assert_eq!(version.why, Why::Changed);
            let late = since(version.time) - *from;
            let most = kept.mul_f64(1.1) + Duration::from_secs(10) + self.delay(version);
            assert!(late <= most, "{domain}: {changes:?} of {from:?} came {late:?} late");
            expected.extend(changes);
        }
        told.sort();
        expected.sort();
        assert_eq!(told, expected, "{domain}");
    }

    /// How much later a version may have come because of a fault.
    fn delay(&self, version: &Version) -> Duration {
        let Timetable { outage, silence, broken, shrunk, .. } = self.timetable;
        let faults = [outage, silence, broken, shrunk].into_iter();
        let faults = faults.filter(|fault| fault.concerns(self.tenant));
        let faults = faults.filter(|fault| felt(fault, since(version.time), 2 * RETRY));
        faults.map(|fault| fault.until - fault.from + 2 * RETRY).sum()
    }

    /// A change of the provider that shrank, and came back before anybody accepted it.
    fn is_held(&self, held: Duration, from: Duration) -> bool {
        let shrunk = &self.timetable.shrunk;
        held == shrunk.from && (from == shrunk.from || from == shrunk.until)
    }

    /// How many events there are of a kind while a fault is felt.
    fn during(&self, kind: EventKind, fault: &Fault) -> usize {
        self.events_of(kind).filter(|it| felt(fault, since(it.time), 2 * RETRY)).count()
    }

    /// The time until a tenant surely reads all that it knows.
    fn soonest(&self) -> Duration {
        let kept = self.tenant.questions.iter().map(|it| self.timetable.script.kept(it));
        kept.min().unwrap_or_default().mul_f64(1.1) + Duration::from_secs(10)
    }

    /// Each fault that the tenant met is told once, and that it is over.
    fn check_faults(&self) {
        let Timetable { outage, silence, broken, .. } = self.timetable;
        let mut failures = 0;
        for fault in [outage, silence, broken] {
            let failed = self.during(EventKind::Failed, fault);
            let recovered = self.during(EventKind::Recovered, fault);
            let met = fault.concerns(self.tenant) && self.soonest() < fault.until - fault.from;
            let context = || format!("{} {:?}: {:#?}", self.tenant.domain, fault.from, self.events);
            assert!(failed <= 1 && (failed == 1 || !met), "{}", context());
            assert_eq!(recovered, failed, "{}", context());
            failures += failed;
        }
        assert_eq!(failures, self.events_of(EventKind::Failed).count(), "{}", self.tenant.domain);
    }

    /// What waited for a person is told once, and that it no longer does.
    fn check_holds(&self) {
        let held = self.steps().iter().filter(|(.., held)| *held).count();
        let told = self.during(EventKind::Held, &self.timetable.shrunk);
        let context = || format!("{}: {:#?}", self.tenant.domain, self.events);
        // What else changes meanwhile waits too, and is told.
        let shrunk = &self.timetable.shrunk;
        let others = self.steps().into_iter().filter(|(from, kept, ..)| {
            *from < shrunk.until && *from + kept.mul_f64(1.1) + 2 * RETRY > shrunk.from
        });
        let others = others.count() - held;
        assert!((held..=held * (1 + others)).contains(&told), "{}", context());
        assert_eq!(self.events_of(EventKind::Held).count(), told, "{}", context());
        assert_eq!(self.events_of(EventKind::Released).count(), held, "{}", context());
    }
}
