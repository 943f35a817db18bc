//! Folders with zones and lock files.

use std::fs;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{offline, path};

/// A folder of its own for a test.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    pub(crate) fn file(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    /// How many files there are.
    pub(crate) fn files(&self) -> usize {
        fs::read_dir(self.0.path()).unwrap().count()
    }

    /// A file with this text.
    pub(crate) fn write(&self, name: &str, text: &str) -> String {
        let file = self.file(name);
        fs::write(&file, text).unwrap();
        file
    }

    /// The zones with some names changed, as a file.
    pub(crate) fn zones(&self, changes: Value) -> String {
        let mut zones: Value =
            serde_json::from_slice(&fs::read(path("zones.json")).unwrap()).unwrap();
        for (name, held) in changes.as_object().unwrap() {
            zones[name] = held.clone();
        }
        let file = self.file("changed.json");
        fs::write(&file, zones.to_string()).unwrap();
        file
    }

    /// A lock file of `small.test`.
    pub(crate) fn lock(&self) -> String {
        let file = self.file("spf.lock");
        let ran = offline(&["lock", "small.test", "-o", &file]);
        assert_eq!((ran.status, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
        file
    }
}

/// The text with the time that it was taken replaced.
pub(crate) fn undated(text: &str, lock: &str) -> String {
    let lock: Value = serde_json::from_slice(&fs::read(lock).unwrap()).unwrap();
    text.replace(lock["taken"].as_str().unwrap(), "(taken)")
}
