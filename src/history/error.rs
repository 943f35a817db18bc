//! What can go wrong with a history, and whose fault it is.

use std::io;

use rusqlite::ErrorCode;
use rusqlite::ffi::{SQLITE_IOERR_SHMSIZE, SQLITE_IOERR_SHORT_READ};
use thiserror::Error;

/// Characters of SQLite's messages that are kept: they may hold text of the file.
const REASON_MOST: usize = 200;

/// Why something was not read from a history, or not kept in it. Whatever the
/// reason, the history itself can be used again.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// The disk is full. Nothing of what was to be kept is there.
    #[error("no room on the disk for the history")]
    Full,
    /// Another process kept the history to itself for too long.
    #[error("another process is writing the history")]
    Busy,
    /// The file is no history, or is damaged. Who writes never sees this but
    /// where a new history cannot be begun either.
    #[error("the file of the history is damaged: {0}")]
    Corrupt(String),
    /// The database is whole, but part of what it holds was not written by us.
    #[error("{what} in the history is damaged")]
    Damaged {
        /// What it is that cannot be read.
        what: &'static str,
    },
    /// The file was written by a later version of this program.
    #[error("the history has format {found}; this version of spfc reads formats up to {known}")]
    TooNew {
        /// The number in the file.
        found: i64,
        /// The highest number that is known here.
        known: i64,
    },
    /// The file was created, but nothing was written to it yet.
    #[error("the file holds no history yet")]
    Empty,
    /// The system does not let us: missing folders, permissions, broken disks.
    #[error("the history cannot be opened, read or written: {0}")]
    System(#[from] io::Error),
    /// The version is there already, with other contents. The caller's mistake.
    #[error("version {number} of '{name}' is already there and says something else")]
    Different {
        /// The source.
        name: String,
        /// The number of the version.
        number: u64,
    },
    /// A number that no version has: 0, or 2⁶³ and more. The caller's mistake.
    #[error("a version cannot have the number {0}")]
    Number(u64),
    /// A range that ends before it begins, or whose ends are of two families.
    /// The caller's mistake.
    #[error("{first} to {last} is no range of addresses")]
    Range {
        /// Its first address.
        first: std::net::IpAddr,
        /// Its last address.
        last: std::net::IpAddr,
    },
    /// A text that is longer than what a history keeps. The caller's mistake.
    #[error("a text of the version is too long for the history")]
    TooLong,
    /// Anything else that SQLite finds wrong: a mistake of ours.
    #[error("the database of the history: {0}")]
    Sql(rusqlite::Error),
}

impl HistoryError {
    /// Whether the same may work later, with nothing changed by the caller.
    pub fn later_may_help(&self) -> bool {
        matches!(
            self,
            HistoryError::Full | HistoryError::Busy | HistoryError::Empty | HistoryError::System(_)
        )
    }

    /// What a file is told to be that cannot be what it should be.
    pub(super) fn corrupt(reason: &str) -> HistoryError {
        let escaped: String = reason.escape_debug().take(REASON_MOST).collect();
        HistoryError::Corrupt(escaped)
    }
}

impl From<rusqlite::Error> for HistoryError {
    fn from(error: rusqlite::Error) -> HistoryError {
        use rusqlite::Error::{
            FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType, SqliteFailure,
            Utf8Error,
        };
        let (code, extended) = match &error {
            SqliteFailure(failure, _) => (failure.code, failure.extended_code),
            FromSqlConversionFailure(..)
            | IntegralValueOutOfRange(..)
            | InvalidColumnType(..)
            | Utf8Error(..) => return HistoryError::Damaged { what: "a value" },
            _ => return HistoryError::Sql(error),
        };
        let system = |kind| HistoryError::System(io::Error::new(kind, error.to_string()));
        match code {
            ErrorCode::DiskFull => HistoryError::Full,
            // The index of the log beside the file did not find room to grow.
            ErrorCode::SystemIoFailure if extended == SQLITE_IOERR_SHMSIZE => HistoryError::Full,
            ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::FileLockingProtocolFailed => HistoryError::Busy,
            // Constraints are checked before rows are written: one that does not
            // hold means that an index and its table disagree.
            ErrorCode::DatabaseCorrupt
            | ErrorCode::NotADatabase
            | ErrorCode::ConstraintViolation => HistoryError::corrupt(&error.to_string()),
            ErrorCode::SystemIoFailure if extended == SQLITE_IOERR_SHORT_READ => {
                HistoryError::corrupt(&error.to_string())
            }
            ErrorCode::SystemIoFailure | ErrorCode::CannotOpen => system(io::ErrorKind::Other),
            ErrorCode::PermissionDenied | ErrorCode::ReadOnly => {
                system(io::ErrorKind::PermissionDenied)
            }
            ErrorCode::TooBig => HistoryError::TooLong,
            _ => HistoryError::Sql(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_code(code: i32) -> HistoryError {
        rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None).into()
    }

    #[test]
    fn codes_become_what_they_mean() {
        assert!(matches!(of_code(13), HistoryError::Full));
        assert!(matches!(of_code(SQLITE_IOERR_SHMSIZE), HistoryError::Full));
        assert!(matches!(of_code(5), HistoryError::Busy));
        assert!(matches!(of_code(11), HistoryError::Corrupt(_)));
        assert!(matches!(of_code(26), HistoryError::Corrupt(_)));
        assert!(matches!(of_code(SQLITE_IOERR_SHORT_READ), HistoryError::Corrupt(_)));
        assert!(matches!(of_code(14), HistoryError::System(_)));
        assert!(matches!(of_code(18), HistoryError::TooLong));
        assert!(matches!(of_code(1), HistoryError::Sql(_)));
    }

    #[test]
    fn only_what_may_go_away_is_tried_again() {
        for code in [13, 5, 14, 10] {
            assert!(of_code(code).later_may_help(), "{code}");
        }
        for code in [11, 26, 1, 18] {
            assert!(!of_code(code).later_may_help(), "{code}");
        }
        assert!(!HistoryError::TooNew { found: 2, known: 1 }.later_may_help());
    }

    #[test]
    fn text_of_the_file_stays_text() {
        let error = HistoryError::corrupt(&"\u{1b}[2J\n".repeat(1000));
        let text = error.to_string();
        assert!(text.chars().all(|c| !c.is_control()), "{text}");
        assert!(text.len() < 300, "{text}");
    }
}
