//! The order of the stages, in one place: read the source, lower it, choose
//! terms, write records, prove that they mean the same.
//!
//! Every stage is a pure function over a [`Lookup`](crate::dns::Lookup); the
//! whole is run again by [`gather`](crate::dns::gather()) as answers come in.

mod budget;
mod compiled;
mod default;
mod difference;
mod error;
mod explanation;
mod fix;
mod flatten;
mod halt;
mod inline;
mod just_enough;
mod macros;
mod nearest;
mod output;
mod plan;
mod prepare;
mod publication;
mod source;
mod static_zone;
mod verify;

pub use budget::{Spent, StayingTerm};
pub use compiled::Compiled;
pub use difference::{PublishedDifference, published_difference};
pub use error::CompileError;
pub use fix::{Finder, Fixed, Refused, fix, fix_with, replacement};
pub use flatten::{CoverChoice, FlattenOptions, Flattened, flatten};
pub use halt::Halt;
pub use inline::{InlineOptions, InlinedRanges};
pub use just_enough::{Inlined, JustEnough, WhyInlined, just_enough};
pub use macros::{MacroOptions, MacroOutput, MacroStyle, compile_macro};
pub use nearest::{Alternative, Gone, Price, alternatives};
pub use output::RecordOptions;
pub use publication::{ChunkChoice, Publication};
pub use source::{Kept, KeptReason, SourceOptions, SourcePolicy, read_source};
pub use static_zone::NEGATIVE_TTL;
pub use verify::{Verified, VerifySide, verify};
