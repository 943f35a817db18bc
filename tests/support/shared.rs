//! The folder of suites and published records that lies beside the project:
//! `../shared`, or what `SPFC_SHARED` names.

use std::path::{Path, PathBuf};

/// A file of the shared folder; `None`, and a word on stderr, where it is
/// missing. Continuous integration has to have it.
pub(crate) fn shared(path: &str) -> Option<PathBuf> {
    let folder = match std::env::var_os("SPFC_SHARED") {
        Some(folder) => PathBuf::from(folder),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"),
    };
    let file = folder.join(path);
    if file.exists() {
        return Some(file);
    }
    assert!(std::env::var_os("CI").is_none(), "CI needs {}", file.display());
    eprintln!("not run: there is no {}", file.display());
    None
}
