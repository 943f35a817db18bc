//! What is published: the records of each compile target.
//!
//! Each target turns packed terms into records with names; nothing here asks
//! DNS, and nothing here says that the result is right.

mod apex;
mod chunks;
mod exists;
mod exists_static;
mod flat;
mod inlined;
mod owner;
mod record;
mod shard;
mod zone;

pub use apex::ZoneApex;
pub use chunks::{ChunkNames, ChunkSet, PublishedChunk, PublishedRecords};
pub use exists::{ExistsError, ExistsOptions, ExistsOutput, exists};
pub use exists_static::{exists_static, exists_static_records};
pub use flat::{FlatError, FlatLayout, flat};
pub use inlined::inlined;
pub use record::OutputRecord;
pub use shard::{ShardError, ShardLimits, Shards, shard};
pub use zone::{
    SECONDARY_SECONDS, ZoneData, ZoneRecord, decimal_escape, host_name, quoted_string, zone_file,
    zone_line,
};
