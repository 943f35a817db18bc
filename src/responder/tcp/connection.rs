//! One connection: questions in, answers out in the same order, within its times.
//!
//! Who gets a connection is not decided here.

use std::io;
use std::net::IpAddr;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, timeout, timeout_at};

use super::counters::count;
use super::frames::{Frames, append};
use super::server::{Respond, Seat, Shared};

/// Answers are written when so many octets of them have come together, or all
/// questions that were read are answered.
const WRITE_AT: usize = 16 << 10;
/// How long a question may be on its way when the server ends.
const LAST_QUESTION: Duration = Duration::from_millis(50);
/// How long a client may take to see that the connection is over. Octets that
/// it sent and nobody read would make the system withdraw the answers.
const FAREWELL: Duration = Duration::from_millis(500);

/// Why a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The client closed or broke it.
    Closed,
    /// It took too long.
    TimedOut,
    /// It sent what has no answer.
    Hopeless,
    /// The server ends.
    Stopped,
}

/// A connection and what is under way in it.
pub(super) struct Connection<R> {
    stream: TcpStream,
    client: IpAddr,
    seat: Seat<R>,
    stop: watch::Receiver<bool>,
    frames: Frames,
    answers: Vec<u8>,
}

impl<R: Respond> Connection<R> {
    pub(super) fn new(
        stream: TcpStream,
        client: IpAddr,
        seat: Seat<R>,
        stop: watch::Receiver<bool>,
    ) -> Connection<R> {
        Connection { stream, client, seat, stop, frames: Frames::default(), answers: Vec::new() }
    }

    /// Answers until the connection ends.
    pub(super) async fn converse(mut self) -> End {
        let total = self.shared().options.total;
        let end = match timeout(total, self.answer_all()).await {
            Ok(end) => end,
            Err(_) => End::TimedOut,
        };
        if matches!(end, End::Stopped | End::Hopeless) {
            self.farewell().await;
        }
        end
    }

    fn shared(&self) -> &Shared<R> {
        self.seat.shared()
    }

    async fn answer_all(&mut self) -> End {
        let idle = self.shared().options.idle;
        let mut deadline = Instant::now() + idle;
        loop {
            let hopeless = self.answer_read();
            if !self.answers.is_empty() {
                // A client that does not read holds up nobody but itself.
                match timeout(idle, self.stream.write_all(&self.answers)).await {
                    Err(_) => return End::TimedOut,
                    Ok(Err(_)) => return End::Closed,
                    Ok(Ok(())) => {}
                }
                self.answers.clear();
                // Octets alone do not renew anything: a message has to be whole.
                deadline = Instant::now() + idle;
                self.seat.renew();
                if !hopeless {
                    continue;
                }
            }
            if hopeless {
                return End::Hopeless;
            }
            self.frames.rest();
            self.answers = Vec::new();
            if let Err(end) = self.read(deadline).await {
                return end;
            }
        }
    }

    /// Answers what has been read as a whole, up to what is written at once. Tells
    /// whether something has no answer: who sent it waits for nothing, or for
    /// ever, and cannot be told in any other way than by the end of the connection.
    fn answer_read(&mut self) -> bool {
        let shared = self.seat.shared();
        let mut borrowed = shared.answering.borrow_mut();
        let answering = &mut *borrowed;
        while self.answers.len() < WRITE_AT {
            let message = match self.frames.next() {
                Ok(Some(message)) => message,
                Ok(None) => return false,
                Err(_) => return true,
            };
            let Some(place) = answering.buffer.get_mut(..message.len()) else { return true };
            place.copy_from_slice(message);
            let length = message.len();
            let octets = answering.respond.respond(&mut answering.buffer, length, self.client);
            let Some(answer) = octets.and_then(|octets| answering.buffer.get(..octets)) else {
                return true;
            };
            append(&mut self.answers, answer);
            count(&shared.counters.messages);
        }
        false
    }

    /// Reads what comes, by `deadline`.
    async fn read(&mut self, deadline: Instant) -> Result<(), End> {
        loop {
            // An end that nobody can announce any more is an end, too.
            let stopped = *self.stop.borrow() || self.stop.has_changed().is_err();
            let ready = if stopped {
                // What has been sent before the end is answered, and no more.
                match timeout(LAST_QUESTION, self.stream.readable()).await {
                    Ok(ready) => ready,
                    Err(_) => return Err(End::Stopped),
                }
            } else {
                tokio::select! {
                    biased;
                    _ = self.stop.changed() => continue,
                    ready = timeout_at(deadline, self.stream.readable()) => match ready {
                        Ok(ready) => ready,
                        Err(_) => return Err(End::TimedOut),
                    },
                }
            };
            match ready.and_then(|()| self.take()) {
                Ok(0) => return Err(End::Closed),
                Ok(_) => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => return Err(End::Closed),
            }
        }
    }

    /// Takes what has come. The buffer is everybody's: a connection that has
    /// nothing to say holds no memory.
    fn take(&mut self) -> io::Result<usize> {
        let mut answering = self.seat.shared().answering.borrow_mut();
        let room = self.frames.room().min(answering.buffer.len());
        let Some(place) = answering.buffer.get_mut(..room) else { return Ok(0) };
        let octets = self.stream.try_read(place)?;
        self.frames.add(place.get(..octets).unwrap_or_default());
        Ok(octets)
    }

    /// Says that no more comes, and waits a little for the client to agree.
    async fn farewell(&mut self) {
        if self.stream.shutdown().await.is_err() {
            return;
        }
        let until = Instant::now() + FAREWELL;
        while let Ok(Ok(())) = timeout_at(until, self.stream.readable()).await {
            let mut unread = [0; 1024];
            match self.stream.try_read(&mut unread) {
                Ok(0) => return,
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => return,
            }
        }
    }
}
