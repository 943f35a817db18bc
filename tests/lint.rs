//! Linting as a whole: every rule on its fixtures, the two output formats,
//! published records with mistakes, and the verdict of the oracle.

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
