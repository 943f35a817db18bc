//! Linting: what is wrong, risky or useless in a policy, each finding with its
//! place in octets and a page that explains it.
//!
//! Facts are gathered once, rules look at them, renderers show what they found.
//! A rule is data plus one function in the file of its family; which statuses
//! a program exits with, and where subjects come from, is for others to say.

mod baseline;
mod clients;
mod course;
mod dmarc;
mod edit;
mod effects;
mod facts;
mod finding;
mod levels;
mod options;
mod origin;
mod registrable;
mod registry;
pub mod render;
mod repeated;
mod report;
mod rewrite;
mod rule;
mod rules;
mod terms;
mod ways;

pub use baseline::Baseline;
pub use edit::{Edited, Mended, edit};
pub use finding::{Diagnostic, Fix, FixKind, Place};
pub use levels::{Level, Levels, Selector, UnknownRule};
pub use options::{LintOptions, MAX_SHRINK_PERCENT, Profile, Sending, Subject};
pub use origin::{File, FilePlace, FileRecord, Position, Unreadable};
pub use registry::{explain, find, rules};
pub use repeated::drop_repeated;
pub use report::{Report, lint};
pub use rewrite::{Unwritable, rewrite};
pub use rule::{Consequence, Rule, Severity};
pub use rules::meant_as_record;
