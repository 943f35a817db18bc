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
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

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
        let path = self.source(name);
        let Some(text) = read(&path)? else { return Ok(None) };
        match SourceFile::read(&text) {
            Ok(file) => Ok(Some(file)),
            Err(error) => Err(DirectoryError::Source { path, error }),
        }
    }

    /// All sources of which something is known, sorted by their names.
    ///
    /// # Errors
    ///
    /// As for [`StateDirectory::read_source`], the first one that there is.
    pub fn read_sources(&self) -> Result<Vec<SourceFile>, DirectoryError> {
        let folder = self.sources();
        let failed = |error| DirectoryError::System { path: folder.clone(), error };
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(failed)?,
        };
        let mut sources = Vec::new();
        for entry in entries {
            let path = entry.map_err(failed)?.path();
            if path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            // One that has gone meanwhile is not there.
            let Some(text) = read(&path)? else { continue };
            let read = SourceFile::read(&text);
            sources.push(read.map_err(|error| DirectoryError::Source { path, error })?);
        }
        sources.sort_by(|one, two| one.source.cmp(&two.source));
        Ok(sources)
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
        let known = fs::metadata(&self.path);
        let known =
            known.map_err(|error| DirectoryError::System { path: self.path.clone(), error })?;
        if known.permissions().mode() & 0o022 != 0 {
            return Err(DirectoryError::Open(self.path));
        }
        let path = self.path.join("lock");
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false).mode(0o600);
        let failed = |error| DirectoryError::System { path: path.clone(), error };
        let file = options.open(&path).map_err(failed)?;
        let lock = match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(lock) => lock,
            Err((_, Errno::EWOULDBLOCK)) => return Err(DirectoryError::InUse(self.path)),
            Err((_, error)) => return Err(failed(error.into())),
        };
        let owned = OwnedDirectory { directory: self, _lock: lock };
        owned.clear();
        Ok(owned)
    }
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
mod tests {
    use super::*;
    use crate::refresh::{Identity, SourceState};

    fn file(name: &str) -> SourceFile {
        SourceFile {
            source: name.to_owned(),
            identity: Identity::default(),
            state: SourceState::default(),
        }
    }

    #[test]
    fn one_process_writes_and_all_may_read() {
        let folder = tempfile::tempdir().unwrap();
        let directory = StateDirectory::at(folder.path().join("a/b"));
        assert!(directory.read_sources().unwrap().is_empty());
        let owned = directory.clone().own().unwrap();
        assert!(matches!(directory.clone().own(), Err(DirectoryError::InUse(_))));
        for name in ["two", "one", ".."] {
            owned.write_source(&file(name)).unwrap();
            assert_eq!(directory.read_source(name).unwrap(), Some(file(name)));
        }
        let names: Vec<String> =
            directory.read_sources().unwrap().into_iter().map(|file| file.source).collect();
        assert_eq!(names, ["..", "one", "two"]);
        owned.remove_source("one").unwrap();
        owned.remove_source("one").unwrap();
        assert_eq!(directory.read_source("one").unwrap(), None);
        drop(owned);
        directory.own().unwrap();
    }

    #[test]
    fn a_directory_that_others_may_write_to_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
        let refused = StateDirectory::at(folder.path()).own();
        assert!(matches!(refused, Err(DirectoryError::Open(_))));
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        StateDirectory::at(folder.path()).own().unwrap();
    }

    #[test]
    fn what_a_cut_off_run_left_goes() {
        let folder = tempfile::tempdir().unwrap();
        let directory = StateDirectory::at(folder.path());
        drop(directory.clone().own().unwrap());
        let left = folder.path().join("sources/.spfc-x1");
        fs::write(&left, "half").unwrap();
        drop(directory.clone().own().unwrap());
        assert!(!left.exists());
        fs::write(folder.path().join("sources/a.json"), "half").unwrap();
        assert!(matches!(directory.read_source("a"), Err(DirectoryError::Source { .. })));
    }

    #[test]
    fn names_of_files_stay_in_their_folder() {
        assert_eq!(file_name(b"0/25.2.0.192.in-addr.arpa"), "0%2f25.2.0.192.in-addr.arpa");
        assert_eq!(file_name(b"a\\047\0"), "a%5c047%00");
    }
}
