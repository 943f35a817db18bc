//! What a policy means: the include graph behind a domain, and the decision
//! map that it lowers to.
//!
//! The graph is walked over a [`Lookup`](crate::dns::Lookup); everything behind
//! it is pure. Nothing here decides what to publish, and the oracle in
//! `eval` never looks at it.

mod branch;
mod compare;
mod count;
mod decision;
mod drift;
mod error;
mod graph;
mod lower;
mod map;
mod passed;
mod reading;
mod space;
mod walk;

pub use branch::{Branch, Decider};
pub use compare::{Comparison, Difference, Verdict, Witness, compare};
pub(crate) use count::term_lookups;
pub use count::{LookupCount, count_lookups};
pub use decision::{Decision, DecisionId, Decisions, DynamicId, DynamicTerm, End};
pub use drift::{Change, ChangedAnswer, Drift, Drifted, Passing, drift};
pub use error::{Ceiling, Fault, PolicyError};
pub use graph::{
    AddressTerm, DynamicKind, FoundRecord, Graph, GraphTerm, Meaning, Node, NodeId, NodeState,
};
pub use lower::{Known, Lowered, Masking, lower};
pub use map::{DecisionMap, Origin};
pub use passed::{Passed, PassedRange};
pub use reading::{Reading, explanations, read_of};
pub use space::{Cut, Space};
pub use walk::{WalkOptions, walk};
