//! The way of a message through the server: read, answered, limited, counted,
//! written.
//!
//! A thread has a worker of its own, and brings the message, who sent it, and the
//! time: no sockets and no clock here.

use std::net::IpAddr;
use std::sync::Arc;

use arc_swap::{ArcSwap, Cache};

use super::Zones;
use super::answer::{Answer, Content, Rcode, answer};
use super::cookie::CookieKeys;
use super::counters::{Counted, Counters};
use super::edns::{Cookie, Edns, UDP_OCTETS, UDP_PAYLOAD_OCTETS};
use super::general;
use super::limit::{AnswerKind, Limiter};
use super::name::QuestionName;
use super::question::{self, HEADER_OCTETS, Question};
use super::reply::{ReplyEdns, ReplyForm, write, write_question};
use super::service::{LoggedQuestion, Now, QueryLog, Transport};

/// Octets of an answer for each octet of its question that a client gets over UDP
/// who has not shown to be who it says it is.
pub const MAX_AMPLIFICATION: usize = 8;

/// What one thread answers with.
#[derive(Debug)]
pub struct Worker {
    zones: Cache<Arc<ArcSwap<Zones>>, Arc<Zones>>,
    desk: Desk,
    name: QuestionName,
    /// Questions until one is logged.
    until_logged: u32,
}

/// What a thread has besides the zones.
#[derive(Debug)]
pub(super) struct Desk {
    /// The secret of cookies.
    pub(super) keys: CookieKeys,
    /// The server's name for those who ask for it.
    pub(super) nsid: Option<Box<[u8]>>,
    /// The thread's share of the rate limit, where there is one.
    pub(super) limiter: Option<Limiter>,
    /// Where sampled questions go.
    pub(super) log: Option<QueryLog>,
    /// The thread's own counters.
    pub(super) counters: Arc<Counters>,
    /// How its messages come.
    pub(super) transport: Transport,
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
    pub(super) fn new(zones: &Arc<ArcSwap<Zones>>, desk: Desk) -> Worker {
        let until_logged = desk.log.as_ref().map_or(0, |log| log.one_in);
        let zones = Cache::new(Arc::clone(zones));
        Worker { zones, desk, name: QuestionName::default(), until_logged }
    }

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
        let Worker { zones, desk, name, until_logged } = self;
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
        let request = match question::read(message, name) {
            Some(Question {
                qtype, end, edns: edns @ Some(Edns { malformed: true, .. }), ..
            }) => Request { end, qtype, edns, answer: Answer::refusal(Rcode::FormErr, None) },
            Some(Question { qtype, qclass, end, edns }) => {
                Request { end, qtype, edns, answer: answer(zones, name, qtype, qclass) }
            }
            None => {
                desk.count(Counted::Unusual);
                unusual(zones, buffer, length, name)
            }
        };
        let (octets, limited) = desk.reply(buffer, length, &request, client, now);
        if desk.log.is_some() {
            *until_logged = until_logged.saturating_sub(1);
            if *until_logged == 0 {
                *until_logged = desk.log(&request, name, limited, client);
            }
        }
        Some(octets)
    }

    /// Lets go of zones that were swapped since the last message: a thread that
    /// has nothing to answer would keep them.
    pub fn refresh(&mut self) {
        self.zones.load();
    }

    /// Tells over how many threads the clients' questions are spread, of which each
    /// gives an equal share of the rate limit.
    pub fn share_limit(&mut self, threads: u32) {
        if let Some(limiter) = &mut self.desk.limiter {
            limiter.share(threads);
        }
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

    /// Writes the reply to a request, or that it has to come again over TCP. Gives
    /// its octets, and whether the limit left it empty.
    #[inline]
    fn reply(
        &mut self,
        buffer: &mut [u8],
        length: usize,
        request: &Request<'_>,
        client: IpAddr,
        now: Now,
    ) -> (usize, bool) {
        let Request { end, qtype, edns, answer } = request;
        let cookie = edns.and_then(|edns| edns.cookie);
        let known = cookie.is_some_and(|cookie| self.knows(&cookie, client, now));
        let counted = outcome(answer);
        self.count(counted);
        let limited = !known && self.limits(kind(counted), client, now);
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
        (octets, limited)
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

    /// Tells the query log of a question. Gives how many more come until the next.
    fn log(&self, request: &Request<'_>, name: &QuestionName, limited: bool, ip: IpAddr) -> u32 {
        let Some(log) = &self.log else { return 0 };
        let question = LoggedQuestion {
            client: ip,
            transport: self.transport,
            name: name.wire().into(),
            qtype: request.qtype,
            rcode: request.answer.rcode,
            passes: outcome(&request.answer) == Counted::Hit,
            limited,
        };
        if log.sender.try_send(question).is_err() {
            self.count(Counted::LogDropped);
        }
        log.one_in
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
    let payload = edns.map_or(UDP_OCTETS, |edns| edns.payload.min(UDP_PAYLOAD_OCTETS));
    let payload = usize::from(payload);
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
    // What was asked before is nobody's business now.
    *name = QuestionName::default();
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
