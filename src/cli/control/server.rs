//! The end of the server: a thread that takes one order after the other.

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use nix::sys::socket::{getsockopt, sockopt::PeerCredentials};
use nix::unistd::geteuid;

use super::{ORDER_OCTETS, Order, Reply};

/// How long the other end may take to say what it wants, and to listen.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long it is waited after the socket failed.
const PAUSE: Duration = Duration::from_millis(100);

/// Somebody who follows orders.
pub(in crate::cli) trait Controlled: Send + Sync + 'static {
    /// Follows one, or says why not.
    fn follow(&self, order: Order) -> Reply;
}

/// Takes orders at a socket, which is this process's own from now on: whatever stood
/// at its place is gone. The thread ends with the process.
///
/// # Errors
///
/// What the system refuses.
pub(in crate::cli) fn listen(path: PathBuf, controlled: Arc<dyn Controlled>) -> io::Result<()> {
    let listener = bind(&path)?;
    thread::Builder::new().name("control".to_owned()).spawn(move || {
        for stream in listener.incoming() {
            match stream {
                // What becomes of the other end is its own matter.
                Ok(stream) => drop(converse(stream, &*controlled)),
                Err(_) => thread::sleep(PAUSE),
            }
        }
    })?;
    Ok(())
}

fn bind(path: &Path) -> io::Result<UnixListener> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

fn converse(stream: UnixStream, controlled: &dyn Controlled) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let peer = getsockopt(&stream, PeerCredentials)?.uid();
    // Read in any case: who still speaks when the conversation ends does not hear why.
    let mut line = String::new();
    BufReader::new((&stream).take(ORDER_OCTETS)).read_line(&mut line)?;
    let reply = match peer == 0 || peer == geteuid().as_raw() {
        false => refused("only the user of the server, and root, may give it orders"),
        true => match serde_json::from_str(&line) {
            Ok(order) => controlled.follow(order),
            Err(_) => refused("this is no order that the server knows"),
        },
    };
    let mut line = serde_json::to_string(&reply)?;
    line.push('\n');
    (&stream).write_all(line.as_bytes())
}

fn refused(reason: &str) -> Reply {
    Reply::Refused { reason: reason.to_owned() }
}
