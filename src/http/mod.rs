//! The same over HTTP: an API for what commands do, metrics, and how the sources of a
//! server do.
//!
//! Whoever asks is a stranger: requests are bounded in size, in time and in number, what
//! they cost is bounded too, and nothing changes without the token. DNS is not answered
//! here, and nothing here is known to who answers it.

mod api;
mod compute;
mod guard;
mod headers;
mod health;
mod metrics;
mod openapi;
mod options;
mod overseer;
mod page;
mod problem;
mod router;
mod server;
#[cfg(test)]
mod tests;

pub use openapi::openapi;
pub use options::{HttpOptions, Token, TokenError};
pub use overseer::{Overseer, ServedPolicy};
pub use server::{HttpServer, Site};
