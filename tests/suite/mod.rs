//! Conformance suites in the openspf form, and their zones as a `Lookup`.

mod cases;
mod zone;

pub(crate) use cases::{Case, Scenario, read_suite};
