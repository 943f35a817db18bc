//! What is published: the records of each compile target.
//!
//! Each target turns packed terms into records with names; nothing here asks
//! DNS, and nothing here says that the result is right.

mod chunks;
mod exists;
mod exists_static;
mod flat;
mod inlined;
mod record;
mod zone;

pub use chunks::{ChunkNames, ChunkSet, PublishedChunk, PublishedRecords};
pub use exists::{ExistsError, ExistsOptions, ExistsOutput, exists};
pub use exists_static::{ZoneApex, exists_static, exists_static_records};
pub use flat::{FlatError, FlatLayout, flat};
pub use inlined::inlined;
pub use record::OutputRecord;
pub use zone::{SECONDARY_SECONDS, ZoneData, ZoneRecord, host_name, zone_file};
