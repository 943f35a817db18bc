//! Publishing a change by dynamic update (RFC 2136), signed with TSIG
//! (RFC 8945): stage by stage, each looked at on the server before the next.
//!
//! What changes is the plan's to say; nothing here compiles.

mod apply;
mod key;
mod message;

pub use apply::{Applied, ApplyError, Server, apply};
pub use key::{KeyError, UpdateKey};
pub use message::{MessageError, update};
