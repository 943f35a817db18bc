//! Why there is no server.

use std::io;
use std::net::SocketAddr;

use thiserror::Error;

use crate::cli::exit::Exit;
use crate::http::TokenError;
use crate::refresh::DirectoryError;

use super::sockets::SocketError;
use super::user::UserError;

/// Why the server does not start, or ended. The fault lies with the
/// configuration or the machine.
#[derive(Debug, Error)]
pub(in crate::cli) enum ServeError {
    /// No sockets.
    #[error(transparent)]
    Socket(#[from] SocketError),
    /// Not the user that it has to be.
    #[error(transparent)]
    User(#[from] UserError),
    /// The secret of cookies.
    #[error("{0} does not hold a secret of DNS cookies: 32 hexadecimal digits")]
    CookieSecret(String),
    /// Where the state is kept.
    #[error("'state' in [serve]: {0}")]
    State(#[from] DirectoryError),
    /// The token of those who may change something over HTTP.
    #[error("{path}: {error}")]
    Token {
        /// The file.
        path: String,
        /// What is wrong with it.
        error: TokenError,
    },
    /// An address for HTTP that cannot be had.
    #[error("cannot listen at {address} for HTTP: {error}")]
    Http {
        /// The address.
        address: SocketAddr,
        /// Why.
        error: io::Error,
    },
    /// Zones without data, with how a run ends that has the first one's reason to
    /// tell.
    #[error("none of the zones can be served: the log says why")]
    NothingServed(Exit),
    /// What the system does not give.
    #[error("{what}: {error}")]
    System {
        /// What was wanted.
        what: &'static str,
        /// Why it is not to be had.
        error: io::Error,
    },
    /// A thread is gone.
    #[error("a thread that answers has ended by itself: a mistake of this program")]
    ThreadEnded,
}

impl ServeError {
    /// Tells what was wanted of the system.
    pub(super) fn system(what: &'static str) -> impl FnOnce(io::Error) -> ServeError {
        move |error| ServeError::System { what, error }
    }
}

impl ServeError {
    /// The exit status of a run that ends with this error.
    pub(in crate::cli) fn exit(&self) -> Exit {
        match self {
            ServeError::NothingServed(exit) => *exit,
            _ => Exit::Usage,
        }
    }
}
