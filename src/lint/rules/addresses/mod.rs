//! 5xx: addresses that a record lists, and what they are (RFC 7208 section 5.6).
//!
//! All but the sums look at the domain's own records only: what others list
//! is for others to mend.

mod compiled;
mod literal;
mod overlapping;
mod size;

use crate::lint::rule::{Check, Consequence, Rule, Severity};

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: "SPF501",
        name: "host-bits-set",
        severity: Severity::Warning,
        off: false,
        consequence: Consequence::Advice,
        reference: "RFC 7208 section 5.6",
        page: include_str!("../../../../docs/rules/SPF501.md"),
        check: Check::Record(literal::host_bits_set),
    },
    Rule {
        code: "SPF502",
        name: "private-address",
        severity: Severity::Warning,
        off: false,
        consequence: Consequence::Advice,
        reference: "RFC 1918",
        page: include_str!("../../../../docs/rules/SPF502.md"),
        check: Check::Record(literal::private_address),
    },
    Rule {
        code: "SPF503",
        name: "special-use-address",
        severity: Severity::Warning,
        off: false,
        consequence: Consequence::Advice,
        reference: "RFC 6890",
        page: include_str!("../../../../docs/rules/SPF503.md"),
        check: Check::Record(literal::special_use_address),
    },
    Rule {
        code: "SPF504",
        name: "overlapping-ranges",
        severity: Severity::Note,
        off: false,
        consequence: Consequence::Advice,
        reference: "RFC 7208 section 4.6.2",
        page: include_str!("../../../../docs/rules/SPF504.md"),
        check: Check::Record(overlapping::overlapping_ranges),
    },
    Rule {
        code: "SPF505",
        name: "mapped-address",
        severity: Severity::Warning,
        off: false,
        consequence: Consequence::Advice,
        reference: "RFC 7208 section 5",
        page: include_str!("../../../../docs/rules/SPF505.md"),
        check: Check::Record(literal::mapped_address),
    },
    Rule {
        code: "SPF506",
        name: "wide-prefix",
        severity: Severity::Note,
        off: false,
        consequence: Consequence::Advice,
        reference: "RFC 7208 section 5.6",
        page: include_str!("../../../../docs/rules/SPF506.md"),
        check: Check::Record(size::wide_prefix),
    },
    Rule {
        code: "SPF507",
        name: "many-addresses",
        severity: Severity::Note,
        off: false,
        consequence: Consequence::Advice,
        reference: "RFC 7208 section 11.4",
        page: include_str!("../../../../docs/rules/SPF507.md"),
        check: Check::Record(size::many_addresses),
    },
];
