//! Files that a zone file names with `$INCLUDE` (RFC 1035 section 5.1).
//!
//! Zone files come from strangers too, so nothing is opened here: who reads a
//! zone file says which files it may name, and opens them.

use std::io;
use std::sync::Arc;

use thiserror::Error;

/// Files deep that includes may nest.
pub(super) const MOST_LEVELS: usize = 16;
/// Files that one zone may be made of.
pub(super) const MOST_FILES: usize = 1_000;
/// Octets that the included files of one zone may hold together.
pub(super) const MOST_OCTETS: usize = 64 << 20;

/// Opens the files that zone files include.
pub trait Includes {
    /// The octets of the file that file number `from` calls `path`. The file
    /// that is read is number 0, each file opened gets the next number.
    ///
    /// # Errors
    ///
    /// Why it is not opened.
    fn open(&mut self, from: usize, path: &str) -> Result<Arc<[u8]>, IncludeFault>;
}

/// Opens nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoIncludes;

impl Includes for NoIncludes {
    fn open(&mut self, _: usize, _: &str) -> Result<Arc<[u8]>, IncludeFault> {
        Err(IncludeFault::Refused)
    }
}

/// Why a file is not included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum IncludeFault {
    /// Includes are not followed.
    #[error("$INCLUDE is not followed; put the zone into one file")]
    Refused,
    /// The file lies outside of the folder that files may come from.
    #[error("$INCLUDE of a file outside of the zone file's folder is not followed")]
    Outside,
    /// The file cannot be read.
    #[error("the file that $INCLUDE names cannot be read: {0}")]
    Unreadable(io::ErrorKind),
    /// The name is not that of a file.
    #[error("$INCLUDE names something that is no file")]
    NoFile,
    /// The file is being read already.
    #[error("$INCLUDE leads back to a file that it is part of")]
    Loop,
    /// Too many files inside each other.
    #[error("$INCLUDE goes more than {MOST_LEVELS} files deep")]
    TooDeep,
    /// Too many files in all.
    #[error("the zone is made of more than {MOST_FILES} files")]
    TooMany,
    /// Too much in all.
    #[error("the included files hold more than {} MiB", MOST_OCTETS >> 20)]
    TooLarge,
}
