//! How a person's orders reach the running server: one line of JSON there, one back,
//! over a Unix socket in the state directory.
//!
//! Who may open the socket is decided by the directory, which is its owner's, and once
//! more by whom the system says that the other end is.

mod client;
mod server;

use serde::{Deserialize, Serialize};

use crate::refresh::Status;

pub(super) use client::{Contact, ask};
pub(super) use server::{Controlled, listen};

/// Octets of a line at most, a status of 100,000 sources among them.
const LINE_OCTETS: u64 = 64 << 20;
/// Octets of an order at most.
const ORDER_OCTETS: u64 = 4096;

/// What a person orders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "order", rename_all = "kebab-case")]
pub(super) enum Order {
    /// To say how sources do.
    Status,
    /// To serve what waits.
    Accept {
        /// The source, or its domain.
        source: String,
        /// Which change: that which waits since then, in seconds since 1970.
        since: Option<i64>,
    },
    /// To serve an earlier version.
    RollBack {
        /// The source, or its domain.
        source: String,
        /// The version's number.
        version: u64,
    },
}

/// What the server says to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "kebab-case")]
pub(super) enum Reply {
    /// How sources do.
    Status(Box<Status>),
    /// It was done.
    Done {
        /// What, in a sentence.
        said: String,
    },
    /// It was not done.
    Refused {
        /// Why, in a sentence.
        reason: String,
    },
}

#[cfg(test)]
mod tests;
