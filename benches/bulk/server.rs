//! A name server for the bench: answers that were built beforehand, each sent a
//! fixed time after its question came, from one thread that receives and one
//! that sends. It takes some 10 µs of a core for a question.
//!
//! UDP only, one question a message, and no answer is over what its asker takes.

use std::collections::{HashMap, VecDeque};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// Octets of a message's header.
const HEADER: usize = 12;
/// The response code for a name that does not exist.
const NXDOMAIN: u8 = 3;

/// What the server answers: the end of a response, behind its question, by the
/// question's octets in lower case.
#[derive(Default)]
pub(crate) struct Answers {
    known: HashMap<Vec<u8>, Response>,
    /// Names that exist, by their octets in a message.
    names: HashMap<Vec<u8>, ()>,
}

struct Response {
    records: u16,
    octets: Vec<u8>,
}

impl Answers {
    /// Adds a record; `name` is text.
    pub(crate) fn add(&mut self, name: &str, record_type: u16, rdata: &[u8]) {
        let wire = wire_name(name);
        let mut at = 0;
        while at < wire.len() {
            self.names.insert(wire[at..].to_vec(), ());
            at += 1 + usize::from(wire[at]);
        }
        let mut key = wire;
        key.extend(record_type.to_be_bytes());
        key.extend(1u16.to_be_bytes());
        let response = self.known.entry(key).or_insert(Response { records: 0, octets: Vec::new() });
        response.records += 1;
        // The owner is the question's name, which begins behind the header.
        response.octets.extend([0xc0, HEADER as u8]);
        response.octets.extend(record_type.to_be_bytes());
        response.octets.extend([0, 1, 0, 0, 14, 16]);
        response.octets.extend((rdata.len() as u16).to_be_bytes());
        response.octets.extend(rdata);
    }

    /// The response to a message that holds one question.
    fn respond(&self, message: &[u8]) -> Option<Vec<u8>> {
        let name_end = name_end(message)?;
        let question = message.get(HEADER..name_end + 4)?;
        let mut key = question.to_vec();
        let (name, _) = key.split_at_mut(name_end - HEADER);
        name.make_ascii_lowercase();
        let found = self.known.get(&key);
        let code = match found {
            None if !self.names.contains_key(&key[..name_end - HEADER]) => NXDOMAIN,
            _ => 0,
        };
        let records = found.map_or(0, |response| response.records);
        let mut out = Vec::with_capacity(HEADER + question.len() + 32);
        out.extend(&message[..2]);
        // A response, authoritative, recursion as desired and available.
        out.extend([0x84 | (message[2] & 1), 0x80 | code, 0, 1]);
        out.extend(records.to_be_bytes());
        out.extend([0, u8::from(found.is_none()), 0, 0]);
        out.extend(question);
        match found {
            Some(response) => out.extend(&response.octets),
            None => out.extend(SOA),
        }
        Some(out)
    }
}

/// The start of authority of the root, with names that are the root: owner,
/// type, class, TTL, length, two names, five numbers.
const SOA: &[u8] = &[
    0, 0, 6, 0, 1, 0, 0, 14, 16, 0, 22, 0, 0, 0, 0, 0, 1, 0, 0, 14, 16, 0, 0, 14, 16, 0, 0, 14, 16,
    0, 0, 14, 16,
];

/// Where the name of the question ends.
fn name_end(message: &[u8]) -> Option<usize> {
    let mut at = HEADER;
    loop {
        match message.get(at)? {
            0 => return Some(at + 1),
            length @ 1..=63 => at += 1 + usize::from(*length),
            _ => return None,
        }
    }
}

/// A name as it stands in a message.
pub(crate) fn wire_name(name: &str) -> Vec<u8> {
    let mut wire = Vec::with_capacity(name.len() + 2);
    for label in name.split('.').filter(|label| !label.is_empty()) {
        wire.push(label.len() as u8);
        wire.extend(label.to_ascii_lowercase().bytes());
    }
    wire.push(0);
    wire
}

/// A server that runs until the process ends.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    questions: AtomicUsize,
    answers: AtomicUsize,
    most_waiting: AtomicUsize,
    queue: Mutex<VecDeque<(Instant, SocketAddr, Vec<u8>)>>,
    filled: Condvar,
}

impl Server {
    pub(crate) fn start(answers: Answers, delay: Duration) -> Server {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = socket.local_addr().unwrap();
        let shared = Arc::new(Shared::default());
        let (receiving, sending) = (shared.clone(), shared.clone());
        let sender = socket.try_clone().unwrap();
        thread::spawn(move || receiving.receive(&socket, &answers, delay));
        thread::spawn(move || sending.send(&sender));
        Server { address, shared }
    }

    /// Questions since the start or the last call, and how many of them waited
    /// for their answers at once at most.
    pub(crate) fn take_counts(&self) -> (usize, usize) {
        let questions = self.shared.questions.swap(0, Ordering::SeqCst);
        self.shared.answers.store(0, Ordering::SeqCst);
        (questions, self.shared.most_waiting.swap(0, Ordering::SeqCst))
    }
}

impl Shared {
    fn receive(&self, socket: &UdpSocket, answers: &Answers, delay: Duration) {
        let mut buffer = [0; 4096];
        loop {
            let Ok((octets, peer)) = socket.recv_from(&mut buffer) else { continue };
            let due = Instant::now() + delay;
            let Some(answer) = answers.respond(&buffer[..octets]) else { continue };
            let asked = 1 + self.questions.fetch_add(1, Ordering::SeqCst);
            let waiting = asked.saturating_sub(self.answers.load(Ordering::SeqCst));
            self.most_waiting.fetch_max(waiting, Ordering::SeqCst);
            let mut queue = self.queue.lock().unwrap();
            queue.push_back((due, peer, answer));
            if queue.len() == 1 {
                self.filled.notify_one();
            }
        }
    }

    fn send(&self, socket: &UdpSocket) {
        loop {
            let mut queue = self.queue.lock().unwrap();
            while queue.is_empty() {
                queue = self.filled.wait(queue).unwrap();
            }
            let due = queue.front().map_or_else(Instant::now, |(due, ..)| *due);
            drop(queue);
            thread::sleep(due.saturating_duration_since(Instant::now()));
            let now = Instant::now();
            loop {
                let mut queue = self.queue.lock().unwrap();
                if queue.front().is_none_or(|(due, ..)| *due > now) {
                    break;
                }
                let Some((_, peer, answer)) = queue.pop_front() else { break };
                drop(queue);
                self.answers.fetch_add(1, Ordering::SeqCst);
                // An asker that has gone needs no answer.
                let _ = socket.send_to(&answer, peer);
            }
        }
    }
}
