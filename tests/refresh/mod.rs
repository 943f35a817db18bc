//! A week of the engine in seconds: a world in memory that follows a script, tenants
//! whose policies include providers of the corpus, and checks of all that comes out.
//!
//! Shared by the test, which runs some tenants for two days, and the bench, which runs
//! a thousand for a week.

pub(crate) mod annals;
pub(crate) mod oracle;
pub(crate) mod providers;
pub(crate) mod questions;
pub(crate) mod script;
pub(crate) mod simulation;
pub(crate) mod swaps;
pub(crate) mod tenants;
pub(crate) mod timetable;
pub(crate) mod world;
