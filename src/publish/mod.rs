//! What has to change in DNS so that the output is published: the records to
//! add, change and delete, in an order in which no receiver ever meets a
//! mixture of the old and the new.
//!
//! Data and texts; nothing here asks DNS or sends an update.

mod plan;
mod rbldnsd;

pub use plan::{Action, NameChange, Plan, Stage};
pub use rbldnsd::{RbldnsdError, rbldnsd, rbldnsd_data_set, rbldnsd_zone};
