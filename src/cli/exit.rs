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

impl Exit {
    /// The worse of two ends, as whoever has several things to tell ends: what a file
    /// says is worse than what a policy says, and that is worse than what is over by
    /// itself.
    pub(super) fn worse(self, other: Exit) -> Exit {
        let rank = |exit: Exit| match exit {
            Exit::Done => 0,
            Exit::No => 1,
            Exit::Dns => 2,
            Exit::Policy => 3,
            Exit::Usage => 4,
        };
        if rank(other) > rank(self) { other } else { self }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worse_end_counts_whichever_comes_first() {
        let rising = [Exit::Done, Exit::No, Exit::Dns, Exit::Policy, Exit::Usage];
        for (place, better) in rising.iter().enumerate() {
            for worse in &rising[place..] {
                assert_eq!((better.worse(*worse), worse.worse(*better)), (*worse, *worse));
            }
        }
    }
}
