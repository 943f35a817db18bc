//! The documents of `spfc history` and of orders to a server.

mod shapes;
mod versions;

pub(crate) use shapes::{
    ChangedRangeShape, EventShape, HistoryDocument, OrderDocument, VersionDocument, VersionShape,
    VersionsDocument, Which,
};
pub(crate) use versions::VersionSide;
