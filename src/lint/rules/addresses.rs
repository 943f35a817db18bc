//! 5xx: addresses that a record lists, and what they are (RFC 7208 section 5.6).

use crate::lint::rule::Rule;

pub(super) const RULES: &[Rule] = &[];
