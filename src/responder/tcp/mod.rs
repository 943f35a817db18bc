//! DNS over TCP (RFC 7766): one thread for all connections, which answers the
//! questions of each in their order.
//!
//! What is answered is the caller's matter. Nobody can keep others out: a
//! connection has its times, a client its number of connections, and where all
//! are taken, the one that has been silent for the longest time gives way to a
//! new one. edns-tcp-keepalive (RFC 7828) is not spoken: connections are
//! closed as the server sees fit, as clients have to expect anyway.

mod connection;
mod counters;
mod frames;
mod seats;
mod server;
#[cfg(test)]
mod tests;

use std::io;
use std::net::TcpListener;
use std::rc::Rc;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

use nix::sys::socket::{Backlog, listen};
use tokio::sync::watch;

pub use counters::TcpCounts;
pub use server::Respond;

use super::TcpOptions;
use counters::Counters;
use server::Shared;

/// The thread that answers over TCP. It goes on until it is stopped or this is
/// dropped.
#[derive(Debug)]
pub struct TcpServer {
    thread: JoinHandle<()>,
    stop: watch::Sender<bool>,
    counters: Arc<Counters>,
}

/// Answers over TCP at these sockets, on a thread of its own.
///
/// # Errors
///
/// What the system says when it gives no thread or does not watch a socket.
pub fn serve_tcp<R: Respond + Send + 'static>(
    listeners: Vec<TcpListener>,
    respond: R,
    options: TcpOptions,
) -> io::Result<TcpServer> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let listeners = {
        let _entered = runtime.enter();
        listeners
            .into_iter()
            .map(|listener| {
                listener.set_nonblocking(true)?;
                // A queue that is full makes clients wait for a second.
                listen(&listener, Backlog::MAXCONN)?;
                tokio::net::TcpListener::from_std(listener)
            })
            .collect::<io::Result<Vec<_>>>()?
    };
    let (stop, stopped) = watch::channel(false);
    let counters = Arc::new(Counters::default());
    let counted = counters.clone();
    let thread = Builder::new().name("tcp".to_owned()).spawn(move || {
        let shared = Rc::new(Shared::new(options, counted, respond));
        runtime.block_on(server::serve(listeners, shared, stopped));
    })?;
    Ok(TcpServer { thread, stop, counters })
}

impl TcpServer {
    /// What has happened so far.
    pub fn counts(&self) -> TcpCounts {
        self.counters.read()
    }

    /// Takes no more connections, and ends those there are when they have their
    /// answers, in 2 seconds at most. Does not wait for that.
    pub fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// Whether the thread has ended.
    pub fn is_finished(&self) -> bool {
        self.thread.is_finished()
    }

    /// Waits until the thread has ended.
    ///
    /// # Errors
    ///
    /// It ended by a panic.
    pub fn join(self) -> io::Result<()> {
        self.thread.join().map_err(|_| io::Error::other("the thread of TCP has panicked"))
    }
}
