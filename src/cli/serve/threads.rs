//! The threads that answer: one for each socket of UDP, one for TCP. What befalls
//! one of them is logged, and it goes on.

use std::io;
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, Builder, JoinHandle, sleep};
use std::time::{Duration, Instant};

use crate::responder::{
    Clock, Respond, Service, TcpCounts, TcpOptions, TcpServer, Transport, UdpPlace, Worker, serve,
    serve_tcp,
};

use super::faults::Faults;
use super::sockets::{Sockets, UdpSockets};

/// How long a thread waits before it uses a socket again that failed.
const PAUSE: Duration = Duration::from_millis(100);
/// How long the threads may take to end.
const DRAIN: Duration = Duration::from_millis(2_500);
/// How often it is looked whether they have.
const LOOK: Duration = Duration::from_millis(5);

/// All threads of a server.
#[derive(Debug)]
pub(super) struct Threads {
    stop: Arc<AtomicBool>,
    udp: Vec<JoinHandle<()>>,
    tcp: TcpServer,
}

/// What answers over TCP.
struct TcpAnswers {
    worker: Worker,
    clock: Clock,
}

impl Respond for TcpAnswers {
    fn respond(&mut self, buffer: &mut [u8], length: usize, client: IpAddr) -> Option<usize> {
        self.worker.respond(buffer, length, client, self.clock.now())
    }

    fn rest(&mut self) {
        self.worker.refresh();
    }
}

impl Threads {
    /// Starts to answer at these sockets.
    ///
    /// # Errors
    ///
    /// The system has no threads.
    pub(super) fn start(
        sockets: Sockets,
        service: &Arc<Service>,
        tcp: TcpOptions,
        faults: &Arc<Faults>,
    ) -> io::Result<Threads> {
        let stop = Arc::new(AtomicBool::new(false));
        let answers =
            TcpAnswers { worker: service.worker(Transport::Tcp), clock: Clock::default() };
        let tcp = serve_tcp(sockets.tcp, answers, tcp)?;
        let mut threads = Threads { stop, udp: Vec::new(), tcp };
        for udp in sockets.udp {
            threads.answer_at(udp, service, faults)?;
        }
        Ok(threads)
    }

    /// Starts a thread for each socket of an address.
    fn answer_at(
        &mut self,
        udp: UdpSockets,
        service: &Arc<Service>,
        faults: &Arc<Faults>,
    ) -> io::Result<()> {
        let steering = udp.steering.map(Arc::new);
        for (number, socket) in udp.sockets.into_iter().enumerate() {
            let (service, faults) = (Arc::clone(service), Arc::clone(faults));
            let (stop, steering) = (Arc::clone(&self.stop), steering.clone());
            let thread = Builder::new().name(format!("udp-{}", self.udp.len()));
            self.udp.push(thread.spawn(move || {
                let steering = steering.as_deref();
                answer(UdpPlace { socket: &socket, steering, number }, &service, &stop, &faults);
            })?);
        }
        Ok(())
    }

    /// Whether all of them go on.
    pub(super) fn are_alive(&self) -> bool {
        !self.tcp.is_finished() && !self.udp.iter().any(JoinHandle::is_finished)
    }

    /// What has happened to connections.
    pub(super) fn tcp_counts(&self) -> TcpCounts {
        self.tcp.counts()
    }

    /// Answers what has been asked, and ends. Whether all threads have ended in
    /// time.
    pub(super) fn drain(self) -> bool {
        self.stop.store(true, Ordering::Relaxed);
        self.tcp.stop();
        let begun = Instant::now();
        while begun.elapsed() < DRAIN {
            if self.tcp.is_finished() && self.udp.iter().all(JoinHandle::is_finished) {
                return true;
            }
            thread::sleep(LOOK);
        }
        false
    }
}

/// Answers at one socket until it is to stop, whatever happens in between.
fn answer(place: UdpPlace<'_>, service: &Service, stop: &AtomicBool, faults: &Faults) {
    let mut worker = service.worker(Transport::Udp);
    loop {
        let ended = catch_unwind(AssertUnwindSafe(|| serve(place, &mut worker, stop)));
        match ended {
            Ok(Ok(())) => return,
            Ok(Err(error)) => {
                faults.log(&format!("a UDP socket fails, and is tried again: {error}"));
                sleep(PAUSE);
            }
            Err(_) => {
                faults.log("a thread of UDP met a mistake of this program, and begins again");
                worker = service.worker(Transport::Udp);
            }
        }
        if stop.load(Ordering::Relaxed) {
            return;
        }
    }
}
