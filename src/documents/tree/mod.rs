//! The document of an include tree, and what the tree is told by: its lines, and the
//! addresses that each branch brings.

mod document;
mod lines;
mod reach;
mod shapes;

pub(crate) use lines::{Cut, TreeLine, lines};
pub(crate) use reach::{Addresses, Reach};
pub(crate) use shapes::{AddressesShape, PolicyShape, TermShape, TreeDocument};
