//! A client over UDP that asks whether addresses pass.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

/// How long an answer may take until it counts as lost.
const LOST: Duration = Duration::from_secs(2);

/// What is answered about an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    Passes,
    Fails,
    /// Nothing is known.
    Unready,
}

/// A client of one server.
pub(crate) struct Client {
    socket: UdpSocket,
    id: u16,
}

impl Client {
    pub(crate) fn new(server: SocketAddr) -> Client {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        socket.connect(server).unwrap();
        Client { socket, id: 0 }
    }

    /// What is said of an IPv4 address in a zone, or in a domain of one.
    pub(crate) fn ask(&mut self, zone: &str, address: &str) -> Said {
        let said = self.ask_within(zone, address, LOST);
        said.unwrap_or_else(|| panic!("no answer for {address} in {zone}"))
    }

    /// The same; none when no answer comes in time.
    pub(crate) fn ask_within(&mut self, zone: &str, address: &str, time: Duration) -> Option<Said> {
        self.id = self.id.wrapping_add(1);
        let question = question(zone, address, self.id);
        self.socket.send(&question).ok()?;
        let begun = Instant::now();
        loop {
            let rest = time.checked_sub(begun.elapsed()).filter(|rest| !rest.is_zero())?;
            self.socket.set_read_timeout(Some(rest)).unwrap();
            let mut answer = [0; 512];
            let octets = self.socket.recv(&mut answer).ok()?;
            // Answers to questions of before may still be on their way.
            if octets > 2 && answer[..2] == question[..2] {
                return Some(read(&question, &answer[..octets]));
            }
        }
    }
}

fn question(zone: &str, address: &str, id: u16) -> Vec<u8> {
    let mut message = [&id.to_be_bytes()[..], &[0, 0, 0, 1, 0, 0, 0, 0, 0, 0]].concat();
    for label in address.rsplit('.').chain(["in-addr"]).chain(zone.split('.')) {
        message.push(label.len() as u8);
        message.extend_from_slice(label.as_bytes());
    }
    message.extend_from_slice(&[0, 0, 1, 0, 1]);
    message
}

/// What an answer says. It has to be a right one.
fn read(question: &[u8], answer: &[u8]) -> Said {
    assert_eq!(answer[12..question.len()], question[12..]);
    // QR is set, TC is not; AA is where there is an answer.
    assert_eq!(answer[2] & 0x82, 0x80, "{answer:?}");
    match (answer[2] & 4, answer[3] & 0x0f, answer[7]) {
        (4, 0, 1) => {
            assert_eq!(answer[question.len() + 12..][..4], [127, 0, 0, 2]);
            Said::Passes
        }
        (4, 3, 0) => Said::Fails,
        (_, 2, 0) => Said::Unready,
        other => panic!("{other:?} in {answer:?}"),
    }
}
