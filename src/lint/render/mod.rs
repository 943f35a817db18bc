//! Reports as text. Whatever came from DNS is hostile and is escaped for where
//! it goes; nothing here decides what is reported.

mod excerpt;
mod human;
mod json;

pub use human::{HumanStyle, Palette, human, summary};
pub use json::{diagnostics, json, json_fixed};
