//! A small name server on the loopback, over UDP and TCP, that answers from
//! memory after a delay and misbehaves where it is told to. Both can be changed
//! while it runs.
//!
//! It shares nothing with the sources that it tests but the wire format.

// Each test uses its own part of the server.
#![allow(dead_code)]

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::thread;
use std::time::{Duration, Instant};

use hickory_proto::op::Message;

use super::zone::{Behaviour, Zone};

/// A question that the server got.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) at: Instant,
    pub(crate) name: String,
    pub(crate) record_type: String,
    pub(crate) tcp: bool,
}

/// A running server; it stops when it goes out of scope.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    zone: RwLock<Zone>,
    delay: Duration,
    asked: Mutex<Vec<Asked>>,
    answered: Mutex<Option<Instant>>,
    stopped: AtomicBool,
}

impl Server {
    pub(crate) fn start(zone: Zone, delay: Duration) -> Server {
        Server::start_at(zone, delay, SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
    }

    /// Starts at an address of the loopback, at a free port if the port is 0.
    pub(crate) fn start_at(zone: Zone, delay: Duration, address: SocketAddr) -> Server {
        let (udp, tcp) = bind(address);
        let address = udp.local_addr().unwrap();
        let shared = Arc::new(Shared {
            zone: RwLock::new(zone),
            delay,
            asked: Mutex::default(),
            answered: Mutex::default(),
            stopped: AtomicBool::new(false),
        });
        let (for_udp, for_tcp) = (shared.clone(), shared.clone());
        thread::spawn(move || for_udp.serve_udp(udp));
        thread::spawn(move || for_tcp.serve_tcp(tcp));
        Server { address, shared }
    }

    /// Answers from another zone from now on, and misbehaves as that says.
    pub(crate) fn change(&self, zone: Zone) {
        *self.shared.zone.write().unwrap() = zone;
    }

    /// The questions so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.shared.asked.lock().unwrap().clone()
    }

    /// Forgets the questions so far.
    pub(crate) fn forget(&self) {
        self.shared.asked.lock().unwrap().clear();
    }

    /// The time from the first question to the last answer.
    pub(crate) fn span(&self) -> Duration {
        let first = self.shared.asked.lock().unwrap()[0].at;
        self.shared.answered.lock().unwrap().unwrap() - first
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        // Wakes both threads; what fails here has stopped already.
        let _ = TcpStream::connect(self.address);
        if let Ok(socket) = UdpSocket::bind((self.address.ip(), 0)) {
            let _ = socket.send_to(&[], self.address);
        }
    }
}

impl Shared {
    fn serve_udp(self: Arc<Self>, socket: UdpSocket) {
        let socket = Arc::new(socket);
        let mut buffer = [0; 4096];
        while let Ok((octets, peer)) = socket.recv_from(&mut buffer) {
            if self.stopped.load(Ordering::SeqCst) {
                return;
            }
            let (received, question) = (Instant::now(), buffer[..octets].to_vec());
            let (shared, socket) = (self.clone(), socket.clone());
            thread::spawn(move || {
                if let Some(answer) = shared.respond(&question, received, false) {
                    shared.answered();
                    socket.send_to(&answer, peer).unwrap();
                }
            });
        }
    }

    fn serve_tcp(self: Arc<Self>, listener: TcpListener) {
        for stream in listener.incoming() {
            if self.stopped.load(Ordering::SeqCst) {
                return;
            }
            let (shared, stream) = (self.clone(), stream.unwrap());
            // An error is the client's end of the connection.
            thread::spawn(move || shared.serve_stream(stream));
        }
    }

    fn serve_stream(self: Arc<Self>, mut stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        loop {
            let mut length = [0; 2];
            stream.read_exact(&mut length)?;
            let mut question = vec![0; usize::from(u16::from_be_bytes(length))];
            stream.read_exact(&mut question)?;
            let (shared, received) = (self.clone(), Instant::now());
            let mut stream = stream.try_clone()?;
            thread::spawn(move || -> io::Result<()> {
                if let Some(answer) = shared.respond(&question, received, true) {
                    shared.answered();
                    let mut message = (answer.len() as u16).to_be_bytes().to_vec();
                    message.extend_from_slice(&answer);
                    stream.write_all(&message)
                } else {
                    stream.shutdown(std::net::Shutdown::Both)
                }
            });
        }
    }

    fn answered(&self) {
        *self.answered.lock().unwrap() = Some(Instant::now());
    }

    /// The answer to a question, after the delay; `None` for none.
    fn respond(&self, octets: &[u8], received: Instant, tcp: bool) -> Option<Vec<u8>> {
        let question = Message::from_vec(octets).unwrap();
        let query = &question.queries[0];
        self.asked.lock().unwrap().push(Asked {
            at: received,
            name: query.name().to_ascii(),
            record_type: query.query_type().to_string(),
            tcp,
        });
        let (mut answer, behaviour) = {
            let zone = self.zone.read().unwrap();
            (zone.answer(&question), zone.behaviour(query.name()))
        };
        thread::sleep((received + self.delay).saturating_duration_since(Instant::now()));
        match behaviour {
            Some(Behaviour::Silent) => return None,
            Some(Behaviour::CloseTcp) if tcp => return None,
            Some(Behaviour::WrongId) => answer.metadata.id = answer.metadata.id.wrapping_add(1),
            _ => {}
        }
        let mut wire = answer.to_vec().unwrap();
        if matches!(behaviour, Some(Behaviour::Garbage)) {
            wire.truncate(12);
            wire.extend_from_slice(&[0xff; 40]);
        }
        let payload = question.edns.as_ref().map_or(512, |edns| usize::from(edns.max_payload()));
        let truncated = matches!(behaviour, Some(Behaviour::Truncated | Behaviour::CloseTcp));
        if !tcp && (truncated || wire.len() > payload) {
            answer.answers.clear();
            answer.metadata.truncation = true;
            wire = answer.to_vec().unwrap();
        }
        Some(wire)
    }
}

/// A UDP and a TCP socket at the same port.
fn bind(address: SocketAddr) -> (UdpSocket, TcpListener) {
    for _ in 0..100 {
        let udp = UdpSocket::bind(address).unwrap();
        if let Ok(tcp) = TcpListener::bind(udp.local_addr().unwrap()) {
            return (udp, tcp);
        }
    }
    panic!("no port is free for both UDP and TCP");
}
