//! The engine in the world, for as long as is wanted.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use spfc::dns::{FreshAnswers, Question};
use spfc::name::DomainName;
use spfc::refresh::{Engine, RefreshOptions, StateDirectory, SteadyClock};
use tokio::time::Instant;

use super::oracle::Oracle;
use super::questions::{Tally, check, tally};
use super::swaps::Served;
use super::tenants::{Tenant, plan};
use super::timetable::{Timetable, questions};
use super::world::World;

/// When the simulation begins, in seconds since 1970.
pub(crate) const BEGUN: i64 = 1_764_000_000;

/// The engine in the world.
pub(crate) struct Simulation {
    pub(crate) world: World,
    pub(crate) answers: FreshAnswers,
    pub(crate) engine: Engine,
    pub(crate) served: Served,
    pub(crate) oracle: Oracle,
    pub(crate) tenants: BTreeMap<DomainName, Tenant>,
    pub(crate) needed: BTreeSet<Question>,
    timetable: Arc<Timetable>,
    /// How often the engine was called.
    pub(crate) calls: usize,
    /// Whether what is served is held against the world, which has to be remembered for
    /// that.
    pub(crate) checks: bool,
}

impl Simulation {
    /// Begins now, with nothing but what is in the state directory.
    pub(crate) fn new(timetable: Arc<Timetable>, state: &Path) -> Simulation {
        let script = Arc::new(timetable.script.clone());
        let world = World::new(Arc::clone(&script));
        let options = RefreshOptions::default();
        let answers = FreshAnswers::new(Arc::new(world.clone()), options.freshness());
        let directory = StateDirectory::at(state).own().unwrap();
        let clock = Arc::new(SteadyClock::starting_at(BEGUN));
        let mut engine = Engine::new(options, clock, answers.clone(), Some(directory));
        engine.configure(plan(&timetable.tenants));
        engine.load();
        Simulation {
            world,
            answers,
            engine,
            served: Served::default(),
            oracle: Oracle::new(script),
            tenants: timetable.tenants.iter().map(|it| (it.domain.clone(), it.clone())).collect(),
            needed: questions(&timetable.tenants),
            timetable,
            calls: 0,
            checks: true,
        }
    }

    /// Goes on until a time since the beginning.
    pub(crate) async fn go_on(&mut self, until: Duration) {
        let end = Instant::now() + until.saturating_sub(self.world.at());
        while let Some(due) = self.engine.next_due().filter(|due| *due <= end) {
            tokio::time::sleep_until(due).await;
            while self.turn().await {}
        }
        tokio::time::sleep_until(end).await;
    }

    async fn turn(&mut self) -> bool {
        let more = self.engine.refresh().await;
        self.calls += 1;
        for zone in self.engine.take_zones().into_iter().filter(|_| self.checks) {
            self.served.take(&zone, &self.tenants, &mut self.oracle, self.world.at());
        }
        self.engine.write();
        self.engine.take_notices();
        assert_eq!(self.engine.problem(), None);
        more
    }

    /// What was asked until now.
    pub(crate) fn tally(&self) -> Tally {
        tally(&self.timetable.script, &self.needed, &self.world.asked(), self.world.at())
    }

    /// No question was asked too often.
    pub(crate) fn check_questions(&self) {
        let asked = self.world.asked();
        let kept = RefreshOptions::default().freshness().failed;
        check(&self.timetable.script, &self.needed, &asked, self.world.at(), kept);
        let all: u64 = asked.values().map(|asked| asked.answered + asked.failed).sum();
        assert_eq!(self.answers.asked(), all);
    }

    /// What is served is what the world says.
    pub(crate) fn check_served(&mut self) {
        let at = self.world.at();
        self.served.assert_current(&self.tenants, &mut self.oracle, at);
    }
}

/// Runs with a clock that goes on when there is nothing to do.
pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_time().start_paused(true).build().unwrap().block_on(future)
}
