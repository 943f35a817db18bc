//! The thread that takes connections and lets them converse.

use std::cell::{Cell, RefCell};
use std::io;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{oneshot, watch};
use tokio::task::{JoinError, JoinSet, LocalSet, spawn_local, yield_now};
use tokio::time::{Instant, sleep, timeout};

use super::connection::{Connection, End};
use super::counters::{Counters, count};
use super::seats::{Seats, Turn};
use crate::responder::TcpOptions;

/// How long connections may go on when the server ends.
const DRAIN: Duration = Duration::from_millis(1_800);
/// Connections that may wait at a socket.
const BACKLOG: usize = 4_096;
/// How many are taken at once when the server ends. A task that goes on for longer
/// is told by tokio that there are none, though there are.
const AT_ONCE: usize = 64;
/// How long the system is left alone when it has no connection to give.
const PAUSE: Duration = Duration::from_millis(100);
/// How often what answers may rest.
const REST: Duration = Duration::from_secs(1);
/// How often a fault that lasts is logged.
const LOG_EACH: Duration = Duration::from_secs(60);
/// Octets of the longest answer.
const ANSWER: usize = 65_535;

/// What answers.
pub trait Respond {
    /// Answers the request in the first `length` octets of the buffer, which has
    /// room for 65,535. Gives the octets of the answer, which stands where the
    /// request stood; none where there is no answer.
    fn respond(&mut self, buffer: &mut [u8], length: usize, client: IpAddr) -> Option<usize>;

    /// Lets go of what is only kept for the next request. Called every second.
    fn rest(&mut self) {}
}

impl<R: FnMut(&mut [u8], usize, IpAddr) -> Option<usize>> Respond for R {
    fn respond(&mut self, buffer: &mut [u8], length: usize, client: IpAddr) -> Option<usize> {
        self(buffer, length, client)
    }
}

/// What answers, and where.
pub(super) struct Answering<R> {
    pub(super) respond: R,
    pub(super) buffer: Box<[u8]>,
}

/// What all connections share.
pub(super) struct Shared<R> {
    pub(super) options: TcpOptions,
    pub(super) counters: Arc<Counters>,
    pub(super) answering: RefCell<Answering<R>>,
    /// Who holds the sender's other end sits there, until the sender is dropped.
    seats: RefCell<Seats<oneshot::Sender<()>>>,
}

/// A connection's seat; left when this goes.
pub(super) struct Seat<R> {
    shared: Rc<Shared<R>>,
    turn: Cell<Turn>,
}

impl<R> Seat<R> {
    pub(super) fn shared(&self) -> &Shared<R> {
        &self.shared
    }

    /// The client has asked something.
    pub(super) fn renew(&self) {
        if let Some(turn) = self.shared.seats.borrow_mut().renew(self.turn.get()) {
            self.turn.set(turn);
        }
    }
}

impl<R> Drop for Seat<R> {
    fn drop(&mut self) {
        let mut seats = self.shared.seats.borrow_mut();
        seats.leave(self.turn.get());
        self.shared.counters.open.store(seats.len(), Relaxed);
    }
}

impl<R: Respond + 'static> Shared<R> {
    pub(super) fn new(options: TcpOptions, counters: Arc<Counters>, respond: R) -> Shared<R> {
        let answering = Answering { respond, buffer: vec![0; ANSWER].into() };
        let seats = Seats::new(options.connections, options.per_client);
        Shared { options, counters, answering: answering.into(), seats: seats.into() }
    }

    /// Whether somebody may have to give way.
    fn is_full(&self) -> bool {
        self.seats.borrow().len() >= self.options.connections as u64
    }

    /// Gives a connection its seat, and somebody else's where there is no more.
    fn seat(self: &Rc<Self>, client: IpAddr) -> (Seat<R>, oneshot::Receiver<()>) {
        let (sender, displaced) = oneshot::channel();
        let mut seats = self.seats.borrow_mut();
        let (turn, gone) = seats.take(client.into(), sender);
        count(&self.counters.accepted);
        self.counters.open.store(seats.len(), Relaxed);
        if gone.is_some() {
            count(&self.counters.displaced);
        }
        (Seat { shared: self.clone(), turn: turn.into() }, displaced)
    }
}

/// Serves all listeners until `stop` says so, and then until what was asked is
/// answered, 2 seconds at most.
pub(super) async fn serve<R: Respond + 'static>(
    listeners: Vec<TcpListener>,
    shared: Rc<Shared<R>>,
    stop: watch::Receiver<bool>,
) {
    let local = LocalSet::new();
    let mut serving = JoinSet::new();
    for listener in listeners {
        let one = serve_one(listener, shared.clone(), stop.clone());
        serving.spawn_local_on(one, &local);
    }
    local
        .run_until(async {
            let resting = spawn_local(rest(shared));
            while serving.join_next().await.is_some() {}
            resting.abort();
        })
        .await;
}

/// Lets what answers rest now and then.
async fn rest<R: Respond>(shared: Rc<Shared<R>>) {
    loop {
        sleep(REST).await;
        shared.answering.borrow_mut().respond.rest();
    }
}

async fn serve_one<R: Respond + 'static>(
    listener: TcpListener,
    shared: Rc<Shared<R>>,
    mut stop: watch::Receiver<bool>,
) {
    let mut connections = JoinSet::new();
    let (mut trouble, mut panics) = (Trouble::default(), Panics::default());
    while !*stop.borrow() {
        let accepted = tokio::select! {
            biased;
            // The sender's end is an end, too.
            changed = stop.changed() => if changed.is_err() { break } else { continue },
            Some(ended) = connections.join_next() => {
                panics.note(&ended);
                continue;
            }
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, client)) => {
                if shared.is_full() {
                    // Who is about to lose a seat may have asked by now.
                    yield_now().await;
                }
                begin(&mut connections, &shared, stream, client.ip(), stop.clone());
            }
            Err(error) => trouble.wait_out(&error, &shared).await,
        }
    }
    // Who has been let in by the system and not yet by us may have asked, too.
    for number in 0..BACKLOG {
        // That there are some is only known once the system has been asked.
        if number.is_multiple_of(AT_ONCE) || shared.is_full() {
            yield_now().await;
        }
        let waiting = timeout(Duration::ZERO, listener.accept()).await;
        let Ok(Ok((stream, client))) = waiting else { break };
        begin(&mut connections, &shared, stream, client.ip(), stop.clone());
    }
    drop(listener);
    let all = async {
        while let Some(ended) = connections.join_next().await {
            panics.note(&ended);
        }
    };
    // What is left goes with the set.
    let _ = timeout(DRAIN, all).await;
}

fn begin<R: Respond + 'static>(
    connections: &mut JoinSet<()>,
    shared: &Rc<Shared<R>>,
    stream: TcpStream,
    client: IpAddr,
    stop: watch::Receiver<bool>,
) {
    // Answers are written whole; nothing is gained by waiting for more.
    let _ = stream.set_nodelay(true);
    let (seat, displaced) = shared.seat(client);
    let shared = shared.clone();
    connections.spawn_local(async move {
        let connection = Connection::new(stream, client.to_canonical(), seat, stop);
        let end = tokio::select! {
            biased;
            _ = displaced => return,
            end = connection.converse() => end,
        };
        match end {
            End::TimedOut => count(&shared.counters.timed_out),
            End::Hopeless => count(&shared.counters.hopeless),
            End::Closed | End::Stopped => {}
        }
    });
}

/// Connections that the system does not hand over.
#[derive(Default)]
struct Trouble {
    logged: Logged,
}

impl Trouble {
    async fn wait_out<R>(&mut self, error: &io::Error, shared: &Shared<R>) {
        use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted};
        count(&shared.counters.faults);
        // The client's own doing is no fault of the machine.
        if matches!(error.kind(), ConnectionAborted | ConnectionReset | Interrupted) {
            return;
        }
        if self.logged.is_due(Instant::now()) {
            tracing::error!("no TCP connection can be accepted: {error}");
        }
        // Mostly there are no file descriptors left: the longest idle one goes.
        if shared.seats.borrow_mut().give_way().is_some() {
            count(&shared.counters.displaced);
        }
        sleep(PAUSE).await;
    }
}

/// Connections that ended by a panic of what answers.
#[derive(Default)]
struct Panics {
    logged: Logged,
}

impl Panics {
    fn note(&mut self, ended: &Result<(), JoinError>) {
        let panicked = ended.as_ref().is_err_and(JoinError::is_panic);
        if panicked && self.logged.is_due(Instant::now()) {
            tracing::error!(
                "an answer over TCP met a mistake of this program: its connection is closed"
            );
        }
    }
}

/// When a fault was logged that may last.
#[derive(Default)]
struct Logged {
    last: Option<Instant>,
}

impl Logged {
    /// Whether it is to be logged now.
    fn is_due(&mut self, now: Instant) -> bool {
        let due = self.last.is_none_or(|last| now.duration_since(last) >= LOG_EACH);
        if due {
            self.last = Some(now);
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_that_lasts_is_logged_once_a_minute() {
        let (mut logged, begin) = (Logged::default(), Instant::now());
        let due = [0, 1, 59, 60, 61, 119, 120];
        let due = due.map(|seconds| logged.is_due(begin + Duration::from_secs(seconds)));
        assert_eq!(due, [true, false, false, true, false, false, true]);
    }
}
