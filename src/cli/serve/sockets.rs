//! Sockets to listen with: bound here, or handed over by systemd.
//!
//! What is done with them is not known here.

use std::io;
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

use listenfd::ListenFd;
use nix::errno::Errno;
use nix::sys::socket::{
    AddressFamily, Backlog, SockFlag, SockType, SockaddrStorage, bind, getsockopt, listen,
    setsockopt, socket, sockopt,
};
use thiserror::Error;

use crate::responder::{Steering, UdpOptions};

use super::places::Places;

/// Attempts at a port that is free over UDP and TCP, where any will do.
const ATTEMPTS: usize = 16;

/// The sockets of a server.
#[derive(Debug, Default)]
pub(super) struct Sockets {
    /// Those of each address.
    pub(super) udp: Vec<UdpSockets>,
    /// One for each address.
    pub(super) tcp: Vec<TcpListener>,
    /// What is worth knowing about them.
    pub(super) remarks: Vec<String>,
}

/// The sockets of one address, one for each thread.
#[derive(Debug)]
pub(super) struct UdpSockets {
    /// In the order in which they were bound.
    pub(super) sockets: Vec<UdpSocket>,
    /// What spreads datagrams over them, where that is not left to the system.
    pub(super) steering: Option<Steering>,
}

/// Why there is no socket.
#[derive(Debug, Error)]
pub(in crate::cli) enum SocketError {
    /// The system gives none.
    #[error("cannot listen at {address} over {transport}: {}{}", .error.desc(), remedy(*.error, .address))]
    Bind {
        /// Where.
        address: SocketAddr,
        /// `UDP` or `TCP`.
        transport: &'static str,
        /// Why not.
        error: Errno,
    },
    /// The machine does not tell its addresses.
    #[error("the addresses of this machine are not known: {0}")]
    Interfaces(Errno),
    /// A wildcard on a machine without addresses.
    #[error("{0} means all addresses of this machine, and it has none of that kind")]
    NoAddress(SocketAddr),
    /// A socket from systemd that is neither.
    #[error("socket {number} of those that systemd hands over is neither UDP nor TCP: {error}")]
    Foreign {
        /// Its place, from 0.
        number: usize,
        /// Why not.
        error: io::Error,
    },
    /// A socket from systemd that cannot be used.
    #[error("a socket that systemd has handed over cannot be used: {0}")]
    HandedOver(io::Error),
    /// Sockets of one kind only.
    #[error("systemd hands over no {0} socket, and DNS wants both UDP and TCP")]
    Missing(&'static str),
    /// No place at all.
    #[error(
        "there is no address to listen at: 'listen' in [serve], --listen, or sockets of systemd"
    )]
    Nowhere,
}

/// What to do about it.
fn remedy(error: Errno, address: &SocketAddr) -> String {
    let port = address.port();
    match error {
        Errno::EADDRINUSE => format!(
            "; 'ss -lunpt sport = :{port}' says which program has it: another name server, \
             systemd-resolved, dnsmasq, or a server of this kind that still runs"
        ),
        Errno::EACCES | Errno::EPERM => {
            "; ports below 1024 are for root, for CAP_NET_BIND_SERVICE, and for sockets that systemd \
             hands over"
                .to_owned()
        }
        Errno::EADDRNOTAVAIL => "; no interface of this machine has that address".to_owned(),
        _ => String::new(),
    }
}

/// The sockets that systemd has handed over; none where there are none. All
/// threads share those of UDP.
///
/// # Errors
///
/// Sockets of another kind, or of one kind only.
pub(super) fn handed_over(options: &UdpOptions) -> Result<Option<Sockets>, SocketError> {
    let mut handed = ListenFd::from_env();
    let mut sockets = Sockets::default();
    if handed.len() == 0 {
        return Ok(None);
    }
    for number in 0..handed.len() {
        if let Ok(Some(listener)) = handed.take_tcp_listener(number) {
            sockets.tcp.push(listener);
            continue;
        }
        let taken = handed.take_udp_socket(number);
        let taken = taken.map_err(|error| SocketError::Foreign { number, error })?;
        let Some(socket) = taken else { continue };
        let shared = (0..options.threads.max(1)).map(|_| socket.try_clone());
        let shared: io::Result<Vec<UdpSocket>> = shared.collect();
        let address = socket.local_addr().map_err(SocketError::HandedOver)?;
        if address.ip().is_unspecified() {
            sockets.remarks.push(format!(
                "systemd listens at all addresses of the machine ({address}): answers may leave with \
                 another address than was asked; name the addresses in the socket unit"
            ));
        }
        sockets.remarks.extend(receive_buffer(&socket, address, options.receive_buffer));
        let shared = shared.map_err(SocketError::HandedOver)?;
        sockets.udp.push(UdpSockets { sockets: shared, steering: None });
    }
    match (sockets.udp.is_empty(), sockets.tcp.is_empty()) {
        (true, _) => Err(SocketError::Missing("UDP")),
        (_, true) => Err(SocketError::Missing("TCP")),
        _ => Ok(Some(sockets)),
    }
}

/// Binds sockets at these places. One that a wildcard means and that cannot be
/// bound yet is left out: IPv6 looks first whether somebody else has the address.
///
/// # Errors
///
/// An address that cannot be had, and what to do about it.
pub(super) fn bound(places: Places, options: &UdpOptions) -> Result<Sockets, SocketError> {
    let mut sockets = Sockets { remarks: places.remarks, ..Sockets::default() };
    let mut left_out = None;
    for place in places.places {
        match sockets.bind(place.address, options) {
            Err(error) if place.of_wildcard && error.is_not_available() => {
                sockets.remarks.push(format!("{error}: it is left out until a restart"));
                left_out = left_out.or(Some(error));
            }
            bound => bound?,
        }
    }
    match left_out {
        Some(error) if sockets.tcp.is_empty() => Err(error),
        _ => Ok(sockets),
    }
}

impl Sockets {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.udp.iter().map(|udp| udp.sockets.len()).sum::<usize>() + self.tcp.len()
    }

    /// Adds those of one address.
    fn bind(&mut self, address: SocketAddr, options: &UdpOptions) -> Result<(), SocketError> {
        let (listener, address) = bound_tcp(address)?;
        let mut sockets = Vec::new();
        for thread in 0..options.threads.max(1) {
            let socket = bound_udp(address, true)?;
            let remark = receive_buffer(&socket, address, options.receive_buffer);
            // The same limit holds for the others, and was told of.
            self.remarks.extend(remark.filter(|_| thread == 0));
            sockets.push(socket);
        }
        let steering = Steering::new(&sockets);
        self.udp.push(UdpSockets { sockets, steering });
        self.tcp.push(listener);
        Ok(())
    }
}

impl SocketError {
    /// Whether it is that the machine does not have the address, or not yet.
    fn is_not_available(&self) -> bool {
        matches!(self, SocketError::Bind { error: Errno::EADDRNOTAVAIL, .. })
    }
}

/// A listener at an address where UDP is free, too. The port that was given for 0.
fn bound_tcp(wanted: SocketAddr) -> Result<(TcpListener, SocketAddr), SocketError> {
    let mut attempt = 0;
    loop {
        let failed = |error| SocketError::Bind { address: wanted, transport: "TCP", error };
        let descriptor = unbound(wanted, SockType::Stream).map_err(failed)?;
        // Connections of a server that has ended are no reason to wait.
        setsockopt(&descriptor, sockopt::ReuseAddr, &true).map_err(failed)?;
        bind(descriptor.as_raw_fd(), &SockaddrStorage::from(wanted)).map_err(failed)?;
        listen(&descriptor, Backlog::MAXCONN).map_err(failed)?;
        let listener = TcpListener::from(descriptor);
        let address = listener.local_addr().unwrap_or(wanted);
        // Sockets that share a port would not see another server of this user
        // there, which would get a part of the questions.
        match bound_udp(address, false) {
            Ok(_) => return Ok((listener, address)),
            Err(error) if wanted.port() != 0 || attempt >= ATTEMPTS => return Err(error),
            Err(_) => attempt += 1,
        }
    }
}

fn bound_udp(address: SocketAddr, shared: bool) -> Result<UdpSocket, SocketError> {
    let failed = |error| SocketError::Bind { address, transport: "UDP", error };
    let descriptor = unbound(address, SockType::Datagram).map_err(failed)?;
    if shared {
        setsockopt(&descriptor, sockopt::ReusePort, &true).map_err(failed)?;
    }
    bind(descriptor.as_raw_fd(), &SockaddrStorage::from(address)).map_err(failed)?;
    Ok(UdpSocket::from(descriptor))
}

fn unbound(address: SocketAddr, kind: SockType) -> nix::Result<OwnedFd> {
    let family = match address.is_ipv4() {
        true => AddressFamily::Inet,
        false => AddressFamily::Inet6,
    };
    let descriptor = socket(family, kind, SockFlag::SOCK_CLOEXEC, None)?;
    if address.is_ipv6() {
        setsockopt(&descriptor, sockopt::Ipv6V6Only, &true)?;
    }
    Ok(descriptor)
}

/// Asks for a receive buffer, and says where the system gives less.
fn receive_buffer(socket: &impl AsFd, address: SocketAddr, octets: usize) -> Option<String> {
    // Only who may administer the network can go over the system's limit.
    if setsockopt(socket, sockopt::RcvBufForce, &octets).is_err() {
        let _ = setsockopt(socket, sockopt::RcvBuf, &octets);
    }
    // The system counts its own needs, too, and tells the double.
    let given = getsockopt(socket, sockopt::RcvBuf).unwrap_or_default() / 2;
    (given < octets).then(|| {
        format!(
            "the receive buffer at {address} has {given} octets, not {octets}: bursts may be lost; \
             net.core.rmem_max is the system's limit"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    use crate::cli::serve::places::{Place, places};

    fn options() -> UdpOptions {
        UdpOptions { threads: 3, receive_buffer: 65_536 }
    }

    fn loopback(port: u16) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, port).into()
    }

    fn bound(listen: &[SocketAddr], options: &UdpOptions) -> Result<Sockets, SocketError> {
        super::bound(places(listen)?, options)
    }

    #[test]
    fn each_thread_has_a_socket_and_udp_and_tcp_one_port() {
        let sockets = bound(&[loopback(0)], &options()).unwrap();
        assert_eq!((sockets.udp.len(), sockets.tcp.len(), sockets.len()), (1, 1, 4));
        let port = sockets.tcp[0].local_addr().unwrap();
        let udp = &sockets.udp[0].sockets;
        assert!(udp.iter().all(|socket| socket.local_addr().unwrap() == port));
    }

    #[test]
    fn a_port_that_is_taken_is_named_with_its_remedy() {
        let first = bound(&[loopback(0)], &options()).unwrap();
        let address = first.tcp[0].local_addr().unwrap();
        let again = bound(&[address], &options()).unwrap_err().to_string();
        assert!(
            again.contains(&format!("{address} over TCP")) && again.contains("ss -l"),
            "{again}"
        );
        // Also where only UDP is taken, by sockets that share it.
        let Sockets { udp, tcp, .. } = first;
        drop(tcp);
        let again = bound(&[address], &options()).unwrap_err().to_string();
        assert!(again.contains(&format!("{address} over UDP")), "{again}");
        drop(udp);
        assert!(bound(&[address], &options()).is_ok());
    }

    #[test]
    fn an_address_of_a_wildcard_that_is_not_ready_is_left_out() {
        let not_ready = Place { address: "192.0.2.1:0".parse().unwrap(), of_wildcard: true };
        let ready = Place { address: loopback(0), of_wildcard: true };
        let bound = |places: &[Place]| {
            super::bound(Places { places: places.to_vec(), remarks: Vec::new() }, &options())
        };
        let sockets = bound(&[not_ready, ready]).unwrap();
        assert_eq!((sockets.udp.len(), sockets.tcp.len(), sockets.len()), (1, 1, 4));
        let remark = &sockets.remarks[0];
        assert!(remark.contains("192.0.2.1:0") && remark.contains("left out"), "{remark}");
        // Not where nothing is left, nor where somebody named it.
        assert!(bound(&[not_ready]).is_err());
        assert!(bound(&[Place { of_wildcard: false, ..not_ready }, ready]).is_err());
    }

    #[test]
    fn addresses_of_others_are_no_place_to_listen() {
        let elsewhere = bound(&["192.0.2.1:0".parse().unwrap()], &options()).unwrap_err();
        assert!(elsewhere.to_string().contains("no interface"), "{elsewhere}");
        assert!(matches!(bound(&[], &options()), Err(SocketError::Nowhere)));
    }
}
