//! Reports as text. Whatever came from DNS is hostile and is escaped for where
//! it goes; nothing here decides what is reported.

mod excerpt;
mod human;
mod json;
mod tally;

pub use human::{HumanStyle, Palette, human, summary};
pub use json::{diagnostics, json, json_line};
pub use tally::Tally;
