//! From a decision map to the terms of records: the order of static and
//! dynamic terms, covers of ranges by prefixes, and packing into TXT records.
//!
//! Pure. Weights are printed octets. Whether the result is right is for the
//! proof to say, which never looks in here.

mod disjoint;
mod ordered;
mod pack;
mod sequence;
mod text;
mod unit;

pub use disjoint::{disjoint, disjoint_groups};
pub use ordered::{DefaultResult, ordered};
pub use pack::{Layout, PackError, PackedRecord, Packing, PublishedTerms, pack, unit_octets};
pub use sequence::{Group, Inexpressible, Sequence, sequence};
pub use text::{RecordText, rdata_octets, split_strings};
pub use unit::{Cover, GroupCover, PositionCover, Unit};
