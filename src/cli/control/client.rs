//! The end of the person.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use super::{LINE_OCTETS, Order, Reply};

/// How long the server may take: it first ends what it reads.
const PATIENCE: Duration = Duration::from_secs(120);

/// Whether there was a server to ask.
#[derive(Debug)]
pub(in crate::cli) enum Contact {
    /// There was, and this is what it said.
    Answered(Reply),
    /// No server listens there.
    Nobody,
}

/// Asks the server at this socket.
///
/// # Errors
///
/// A server that may not be asked, or does not answer.
pub(in crate::cli) fn ask(socket: &Path, order: &Order) -> io::Result<Contact> {
    let mut stream = match UnixStream::connect(socket) {
        Ok(stream) => stream,
        // A socket that a server left which ended by force refuses.
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused
            ) =>
        {
            return Ok(Contact::Nobody);
        }
        Err(error) => return Err(error),
    };
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut line = serde_json::to_string(order)?;
    line.push('\n');
    stream.write_all(line.as_bytes())?;
    let mut answer = String::new();
    BufReader::new(stream.take(LINE_OCTETS)).read_line(&mut answer)?;
    match serde_json::from_str(&answer) {
        Ok(reply) => Ok(Contact::Answered(reply)),
        Err(_) if answer.is_empty() => {
            Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the server ended the conversation"))
        }
        Err(error) => Err(error.into()),
    }
}
