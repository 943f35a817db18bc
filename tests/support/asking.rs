//! Questions whether IPv4 addresses pass, in zones of macro records, over UDP.
//!
//! What an answer has to be is for each test to say.

// Each test uses its own part.
#![allow(dead_code)]

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

/// How long an answer may take until it counts as lost.
pub(crate) const LOST: Duration = Duration::from_secs(2);

/// A question for an address with its answer, both as on the wire.
pub(crate) struct Exchange {
    pub(crate) question: Vec<u8>,
    pub(crate) answer: Vec<u8>,
}

/// Asks one server, one question after the other.
pub(crate) struct Asking {
    socket: UdpSocket,
    id: u16,
}

impl Asking {
    pub(crate) fn new(server: SocketAddr) -> Asking {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        socket.connect(server).unwrap();
        Asking { socket, id: 0 }
    }

    /// Asks for an address in a zone; none when no answer comes in time.
    pub(crate) fn ask(&mut self, zone: &str, address: &str, time: Duration) -> Option<Exchange> {
        self.id = self.id.wrapping_add(1);
        let question = question(zone, address, self.id);
        self.socket.send(&question).ok()?;
        let begun = Instant::now();
        loop {
            let rest = time.checked_sub(begun.elapsed()).filter(|rest| !rest.is_zero())?;
            self.socket.set_read_timeout(Some(rest)).unwrap();
            let mut answer = vec![0; 512];
            let octets = self.socket.recv(&mut answer).ok()?;
            answer.truncate(octets);
            // Answers to questions of before may still be on their way.
            if octets > 2 && answer[..2] == question[..2] {
                return Some(Exchange { question, answer });
            }
        }
    }
}

/// The question for an address, in a zone or in a domain of one.
pub(crate) fn question(zone: &str, address: &str, id: u16) -> Vec<u8> {
    let mut message = [&id.to_be_bytes()[..], &[0, 0, 0, 1, 0, 0, 0, 0, 0, 0]].concat();
    for label in address.rsplit('.').chain(["in-addr"]).chain(zone.split('.')) {
        message.push(label.len() as u8);
        message.extend_from_slice(label.as_bytes());
    }
    message.extend_from_slice(&[0, 0, 1, 0, 1]);
    message
}
