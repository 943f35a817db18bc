//! Qualifiers and the results of `check_host()`, in RFC 7208's words.
//!
//! Data only: what a result means for a message is the receiver's business.

use std::fmt;

/// The result that a directive gives when its mechanism matches
/// (RFC 7208 section 4.6.2), and so one of the four results that a policy can
/// decide for an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Qualifier {
    /// `+`, or no qualifier at all.
    Pass,
    /// `-`
    Fail,
    /// `~`
    Softfail,
    /// `?`
    Neutral,
}

impl Qualifier {
    /// All four, in the order in which RFC 7208 lists them.
    pub const ALL: [Qualifier; 4] =
        [Qualifier::Pass, Qualifier::Fail, Qualifier::Softfail, Qualifier::Neutral];

    /// The character of a qualifier octet, if it is one.
    pub fn from_octet(octet: u8) -> Option<Qualifier> {
        match octet {
            b'+' => Some(Qualifier::Pass),
            b'-' => Some(Qualifier::Fail),
            b'~' => Some(Qualifier::Softfail),
            b'?' => Some(Qualifier::Neutral),
            _ => None,
        }
    }

    /// How the qualifier is written before a mechanism; pass is written as nothing.
    pub fn prefix(self) -> &'static str {
        match self {
            Qualifier::Pass => "",
            Qualifier::Fail => "-",
            Qualifier::Softfail => "~",
            Qualifier::Neutral => "?",
        }
    }

    /// The result of `check_host()` that the qualifier stands for.
    pub fn result(self) -> SpfResult {
        match self {
            Qualifier::Pass => SpfResult::Pass,
            Qualifier::Fail => SpfResult::Fail,
            Qualifier::Softfail => SpfResult::Softfail,
            Qualifier::Neutral => SpfResult::Neutral,
        }
    }
}

/// A result of `check_host()` (RFC 7208 section 2.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SpfResult {
    /// No domain to check, or no record there.
    None,
    /// The policy says nothing about this client.
    Neutral,
    /// The client may send for this domain.
    Pass,
    /// The client may not send for this domain.
    Fail,
    /// The client probably may not send for this domain.
    Softfail,
    /// DNS failed for now.
    Temperror,
    /// The policy cannot be interpreted.
    Permerror,
}

impl SpfResult {
    /// The word of RFC 7208 for the result, in lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            SpfResult::None => "none",
            SpfResult::Neutral => "neutral",
            SpfResult::Pass => "pass",
            SpfResult::Fail => "fail",
            SpfResult::Softfail => "softfail",
            SpfResult::Temperror => "temperror",
            SpfResult::Permerror => "permerror",
        }
    }

    /// The result of this word, in any case.
    pub fn from_word(word: &str) -> Option<SpfResult> {
        [
            SpfResult::None,
            SpfResult::Neutral,
            SpfResult::Pass,
            SpfResult::Fail,
            SpfResult::Softfail,
            SpfResult::Temperror,
            SpfResult::Permerror,
        ]
        .into_iter()
        .find(|result| word.eq_ignore_ascii_case(result.as_str()))
    }
}

impl fmt::Display for SpfResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Qualifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.result().as_str())
    }
}
