//! A small name server on the loopback, over UDP and TCP, that answers from
//! memory after a delay and misbehaves where it is told to.
//!
//! It shares nothing with the sources that it tests but the wire format.

// Each test uses its own part of the server.
#![allow(dead_code)]

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use hickory_proto::op::{Edns, Message, MessageType, ResponseCode};
use hickory_proto::rr::rdata::{A, AAAA, CNAME, MX, PTR, SOA, TXT};
use hickory_proto::rr::{Name, RData, Record, RecordType};
use serde_json::Value;

/// The TTL of all records but SOA.
pub(crate) const TTL: u32 = 300;
/// The TTL of negative answers: the SOA's minimum, shorter than its TTL.
pub(crate) const NEGATIVE_TTL: u32 = 30;

/// How a name is answered, if not as it should.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Behaviour {
    /// With this response code and nothing else.
    Code(ResponseCode),
    /// Not at all.
    Silent,
    /// With octets behind the header that are no message.
    Garbage,
    /// Truncated over UDP, whatever its size.
    Truncated,
    /// With the identifier of another question.
    WrongId,
    /// With the alias only, as a server that does not know its target.
    AliasOnly,
    /// By closing the TCP connection.
    CloseTcp,
}

/// What the server knows.
#[derive(Clone, Default)]
pub(crate) struct Zone {
    names: HashMap<Name, Vec<RData>>,
    behaviours: HashMap<Name, Behaviour>,
}

impl Zone {
    /// Reads a zone map: TXT, A, AAAA, MX, PTR and CNAME.
    pub(crate) fn from_json(text: &str) -> Zone {
        let mut zone = Zone::default();
        let map: HashMap<String, HashMap<String, Value>> = serde_json::from_str(text).unwrap();
        for (owner, types) in map {
            for (record_type, values) in types {
                let values = match values {
                    Value::Array(values) => values,
                    value => vec![value],
                };
                for value in values {
                    zone = zone.with(&owner, rdata(&record_type, &value));
                }
            }
        }
        zone
    }

    pub(crate) fn with(mut self, owner: &str, record: RData) -> Zone {
        self.names.entry(name(owner)).or_default().push(record);
        self
    }

    pub(crate) fn txt(self, owner: &str, strings: &[&[u8]]) -> Zone {
        self.with(owner, RData::TXT(TXT::from_bytes(strings.to_vec())))
    }

    /// Texts at a name of any octets.
    pub(crate) fn txt_at(mut self, owner: Name, strings: &[&[u8]]) -> Zone {
        let record = RData::TXT(TXT::from_bytes(strings.to_vec()));
        self.names.entry(owner).or_default().push(record);
        self
    }

    pub(crate) fn a(self, owner: &str, address: [u8; 4]) -> Zone {
        self.with(owner, RData::A(A(address.into())))
    }

    pub(crate) fn cname(self, owner: &str, target: &str) -> Zone {
        self.with(owner, RData::CNAME(CNAME(name(target))))
    }

    pub(crate) fn behave(mut self, owner: &str, behaviour: Behaviour) -> Zone {
        self.behaviours.insert(name(owner), behaviour);
        self
    }

    fn exists(&self, owner: &Name) -> bool {
        self.names.keys().any(|known| owner.zone_of(known))
    }

    fn answer(&self, question: &Message) -> Message {
        let mut answer = question.clone();
        answer.edns = None;
        answer.metadata.message_type = MessageType::Response;
        answer.metadata.recursion_available = true;
        answer.metadata.response_code = ResponseCode::NoError;
        let query = question.queries[0].clone();
        let behaviour = self.behaviours.get(query.name());
        if let Some(Behaviour::Code(code)) = behaviour {
            answer.metadata.response_code = *code;
            if u16::from(*code) > 15 {
                answer.edns = Some(Edns::new());
            }
            return answer;
        }
        let mut owner = query.name().clone();
        for _ in 0..16 {
            let records = self.names.get(&owner).map(Vec::as_slice).unwrap_or_default();
            let of = |record_type| records.iter().filter(move |r| r.record_type() == record_type);
            for record in of(query.query_type()) {
                answer.answers.push(Record::from_rdata(owner.clone(), TTL, record.clone()));
            }
            match of(RecordType::CNAME).next() {
                Some(alias @ RData::CNAME(target)) => {
                    answer.answers.push(Record::from_rdata(owner, TTL, alias.clone()));
                    owner = target.0.clone();
                }
                _ => break,
            }
            if matches!(behaviour, Some(Behaviour::AliasOnly)) {
                return answer;
            }
        }
        if answer.answers.iter().all(|record| record.record_type() != query.query_type()) {
            if !self.exists(&owner) {
                answer.metadata.response_code = ResponseCode::NXDomain;
            }
            let host = Name::root();
            let soa = SOA::new(host.clone(), host, 1, 3600, 600, 86_400, NEGATIVE_TTL);
            answer.authorities.push(Record::from_rdata(Name::root(), TTL, RData::SOA(soa)));
        }
        answer
    }
}

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
    zone: Zone,
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
            zone,
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
        let mut answer = self.zone.answer(&question);
        let behaviour = self.zone.behaviours.get(query.name()).copied();
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

/// A name of labels that are separated by dots.
pub(crate) fn name(text: &str) -> Name {
    let labels = text.split('.').filter(|label| !label.is_empty());
    Name::from_labels(labels.map(str::as_bytes)).unwrap()
}

fn rdata(record_type: &str, value: &Value) -> RData {
    let text = || value.as_str().unwrap();
    match record_type {
        "A" => RData::A(A(text().parse().unwrap())),
        "AAAA" => RData::AAAA(AAAA(text().parse().unwrap())),
        "PTR" => RData::PTR(PTR(name(text()))),
        "CNAME" => RData::CNAME(CNAME(name(text()))),
        "TXT" => {
            let strings: Vec<&[u8]> = match value {
                Value::Array(list) => list.iter().map(|s| s.as_str().unwrap().as_bytes()).collect(),
                _ if text().is_empty() => vec![b""],
                _ => text().as_bytes().chunks(255).collect(),
            };
            RData::TXT(TXT::from_bytes(strings))
        }
        "MX" => {
            let (preference, host) = match value {
                Value::Array(pair) => (pair[0].as_u64().unwrap(), pair[1].as_str().unwrap()),
                _ => {
                    let (preference, host) = text().split_once(' ').unwrap();
                    (preference.parse().unwrap(), host)
                }
            };
            RData::MX(MX::new(preference as u16, name(host)))
        }
        other => panic!("the test server has no records of type {other}"),
    }
}
