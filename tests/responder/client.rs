//! Clients: they ask whether addresses pass, over UDP and TCP.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{JoinHandle, spawn};
use std::time::Duration;

use crate::asking::{self, Asking, Exchange, LOST};
use crate::server::{ZONE, wait_until};

/// A client over UDP.
pub(crate) struct Client {
    asking: Asking,
}

impl Client {
    pub(crate) fn new(server: SocketAddr) -> Client {
        Client { asking: Asking::new(server) }
    }

    /// Whether the IPv4 address passes.
    pub(crate) fn passes(&mut self, address: &str) -> bool {
        self.passes_within(address, LOST).unwrap_or_else(|| panic!("no answer for {address}"))
    }

    /// The same; none when no answer comes in time.
    pub(crate) fn passes_within(&mut self, address: &str, time: Duration) -> Option<bool> {
        let Exchange { question, answer } = self.asking.ask(ZONE, address, time)?;
        Some(read(&question, &answer))
    }
}

/// The question for an IPv4 address.
pub(crate) fn question(address: &str, id: u16) -> Vec<u8> {
    asking::question(ZONE, address, id)
}

/// Whether an answer says that the address passes. It has to be a right one.
pub(crate) fn read(question: &[u8], answer: &[u8]) -> bool {
    assert!(answer.len() >= question.len(), "{answer:?}");
    assert_eq!(answer[..2], question[..2]);
    // QR and AA are set, TC is not.
    assert_eq!(answer[2] & 0xfe, 0x84, "{answer:?}");
    assert_eq!(answer[12..question.len()], question[12..]);
    match (answer[3] & 0x0f, answer[7]) {
        (0, 1) => {
            assert_eq!(answer[question.len() + 12..][..4], [127, 0, 0, 2]);
            true
        }
        (3, 0) => false,
        other => panic!("{other:?} in {answer:?}"),
    }
}

/// Asks over a connection.
pub(crate) fn passes_over_tcp(stream: &mut TcpStream, address: &str) -> std::io::Result<bool> {
    let question = question(address, 7);
    stream.set_read_timeout(Some(LOST))?;
    stream.write_all(&[&(question.len() as u16).to_be_bytes()[..], &question].concat())?;
    let mut length = [0; 2];
    stream.read_exact(&mut length)?;
    let mut answer = vec![0; usize::from(u16::from_be_bytes(length))];
    stream.read_exact(&mut answer)?;
    Ok(read(&question, &answer))
}

/// Clients that ask without pause; each has its answers, and they are right.
pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    asked: Arc<AtomicU64>,
    clients: Vec<JoinHandle<u64>>,
}

impl Load {
    /// Clients that ask for an address that passes and for one that does not.
    pub(crate) fn start(server: SocketAddr, clients: usize) -> Load {
        let (stop, asked) = (Arc::<AtomicBool>::default(), Arc::<AtomicU64>::default());
        let one = || {
            let (stop, asked) = (Arc::clone(&stop), Arc::clone(&asked));
            spawn(move || {
                let mut client = Client::new(server);
                let mut lost = 0;
                while !stop.load(Ordering::Relaxed) {
                    for (address, right) in [("192.0.2.1", true), ("203.0.113.1", false)] {
                        match client.passes_within(address, LOST) {
                            Some(passes) => assert_eq!(passes, right, "{address}"),
                            None => lost += 1,
                        }
                        asked.fetch_add(1, Ordering::Relaxed);
                    }
                }
                lost
            })
        };
        let clients = (0..clients).map(|_| one()).collect();
        Load { stop, asked, clients }
    }

    /// How many questions were asked so far.
    pub(crate) fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }

    /// Waits until so many more were asked.
    pub(crate) fn wait_for(&self, more: u64) {
        let wanted = self.asked() + more;
        wait_until("questions are not answered", || self.asked() >= wanted);
    }

    /// How many questions got no answer.
    pub(crate) fn end(self) -> u64 {
        self.stop.store(true, Ordering::Relaxed);
        self.clients.into_iter().map(|client| client.join().unwrap()).sum()
    }
}
