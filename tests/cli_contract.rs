//! The binary as scripts and people meet it: exit statuses, JSON keys, text.

#![allow(clippy::unwrap_used, reason = "what the tests prepare is there")]

#[path = "cli/support.rs"]
mod support;

#[path = "cli/check.rs"]
mod check;
#[path = "cli/flatten.rs"]
mod flatten;
#[path = "cli/hostile.rs"]
mod hostile;
#[path = "cli/lint.rs"]
mod lint;
#[path = "cli/lint_config.rs"]
mod lint_config;
#[path = "cli/lint_fix.rs"]
mod lint_fix;
#[path = "cli/macros.rs"]
mod macros;
#[path = "cli/network.rs"]
mod network;
#[path = "cli/recording.rs"]
mod recording;
#[path = "cli/tree.rs"]
mod tree;
#[path = "cli/usage.rs"]
mod usage;
#[path = "cli/verify.rs"]
mod verify;
