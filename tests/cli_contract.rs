//! The binary as scripts and people meet it: exit statuses, JSON keys, text.

#![allow(clippy::unwrap_used, reason = "what the tests prepare is there")]

#[path = "cli/folder.rs"]
mod folder;
#[allow(dead_code, reason = "the server can do more than is tried here")]
#[path = "support/mod.rs"]
mod servers;
#[path = "support/shared.rs"]
mod shared;
#[path = "cli/support.rs"]
mod support;

#[path = "cli/bulk.rs"]
mod bulk;
#[path = "cli/change.rs"]
mod change;
#[path = "cli/check.rs"]
mod check;
#[path = "cli/drift.rs"]
mod drift;
#[path = "cli/flatten.rs"]
mod flatten;
#[path = "cli/hostile.rs"]
mod hostile;
#[path = "cli/hosts.rs"]
mod hosts;
#[path = "cli/inline.rs"]
mod inline;
#[path = "cli/lint.rs"]
mod lint;
#[path = "cli/lint_config.rs"]
mod lint_config;
#[path = "cli/lint_fix.rs"]
mod lint_fix;
#[path = "cli/lint_recorded.rs"]
mod lint_recorded;
#[path = "cli/macros.rs"]
mod macros;
#[path = "cli/map.rs"]
mod map;
#[path = "cli/network.rs"]
mod network;
#[path = "cli/rbldnsd.rs"]
mod rbldnsd;
#[path = "cli/recording.rs"]
mod recording;
#[path = "cli/tree.rs"]
mod tree;
#[path = "cli/usage.rs"]
mod usage;
#[path = "cli/verify.rs"]
mod verify;
#[path = "cli/zones.rs"]
mod zones;
