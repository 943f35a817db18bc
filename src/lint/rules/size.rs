//! 8xx: the size of records and of the DNS messages that carry them (RFC 7208
//! section 3.4).

use crate::lint::rule::Rule;

pub(super) const RULES: &[Rule] = &[];
