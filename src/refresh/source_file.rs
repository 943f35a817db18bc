//! What is known of a source as text, one file a source.
//!
//! ```text
//! {"schema":1,"source":"office","domain":"example.com",
//!  "version":{"number":3,"since":1764400000,"why":"changed","lock":"..."},
//!  "pinned":false,"held":null,"failing":null}
//! ```
//!
//! When a source was last read is not in it, so that a file is written only when
//! something happened.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::dns::{Recording, RecordingError};
use crate::history::Why;

use super::{Failing, Held, Identity, ProviderChange, SourceState, Version};

/// The number of the format.
const SCHEMA: u32 = 1;

/// Why a text is not what is known of a source. The fault lies with who changed the
/// file.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SourceFileError {
    /// Not JSON, or not of the form.
    #[error("is no file of a source: {0}")]
    Json(#[from] serde_json::Error),
    /// A format that this version does not read.
    #[error("has format {0}; this version reads format {SCHEMA}")]
    Schema(u32),
    /// Answers that cannot be read.
    #[error("holds answers that cannot be read: {0}")]
    Recording(#[from] RecordingError),
    /// A reason that is not known.
    #[error("has a version for a reason that is not known: {0:?}")]
    Why(String),
}

/// What is known of a source, with what the source was.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceFile {
    /// Its name in the configuration.
    pub source: String,
    /// What the version was found for.
    pub identity: Identity,
    /// What is known.
    pub state: SourceState,
}

#[derive(Serialize, Deserialize)]
struct Text {
    schema: u32,
    source: String,
    #[serde(flatten)]
    identity: Identity,
    version: Option<VersionText>,
    pinned: bool,
    held: Option<HeldText>,
    failing: Option<Failing>,
}

#[derive(Serialize, Deserialize)]
struct VersionText {
    number: u64,
    since: i64,
    why: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lock: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct HeldText {
    since: i64,
    reason: String,
    #[serde(default)]
    providers: Vec<ProviderChange>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lock: Option<String>,
}

fn write_lock(answers: Option<&Arc<Recording>>) -> Option<String> {
    answers.map(|answers| answers.to_string())
}

fn read_lock(lock: Option<String>) -> Result<Option<Arc<Recording>>, RecordingError> {
    lock.map(|lock| Recording::read(lock.as_bytes()).map(Arc::new)).transpose()
}

impl SourceFile {
    /// The text of the file.
    pub fn to_text(&self) -> String {
        let state = &self.state;
        let version = state.good.as_ref().map(|good| VersionText {
            number: good.number,
            since: good.since,
            why: good.why.word().to_owned(),
            to: good.why.to(),
            lock: write_lock(good.answers.as_ref()),
        });
        let held = state.held.as_ref().map(|held| HeldText {
            since: held.since,
            reason: held.reason.clone(),
            providers: held.providers.clone(),
            lock: write_lock(held.answers.as_ref()),
        });
        let text = Text {
            schema: SCHEMA,
            source: self.source.clone(),
            identity: self.identity.clone(),
            version,
            pinned: state.pinned,
            held,
            failing: state.failing.clone(),
        };
        // Of its parts none can fail to be JSON.
        let mut text = serde_json::to_string(&text).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn read(text: &[u8]) -> Result<SourceFile, SourceFileError> {
        let text: Text = serde_json::from_slice(text)?;
        if text.schema != SCHEMA {
            return Err(SourceFileError::Schema(text.schema));
        }
        let version = |version: VersionText| -> Result<Version, SourceFileError> {
            let why = Why::read(&version.why, version.to);
            Ok(Version {
                number: version.number,
                since: version.since,
                why: why.ok_or(SourceFileError::Why(version.why))?,
                answers: read_lock(version.lock)?,
            })
        };
        let held = |held: HeldText| -> Result<Held, SourceFileError> {
            let HeldText { since, reason, providers, lock } = held;
            Ok(Held { since, reason, providers, answers: read_lock(lock)? })
        };
        Ok(SourceFile {
            source: text.source,
            identity: text.identity,
            state: SourceState {
                good: text.version.map(version).transpose()?,
                pinned: text.pinned,
                held: text.held.map(held).transpose()?,
                failing: text.failing,
                checked: None,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::{Answer, Question, RecordType, Records, Reply, Txt};
    use crate::name::DomainName;
    use crate::refresh::FaultKind;
    use proptest::prelude::*;

    fn answers(octets: Vec<u8>) -> Option<Arc<Recording>> {
        let question = Question::new(DomainName::parse("a.example").unwrap(), RecordType::Txt);
        let answer = Answer::new(Reply::from(Records::Txt(vec![Txt::new([octets])])));
        Some(Arc::new(Recording::new("now", [], [(question, Arc::new(answer))])))
    }

    proptest! {
        #[test]
        fn what_was_written_reads_back(
            source in "[a-z]{1,9}",
            record in proptest::option::of(any::<String>()),
            reason in any::<String>(),
            octets in proptest::collection::vec(any::<u8>(), 0..200),
            number in any::<u64>(),
            since in any::<i64>(),
            to in proptest::option::of(any::<u64>()),
            choice in any::<[bool; 4]>(),
        ) {
            let [pinned, held, failing, known] = choice;
            let providers = vec![ProviderChange {
                provider: reason.clone(),
                change: "lost".into(),
                ranges: number,
                ip4: "1".into(),
                ip6: "0".into(),
            }];
            let why = to.map_or(Why::Accepted, |to| Why::RolledBack { to });
            let file = SourceFile {
                source,
                identity: Identity { domain: Some("a.example".into()), record, ..Identity::default() },
                state: SourceState {
                    good: known.then(|| Version { number, since, why, answers: answers(octets.clone()) }),
                    pinned,
                    held: held.then(|| Held { since, reason: reason.clone(), providers, answers: answers(octets) }),
                    failing: failing.then_some(Failing { since, kind: FaultKind::Dns, reason }),
                    checked: None,
                },
            };
            let text = file.to_text();
            prop_assert_eq!(text.lines().count(), 1);
            prop_assert_eq!(SourceFile::read(text.as_bytes()).unwrap(), file);
            for end in [0, text.len() / 2, text.len() - 2] {
                prop_assert!(SourceFile::read(&text.as_bytes()[..end]).is_err());
            }
        }

        #[test]
        fn no_octets_make_it_panic(octets in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = SourceFile::read(&octets);
        }
    }
}
