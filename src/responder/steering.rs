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
/// How often that is looked at anyhow: what a small buffer holds fills few batches,
/// or none.
const GLANCE: Duration = Duration::from_millis(100);
/// How often it is looked whether one thread is enough again.
const LOOK: Duration = Duration::from_secs(1);
/// How long one thread is not enough after datagrams were lost, however little there
/// is to do: they come in bursts that its buffer has no room for.
const CAUTION: Duration = Duration::from_secs(60);
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
    /// How many datagrams its socket had lost by then.
    lost: u32,
    /// Until when more sockets are needed because some were lost.
    caution: Duration,
}

/// How a socket fares.
#[derive(Clone, Copy, Debug, Default)]
struct Fill {
    /// Whether the datagrams that wait take half of the receive buffer.
    is_half_full: bool,
    /// Datagrams that found no room in it, ever; wraps around.
    lost: u32,
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
    /// Takes note of how its socket fares: whether it has lost datagrams since the
    /// last look.
    fn has_lost(&mut self, fill: Fill, now: Duration) -> bool {
        if fill.lost == self.lost {
            return false;
        }
        (self.lost, self.caution) = (fill.lost, now + CAUTION);
        true
    }

    /// The watch of the thread whose socket was bound as the `number`th, from 0.
    pub fn new(number: usize) -> Watch {
        let (looked, caution) = (Duration::ZERO, Duration::ZERO);
        Watch { first: number == 0, full: 0, looked, lost: 0, caution }
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
        if let Some(wide) = self.decide(watch, worked, || fill(socket))
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
        fill: impl FnOnce() -> Fill,
    ) -> Option<bool> {
        let Worked { full, from, to } = worked;
        let passed = to.saturating_sub(watch.looked);
        if self.wide.load(Ordering::Relaxed) {
            let busy = to.saturating_sub(from).as_micros() as u64;
            let busy = Duration::from_micros(self.busy.fetch_add(busy, Ordering::Relaxed) + busy);
            if !watch.first || passed < LOOK {
                return None;
            }
            self.look(watch, to);
            watch.has_lost(fill(), to);
            return (busy < passed / ENOUGH && watch.caution <= to).then_some(false);
        }
        watch.full = if full { watch.full + 1 } else { 0 };
        if !watch.first || watch.full < PRESSED && passed < GLANCE {
            return None;
        }
        self.look(watch, to);
        let fill = fill();
        (watch.has_lost(fill, to) || fill.is_half_full).then_some(true)
    }

    /// Begins to count anew.
    fn look(&self, watch: &mut Watch, now: Duration) {
        (watch.full, watch.looked) = (0, now);
        self.busy.store(0, Ordering::Relaxed);
    }
}

/// How a socket fares. Where the system does not tell, one thread is not enough.
#[cfg(target_os = "linux")]
fn fill(socket: &impl AsFd) -> Fill {
    /// Octets that wait, octets that may, and in the last place what was lost.
    #[derive(Clone, Copy)]
    struct Memory;
    nix::getsockopt_impl!(
        Memory,
        libc::SOL_SOCKET,
        SO_MEMINFO,
        [u32; 9],
        sockopt::GetStruct<[u32; 9]>
    );
    match getsockopt(socket, Memory) {
        Ok([waiting, room, .., lost]) => Fill { is_half_full: waiting > room / 2, lost },
        Err(_) => Fill { is_half_full: true, lost: 0 },
    }
}

/// The option of a socket's memory (Linux 4.12).
#[cfg(target_os = "linux")]
const SO_MEMINFO: libc::c_int = 55;

#[cfg(not(target_os = "linux"))]
fn fill(_: &impl AsFd) -> Fill {
    Fill { is_half_full: true, lost: 0 }
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
        let Fill { is_half_full, lost } = fill(&sockets[0]);
        assert_eq!((is_half_full, lost), (false, 0));
        (0..500).for_each(|_| assert_eq!(client.send(&[0; 100]).unwrap(), 100));
        let full = fill(&sockets[0]);
        assert!(full.is_half_full && full.lost > 0, "{full:?}");
        // Taken, it is empty, and what was lost is lost.
        let taken = (0..500).filter(|_| sockets[0].recv(&mut [0; 100]).is_ok()).count();
        assert_eq!(
            (taken + fill(&sockets[0]).lost as usize, fill(&sockets[0]).is_half_full),
            (500, false)
        );
    }

    #[test]
    fn full_batches_widen_where_the_buffer_fills_and_idle_threads_narrow() {
        let (sockets, _) = group(2);
        let steering = Steering::new(&sockets).unwrap();
        let (mut first, mut second) = (Watch::new(0), Watch::new(1));
        let filled = || Fill { is_half_full: true, lost: 0 };
        for _ in 1..PRESSED {
            assert_eq!(steering.decide(&mut first, worked(true, 0, 1), filled), None);
        }
        // One that is not full begins the row anew.
        assert_eq!(steering.decide(&mut first, worked(false, 0, 1), filled), None);
        for _ in 1..PRESSED {
            assert_eq!(steering.decide(&mut first, worked(true, 0, 1), filled), None);
            assert_eq!(steering.decide(&mut second, worked(true, 0, 1), filled), None);
        }
        // Nor do they widen where what waits is little.
        assert_eq!(steering.decide(&mut first, worked(true, 0, 1), Fill::default), None);
        for _ in 1..PRESSED {
            assert_eq!(steering.decide(&mut first, worked(true, 0, 1), filled), None);
        }
        assert_eq!(steering.decide(&mut first, worked(true, 1, 10), filled), Some(true));
        steering.wide.store(true, Ordering::Relaxed);
        assert_eq!(steering.width(), 2);
        // 600 ms of work in one second and some: both are needed.
        let idle = Fill::default;
        assert_eq!(steering.decide(&mut second, worked(false, 10, 310), idle), None);
        assert_eq!(steering.decide(&mut first, worked(false, 720, 1020), idle), None);
        // 400 ms: one is enough.
        assert_eq!(steering.decide(&mut second, worked(false, 1100, 1300), idle), None);
        assert_eq!(steering.decide(&mut first, worked(false, 1900, 2100), idle), Some(false));
    }

    #[test]
    fn a_loss_widens_whatever_the_batches_and_for_long() {
        let (sockets, _) = group(2);
        let steering = Steering::new(&sockets).unwrap();
        let mut first = Watch::new(0);
        let lost = |lost| move || Fill { is_half_full: false, lost };
        assert_eq!(steering.decide(&mut first, worked(false, 0, 99), lost(3)), None);
        assert_eq!(steering.decide(&mut first, worked(false, 99, 100), lost(3)), Some(true));
        steering.wide.store(true, Ordering::Relaxed);
        // More was lost after 30 s, so that it ends 60 s later.
        for (second, total, expected) in
            [(2, 3, None), (30, 4, None), (61, 4, None), (89, 4, None), (90, 4, Some(false))]
        {
            let at = worked(false, second * 1000, second * 1000);
            assert_eq!(steering.decide(&mut first, at, lost(total)), expected, "{second}");
        }
        steering.wide.store(false, Ordering::Relaxed);
        // What was lost before does not count again.
        assert_eq!(steering.decide(&mut first, worked(false, 95_000, 95_000), lost(4)), None);
        let again = steering.decide(&mut first, worked(false, 96_000, 96_000), lost(5));
        assert_eq!(again, Some(true));
    }
}
