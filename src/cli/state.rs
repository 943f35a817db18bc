//! The state of a server, for those who ask about it: the running server where there
//! is one, what it left in its directory where there is none.

use std::path::PathBuf;

use clap::Args;
use thiserror::Error;

use super::control::{Contact, Order, Reply, ask};
use super::error::{CliError, shown};
use super::exit::Exit;
use super::zones::read_config;
use crate::config::{CONFIG_FILE, ServeConfig};
use crate::documents::Which;
use crate::history::{History, HistoryError};
use crate::refresh::{DirectoryError, OrderError, StateDirectory};

/// Where the state of a server is found.
#[derive(Clone, Debug, Args)]
pub(super) struct StateArgs {
    /// The configuration of the server, which names its state directory
    #[arg(long, value_name = "FILE", default_value = CONFIG_FILE)]
    pub(super) config: PathBuf,
    /// The state directory itself
    #[arg(long, value_name = "FOLDER")]
    pub(super) state: Option<PathBuf>,
}

/// Why the state of a server tells nothing.
#[derive(Debug, Error)]
pub(super) enum StateError {
    /// A configuration without a directory.
    #[error("{0} has no 'state' in [serve], so that nothing is known of its sources")]
    NoState(String),
    /// A directory that no server has used.
    #[error("no server has kept its state at {0}")]
    NoDirectory(String),
    /// The files there.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// The file of the history.
    #[error("the history at {0}: {1}")]
    HistoryFile(String, HistoryError),
    /// What it holds.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// A server that cannot be spoken with.
    #[error("cannot speak with the server at {path}: {error}")]
    Control {
        /// The socket.
        path: String,
        /// Why.
        error: std::io::Error,
    },
    /// A server that has no socket.
    #[error(
        "a server runs that takes no orders at {0}: it is just beginning or ending, or its log says why"
    )]
    NoSocket(String),
    /// The server does not do what it is told.
    #[error("{0}")]
    Refused(String),
    /// Nor do its files allow it.
    #[error(transparent)]
    Order(#[from] OrderError),
    /// Neither a source nor a domain of one.
    #[error("the history has no source and no domain '{0}'{1}")]
    NoSource(String, String),
    /// A version that is not there.
    #[error("the history has no version {1} of '{0}'")]
    NoVersion(String, u64),
    /// A version of a file of addresses.
    #[error("version {1} of '{0}' is of a file of addresses, which the history does not keep")]
    NoAnswers(String, u64),
    /// Nothing is held.
    #[error("nothing of '{0}' waits for a person")]
    NothingWaits(String),
    /// Versions that cannot be compared.
    #[error(
        "{1} and {2} of '{0}' cannot be compared: of files of addresses there is no more than what changed, \
         as 'spfc history' and 'spfc status' have it"
    )]
    NotComparable(String, Which, Which),
}

impl StateError {
    /// The exit status.
    pub(super) fn exit(&self) -> Exit {
        match self {
            StateError::Order(OrderError::Unfit { .. }) => Exit::Policy,
            StateError::Refused(_) | StateError::Order(_) => Exit::No,
            _ => Exit::Usage,
        }
    }
}

impl StateArgs {
    /// The directory.
    ///
    /// # Errors
    ///
    /// A configuration that cannot be read, or names none.
    pub(super) fn directory(&self) -> Result<StateDirectory, CliError> {
        let path = match &self.state {
            Some(path) => path.clone(),
            None => {
                let state = self.serve_config()?.state;
                state.ok_or_else(|| StateError::NoState(shown(&self.config)))?
            }
        };
        // A server that was there has left its lock, where one may look.
        if path.join("lock").try_exists().is_ok_and(|left| !left) {
            return Err(StateError::NoDirectory(shown(&path)).into());
        }
        Ok(StateDirectory::at(path))
    }

    /// The configuration.
    ///
    /// # Errors
    ///
    /// One that cannot be read.
    pub(super) fn serve_config(&self) -> Result<ServeConfig, CliError> {
        read_config(&self.config)
    }

    /// What the running server says to an order; none where no server runs.
    ///
    /// # Errors
    ///
    /// A server that cannot be spoken with, or refuses.
    pub(super) fn order(&self, order: &Order) -> Result<Option<Reply>, CliError> {
        let socket = self.directory()?.control();
        let failed = |error| StateError::Control { path: shown(&socket), error };
        match ask(&socket, order).map_err(failed)? {
            Contact::Nobody if self.directory()?.is_in_use() => {
                Err(StateError::NoSocket(shown(&socket)).into())
            }
            Contact::Nobody => Ok(None),
            Contact::Answered(Reply::Refused { reason }) => Err(StateError::Refused(reason).into()),
            Contact::Answered(reply) => Ok(Some(reply)),
        }
    }

    /// The history, to be read.
    ///
    /// # Errors
    ///
    /// None that can be read.
    pub(super) fn history(&self) -> Result<History, CliError> {
        let path = self.directory()?.history();
        Ok(History::read_only(&path)
            .map_err(|error| StateError::HistoryFile(shown(&path), error))?)
    }
}
