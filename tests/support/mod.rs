//! What several tests share.

pub(crate) mod dns_server;
pub(crate) mod walk;
