//! The files of the project, for tests that read its own text.

// A project that cannot be read is a failed test.
#![allow(clippy::unwrap_used)]
// Each test uses its own part.
#![allow(dead_code)]

use std::path::{Path, PathBuf};

/// The folder of the project.
pub(crate) fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files of this extension in a folder of the project and below it, as
/// paths from the project's folder, sorted. None where there is no folder.
pub(crate) fn files_below(folder: &str, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![PathBuf::from(folder)];
    while let Some(folder) = open.pop() {
        let Ok(entries) = std::fs::read_dir(project().join(&folder)) else { continue };
        for entry in entries {
            let entry = entry.unwrap();
            let path = folder.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The text of a file of the project.
pub(crate) fn text(path: &Path) -> String {
    std::fs::read_to_string(project().join(path)).unwrap()
}
