//! 7xx: macros that do not do what their author expects (RFC 7208 section 7).

use crate::lint::rule::Rule;

pub(super) const RULES: &[Rule] = &[];
