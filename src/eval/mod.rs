//! The oracle: `check_host()` of RFC 7208, written from its sections 4 to 7.
//!
//! It shares parsed records and macro expansion with the compiler and nothing
//! else, so that it can convict the compiler. It is a pure function of the
//! answers that a [`Lookup`](crate::dns::Lookup) has: it waits for nothing,
//! reads no clock, and says which questions have to be asked where answers are
//! missing.

mod addresses;
mod asked;
mod authentication_results;
mod check_host;
mod evaluator;
mod explanation;
mod frame;
mod header;
mod mechanism;
mod message;
mod networks;
mod problem;
mod ptr;
mod received_spf;
mod records;
mod target;
#[cfg(test)]
mod tests;
mod trace;
mod verdict;

pub use authentication_results::authentication_results;
pub use check_host::{Options, check_host};
pub use message::{Identity, Message};
pub use problem::{Ceiling, Problem, TargetError};
pub use received_spf::received_spf;
pub use records::{RecordStore, Selection};
pub use trace::{TermOutcome, TraceEntry};
pub use verdict::{Evaluation, Lookups, MatchedTerm};
