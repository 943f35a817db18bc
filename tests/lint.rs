//! Linting as a whole: every rule on its fixtures, the output formats,
//! published records with mistakes, and the verdict of the oracle.

#![allow(clippy::unwrap_used, reason = "a test may stop where its own data is wrong")]

#[path = "lint/asking.rs"]
mod asking;
#[path = "lint/case.rs"]
mod case;
#[path = "lint/corpus.rs"]
mod corpus;
#[path = "lint/cures.rs"]
mod cures;
#[path = "lint/drift.rs"]
mod drift;
#[path = "lint/effects.rs"]
mod effects;
#[path = "lint/fixes.rs"]
mod fixes;
#[path = "lint/fixtures.rs"]
mod fixtures;
#[path = "lint/formats.rs"]
mod formats;
#[path = "lint/never_meant.rs"]
mod never_meant;
#[path = "lint/sarif.rs"]
mod sarif;
#[path = "lint/sizes.rs"]
mod sizes;
