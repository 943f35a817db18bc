//! What several tests share.

// What fails here is a failed test.
#![allow(clippy::unwrap_used)]

pub(crate) mod dns_server;
pub(crate) mod zone;
