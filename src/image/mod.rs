//! What a responder answers from: how client addresses become names of a
//! zone, and the addresses that the zone holds.
//!
//! Self-contained data; nothing here knows how it was compiled.

mod layout;
mod sets;

pub use layout::{Layout, LayoutError, Order};
pub use sets::{ServedSet, SetError};
