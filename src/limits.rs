//! The processing limits of RFC 7208 section 4.6.4, and the ceilings that hold
//! where those limits are lifted.
//!
//! Numbers only: who counts what is said where it is counted.

/// Terms that cause DNS queries, in one evaluation (RFC 7208 section 4.6.4).
pub const LOOKUP_TERMS: u32 = 10;
/// Void lookups in one evaluation (RFC 7208 section 4.6.4).
pub const VOID_LOOKUPS: u32 = 2;
/// Host names of one `mx` term (RFC 7208 section 4.6.4).
pub const MX_NAMES: u32 = 10;
/// Names of one reverse lookup that `ptr` and `%{p}` look at (RFC 7208 section 4.6.4).
pub const PTR_NAMES: usize = 10;
/// Aliases (CNAME) followed for one question.
pub const ALIASES: usize = 10;

/// What one evaluation may cost before it is a permerror.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Terms that cause DNS queries; `None` lifts the limit.
    pub terms: Option<u32>,
    /// Void lookups; `None` lifts the limit.
    pub void: Option<u32>,
    /// Host names of one `mx` term; `None` lifts the limit.
    pub mx_names: Option<u32>,
    /// What holds even when the limits above are lifted.
    pub ceilings: Ceilings,
}

impl Limits {
    /// The limits that a receiver keeps (RFC 7208 section 4.6.4).
    pub const RFC7208: Limits = Limits {
        terms: Some(LOOKUP_TERMS),
        void: Some(VOID_LOOKUPS),
        mx_names: Some(MX_NAMES),
        ceilings: Ceilings::DEFAULT,
    };

    /// No limit of section 4.6.4: the meaning of a policy that breaks one.
    pub const UNLIMITED: Limits =
        Limits { terms: None, void: None, mx_names: None, ceilings: Ceilings::DEFAULT };
}

/// Bounds on the work that a policy can ask for, whatever the limits are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ceilings {
    /// Distinct questions.
    pub questions: usize,
    /// Records on one chain of `include` and `redirect`.
    pub levels: usize,
    /// Octets of all answers together.
    pub octets: usize,
    /// Prefixes of all records and addresses together, and names of mail exchanges.
    pub prefixes: usize,
}

impl Ceilings {
    /// 1,000 questions, 64 levels, 16 MiB of answers, 1,000,000 prefixes.
    pub const DEFAULT: Ceilings =
        Ceilings { questions: 1_000, levels: 64, octets: 16 << 20, prefixes: 1_000_000 };
}

impl Default for Ceilings {
    fn default() -> Self {
        Ceilings::DEFAULT
    }
}
