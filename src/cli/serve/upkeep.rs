//! Zones kept as they should be, on a thread of its own: read when it is ordered, put
//! together anew when a source says something else, and handed to who answers.

use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::Instant;

use crate::cli::control::{Order, Reply};
use crate::http::ServedPolicy;
use crate::refresh::{Engine, Status};

use super::desk::Desk;
use super::life::Event;

/// How old what is told of sources may be.
const STATUS_AGE: Duration = Duration::from_secs(1);

/// What the thread is told to do.
#[derive(Debug)]
pub(super) enum Task {
    /// To read the configuration, and all that it names.
    ReadAll,
    /// To follow an order, and to say there what came of it.
    Follow(Order, Sender<Reply>),
    /// To say there what policy a source serves.
    Policy(String, Sender<Option<ServedPolicy>>),
}

/// What is told of sources meanwhile.
pub(super) type Told = Arc<Mutex<Option<(Status, Instant)>>>;

/// Keeps zones as they should be.
#[derive(Debug)]
pub(super) struct Upkeep {
    desk: Desk,
    /// None where only images are served.
    engine: Option<Engine>,
    events: Sender<Event>,
    told: Told,
    told_at: Option<Instant>,
}

impl Upkeep {
    /// Tells `events` of zones, and `told` of sources.
    pub(super) fn new(
        desk: Desk,
        engine: Option<Engine>,
        events: Sender<Event>,
        told: Told,
    ) -> Upkeep {
        Upkeep { desk, engine, events, told, told_at: None }
    }

    /// Does what it is told, and what is due, until nobody is left to tell it anything.
    pub(super) async fn go_on(mut self, mut tasks: UnboundedReceiver<Task>) {
        loop {
            let engine = self.engine.as_ref().and_then(Engine::next_due);
            let due = engine.into_iter().chain(self.desk.retry()).min();
            let wait = tokio::time::sleep_until(due.unwrap_or_else(Instant::now));
            tokio::select! {
                biased;
                task = tasks.recv() => match task {
                    None => return,
                    Some(Task::ReadAll) => self.read_all().await,
                    Some(Task::Policy(source, reply)) => {
                        let _ = reply.send(self.policy(&source));
                    }
                    Some(Task::Follow(order, reply)) => {
                        // Who does not wait any more does not want to know.
                        let _ = reply.send(self.follow(order));
                    }
                },
                () = wait, if due.is_some() => self.turn().await,
            }
        }
    }

    /// Reads all there is.
    async fn read_all(&mut self) {
        if let Err(error) = self.desk.read_config(self.engine.as_mut()) {
            self.desk.log(&error);
            let _ = self.events.send(Event::Loaded(None));
            return;
        }
        if let Some(engine) = &mut self.engine {
            engine.configure(self.desk.plan());
            self.desk.collect(engine);
            let begins = self.desk.is_new();
            if self.desk.has_output() && begins {
                // What was served last, before anybody is asked.
                let loaded = self.desk.load(Some(engine), true);
                let _ = self.events.send(Event::Loaded(loaded.map(Box::new)));
            }
            engine.load();
            if self.desk.collect(engine) && begins && self.desk.has_output() {
                // What a disk had no room for as a zone, or a person ordered meanwhile.
                if let Some(loaded) = self.desk.load(Some(engine), true) {
                    let _ = self.events.send(Event::Changed(Box::new(loaded)));
                }
            }
            engine.read_all_anew();
            engine.refresh_all().await;
            self.desk.collect(engine);
        }
        let loaded = self.desk.load(self.engine.as_ref(), true);
        let _ = self.events.send(Event::Loaded(loaded.map(Box::new)));
        self.settle();
        self.tell();
    }

    /// Does what is due.
    async fn turn(&mut self) {
        let mut changed = false;
        if let Some(engine) = &mut self.engine
            && engine.next_due().is_some_and(|due| due <= Instant::now())
        {
            engine.refresh().await;
            changed = self.desk.collect(engine);
        }
        let retry = self.desk.retry().is_some_and(|retry| retry <= Instant::now());
        if changed || retry {
            self.hand_over(retry);
        }
        self.settle();
        if changed || self.told_at.is_none_or(|told| told.elapsed() >= STATUS_AGE) {
            self.tell();
        }
    }

    /// Lets survive what is served by now, however long the disk takes.
    fn settle(&mut self) {
        if let Some(engine) = &mut self.engine {
            engine.write();
            self.desk.collect(engine);
        }
    }

    /// Gives the zones as they are now to who answers.
    fn hand_over(&mut self, images: bool) {
        if let Some(loaded) = self.desk.load(self.engine.as_ref(), images) {
            let _ = self.events.send(Event::Changed(Box::new(loaded)));
        }
    }

    /// The policy that a source serves.
    fn policy(&self, source: &str) -> Option<ServedPolicy> {
        let (version, policy, answers) = self.engine.as_ref()?.policy(source)?;
        Some(ServedPolicy { version, policy, answers })
    }

    /// Follows an order of a person.
    fn follow(&mut self, order: Order) -> Reply {
        let Some(engine) = &mut self.engine else {
            return Reply::Refused { reason: "only images are served".to_owned() };
        };
        let done = match order {
            Order::Status => return Reply::Status(Box::new(engine.status())),
            Order::Accept { source, since } => engine.accept(&source, since),
            Order::RollBack { source, version } => engine.roll_back(&source, version),
        };
        let said = match done {
            Ok(said) => said,
            Err(error) => return Reply::Refused { reason: error.to_string() },
        };
        if self.desk.collect(engine) {
            self.hand_over(false);
        }
        self.settle();
        self.tell();
        let problem = self.engine.as_ref().and_then(Engine::problem);
        match problem {
            None => Reply::Done { said },
            Some(problem) => {
                Reply::Done { said: format!("{said}; it would not survive a restart: {problem}") }
            }
        }
    }

    fn tell(&mut self) {
        let Some(engine) = &self.engine else { return };
        let told = (engine.status(), Instant::now());
        *self.told.lock().unwrap_or_else(PoisonError::into_inner) = Some(told);
        self.told_at = Some(Instant::now());
    }
}
