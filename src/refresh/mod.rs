//! Sources of addresses kept up to date for years, without anybody who looks.
//!
//! Each source is read again when the first of its answers ends. What it says then
//! takes the place of what is served, unless that would be less than it should be: DNS
//! that fails, a policy in error and a loss of much of what passed leave what was
//! served last, and a person decides. All of it survives a restart in the state
//! directory, and the history has every version.
//!
//! Sockets, signals and the log belong to whoever runs this, and so does who answers
//! from the zones. Configurations are not known here: they read into [`Plan`] and
//! [`RefreshOptions`].

mod assembly;
mod changes;
mod clock;
mod definition;
mod directory;
mod engine;
mod finding;
mod identity;
mod judgement;
mod keeper;
mod options;
mod schedule;
mod sets;
mod source_file;
mod status;
mod version;

pub use assembly::{Assembled, SourceSets, assemble};
pub use clock::{Clock, SteadyClock, SystemClock, rfc3339};
pub use definition::{AddressSource, PolicySource, other_result};
pub use directory::{DirectoryError, OwnedDirectory, StateDirectory, UnreadSource};
pub use engine::{Engine, Notice, OrderError, Plan, Severity, Trouble, ZoneOutput, ZonePlan};
pub use finding::{
    Found, NewFinding, PassedDifference, ZoneAsked, compare_answers, compile_all, find,
    says_the_same,
};
pub use identity::Identity;
pub use judgement::{Decision, failure_word, judge};
pub use options::RefreshOptions;
pub use sets::{PolicySets, SetsError, compile_sets};
pub use source_file::{SourceFile, SourceFileError};
pub use status::{
    HeldStatus, ProviderChange, SourceStatus, Status, Verdict, WhyServed, ZoneStatus,
};
pub use version::{Failing, FaultKind, Health, Held, SourceState, Version};
