//! The file of a history: opening it, and moving one aside that is damaged.

use std::ffi::OsString;
use std::fs::{self, Metadata, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, MAIN_DB, OpenFlags};

use super::error::HistoryError;
use super::schema;

/// How many damaged files are kept beside each other. When there is one more, it
/// takes the place of the last: the first ones held most.
const BROKEN_MOST: u32 = 9;

/// What SQLite keeps beside a database: its log, and the log's index.
const LOG: &str = "-wal";
const INDEX: &str = "-shm";

/// Whether a history is written or only read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    Write,
    Read,
    /// Without waiting for the disk, for tests that write much.
    #[cfg(test)]
    WriteUnsynced,
}

impl Access {
    pub(super) fn writes(self) -> bool {
        self != Access::Read
    }
}

/// Octets of the smallest database. SQLite takes some shorter files for empty
/// ones, and would write over what they hold.
const SHORTEST: u64 = 512;

/// An open file.
#[derive(Debug)]
pub(super) struct OpenFile {
    pub(super) connection: Connection,
    identity: Option<Identity>,
}

impl OpenFile {
    /// Opens the file and checks it; who writes creates it where there is none.
    ///
    /// # Errors
    ///
    /// [`HistoryError::Corrupt`] for whatever is no history and not too new.
    pub(super) fn new(path: &Path, access: Access) -> Result<OpenFile, HistoryError> {
        // Absolute, since SQLite gives some names a meaning: ":memory:", "file:…".
        let path = std::path::absolute(path)?;
        let flags = match access {
            Access::Read => OpenFlags::SQLITE_OPEN_READ_ONLY,
            _ => {
                create(&path)?;
                OpenFlags::SQLITE_OPEN_READ_WRITE
            }
        };
        let metadata = fs::metadata(&path)?;
        if !metadata.is_file() {
            return Err(io::Error::other("it is no regular file").into());
        }
        if (1..SHORTEST).contains(&metadata.len()) {
            return Err(HistoryError::corrupt("it is shorter than any database"));
        }
        let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_EXRESCODE;
        let mut connection = Connection::open_with_flags(&path, flags)?;
        // SQLite falls back to reading where the system does not let it write.
        if access.writes() && connection.is_readonly(MAIN_DB)? {
            return Err(io::Error::from(io::ErrorKind::PermissionDenied).into());
        }
        match schema::prepare(&mut connection, access) {
            Ok(()) => Ok(OpenFile { connection, identity: identity(&metadata) }),
            Err(error) => {
                let error = as_found_at_opening(error);
                if matches!(error, HistoryError::Corrupt(_)) {
                    leave(connection);
                }
                Err(error)
            }
        }
    }

    /// Whether the path still leads to this file.
    pub(super) fn is_at(&self, path: &Path) -> bool {
        fs::metadata(path).is_ok_and(|metadata| identity(&metadata) == self.identity)
    }

    /// Closes the file and leaves all of it as it is: whoever moved it may have
    /// put another one in its place, whose log is none of ours.
    pub(super) fn leave(self) {
        leave(self.connection);
    }
}

fn leave(connection: Connection) {
    // Closing ends in any case; without this it also writes and deletes the log.
    let _ = connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
    drop(connection);
}

/// What an error says about a file that was opened: it may be such that our own
/// statements make no sense to it.
fn as_found_at_opening(error: HistoryError) -> HistoryError {
    match error {
        HistoryError::Sql(_) | HistoryError::Damaged { .. } | HistoryError::TooLong => {
            HistoryError::corrupt(&error.to_string())
        }
        // The system lets us write, as was asked before: the file says it does not.
        HistoryError::System(system) if system.kind() == io::ErrorKind::PermissionDenied => {
            HistoryError::corrupt(&system.to_string())
        }
        error => error,
    }
}

/// Creates an empty file that only its owner may read, where there is none.
fn create(path: &Path) -> Result<(), HistoryError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        // A log without its file would be taken for that of the new one.
        Ok(_) => remove_beside(path),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::StorageFull => Err(HistoryError::Full),
        Err(error) => Err(error.into()),
    }
}

fn remove_beside(path: &Path) -> Result<(), HistoryError> {
    for beside in [LOG, INDEX] {
        match fs::remove_file(with_ending(path, beside)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}

/// Moves a damaged file aside, with its log. Returns its new path.
pub(super) fn move_aside(path: &Path) -> Result<PathBuf, HistoryError> {
    let mut broken = with_ending(path, ".broken-1");
    for number in 2..=BROKEN_MOST {
        if broken.symlink_metadata().is_err() {
            break;
        }
        broken = with_ending(path, &format!(".broken-{number}"));
    }
    // The file first: SQLite deletes a log that it finds beside an empty one.
    fs::rename(path, &broken)?;
    let log = fs::rename(with_ending(path, LOG), with_ending(&broken, LOG));
    if log.is_err() {
        // That of an older file must not be taken for this one's.
        remove_beside(&broken)?;
    }
    remove_beside(path)?;
    Ok(broken)
}

/// Takes away what reading the file at this path left beside it.
pub(super) fn tidy(path: &Path) {
    let log = with_ending(path, LOG);
    // What is not removed takes a few octets, and is in nobody's way.
    if fs::metadata(&log).is_ok_and(|metadata| metadata.len() == 0) {
        let _ = fs::remove_file(log);
    }
    let _ = fs::remove_file(with_ending(path, INDEX));
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    name.into()
}

/// What stays the same of a file while it is open: device and number.
type Identity = (u64, u64);

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "not every system has such numbers")]
fn identity(metadata: &Metadata) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> Option<Identity> {
    None
}
