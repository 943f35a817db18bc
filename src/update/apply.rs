//! Sending the stages of a plan to a server, one behind the other.
//!
//! Over TCP, which carries any update and answer whole. Each stage is looked at
//! on the server before the next one is sent.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use domain::base::Message;
use domain::base::iana::{Class, Rcode, Rtype};
use domain::base::message_builder::MessageBuilder;
use domain::base::rdata::UnknownRecordData;
use domain::rdata::tsig::Time48;
use domain::tsig::{ClientTransaction, Key};
use thiserror::Error;

use super::message::{draft, wire};
use super::{MessageError, UpdateKey};
use crate::dns::Txt;
use crate::name::DomainName;
use crate::publish::{Action, NameChange, Plan};

/// Where updates are sent, and how.
#[derive(Clone, Debug)]
pub struct Server {
    /// The zone's primary server.
    pub address: SocketAddr,
    /// The zone that is updated.
    pub zone: DomainName,
    /// What updates are signed with.
    pub key: UpdateKey,
    /// How long each answer may take.
    pub timeout: Duration,
}

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Chunks that were written.
    pub chunks: usize,
    /// Records of the policy itself that were written.
    pub own: usize,
    /// Names whose old records were deleted.
    pub old: usize,
}

/// Why an update was not made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ApplyError {
    /// The server cannot be reached, or does not answer in time.
    #[error("{address} does not answer: {error}")]
    Unreachable {
        /// The server.
        address: SocketAddr,
        /// What the system says.
        error: io::Error,
    },
    /// The server answers with something that is no answer.
    #[error("{address} sends no sound answer: {what}")]
    Garbled {
        /// The server.
        address: SocketAddr,
        /// What is wrong with it.
        what: String,
    },
    /// The answer does not bear the key's signature.
    #[error("{address} does not take the key: {reason}")]
    Key {
        /// The server.
        address: SocketAddr,
        /// What the signature's check says.
        reason: String,
    },
    /// The server refuses the update.
    #[error("{address} refuses the update of {zone}: {code}{}", hint(*.code))]
    Refused {
        /// The server.
        address: SocketAddr,
        /// The zone.
        zone: DomainName,
        /// The response code.
        code: Rcode,
    },
    /// What stands at a name is not what was looked at.
    #[error(
        "what {address} holds is not what DNS said when it was looked at, so nothing of this stage was written: \
         try again, and ask that server itself with --dns"
    )]
    Changed {
        /// The server.
        address: SocketAddr,
    },
    /// The server took the update, and does not show it.
    #[error("{address} took the update, but does not answer with the new record of {name}")]
    NotThere {
        /// The server.
        address: SocketAddr,
        /// The name.
        name: DomainName,
    },
    /// The update cannot be written down.
    #[error(transparent)]
    Message(#[from] MessageError),
}

impl ApplyError {
    /// Whether trying again may help.
    pub fn is_temporary(&self) -> bool {
        match self {
            ApplyError::Unreachable { .. }
            | ApplyError::Garbled { .. }
            | ApplyError::Changed { .. }
            | ApplyError::NotThere { .. } => true,
            ApplyError::Refused { code, .. } => *code == Rcode::SERVFAIL,
            _ => false,
        }
    }
}

/// What a response code says about who is to mend what.
fn hint(code: Rcode) -> &'static str {
    match code {
        Rcode::NOTAUTH => " (it is not the primary server of that zone, or does not know the key)",
        Rcode::REFUSED => " (its configuration does not allow this key to update the zone)",
        Rcode::NOTZONE => " (a name is not in that zone)",
        Rcode::NOTIMP => " (it knows no updates)",
        _ => "",
    }
}

/// Publishes a plan: chunks, then the policy's own record, each stage only when
/// the one before can be seen. With `drop_old` also deletes what is old, unless
/// this run has just changed the record: receivers may have the old one in their
/// caches then. `now` is the time in seconds since 1970.
///
/// # Errors
///
/// Why a stage was not done; the stages before it stand.
pub fn apply(
    plan: &Plan,
    server: &Server,
    drop_old: bool,
    now: &dyn Fn() -> u64,
) -> Result<Applied, ApplyError> {
    let waited = plan.is_done();
    let stage = |ahead: &[NameChange], changes: &[NameChange]| {
        let open = |change: &&NameChange| change.action() != Action::Keep;
        server.send(ahead, &changes.iter().filter(open).collect::<Vec<_>>(), now)
    };
    let chunks = stage(&[], &plan.chunks)?;
    let own = stage(&plan.chunks, &plan.own)?;
    let old = if drop_old && waited { stage(&plan.own, &plan.old)? } else { 0 };
    Ok(Applied { chunks, own, old })
}

impl Server {
    /// Makes changes in one update, where those ahead stand, and sees to it that
    /// they are there.
    fn send(
        &self,
        ahead: &[NameChange],
        changes: &[&NameChange],
        now: &dyn Fn() -> u64,
    ) -> Result<usize, ApplyError> {
        if changes.is_empty() {
            return Ok(0);
        }
        let mut connection = self.connect()?;
        self.update(&mut connection, ahead, changes, now)?;
        for (index, change) in changes.iter().enumerate() {
            let texts = self.texts(&mut connection, &change.name, index as u16 + 2)?;
            let wanted = change.after.as_ref().map(Txt::new);
            let there = match &wanted {
                Some(text) => texts.contains(text),
                None => change.before.iter().all(|text| !texts.contains(text)),
            };
            if !there {
                let (address, name) = (self.address, change.name.clone());
                return Err(ApplyError::NotThere { address, name });
            }
        }
        Ok(changes.len())
    }

    fn connect(&self) -> Result<TcpStream, ApplyError> {
        let connect = || {
            let stream = TcpStream::connect_timeout(&self.address, self.timeout)?;
            stream.set_read_timeout(Some(self.timeout))?;
            stream.set_write_timeout(Some(self.timeout))?;
            Ok(stream)
        };
        connect().map_err(|error| self.unreachable(error))
    }

    fn unreachable(&self, error: io::Error) -> ApplyError {
        ApplyError::Unreachable { address: self.address, error }
    }

    fn garbled(&self, what: impl ToString) -> ApplyError {
        ApplyError::Garbled { address: self.address, what: what.to_string() }
    }

    fn update(
        &self,
        connection: &mut TcpStream,
        ahead: &[NameChange],
        changes: &[&NameChange],
        now: &dyn Fn() -> u64,
    ) -> Result<(), ApplyError> {
        let mut message = draft(&self.zone, ahead, changes, 1)?;
        let key: &Key = &self.key.0;
        let transaction = ClientTransaction::request(key, &mut message, time(now))
            .map_err(|_| MessageError::TooLong(self.zone.clone()))?;
        let mut answer = self.exchange(connection, &message.finish(), 1)?;
        let code = answer.header().rcode();
        // A server that does not know the key cannot sign what it says.
        let refused = matches!(code, Rcode::NOTAUTH | Rcode::REFUSED | Rcode::NOTIMP);
        match transaction.answer(&mut answer, time(now)) {
            Ok(()) => {}
            Err(_) if refused => {}
            Err(error) => {
                let (address, reason) = (self.address, error.to_string());
                return Err(ApplyError::Key { address, reason });
            }
        }
        match code {
            Rcode::NOERROR => Ok(()),
            Rcode::YXRRSET | Rcode::NXRRSET | Rcode::YXDOMAIN | Rcode::NXDOMAIN => {
                Err(ApplyError::Changed { address: self.address })
            }
            code => {
                let (address, zone) = (self.address, self.zone.clone());
                Err(ApplyError::Refused { address, zone, code })
            }
        }
    }

    /// The TXT records that the server holds at a name.
    fn texts(
        &self,
        connection: &mut TcpStream,
        name: &DomainName,
        id: u16,
    ) -> Result<Vec<Txt>, ApplyError> {
        let mut builder = MessageBuilder::new_vec();
        builder.header_mut().set_id(id);
        let mut question = builder.question();
        question
            .push((wire(name), Rtype::TXT, Class::IN))
            .map_err(|_| MessageError::TooLong(name.clone()))?;
        let answer = self.exchange(connection, &question.finish(), id)?;
        let section = answer.answer().map_err(|error| self.garbled(error))?;
        let mut texts = Vec::new();
        for record in section.limit_to::<UnknownRecordData<_>>() {
            let record = record.map_err(|error| self.garbled(error))?;
            if record.data().rtype() == Rtype::TXT {
                texts.extend(Txt::from_rdata(record.data().data()));
            }
        }
        Ok(texts)
    }

    /// Sends a message and reads the answer to it.
    fn exchange(
        &self,
        connection: &mut TcpStream,
        message: &[u8],
        id: u16,
    ) -> Result<Message<Vec<u8>>, ApplyError> {
        let octets = exchange(connection, message).map_err(|error| self.unreachable(error))?;
        let answer = Message::from_octets(octets).map_err(|error| self.garbled(error))?;
        match answer.header().qr() && answer.header().id() == id {
            true => Ok(answer),
            false => Err(self.garbled("it answers another question")),
        }
    }
}

/// A time that TSIG can say, in seconds since 1970.
fn time(now: &dyn Fn() -> u64) -> Time48 {
    Time48::from_u64(now() & 0xffff_ffff_ffff)
}

/// One message there and one back, each behind its length (RFC 1035 section
/// 4.2.2).
fn exchange(connection: &mut TcpStream, message: &[u8]) -> io::Result<Vec<u8>> {
    let length = u16::try_from(message.len()).map_err(io::Error::other)?;
    let mut framed = length.to_be_bytes().to_vec();
    framed.extend_from_slice(message);
    connection.write_all(&framed)?;
    let mut length = [0; 2];
    connection.read_exact(&mut length)?;
    let mut answer = vec![0; usize::from(u16::from_be_bytes(length))];
    connection.read_exact(&mut answer)?;
    Ok(answer)
}
