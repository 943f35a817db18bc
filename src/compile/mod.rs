//! The order of the stages, in one place: read the source, lower it, choose
//! terms, write records, prove that they mean the same.
//!
//! Every stage is a pure function over a [`Lookup`](crate::dns::Lookup); the
//! whole is run again by [`gather`](crate::dns::gather()) as answers come in.

mod compiled;
mod default;
mod error;
mod explanation;
mod fix;
mod flatten;
mod halt;
mod macros;
mod output;
mod prepare;
mod publication;
mod source;
mod static_zone;
mod verify;

pub use compiled::Compiled;
pub use error::CompileError;
pub use fix::{Finder, Fixed, Refused, fix, fix_with, replacement};
pub use flatten::{FlattenOptions, Flattened, flatten};
pub use halt::Halt;
pub use macros::{MacroOptions, MacroOutput, MacroStyle, compile_macro};
pub use output::RecordOptions;
pub use publication::{ChunkChoice, Publication};
pub use source::{Kept, KeptReason, SourceOptions, SourcePolicy, read_source};
pub use verify::{Verified, VerifySide, verify};
