//! The files that answer in place of the network: lock files and zone maps.

use std::sync::Arc;

use serde_json::Value;
use thiserror::Error;

use super::{Answer, Lookup, Question, Recording, RecordingError, ZoneMap, ZoneMapError};

/// A file that answers questions.
#[derive(Clone, Debug)]
pub enum DnsFile {
    /// A lock file: what it lacks is not known.
    Recording(Recording),
    /// A zone map: what it lacks does not exist.
    ZoneMap(ZoneMap),
}

/// Why a file answers nothing. The fault lies with who wrote the file.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DnsFileError {
    /// Not JSON.
    #[error("neither a lock file nor a zone map: {0}")]
    Json(serde_json::Error),
    /// A lock file with a mistake.
    #[error(transparent)]
    Recording(#[from] RecordingError),
    /// A zone map with a mistake.
    #[error(transparent)]
    ZoneMap(#[from] ZoneMapError),
}

impl DnsFile {
    /// Reads a lock file if the text has a number as `"spfc_lock"`, otherwise a
    /// zone map.
    ///
    /// # Errors
    ///
    /// A [`DnsFileError`] for the first mistake.
    pub fn read(text: &[u8]) -> Result<DnsFile, DnsFileError> {
        let value: Value = serde_json::from_slice(text).map_err(DnsFileError::Json)?;
        if value.get("spfc_lock").is_some_and(Value::is_number) {
            return Ok(DnsFile::Recording(Recording::read(text)?));
        }
        Ok(DnsFile::ZoneMap(ZoneMap::read(text)?))
    }
}

impl Lookup for DnsFile {
    fn lookup(&self, question: &Question) -> Result<Arc<Answer>, Question> {
        match self {
            DnsFile::Recording(recording) => recording.lookup(question),
            DnsFile::ZoneMap(map) => map.lookup(question),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_key_decides() {
        let read = |text: &str| DnsFile::read(text.as_bytes());
        assert!(matches!(read(r#"{"spfc_lock":1,"answers":[]}"#), Ok(DnsFile::Recording(_))));
        assert!(matches!(read(r#"{"example.com":{"TXT":[]}}"#), Ok(DnsFile::ZoneMap(_))));
        assert!(matches!(read(r#"{"spfc_lock":{"TXT":[]}}"#), Ok(DnsFile::ZoneMap(_))));
        assert!(matches!(read(r#"{"spfc_lock":1}"#), Err(DnsFileError::Recording(_))));
        assert!(matches!(read("[1]"), Err(DnsFileError::ZoneMap(_))));
        assert!(matches!(read("v=spf1"), Err(DnsFileError::Json(_))));
    }
}
