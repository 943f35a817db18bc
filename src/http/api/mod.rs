//! What is asked of the API: one file a subject.

pub(super) mod check;
pub(super) mod compile;
mod input;
pub(super) mod lint;
pub(super) mod orders;
pub(super) mod sources;
pub(super) mod tree;
pub(super) mod verify;
pub(super) mod versions;

pub(super) use input::domain;
pub(super) use versions::versions_of;
