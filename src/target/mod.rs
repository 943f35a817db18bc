//! What is published: the records of each compile target.
//!
//! Each target turns packed terms into records with names; nothing here asks
//! DNS, and nothing here says that the result is right.

mod apex;
mod exists;
mod exists_static;
mod flat;
mod owner;
mod record;
mod shard;
mod zone;

pub use apex::ZoneApex;
pub use exists::{ExistsError, ExistsOptions, ExistsOutput, exists};
pub use exists_static::{exists_static, exists_static_records};
pub use flat::{ChunkNames, ChunkSet, FlatError, FlatLayout, flat};
pub use record::OutputRecord;
pub use shard::{ShardError, ShardLimits, Shards, shard};
pub use zone::{ZoneData, ZoneRecord, zone_file, zone_line};
