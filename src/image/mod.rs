//! What a responder answers from: how client addresses become names of a
//! zone, the addresses that the zone holds, and what each name is answered with.
//!
//! Self-contained data; nothing here knows how it was compiled.

mod answer;
mod cidrs;
mod decode;
mod encode;
mod index;
mod layout;
mod mismatch;
mod sets;
mod terms;
mod zone_image;

pub use answer::{NameAnswer, ServedZone, ZoneMechanism};
pub use cidrs::{CidrFault, CidrsError, read_cidrs};
pub use decode::{Fault, IMAGE_HEAD_OCTETS, ImageError, announced_octets, decode};
pub use encode::{ImageFile, encode};
pub use index::AddressIndex;
pub use layout::{Layout, LayoutError, Networks, Order, family_label, is_address_label};
pub use mismatch::mismatch;
pub use sets::{ServedSet, SetError};
pub use terms::{ZoneOutcome, ZoneTerms};
pub use zone_image::{Tree, ZoneImage, ZoneImageError};
