//! The rules, one file a family. The first digit of a code is its family.

mod addresses;
mod drift;
mod grammar;
mod lookups;
mod macros;
pub(super) mod order;
mod policy;
mod selection;
mod size;
mod targets;

use super::rule::Rule;

pub(super) use grammar::mistake::Mistake;
pub use selection::meant_as_record;

/// The families with the digits that their codes begin with.
pub(super) const FAMILIES: &[(char, &[Rule])] = &[
    ('0', grammar::RULES),
    ('1', selection::RULES),
    ('2', order::RULES),
    ('3', lookups::RULES),
    ('4', targets::RULES),
    ('5', addresses::RULES),
    ('6', policy::RULES),
    ('7', macros::RULES),
    ('8', size::RULES),
    ('9', drift::RULES),
];
