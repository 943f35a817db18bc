//! What makes `spfc` ready to drop in: manual pages and completions as the tools
//! that show them read them, the GitHub Action, the hooks and the snippets.

// What the tests prepare is there; a file that cannot be read is a failed test.
#![allow(clippy::unwrap_used)]

#[path = "support/files.rs"]
mod files;
#[path = "support/programs.rs"]
mod programs;

#[path = "packaging/action.rs"]
mod action;
#[path = "packaging/generated.rs"]
mod generated;
#[path = "packaging/image.rs"]
mod image;
#[path = "packaging/release.rs"]
mod release;
#[path = "packaging/snippets.rs"]
mod snippets;
#[path = "packaging/spfc.rs"]
mod spfc;
#[path = "packaging/tools.rs"]
mod tools;
