//! Datagrams: taken from the system in batches, answered in place, and given back
//! in batches.
//!
//! A thread has one socket and shares nothing with the others. Sockets are bound
//! elsewhere.

use std::io::{IoSlice, IoSliceMut};
use std::net::{IpAddr, UdpSocket};
use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use nix::errno::Errno;
use nix::sys::socket::{
    MsgFlags, MultiHeaders, SockaddrIn, SockaddrIn6, SockaddrLike, recvmmsg, sendmmsg,
};

use super::pace::Pace;
use super::question::HEADER_OCTETS;
use super::reply::BUFFER_OCTETS;
use super::service::Now;
use super::steering::{Steering, Watch, Worked};
use super::worker::Worker;

/// Datagrams that are taken at once.
pub const BATCH: usize = 64;
/// How long a thread waits before it looks whether it has to end.
const PATIENCE: Duration = Duration::from_millis(200);

/// The address of a client as the system has it.
trait ClientAddress: SockaddrLike + Copy {
    fn ip(&self) -> IpAddr;
}

impl ClientAddress for SockaddrIn {
    fn ip(&self) -> IpAddr {
        IpAddr::V4(SockaddrIn::ip(self))
    }
}

impl ClientAddress for SockaddrIn6 {
    /// An IPv4-mapped address is the IPv4 one: sockets of both families have them.
    fn ip(&self) -> IpAddr {
        IpAddr::V6(SockaddrIn6::ip(self)).to_canonical()
    }
}

/// Clocks, read once a batch.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Instant,
}

impl Default for Clock {
    fn default() -> Clock {
        Clock { start: Instant::now() }
    }
}

impl Clock {
    /// The time. A wall clock before 1970 counts as 1970, one behind 2106 begins
    /// again, as the numbers in cookies do.
    pub fn now(&self) -> Now {
        self.at(self.passed())
    }

    /// How long it has run.
    fn passed(&self) -> Duration {
        self.start.elapsed()
    }

    /// The time when it had run so long, which is now.
    fn at(&self, passed: Duration) -> Now {
        let milliseconds = passed.as_millis() as u64;
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
        Now { milliseconds, seconds: seconds as u32 }
    }
}

/// Where a thread takes its datagrams from.
#[derive(Clone, Copy, Debug)]
pub struct UdpPlace<'a> {
    /// The thread's socket.
    pub socket: &'a UdpSocket,
    /// What spreads datagrams over the sockets of this address, if anything does.
    pub steering: Option<&'a Steering>,
    /// The socket's place among them, from 0, in the order in which they were bound.
    pub number: usize,
}

/// Answers datagrams until `stop` is set and none is waiting any more.
///
/// # Errors
///
/// What the system says of a socket that cannot be used. Errors of single
/// datagrams end nothing.
pub fn serve(place: UdpPlace<'_>, worker: &mut Worker, stop: &AtomicBool) -> std::io::Result<()> {
    place.socket.set_read_timeout(Some(PATIENCE))?;
    match place.socket.local_addr()?.is_ipv4() {
        true => Batch::<SockaddrIn>::new().serve(place, worker, stop),
        false => Batch::<SockaddrIn6>::new().serve(place, worker, stop),
    }
}

/// The buffers of one thread.
struct Batch<S> {
    octets: Vec<u8>,
    received: MultiHeaders<S>,
    sent: MultiHeaders<S>,
    /// Octets of each message or reply, 0 for none, and whom it is from.
    lengths: [usize; BATCH],
    clients: [Option<S>; BATCH],
}

impl<S: ClientAddress> Batch<S> {
    fn new() -> Batch<S> {
        Batch {
            octets: vec![0; BATCH * BUFFER_OCTETS],
            received: MultiHeaders::preallocate(BATCH, None),
            sent: MultiHeaders::preallocate(BATCH, None),
            lengths: [0; BATCH],
            clients: [None; BATCH],
        }
    }

    fn serve(
        &mut self,
        place: UdpPlace<'_>,
        worker: &mut Worker,
        stop: &AtomicBool,
    ) -> std::io::Result<()> {
        let UdpPlace { socket, steering, number } = place;
        let clock = Clock::default();
        let (mut pace, mut watch) = (Pace::default(), Watch::new(number));
        loop {
            let stopping = stop.load(Ordering::Relaxed);
            let count = match self.receive(socket, stopping) {
                Ok(count) => count,
                Err(Errno::EAGAIN) if stopping => return Ok(()),
                Err(Errno::EAGAIN) => {
                    worker.refresh();
                    continue;
                }
                // What an earlier reply met on its way is told here, too.
                Err(Errno::EINTR | Errno::ECONNREFUSED | Errno::EHOSTUNREACH) => {
                    continue;
                }
                Err(Errno::ENOMEM | Errno::ENOBUFS | Errno::ENETUNREACH | Errno::ENETDOWN) => {
                    std::thread::sleep(Duration::from_millis(1));
                    continue;
                }
                Err(errno) => return Err(errno.into()),
            };
            let from = clock.passed();
            if let Some(steering) = steering {
                worker.share_limit(steering.width());
            }
            let replies = self.respond(count, worker, clock.at(from));
            self.send(socket, replies, worker);
            if let Some(steering) = steering {
                let worked = Worked { full: count == BATCH, from, to: clock.passed() };
                steering.note(socket, &mut watch, worked);
            }
            if let Some(pause) = pace.pause(count, BATCH, from) {
                std::thread::sleep(pause);
            }
        }
    }

    /// Takes what is there, at least one datagram. Of one that is longer than its
    /// buffer nothing but the header counts.
    fn receive(&mut self, socket: &UdpSocket, stopping: bool) -> nix::Result<usize> {
        let mut buffers = self.octets.chunks_exact_mut(BUFFER_OCTETS);
        let mut slices: [[IoSliceMut<'_>; 1]; BATCH] =
            std::array::from_fn(|_| [IoSliceMut::new(buffers.next().unwrap_or_default())]);
        let wait = if stopping { MsgFlags::MSG_DONTWAIT } else { MsgFlags::MSG_WAITFORONE };
        let messages =
            recvmmsg(socket.as_raw_fd(), &mut self.received, slices.iter_mut(), wait, None)?;
        let mut count = 0;
        for message in messages {
            let whole = !message.flags.contains(MsgFlags::MSG_TRUNC);
            self.lengths[count] = if whole { message.bytes } else { HEADER_OCTETS };
            self.clients[count] = message.address;
            count += 1;
        }
        Ok(count)
    }

    /// Answers the first `count` messages, and moves the replies' places together.
    /// Gives how many there are.
    fn respond(&mut self, count: usize, worker: &mut Worker, now: Now) -> usize {
        let buffers = self.octets.chunks_exact_mut(BUFFER_OCTETS).take(count);
        let mut replies = 0;
        for (at, buffer) in buffers.enumerate() {
            let client = self.clients[at];
            let reply = client
                .and_then(|client| worker.respond(buffer, self.lengths[at], client.ip(), now));
            self.lengths[at] = reply.unwrap_or(0);
            replies += usize::from(reply.is_some());
        }
        replies
    }

    /// Sends the replies. One that the system refuses is left out.
    fn send(&mut self, socket: &UdpSocket, replies: usize, worker: &Worker) {
        let mut buffers = self.octets.chunks_exact(BUFFER_OCTETS).zip(self.lengths);
        let mut clients = [None; BATCH];
        let mut addresses = self.clients.iter();
        let slices: [[IoSlice<'_>; 1]; BATCH] = std::array::from_fn(|at| {
            for (buffer, length) in buffers.by_ref() {
                let client = addresses.next().copied().flatten();
                if length > 0 && at < replies {
                    clients[at] = client;
                    return [IoSlice::new(&buffer[..length])];
                }
            }
            [IoSlice::new(&[])]
        });
        let mut from = 0;
        while from < replies {
            let (slices, clients) = (&slices[from..replies], &clients[from..replies]);
            let flags = MsgFlags::empty();
            match sendmmsg(socket.as_raw_fd(), &mut self.sent, slices, clients, [], flags) {
                Ok(sent) => from += sent.count().max(1),
                Err(Errno::EINTR) => {}
                // The first of them could not be sent.
                Err(_) => {
                    worker.count_unsent();
                    from += 1;
                }
            }
        }
    }
}
