//! A client over UDP that asks whether addresses pass.

use std::net::SocketAddr;
use std::time::Duration;

use crate::asking::{Asking, Exchange, LOST};

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
    asking: Asking,
}

impl Client {
    pub(crate) fn new(server: SocketAddr) -> Client {
        Client { asking: Asking::new(server) }
    }

    /// What is said of an IPv4 address in a zone, or in a domain of one.
    pub(crate) fn ask(&mut self, zone: &str, address: &str) -> Said {
        let said = self.ask_within(zone, address, LOST);
        said.unwrap_or_else(|| panic!("no answer for {address} in {zone}"))
    }

    /// The same; none when no answer comes in time.
    pub(crate) fn ask_within(&mut self, zone: &str, address: &str, time: Duration) -> Option<Said> {
        let Exchange { question, answer } = self.asking.ask(zone, address, time)?;
        Some(read(&question, &answer))
    }
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
