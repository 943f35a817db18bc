//! A compiler for SPF policies (RFC 7208) that proves its output.
//!
//! `spfc` reads the records of a domain, expands its includes and compiles
//! them to records that mean the same for every client address. The modules
//! build on each other from the first to the last; ARCHITECTURE.md has the map.

pub mod addr;
#[cfg(feature = "cli")]
pub mod cli;
pub mod compile;
pub mod config;
pub mod counts;
pub mod dns;
#[cfg(feature = "cli")]
mod documents;
pub mod escape;
pub mod eval;
#[cfg(feature = "history")]
pub mod history;
pub mod image;
pub mod limits;
pub mod lint;
pub mod message;
pub mod metrics;
pub mod name;
pub mod optimize;
pub mod outcome;
#[cfg(feature = "picture")]
pub mod picture;
pub mod policy;
pub mod proof;
pub mod publish;
#[cfg(feature = "refresh")]
pub mod refresh;
#[cfg(feature = "responder")]
pub mod responder;
pub mod syntax;
pub mod target;
pub mod update;
pub mod whole_file;
