//! What a responder answers from: how client addresses become names of a
//! zone, the addresses that the zone holds, and what each name is answered with.
//!
//! Self-contained data; nothing here knows how it was compiled.

mod answer;
mod index;
mod layout;
mod sets;
mod zone_image;

pub use answer::{NameAnswer, ServedZone, ZoneMechanism};
pub use index::AddressIndex;
pub use layout::{Layout, LayoutError, Networks, Order, family_label};
pub use sets::{ServedSet, SetError};
pub use zone_image::{Tree, ZoneImage, ZoneImageError};
