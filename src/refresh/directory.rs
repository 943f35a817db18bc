//! The state directory: what survives a restart.
//!
//! | path | what |
//! |---|---|
//! | `sources/NAME.json` | what is known of a source |
//! | `zones/ZONE.image` | a zone as it was last served |
//! | `history.db` | all versions |
//! | `control.sock` | where the running server is spoken with |
//! | `lock` | held by who writes here |
//!
//! Files are written whole or not at all, so whatever ends a run leaves what was
//! there before or what came after.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use thiserror::Error;

use crate::image::{ImageError, ImageFile, decode, encode};
use crate::name::DomainName;
use crate::whole_file;

use super::{SourceFile, SourceFileError};

/// What temporary files begin with.
const TEMPORARY: &str = ".spfc-";

/// Why the state directory cannot be used, in part or at all. The fault lies with the
/// machine, or with who changed its files.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DirectoryError {
    /// What the system refuses.
    #[error("{path}: {error}")]
    System {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Others may write there, and so say what is served.
    #[error("{0} can be written to by others: chmod go-w it, and see whether its files are yours")]
    Open(PathBuf),
    /// Another process writes there.
    #[error("{0} is in use by another process")]
    InUse(PathBuf),
    /// A file of a source that is none.
    #[error("{path} {error}")]
    Source {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        error: SourceFileError,
    },
    /// A file that is no image.
    #[error("{path} {error}")]
    Image {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        error: ImageError,
    },
}

/// The state directory, for reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateDirectory {
    path: PathBuf,
}

/// A file of a source that tells nothing.
#[derive(Debug)]
pub struct UnreadSource {
    /// The source, as the name of the file says.
    pub source: String,
    /// When the file was last changed, in seconds since 1970.
    pub changed: Option<i64>,
    /// Why it tells nothing.
    pub error: DirectoryError,
}

/// The state directory, for its one writer.
#[derive(Debug)]
pub struct OwnedDirectory {
    directory: StateDirectory,
    _lock: Flock<File>,
}

impl StateDirectory {
    /// The directory at a path, which need not exist.
    pub fn at(path: impl Into<PathBuf>) -> StateDirectory {
        StateDirectory { path: path.into() }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file of the history.
    pub fn history(&self) -> PathBuf {
        self.path.join("history.db")
    }

    /// The socket of the running server.
    pub fn control(&self) -> PathBuf {
        self.path.join("control.sock")
    }

    fn sources(&self) -> PathBuf {
        self.path.join("sources")
    }

    fn zones(&self) -> PathBuf {
        self.path.join("zones")
    }

    fn source(&self, name: &str) -> PathBuf {
        self.sources().join(format!("{}.json", file_name(name.as_bytes())))
    }

    fn zone(&self, zone: &DomainName) -> PathBuf {
        let name = file_name(&zone.to_lowercase().to_text_octets());
        self.zones().join(format!("{name}.image"))
    }

    /// What is known of a source; none where nothing was written.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, or was changed by somebody else.
    pub fn read_source(&self, name: &str) -> Result<Option<SourceFile>, DirectoryError> {
        read_source_at(&self.source(name))
    }

    /// Whether some process has it for itself.
    pub fn is_in_use(&self) -> bool {
        let file = File::open(self.path.join("lock"));
        let lock = file.ok().map(|file| Flock::lock(file, FlockArg::LockSharedNonblock));
        matches!(lock, Some(Err((_, Errno::EWOULDBLOCK))))
    }

    /// All sources of which something is known, sorted by their names, and those whose
    /// files tell nothing.
    ///
    /// # Errors
    ///
    /// The folder of the files cannot be read.
    pub fn read_sources(&self) -> Result<(Vec<SourceFile>, Vec<UnreadSource>), DirectoryError> {
        let folder = self.sources();
        let failed = |error| DirectoryError::System { path: folder.clone(), error };
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok((Vec::new(), Vec::new()));
            }
            entries => entries.map_err(failed)?,
        };
        let (mut sources, mut unread) = (Vec::new(), Vec::new());
        for entry in entries {
            let path = entry.map_err(failed)?.path();
            if path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            match read_source_at(&path) {
                Ok(Some(file)) => sources.push(file),
                // One that has gone meanwhile is not there.
                Ok(None) => {}
                Err(error) => unread.push(UnreadSource {
                    source: source_name(path.file_stem().unwrap_or_default().as_bytes()),
                    changed: changed(&path),
                    error,
                }),
            }
        }
        sources.sort_by(|one, two| one.source.cmp(&two.source));
        unread.sort_by(|one, two| one.source.cmp(&two.source));
        Ok((sources, unread))
    }

    /// A zone as it was last served; none where it never was.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, or is no image.
    pub fn read_zone(&self, zone: &DomainName) -> Result<Option<ImageFile>, DirectoryError> {
        let path = self.zone(zone);
        let Some(octets) = read(&path)? else { return Ok(None) };
        match decode(&octets) {
            Ok(image) => Ok(Some(image)),
            Err(error) => Err(DirectoryError::Image { path, error }),
        }
    }

    /// Whether a server has left something there that its next start would go on with.
    ///
    /// # Errors
    ///
    /// It cannot be read, or others may write there: a server does without it then.
    pub fn holds_something(&self) -> Result<bool, DirectoryError> {
        let folder = self.sources();
        match fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(DirectoryError::System { path: folder, error }),
            Ok(_) => {}
        }
        self.refuse_open().map(|()| true)
    }

    fn refuse_open(&self) -> Result<(), DirectoryError> {
        let known = fs::metadata(&self.path);
        let known =
            known.map_err(|error| DirectoryError::System { path: self.path.clone(), error })?;
        match known.permissions().mode() & 0o022 {
            0 => Ok(()),
            _ => Err(DirectoryError::Open(self.path.clone())),
        }
    }

    /// Becomes the one who writes there; the directory is made where there is none,
    /// for nobody but its owner.
    ///
    /// # Errors
    ///
    /// Another process that writes there, and what the system refuses.
    pub fn own(self) -> Result<OwnedDirectory, DirectoryError> {
        for folder in [self.path.clone(), self.sources(), self.zones()] {
            let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder);
            made.map_err(|error| DirectoryError::System { path: folder, error })?;
        }
        self.refuse_open()?;
        let path = self.path.join("lock");
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false).mode(0o600);
        let failed = |error| DirectoryError::System { path: path.clone(), error };
        let file = options.open(&path).map_err(failed)?;
        let lock = match lock(file) {
            Ok(lock) => lock,
            Err(Errno::EWOULDBLOCK) => return Err(DirectoryError::InUse(self.path)),
            Err(error) => return Err(failed(error.into())),
        };
        let owned = OwnedDirectory { directory: self, _lock: lock };
        owned.clear();
        Ok(owned)
    }
}

/// Locks the file for this process alone. Somebody may just look whether it is locked, or
/// just end.
fn lock(mut file: File) -> Result<Flock<File>, Errno> {
    const LOOKS: u32 = 10;
    for _ in 1..LOOKS {
        file = match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(lock) => return Ok(lock),
            Err((file, Errno::EWOULDBLOCK)) => file,
            Err((_, error)) => return Err(error),
        };
        std::thread::sleep(Duration::from_millis(50));
    }
    Flock::lock(file, FlockArg::LockExclusiveNonblock).map_err(|(_, error)| error)
}

impl OwnedDirectory {
    /// The directory.
    pub fn directory(&self) -> &StateDirectory {
        &self.directory
    }

    /// Writes what is known of a source.
    ///
    /// # Errors
    ///
    /// What the system refuses; then what was there is as it was.
    pub fn write_source(&self, file: &SourceFile) -> Result<(), DirectoryError> {
        let path = self.directory.source(&file.source);
        write(path, file.to_text().as_bytes())
    }

    /// Forgets a source.
    ///
    /// # Errors
    ///
    /// What the system refuses.
    pub fn remove_source(&self, name: &str) -> Result<(), DirectoryError> {
        let path = self.directory.source(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(DirectoryError::System { path, error })
            }
            _ => Ok(()),
        }
    }

    /// Writes a zone as it is served.
    ///
    /// # Errors
    ///
    /// What the system refuses; then what was there is as it was.
    pub fn write_zone(&self, image: &ImageFile) -> Result<(), DirectoryError> {
        write(self.directory.zone(image.zone.layout().zone()), &encode(image))
    }

    /// Removes temporary files of runs that were cut off. What cannot be removed is
    /// in nobody's way.
    fn clear(&self) {
        let folders = [self.directory.sources(), self.directory.zones()];
        for entry in
            folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten().flatten()
        {
            if entry.file_name().to_string_lossy().starts_with(TEMPORARY) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

/// The file of a name, with all but letters, digits, `-`, `_` and `.` written as `%`
/// and two digits.
fn file_name(name: &[u8]) -> String {
    let mut text = String::with_capacity(name.len());
    for octet in name {
        match octet {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                text.push(char::from(*octet));
            }
            octet => text.push_str(&format!("%{octet:02x}")),
        }
    }
    text
}

/// The name that a file of a source is for.
fn source_name(file: &[u8]) -> String {
    let mut name = Vec::with_capacity(file.len());
    let mut rest = file;
    while let [first, behind @ ..] = rest {
        let written = behind.get(..2).filter(|_| *first == b'%');
        let written = written.and_then(|digits| std::str::from_utf8(digits).ok());
        match written.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(octet) => {
                name.push(octet);
                rest = behind.get(2..).unwrap_or_default();
            }
            None => {
                name.push(*first);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&name).into_owned()
}

/// When a file was last changed, in seconds since 1970.
fn changed(path: &Path) -> Option<i64> {
    let changed = fs::metadata(path).and_then(|metadata| metadata.modified()).ok()?;
    i64::try_from(changed.duration_since(UNIX_EPOCH).ok()?.as_secs()).ok()
}

fn read_source_at(path: &Path) -> Result<Option<SourceFile>, DirectoryError> {
    let Some(text) = read(path)? else { return Ok(None) };
    match SourceFile::read(&text) {
        Ok(file) => Ok(Some(file)),
        Err(error) => Err(DirectoryError::Source { path: path.to_path_buf(), error }),
    }
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, DirectoryError> {
    match fs::read(path) {
        Ok(octets) => Ok(Some(octets)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(DirectoryError::System { path: path.to_path_buf(), error }),
    }
}

fn write(path: PathBuf, octets: &[u8]) -> Result<(), DirectoryError> {
    whole_file::write(&path, octets).map_err(|error| DirectoryError::System { path, error })
}

#[cfg(test)]
#[path = "directory_tests.rs"]
mod tests;
