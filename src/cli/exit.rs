//! The exit statuses, in one place.

use std::process::ExitCode;

/// How a run ended, as scripts see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    /// Done.
    Done = 0,
    /// Done, and the answer is no.
    No = 1,
    /// The caller's mistake: arguments, files.
    Usage = 2,
    /// The policy is in error or cannot be compiled.
    Policy = 3,
    /// DNS failed for now.
    Dns = 4,
}

/// The table at the end of the help.
pub(super) const TABLE: &str = "\
Exit status:
  0  done
  1  done, and the answer is no: policies differ, --expect not met, recording out of date
  2  bad arguments or an unreadable file
  3  the policy is in error or cannot be compiled
  4  DNS failed for now; nothing was written";

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}
