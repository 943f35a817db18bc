//! What has to change in DNS so that the output is published: the records to
//! add, change and delete, in an order in which no receiver ever meets a
//! mixture of the old and the new, and the forms in which DNS hosts take them.
//!
//! Data and texts; nothing here asks DNS or sends an update.

mod dnscontrol;
mod error;
mod form;
mod names;
mod notes;
mod nsupdate;
mod octodns;
mod plan;
mod presentation;
mod rbldnsd;
mod route53;
mod sets;
mod terraform;

pub use error::{RenderError, TextFault};
pub use form::{Form, RenderOptions, render};
pub use plan::{Action, NameChange, Plan, Stage};
pub use rbldnsd::{RbldnsdError, rbldnsd, rbldnsd_data_set, rbldnsd_zone};
