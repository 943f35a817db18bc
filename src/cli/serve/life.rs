//! What happens to a server while it runs: signals, zones that were read again,
//! threads that end.

use std::fmt::Write;
use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, PoisonError};
use std::thread;
use std::time::Duration;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGUSR1};
use signal_hook::iterator::Signals;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::cli::exit::Exit;
use crate::responder::Service;

use super::ServeError;
use super::loader::Loaded;
use super::notify::{self, Watchdog};
use super::orders::Orders;
use super::threads::Threads;
use super::upkeep::{Task, Told, Upkeep};

/// How often it is looked whether all is well.
const LOOK: Duration = Duration::from_secs(1);

/// What happens.
#[derive(Debug)]
pub(super) enum Event {
    /// A signal has come.
    Signal(i32),
    /// Zones were read, as it was ordered; none where the configuration cannot be.
    Loaded(Option<Box<Loaded>>),
    /// Zones are others than before.
    Changed(Box<Loaded>),
}

/// The events of a server, and who keeps its zones.
#[derive(Debug)]
pub(super) struct Life {
    events: Receiver<Event>,
    sender: Sender<Event>,
    tasks: UnboundedSender<Task>,
    waiting: Option<UnboundedReceiver<Task>>,
    told: Told,
}

impl Life {
    /// Takes signals from now on.
    ///
    /// # Errors
    ///
    /// The system gives neither signals nor threads.
    pub(super) fn begin() -> io::Result<Life> {
        let (sender, events) = channel();
        let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM, SIGUSR1])?;
        let signalled = sender.clone();
        thread::Builder::new().name("signals".to_owned()).spawn(move || {
            for signal in signals.forever() {
                if signalled.send(Event::Signal(signal)).is_err() {
                    return;
                }
            }
        })?;
        let (tasks, waiting) = unbounded_channel();
        Ok(Life { events, sender, tasks, waiting: Some(waiting), told: Told::default() })
    }

    /// Where events are told.
    pub(super) fn sender(&self) -> Sender<Event> {
        self.sender.clone()
    }

    /// Where it is told how sources do.
    pub(super) fn told(&self) -> Told {
        Arc::clone(&self.told)
    }

    /// Who takes orders of a person.
    pub(super) fn orders(&self) -> Orders {
        Orders::new(self.tasks.clone(), self.told())
    }

    /// Where tasks are handed to who keeps the zones.
    pub(super) fn tasks(&self) -> UnboundedSender<Task> {
        self.tasks.clone()
    }

    /// Reads the zones for the first time; none when the server has to end before.
    ///
    /// # Errors
    ///
    /// Not one of them can be served.
    pub(super) fn first(&mut self, upkeep: Upkeep) -> Result<Option<Box<Loaded>>, ServeError> {
        let Some(tasks) = self.waiting.take() else { return Ok(None) };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(ServeError::system("no way to wait for DNS"))?;
        thread::Builder::new()
            .name("zones".to_owned())
            .spawn(move || runtime.block_on(upkeep.go_on(tasks)))
            .map_err(ServeError::system("no thread for zones"))?;
        self.read_all();
        loop {
            match self.events.recv() {
                Ok(Event::Signal(SIGTERM | SIGINT)) => return Ok(None),
                Ok(Event::Signal(SIGHUP)) => self.read_all(),
                Ok(Event::Signal(_)) => {}
                Ok(Event::Changed(loaded) | Event::Loaded(Some(loaded))) if loaded.served() > 0 => {
                    return Ok(Some(loaded));
                }
                Ok(Event::Changed(loaded)) => {
                    return Err(ServeError::NothingServed(loaded.exit.unwrap_or(Exit::Usage)));
                }
                Ok(Event::Loaded(loaded)) => {
                    let exit = loaded.and_then(|loaded| loaded.exit);
                    return Err(ServeError::NothingServed(exit.unwrap_or(Exit::Usage)));
                }
                Err(_) => return Err(ServeError::NothingServed(Exit::Usage)),
            }
        }
    }

    /// Goes on until a signal ends it.
    ///
    /// # Errors
    ///
    /// A thread that answers has ended, or the one that keeps the zones.
    pub(super) fn go_on(&mut self, service: &Service, threads: &Threads) -> Result<(), ServeError> {
        let mut watchdog = Watchdog::new();
        loop {
            match self.events.recv_timeout(watchdog.patience(LOOK)) {
                Ok(Event::Signal(SIGTERM | SIGINT)) => return Ok(()),
                Ok(Event::Signal(SIGHUP)) => {
                    notify::reloading();
                    self.read_all();
                }
                Ok(Event::Signal(_)) => self.log_counts(service, threads),
                Ok(Event::Loaded(loaded)) => take(loaded, service),
                Ok(Event::Changed(loaded)) => service.swap(loaded.zones),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err(ServeError::ThreadEnded),
            }
            service.tidy();
            if !threads.are_alive() || self.tasks.is_closed() {
                return Err(ServeError::ThreadEnded);
            }
            watchdog.alive();
        }
    }

    /// Writes all counters to the log, in one line.
    fn log_counts(&self, service: &Service, threads: &Threads) {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let sources = told
            .iter()
            .flat_map(|(status, _)| status.counts())
            .map(|(name, count)| (name, count as u64));
        let served = service.counts();
        let counts: Vec<String> =
            served.iter().chain(sources).map(|(name, count)| format!("{name}={count}")).collect();
        let tcp = threads.tcp_counts();
        tracing::info!(
            "counters: {} tcp_accepted={} tcp_open={} tcp_displaced={} tcp_timed_out={} \
             tcp_hopeless={} tcp_faults={}",
            counts.join(" "),
            tcp.accepted,
            tcp.open,
            tcp.displaced,
            tcp.timed_out,
            tcp.hopeless,
            tcp.faults
        );
    }

    /// Lets all zones be read, and the configuration.
    fn read_all(&self) {
        // Nobody takes it where the thread has ended, which is noticed elsewhere.
        let _ = self.tasks.send(Task::ReadAll);
    }
}

/// Answers from what was read.
fn take(loaded: Option<Box<Loaded>>, service: &Service) {
    let status = match loaded {
        None => "goes on with the zones as they were".to_owned(),
        Some(loaded) => {
            let Loaded { zones, fresh, old, stale, missing, held, waiting, .. } = *loaded;
            service.swap(zones);
            let mut status = format!(
                "zones were read: {fresh} anew, {} with old data, {missing} not served",
                old + stale
            );
            // Nothing is wrong with reading where a person is to decide.
            for (count, word) in
                [(held, "as before"), (waiting, "with a change that waits for a person")]
            {
                if count > 0 {
                    let _ = write!(status, ", {count} {word}");
                }
            }
            status
        }
    };
    tracing::info!("{status}");
    notify::ready(&status);
}
