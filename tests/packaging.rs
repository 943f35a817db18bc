//! What makes `spfc` ready to drop in: the image, and the scripts that build it.

// What the tests prepare is there; a file that cannot be read is a failed test.
#![allow(clippy::unwrap_used)]

#[path = "support/files.rs"]
mod files;

#[path = "packaging/image.rs"]
mod image;
#[path = "packaging/tools.rs"]
mod tools;
