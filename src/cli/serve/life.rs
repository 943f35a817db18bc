//! What happens to a server while it runs: signals, zones that were read again,
//! threads that end.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGUSR1};
use signal_hook::iterator::Signals;

use crate::cli::exit::Exit;
use crate::config::ServeConfig;
use crate::responder::Service;

use super::ServeError;
use super::faults::Faults;
use super::loader::{Loaded, Loader};
use super::notify::{self, Watchdog};
use super::reading::Reading;
use super::threads::Threads;

/// How often it is looked whether all is well.
const LOOK: Duration = Duration::from_secs(1);
/// How long a zone that has nothing from its sources waits until they are tried again.
const RETRY: Duration = Duration::from_secs(60);

/// What happens.
#[derive(Debug)]
enum Event {
    /// A signal has come.
    Signal(i32),
    /// Zones were read; none where the configuration cannot be.
    Loaded(Option<Box<Loaded>>),
}

/// The events of a server, and who reads its zones.
#[derive(Debug)]
pub(super) struct Life {
    events: Receiver<Event>,
    sender: Sender<Event>,
    /// Room for one order: another one while it waits would find the same files.
    orders: SyncSender<()>,
    ordered: Option<Ordered>,
    /// Whether the next one is to read all there is, and not only what is missing.
    whole: Arc<AtomicBool>,
    retry: Option<Instant>,
}

/// What it takes to read zones as often as it is ordered to.
#[derive(Debug)]
struct Ordered {
    orders: Receiver<()>,
    whole: Arc<AtomicBool>,
    reading: Reading,
    config: ServeConfig,
}

impl Life {
    /// Takes signals from now on.
    ///
    /// # Errors
    ///
    /// The system gives neither signals nor threads.
    pub(super) fn begin(reading: Reading, config: ServeConfig) -> io::Result<Life> {
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
        let (sending, orders) = sync_channel(1);
        let whole = Arc::new(AtomicBool::new(false));
        let ordered = Some(Ordered { orders, whole: Arc::clone(&whole), reading, config });
        Ok(Life { events, sender, orders: sending, ordered, whole, retry: None })
    }

    /// Reads the zones for the first time; none when the server has to end before.
    ///
    /// # Errors
    ///
    /// Not one of them can be served.
    pub(super) fn first(
        &mut self,
        loader: Loader,
        faults: &Arc<Faults>,
    ) -> Result<Option<Box<Loaded>>, ServeError> {
        let Some(ordered) = self.ordered.take() else { return Ok(None) };
        let (events, faults) = (self.sender.clone(), Arc::clone(faults));
        thread::Builder::new()
            .name("zones".to_owned())
            .spawn(move || read_zones(ordered, loader, &faults, &events))
            .map_err(ServeError::system("no thread for zones"))?;
        self.order_all();
        loop {
            match self.events.recv() {
                Ok(Event::Signal(SIGTERM | SIGINT)) => return Ok(None),
                Ok(Event::Signal(SIGHUP)) => self.order_all(),
                Ok(Event::Signal(_)) => {}
                Ok(Event::Loaded(Some(loaded))) if loaded.fresh + loaded.stale > 0 => {
                    self.plan_retry(&loaded);
                    return Ok(Some(loaded));
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
    /// A thread that answers has ended.
    pub(super) fn go_on(&mut self, service: &Service, threads: &Threads) -> Result<(), ServeError> {
        let mut watchdog = Watchdog::new();
        loop {
            match self.events.recv_timeout(watchdog.patience(LOOK)) {
                Ok(Event::Signal(SIGTERM | SIGINT)) => return Ok(()),
                Ok(Event::Signal(SIGHUP)) => {
                    notify::reloading();
                    self.order_all();
                }
                Ok(Event::Signal(_)) => log_counts(service, threads),
                Ok(Event::Loaded(loaded)) => self.take(loaded, service),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err(ServeError::ThreadEnded),
            }
            service.tidy();
            if self.retry.is_some_and(|retry| retry <= Instant::now()) {
                self.retry = None;
                self.order();
            }
            if !threads.are_alive() {
                return Err(ServeError::ThreadEnded);
            }
            watchdog.alive();
        }
    }

    /// Lets all zones be read, and the configuration.
    fn order_all(&self) {
        self.whole.store(true, Ordering::SeqCst);
        self.order();
    }

    /// Lets zones be read that are not as they should be.
    fn order(&self) {
        // Where an order waits already, it is the same.
        let _ = self.orders.try_send(());
    }

    /// Answers from what was read.
    fn take(&mut self, loaded: Option<Box<Loaded>>, service: &Service) {
        let status = match loaded {
            None => "goes on with the zones as they were".to_owned(),
            Some(loaded) => {
                self.plan_retry(&loaded);
                let Loaded { zones, fresh, old, stale, missing, held, .. } = *loaded;
                service.swap(zones);
                let held = match held {
                    0 => String::new(),
                    held => format!(", {held} as before"),
                };
                format!(
                    "zones were read: {fresh} anew, {} with old data, {missing} not served{held}",
                    old + stale
                )
            }
        };
        tracing::info!("{status}");
        notify::ready(&status);
    }

    fn plan_retry(&mut self, loaded: &Loaded) {
        self.retry = (loaded.missing + loaded.stale > 0).then(|| Instant::now() + RETRY);
    }
}

/// Reads zones as often as it is ordered to.
fn read_zones(ordered: Ordered, mut loader: Loader, faults: &Faults, events: &Sender<Event>) {
    let Ordered { orders, whole, reading, config: begun } = ordered;
    // What is tried again is what was ordered: a file that is being edited is not.
    let mut config = begun.clone();
    while orders.recv().is_ok() {
        let whole = whole.swap(false, Ordering::SeqCst);
        let read = match whole {
            true => reading.config().map(|read| config = read),
            false => Ok(()),
        };
        let loaded = match read {
            Ok(()) => {
                if whole && needs_restart(&begun, &config) {
                    tracing::warn!(
                        "[serve] has changed: addresses, limits, user and log are taken at the start, \
                         and want a restart"
                    );
                }
                let zones = reading.zones(&config, whole, &loader, faults);
                loader.load(zones, faults).map(Box::new)
            }
            Err(error) => {
                error.messages().iter().for_each(|message| faults.log(message));
                None
            }
        };
        if events.send(Event::Loaded(loaded)).is_err() {
            return;
        }
    }
}

/// Whether something has changed that is only read at the start.
fn needs_restart(begun: &ServeConfig, now: &ServeConfig) -> bool {
    (&begun.server, &begun.user, begun.log_format, &begun.cookie_secret_file)
        != (&now.server, &now.user, now.log_format, &now.cookie_secret_file)
}

/// Writes all counters to the log, in one line.
fn log_counts(service: &Service, threads: &Threads) {
    let counts = service.counts();
    let counts: Vec<String> =
        counts.iter().map(|(name, count)| format!("{name}={count}")).collect();
    let tcp = threads.tcp_counts();
    tracing::info!(
        "counters: {} tcp_accepted={} tcp_open={} tcp_displaced={} tcp_timed_out={} tcp_hopeless={} \
         tcp_faults={}",
        counts.join(" "),
        tcp.accepted,
        tcp.open,
        tcp.displaced,
        tcp.timed_out,
        tcp.hopeless,
        tcp.faults
    );
}
