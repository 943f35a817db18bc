//! The documents of `spfc flatten` and `spfc macro`.

mod document;
mod shapes;

pub(crate) use shapes::{
    CompiledDocument, FlattenDocument, InlinedShape, MacroDocument, ProofShape,
};
