//! The way of a message through the server: read, answered, limited, counted,
//! written; and what all threads share.
//!
//! No sockets and no clock: a thread brings the message, who sent it, and the
//! time.

use std::io;
use std::net::IpAddr;
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::{ArcSwap, Cache};

use super::answer::{Answer, Content, Rcode, answer};
use super::cookie::CookieKeys;
use super::counters::{Counted, Counters, Counts};
use super::edns::{Cookie, Edns, UDP_PAYLOAD_OCTETS};
use super::general;
use super::limit::{AnswerKind, BUCKETS, Limiter};
use super::name::QuestionName;
use super::question::{self, HEADER_OCTETS, Question};
use super::reply::{ReplyEdns, ReplyForm, write, write_question};
use super::{ServerOptions, Zones};

/// Octets of an answer for each octet of its question that a client gets over UDP
/// who has not shown to be who it says it is.
pub const MAX_AMPLIFICATION: usize = 8;
/// Octets that any client takes over UDP (RFC 1035 section 2.3.4).
const UDP_OCTETS: usize = 512;

/// How a message came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transport {
    /// A datagram, whose sender may be somebody else.
    Udp,
    /// A connection.
    Tcp,
}

/// The time of a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// Milliseconds since some start, never fewer than before.
    pub milliseconds: u64,
    /// Seconds since 1970, which may jump.
    pub seconds: u32,
}

/// A question that the query log is told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedQuestion {
    /// Who asked.
    pub client: IpAddr,
    /// How.
    pub transport: Transport,
    /// The name in lower case, each label behind its length.
    pub name: Box<[u8]>,
    /// The type.
    pub qtype: u16,
    /// The code of the answer.
    pub rcode: Rcode,
    /// Whether the answer has an address or a policy that passes.
    pub passes: bool,
    /// Whether the rate limit left the answer empty.
    pub limited: bool,
}

/// Where sampled questions go: one in so many, as far as there is room.
#[derive(Clone, Debug)]
pub struct QueryLog {
    /// One in so many; 0 logs none.
    pub one_in: u32,
    /// Who writes them.
    pub sender: SyncSender<LoggedQuestion>,
}

/// What all threads of a server share.
#[derive(Debug)]
pub struct Service {
    zones: Arc<ArcSwap<Zones>>,
    keys: CookieKeys,
    options: ServerOptions,
    log: Option<QueryLog>,
    counters: Mutex<Vec<Arc<Counters>>>,
}

impl Service {
    /// A service for these zones.
    ///
    /// # Errors
    ///
    /// The system has no random octets for the secret of cookies.
    pub fn new(zones: Zones, options: &ServerOptions, log: Option<QueryLog>) -> io::Result<Self> {
        let keys = match options.cookie_secret {
            Some(secret) => CookieKeys::new(secret),
            None => CookieKeys::random()?,
        };
        let zones = Arc::new(ArcSwap::from_pointee(zones));
        let counters = Mutex::new(Vec::new());
        Ok(Service { zones, keys, options: options.clone(), log, counters })
    }

    /// Answers from other zones from now on. A message that is being answered is
    /// answered from the old ones as a whole.
    pub fn swap(&self, zones: Zones) {
        self.zones.store(Arc::new(zones));
    }

    /// The zones as they are.
    pub fn zones(&self) -> Arc<Zones> {
        self.zones.load_full()
    }

    /// What a thread needs to answer.
    pub fn worker(&self, transport: Transport) -> Worker {
        let counters = Arc::new(Counters::default());
        let mut all = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(Arc::clone(&counters));
        let rate = &self.options.rate;
        let limited = transport == Transport::Udp && rate.per_second > 0;
        let threads = u32::try_from(self.options.udp.threads.max(1)).unwrap_or(u32::MAX);
        // Clients are spread over the threads, so each gives its share.
        let share = rate.per_second.div_ceil(threads);
        let log = self.log.clone().filter(|log| log.one_in > 0);
        let desk = Desk {
            keys: self.keys.clone(),
            nsid: self.options.nsid.as_deref().map(Box::from),
            limiter: limited.then(|| Limiter::new(share, BUCKETS, &rate.allow)),
            until_logged: log.as_ref().map_or(0, |log| log.one_in),
            log,
            counters,
            transport,
            name: QuestionName::default(),
        };
        Worker { zones: Cache::new(Arc::clone(&self.zones)), desk }
    }

    /// What all threads have counted.
    pub fn counts(&self) -> Counts {
        let all = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        Counts::sum(all.iter())
    }
}

/// What one thread answers with.
#[derive(Debug)]
pub struct Worker {
    zones: Cache<Arc<ArcSwap<Zones>>, Arc<Zones>>,
    desk: Desk,
}

/// What a thread has besides the zones.
#[derive(Debug)]
struct Desk {
    keys: CookieKeys,
    nsid: Option<Box<[u8]>>,
    limiter: Option<Limiter>,
    log: Option<QueryLog>,
    until_logged: u32,
    counters: Arc<Counters>,
    transport: Transport,
    name: QuestionName,
}

/// A message that was read and is to be answered.
struct Request<'z> {
    /// The octet behind the question, or behind the header where there is none.
    end: usize,
    qtype: u16,
    edns: Option<Edns>,
    answer: Answer<'z>,
}

impl Worker {
    /// Answers the message in the first `length` octets of `buffer`, which has at
    /// least [`BUFFER_OCTETS`](super::BUFFER_OCTETS). Gives the octets of the
    /// reply, which stands where the message stood; `None` where none is to be
    /// sent.
    #[inline]
    pub fn respond(
        &mut self,
        buffer: &mut [u8],
        length: usize,
        client: IpAddr,
        now: Now,
    ) -> Option<usize> {
        let Worker { zones, desk } = self;
        desk.count(match desk.transport {
            Transport::Udp => Counted::Udp,
            Transport::Tcp => Counted::Tcp,
        });
        let message = buffer.get(..length).filter(|message| is_query(message));
        let Some(message) = message else {
            desk.count(Counted::Dropped);
            return None;
        };
        let zones = zones.load();
        let request = match question::read(message, &mut desk.name) {
            Some(Question { qtype, qclass, end, edns }) => {
                Request { end, qtype, edns, answer: answer(zones, &desk.name, qtype, qclass) }
            }
            None => {
                desk.count(Counted::Unusual);
                unusual(zones, buffer, length, &mut desk.name)
            }
        };
        Some(desk.reply(buffer, length, &request, client, now))
    }

    /// Lets go of zones that were swapped since the last message: a thread that
    /// has nothing to answer would keep them.
    pub fn refresh(&mut self) {
        self.zones.load();
    }

    /// Counts a reply that the system did not take.
    pub fn count_unsent(&self) {
        self.desk.count(Counted::SendFailed);
    }
}

impl Desk {
    #[inline]
    fn count(&self, counted: Counted) {
        self.counters.add(counted as usize);
    }

    /// Writes the reply to a request, or that it has to come again over TCP.
    #[inline]
    fn reply(
        &mut self,
        buffer: &mut [u8],
        length: usize,
        request: &Request<'_>,
        client: IpAddr,
        now: Now,
    ) -> usize {
        let Request { end, qtype, edns, answer } = request;
        let cookie = edns.and_then(|edns| edns.cookie);
        let known = cookie.is_some_and(|cookie| self.knows(&cookie, client, now));
        let counted = outcome(answer);
        self.count(counted);
        let limited = !known && self.limits(kind(counted), client, now);
        if self.log.is_some() {
            self.log(request, counted == Counted::Hit, limited, client);
        }
        let edns_reply = edns.map(|edns| ReplyEdns {
            dnssec_ok: edns.dnssec_ok,
            cookie: cookie.map(|Cookie { client: part, .. }| {
                (part, self.keys.server_cookie(&part, client, now.seconds))
            }),
            nsid: self.nsid.as_deref().filter(|_| edns.nsid),
        });
        let most = match self.transport {
            Transport::Udp => most_octets(edns.as_ref(), length, known),
            Transport::Tcp => usize::from(u16::MAX),
        };
        let form = ReplyForm {
            question_end: *end,
            qtype: *qtype,
            edns: edns_reply,
            most,
            truncated: limited,
        };
        let octets = write(buffer, answer, &form);
        if !limited && buffer.get(2).is_some_and(|flags| flags & 0x02 != 0) {
            self.count(Counted::Truncated);
        }
        octets
    }

    /// Whether the cookie shows that the client gets what is sent to its address.
    fn knows(&self, cookie: &Cookie, client: IpAddr, now: Now) -> bool {
        let valid = self.keys.is_valid(&cookie.client, cookie.server(), client, now.seconds);
        if !cookie.server().is_empty() {
            self.count(if valid { Counted::CookieValid } else { Counted::CookieBad });
        }
        valid
    }

    /// Whether the client has had enough answers of the kind over UDP for now.
    #[inline]
    fn limits(&mut self, kind: AnswerKind, client: IpAddr, now: Now) -> bool {
        let Some(limiter) = &mut self.limiter else { return false };
        let limited = !limiter.allows(now.milliseconds, client, kind);
        if limited {
            self.count(limited_as(kind));
        }
        limited
    }

    /// Tells the query log of one question in so many.
    fn log(&mut self, request: &Request<'_>, passes: bool, limited: bool, client: IpAddr) {
        let Some(log) = &self.log else { return };
        self.until_logged = self.until_logged.saturating_sub(1);
        if self.until_logged > 0 {
            return;
        }
        self.until_logged = log.one_in;
        let question = LoggedQuestion {
            client,
            transport: self.transport,
            name: self.name.wire().into(),
            qtype: request.qtype,
            rcode: request.answer.rcode,
            passes,
            limited,
        };
        if log.sender.try_send(question).is_err() {
            self.count(Counted::LogDropped);
        }
    }
}

/// Whether a message has a header, and is no response: to answer one would make
/// two servers talk without end.
fn is_query(message: &[u8]) -> bool {
    message.len() >= HEADER_OCTETS && message.get(2).is_some_and(|flags| flags & 0x80 == 0)
}

/// Octets that a client gets over UDP.
#[inline]
fn most_octets(edns: Option<&Edns>, question: usize, known: bool) -> usize {
    let payload = edns.map_or(UDP_OCTETS, |edns| {
        usize::from(edns.payload.min(UDP_PAYLOAD_OCTETS)).max(UDP_OCTETS)
    });
    match known {
        true => payload,
        false => payload.min(MAX_AMPLIFICATION * question),
    }
}

/// Reads what is not the common question.
fn unusual<'z>(
    zones: &'z Zones,
    buffer: &mut [u8],
    length: usize,
    name: &mut QuestionName,
) -> Request<'z> {
    let read = general::read(buffer.get(..length).unwrap_or_default());
    let edns = read.edns;
    let asked = read.asked.and_then(|asked| {
        let general::Asked { wire, qtype, qclass } = asked;
        Some((write_question(buffer, &wire, name, qtype, qclass)?, qtype, qclass))
    });
    match (read.refused, asked) {
        (None, Some((end, qtype, qclass))) => {
            Request { end, qtype, edns, answer: answer(zones, name, qtype, qclass) }
        }
        (refused, asked) => {
            let (rcode, extended) = refused.unwrap_or((Rcode::FormErr, None));
            let (end, qtype) = asked.map_or((HEADER_OCTETS, 0), |(end, qtype, _)| (end, qtype));
            Request { end, qtype, edns, answer: Answer::refusal(rcode, extended) }
        }
    }
}

/// What an answer is counted as.
#[inline]
fn outcome(answer: &Answer<'_>) -> Counted {
    match (answer.rcode, answer.content) {
        (Rcode::NoError, Content::Address | Content::Policy { passes: true, .. }) => Counted::Hit,
        (Rcode::NxDomain, _) | (_, Content::Policy { .. }) => Counted::Miss,
        (Rcode::NoError, Content::Apex(_) | Content::Host(_)) => Counted::Apex,
        (Rcode::NoError, _) => Counted::NoData,
        (Rcode::FormErr, _) => Counted::FormErr,
        (Rcode::Refused, _) => Counted::Refused,
        (Rcode::NotImp, _) => Counted::NotImp,
        (Rcode::ServFail, _) => Counted::ServFail,
        (Rcode::BadVers | Rcode::NotAuth, _) => Counted::OtherError,
    }
}

/// What an answer is limited as: a flood of one kind leaves the others alone.
fn kind(counted: Counted) -> AnswerKind {
    match counted {
        Counted::Hit | Counted::Apex => AnswerKind::Hit,
        Counted::Miss | Counted::NoData => AnswerKind::Miss,
        _ => AnswerKind::Error,
    }
}

fn limited_as(kind: AnswerKind) -> Counted {
    match kind {
        AnswerKind::Hit => Counted::LimitedHit,
        AnswerKind::Miss => Counted::LimitedMiss,
        AnswerKind::Error => Counted::LimitedError,
    }
}
