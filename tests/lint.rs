//! Linting as a whole: every rule on its fixtures, the two output formats,
//! published records with mistakes, and the verdict of the oracle.

#![allow(clippy::unwrap_used, reason = "a test may stop where its own data is wrong")]

#[path = "lint/asking.rs"]
mod asking;
#[path = "lint/case.rs"]
mod case;
#[path = "lint/corpus.rs"]
mod corpus;
#[path = "lint/fixtures.rs"]
mod fixtures;
#[path = "lint/formats.rs"]
mod formats;
#[path = "lint/never_meant.rs"]
mod never_meant;
#[path = "lint/sizes.rs"]
mod sizes;
