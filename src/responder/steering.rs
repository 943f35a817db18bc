//! Which of an address's sockets get its datagrams: the first one, as long as its
//! thread keeps up, or all of them.
//!
//! Several threads that share what one could do are woken for a few datagrams each,
//! which costs more than the answers. So the others sleep until they are needed. The
//! system chooses the socket (SO_REUSEPORT with a classic BPF program); threads only
//! say how they fare. Where the system can't, it spreads clients by address and port.

use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use nix::libc;
use nix::sys::socket::{getsockopt, setsockopt, sockopt};

/// Full batches in a row after which it is looked how much is waiting.
const PRESSED: u32 = 8;
/// How often it is looked whether one thread is enough again.
const LOOK: Duration = Duration::from_secs(1);
/// One thread is enough where all together work for less than this part of the time:
/// one in `ENOUGH`.
const ENOUGH: u32 = 2;

/// The sockets of one address, each with its thread.
#[derive(Debug)]
pub struct Steering {
    sockets: u32,
    /// Whether datagrams go to all of them.
    wide: AtomicBool,
    /// Microseconds of work of all threads since the last look.
    busy: AtomicU64,
}

/// What the thread of one socket has seen.
#[derive(Debug)]
pub struct Watch {
    /// Whether it is the socket that gets everything while one is enough.
    first: bool,
    /// Full batches in a row.
    full: u32,
    /// When it last looked.
    looked: Duration,
}

/// What became of a batch. Times are from any beginning.
#[derive(Clone, Copy, Debug)]
pub struct Worked {
    /// Whether there was no room for more datagrams.
    pub full: bool,
    /// When it was taken.
    pub from: Duration,
    /// When its replies were sent.
    pub to: Duration,
}

impl Watch {
    /// The watch of the thread whose socket was bound as the `number`th, from 0.
    pub fn new(number: usize) -> Watch {
        Watch { first: number == 0, full: 0, looked: Duration::ZERO }
    }
}

impl Steering {
    /// Steers everything to the first of some sockets, all that were bound to one
    /// address with SO_REUSEPORT, in that order. `None` for a single one, and where
    /// the system does not let itself be told.
    pub fn new<S: AsFd>(sockets: &[S]) -> Option<Steering> {
        let [first, _, ..] = sockets else { return None };
        let count = u32::try_from(sockets.len()).ok()?;
        let steering =
            Steering { sockets: count, wide: AtomicBool::new(false), busy: AtomicU64::new(0) };
        steer(first, 1).then_some(steering)
    }

    /// Over how many sockets datagrams are spread.
    pub fn width(&self) -> u32 {
        match self.wide.load(Ordering::Relaxed) {
            true => self.sockets,
            false => 1,
        }
    }

    /// Takes note of what the thread of `socket` has worked, and steers otherwise
    /// where that is due.
    pub fn note(&self, socket: &impl AsFd, watch: &mut Watch, worked: Worked) {
        if let Some(wide) = self.decide(watch, worked, || is_half_full(socket))
            && steer(socket, if wide { self.sockets } else { 1 })
        {
            self.wide.store(wide, Ordering::Relaxed);
        }
    }

    /// Whether datagrams are to go to all sockets from now on, or to the first;
    /// `None` to go on as before. One thread decides for all: it is pressed where the
    /// buffer of its socket fills, since a client that waits for answers before it asks
    /// again can keep any number of threads at work and needs but one.
    fn decide(
        &self,
        watch: &mut Watch,
        worked: Worked,
        is_pressed: impl FnOnce() -> bool,
    ) -> Option<bool> {
        let Worked { full, from, to } = worked;
        if self.wide.load(Ordering::Relaxed) {
            let busy = to.saturating_sub(from).as_micros() as u64;
            let busy = Duration::from_micros(self.busy.fetch_add(busy, Ordering::Relaxed) + busy);
            let passed = to.saturating_sub(watch.looked);
            if !watch.first || passed < LOOK {
                return None;
            }
            watch.looked = to;
            self.busy.store(0, Ordering::Relaxed);
            return (busy < passed / ENOUGH).then_some(false);
        }
        watch.full = if full { watch.full + 1 } else { 0 };
        if !watch.first || watch.full < PRESSED {
            return None;
        }
        (watch.full, watch.looked) = (0, to);
        self.busy.store(0, Ordering::Relaxed);
        is_pressed().then_some(true)
    }
}

/// Whether the datagrams that wait at a socket take half of its receive buffer. Where
/// the system does not tell, they do.
#[cfg(target_os = "linux")]
fn is_half_full(socket: &impl AsFd) -> bool {
    /// Octets that wait, and that may.
    #[derive(Clone, Copy)]
    struct ReceiveMemory;
    nix::getsockopt_impl!(
        ReceiveMemory,
        libc::SOL_SOCKET,
        SO_MEMINFO,
        [u32; 2],
        sockopt::GetStruct<[u32; 2]>
    );
    getsockopt(socket, ReceiveMemory).map_or(true, |[waiting, room]| waiting > room / 2)
}

/// The option of a socket's memory (Linux 4.12), which tells first what is received.
#[cfg(target_os = "linux")]
const SO_MEMINFO: libc::c_int = 55;

#[cfg(not(target_os = "linux"))]
fn is_half_full(_: &impl AsFd) -> bool {
    true
}

/// Spreads datagrams over the first `width` sockets of the group that this one is of.
/// Whether the system does.
#[cfg(target_os = "linux")]
fn steer(socket: &impl AsFd, width: u32) -> bool {
    let instruction = |code: u32, k| libc::sock_filter { code: code as u16, jt: 0, jf: 0, k };
    // A random number, and what is left of it when divided by the width: the place of
    // a socket. No client can choose the thread that it keeps busy.
    let mut program = [
        instruction(
            libc::BPF_LD | libc::BPF_W | libc::BPF_ABS,
            (libc::SKF_AD_OFF + libc::SKF_AD_RANDOM) as u32,
        ),
        instruction(libc::BPF_ALU | libc::BPF_MOD | libc::BPF_K, width.max(1)),
        instruction(libc::BPF_RET | libc::BPF_A, 0),
    ];
    let program = libc::sock_fprog { len: program.len() as u16, filter: program.as_mut_ptr() };
    setsockopt(socket, sockopt::AttachReusePortCbpf, &program).is_ok()
}

#[cfg(not(target_os = "linux"))]
fn steer(_: &impl AsFd, _: u32) -> bool {
    false
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;
    use std::net::UdpSocket;
    use std::os::fd::AsRawFd;

    use nix::sys::socket::{AddressFamily, SockFlag, SockType, SockaddrIn, bind, socket};

    /// Sockets that share a port of the loopback, and one that sends there.
    fn group(count: usize) -> (Vec<UdpSocket>, UdpSocket) {
        let mut port = 0;
        let sockets: Vec<UdpSocket> = (0..count)
            .map(|_| {
                let flags = SockFlag::SOCK_NONBLOCK;
                let socket = socket(AddressFamily::Inet, SockType::Datagram, flags, None).unwrap();
                setsockopt(&socket, sockopt::ReusePort, &true).unwrap();
                bind(socket.as_raw_fd(), &SockaddrIn::new(127, 0, 0, 1, port)).unwrap();
                let socket = UdpSocket::from(socket);
                port = socket.local_addr().unwrap().port();
                socket
            })
            .collect();
        let client = UdpSocket::bind("127.0.0.1:0").unwrap();
        client.connect(("127.0.0.1", port)).unwrap();
        (sockets, client)
    }

    /// How many of 100 datagrams come to each socket.
    fn spread(sockets: &[UdpSocket], client: &UdpSocket) -> Vec<usize> {
        (0..100).for_each(|_| assert_eq!(client.send(b"?").unwrap(), 1));
        let waiting =
            |socket: &UdpSocket| (0..100).filter(|_| socket.recv(&mut [0]).is_ok()).count();
        sockets.iter().map(waiting).collect()
    }

    fn worked(full: bool, from_ms: u64, to_ms: u64) -> Worked {
        Worked { full, from: Duration::from_millis(from_ms), to: Duration::from_millis(to_ms) }
    }

    #[test]
    fn one_socket_gets_all_until_it_is_pressed() {
        let (sockets, client) = group(3);
        let steering = Steering::new(&sockets).unwrap();
        assert_eq!((steering.width(), spread(&sockets, &client)), (1, vec![100, 0, 0]));
        assert!(steer(&sockets[0], 3));
        let all = spread(&sockets, &client);
        assert_eq!(all.iter().sum::<usize>(), 100);
        assert!(all.iter().all(|count| *count > 0), "{all:?}");
        assert!(steer(&sockets[2], 1));
        assert_eq!(spread(&sockets, &client), [100, 0, 0]);
    }

    #[test]
    fn a_socket_alone_is_not_steered() {
        let (sockets, _) = group(1);
        assert!(Steering::new(&sockets).is_none());
        let unshared: Vec<_> = (0..2).map(|_| UdpSocket::bind("127.0.0.1:0").unwrap()).collect();
        assert!(Steering::new(&unshared).is_none());
    }

    #[test]
    fn a_buffer_that_fills_tells() {
        let (sockets, client) = group(1);
        setsockopt(&sockets[0], sockopt::RcvBuf, &65_536).unwrap();
        assert!(!is_half_full(&sockets[0]));
        // Those that find no room are dropped.
        (0..500).for_each(|_| assert_eq!(client.send(&[0; 100]).unwrap(), 100));
        assert!(is_half_full(&sockets[0]));
    }

    #[test]
    fn full_batches_widen_where_the_buffer_fills_and_idle_threads_narrow() {
        let (sockets, _) = group(2);
        let steering = Steering::new(&sockets).unwrap();
        let (mut first, mut second) = (Watch::new(0), Watch::new(1));
        for _ in 1..PRESSED {
            assert_eq!(steering.decide(&mut first, worked(true, 0, 1), || true), None);
        }
        // One that is not full begins the row anew.
        assert_eq!(steering.decide(&mut first, worked(false, 0, 1), || true), None);
        for _ in 1..PRESSED {
            assert_eq!(steering.decide(&mut first, worked(true, 0, 1), || true), None);
            assert_eq!(steering.decide(&mut second, worked(true, 0, 1), || true), None);
        }
        // Nor do they widen where what waits is little.
        assert_eq!(steering.decide(&mut first, worked(true, 0, 1), || false), None);
        for _ in 1..PRESSED {
            assert_eq!(steering.decide(&mut first, worked(true, 0, 1), || true), None);
        }
        assert_eq!(steering.decide(&mut first, worked(true, 1, 10), || true), Some(true));
        steering.wide.store(true, Ordering::Relaxed);
        assert_eq!(steering.width(), 2);
        // 600 ms of work in one second and some: both are needed.
        assert_eq!(steering.decide(&mut second, worked(false, 10, 310), || true), None);
        assert_eq!(steering.decide(&mut first, worked(false, 720, 1020), || true), None);
        // 400 ms: one is enough.
        assert_eq!(steering.decide(&mut second, worked(false, 1100, 1300), || true), None);
        assert_eq!(steering.decide(&mut first, worked(false, 1900, 2100), || true), Some(false));
    }
}
