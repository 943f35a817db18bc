//! 9xx: what changed between a recording of a policy and what DNS says now.

use crate::lint::rule::Rule;

pub(super) const RULES: &[Rule] = &[];
