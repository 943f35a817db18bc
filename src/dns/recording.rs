//! Lock files: every answer that a run got, failures included, as sorted JSON
//! with one answer a line.
//!
//! ```text
//! {
//! "spfc_lock":1,
//! "schema":1,
//! "taken":"2026-11-23T12:00:00Z",
//! "domains":["example.com"],
//! "answers":[
//! {"name":"example.com","type":"TXT","ttl":300,"records":["v=spf1 mx -all"]},
//! {"name":"example.com","type":"MX","ttl":300,"status":"nodata"}
//! ]
//! }
//! ```
//!
//! `"sources":{"example.com":"_source.example.com"}` behind the domains says at
//! which names policies were read that do not stand at their domains.
//!
//! Strings escape octets as in RFC 1035 section 5.1, on top of JSON's own
//! escapes, so that any name and any TXT record survives. A TXT record of one
//! character-string is a string, any other an array. Names are in lower case
//! and records sorted, so that the same answers are the same octets. What a
//! recording lacks is not known, which is neither NXDOMAIN nor no data. The
//! clock is not read here: the caller says when the answers were taken.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

use super::json::{TextForm, expected, read_records, write_name, write_records};
use super::presentation::{PresentationError, read_name};
use super::{Answer, Cache, Failure, Lookup, Question, RecordType, Reply};
use crate::name::DomainName;

/// The number of the format, the value of `spfc_lock`.
pub const LOCK_FORMAT: u64 = 1;

/// The recorded answers of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    taken: String,
    domains: Vec<DomainName>,
    sources: BTreeMap<DomainName, DomainName>,
    answers: HashMap<Question, Arc<Answer>>,
}

/// Why a text is no recording. The fault lies with who wrote the file.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RecordingError {
    /// Not JSON, or not of the form of a lock file.
    #[error("no lock file: {0}")]
    Json(#[from] serde_json::Error),
    /// A format that this version does not read.
    #[error("the lock file has format {found}; this version reads format {LOCK_FORMAT}")]
    Format {
        /// The number in the file.
        found: u64,
    },
    /// Text that is no domain name.
    #[error("the name {text:?} {error}")]
    Name {
        /// The text.
        text: String,
        /// What is wrong with it.
        error: PresentationError,
    },
    /// A source of a domain that is not recorded.
    #[error("{domain} has a source, but is not among the domains")]
    Source {
        /// The domain.
        domain: DomainName,
    },
    /// A record type that is not recorded.
    #[error("{name}: the type {record_type:?} is none of A, AAAA, MX, TXT, PTR, SPF")]
    UnknownType {
        /// The name asked.
        name: DomainName,
        /// The type, as written.
        record_type: String,
    },
    /// Records that do not fit the type.
    #[error("{question}: expected {expected}, at least one")]
    Records {
        /// The question.
        question: Question,
        /// What the records of the type look like.
        expected: &'static str,
    },
    /// A status that is not known.
    #[error("{question}: the status {status:?} is not known")]
    UnknownStatus {
        /// The question.
        question: Question,
        /// The status, as written.
        status: String,
    },
    /// An answer with both of `records` and `status`, or with neither.
    #[error("{question}: expected either records or a status")]
    RecordsOrStatus {
        /// The question.
        question: Question,
    },
    /// Two answers to one question.
    #[error("{question}: answered twice")]
    Repeated {
        /// The question.
        question: Question,
    },
}

#[derive(Deserialize)]
struct LockFile {
    spfc_lock: u64,
    #[serde(default)]
    taken: String,
    #[serde(default)]
    domains: Vec<String>,
    #[serde(default)]
    sources: BTreeMap<String, String>,
    answers: Vec<Line>,
}

#[derive(Deserialize, Serialize)]
struct Line {
    name: String,
    #[serde(rename = "type")]
    record_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    ttl: Option<u32>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    aliases: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    records: Option<Vec<Value>>,
}

impl Recording {
    /// A recording of these answers. `taken` says when they were got, in the
    /// form of RFC 3339; `domains` whose policies they make up.
    pub fn new(
        taken: impl Into<String>,
        domains: impl IntoIterator<Item = DomainName>,
        answers: impl IntoIterator<Item = (Question, Arc<Answer>)>,
    ) -> Recording {
        let mut domains: Vec<DomainName> = domains.into_iter().collect();
        domains.sort();
        domains.dedup();
        let answers = answers.into_iter().collect();
        Recording { taken: taken.into(), domains, sources: BTreeMap::new(), answers }
    }

    /// The same recording, the policy of `domain` read at `source`.
    pub fn with_source(mut self, domain: DomainName, source: DomainName) -> Recording {
        self.sources.insert(domain, source);
        self
    }

    /// A recording of all answers of a run.
    pub fn of_run(
        taken: impl Into<String>,
        domains: impl IntoIterator<Item = DomainName>,
        answers: &Cache,
    ) -> Recording {
        let answers = answers.iter().map(|(question, answer)| (question.clone(), answer.clone()));
        Recording::new(taken, domains, answers)
    }

    /// Reads a lock file. Keys that are not known are passed over: later
    /// versions of the same format may add some.
    ///
    /// # Errors
    ///
    /// A [`RecordingError`] for the first answer that cannot be read.
    pub fn read(text: &[u8]) -> Result<Recording, RecordingError> {
        let file: LockFile = serde_json::from_slice(text)?;
        if file.spfc_lock != LOCK_FORMAT {
            return Err(RecordingError::Format { found: file.spfc_lock });
        }
        let domains: Result<Vec<_>, _> = file.domains.iter().map(|text| parse_name(text)).collect();
        let domains = domains?;
        let mut sources = BTreeMap::new();
        for (domain, source) in &file.sources {
            let domain = parse_name(domain)?;
            if !domains.contains(&domain) {
                return Err(RecordingError::Source { domain });
            }
            sources.insert(domain, parse_name(source)?);
        }
        let mut answers = HashMap::with_capacity(file.answers.len());
        for line in file.answers {
            let (question, answer) = read_line(line)?;
            match answers.entry(question) {
                Entry::Occupied(entry) => {
                    return Err(RecordingError::Repeated { question: entry.key().clone() });
                }
                Entry::Vacant(entry) => entry.insert(Arc::new(answer)),
            };
        }
        Ok(Recording { taken: file.taken, domains, sources, answers })
    }

    /// When the answers were taken, in the form of RFC 3339.
    pub fn taken(&self) -> &str {
        &self.taken
    }

    /// The domains whose policies the answers make up, sorted.
    pub fn domains(&self) -> &[DomainName] {
        &self.domains
    }

    /// The name at which the policy of a domain was read, if not at its own.
    pub fn source(&self, domain: &DomainName) -> Option<&DomainName> {
        self.sources.get(domain)
    }

    /// All questions with their answers, in no order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Question, &Arc<Answer>)> {
        self.answers.iter()
    }

    /// All questions with their answers, by name and then by type.
    pub fn answers(&self) -> Vec<(&Question, &Answer)> {
        let mut answers: Vec<(&Question, &Answer)> =
            self.answers.iter().map(|(question, answer)| (question, answer.as_ref())).collect();
        answers.sort_by_cached_key(|(question, _)| (*question).clone());
        answers
    }
}

impl Lookup for Recording {
    fn lookup(&self, question: &Question) -> Result<Arc<Answer>, Question> {
        self.answers.get(question).cloned().ok_or_else(|| question.clone())
    }
}

/// The lock file.
impl fmt::Display for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let domains: Vec<String> = self.domains.iter().map(write_name).collect();
        writeln!(f, "{{\n\"spfc_lock\":{LOCK_FORMAT},\n\"schema\":1,")?;
        writeln!(f, "\"taken\":{},", compact(&self.taken)?)?;
        writeln!(f, "\"domains\":{},", compact(&domains)?)?;
        if !self.sources.is_empty() {
            let written = |(domain, source)| (write_name(domain), write_name(source));
            let sources: BTreeMap<String, String> = self.sources.iter().map(written).collect();
            writeln!(f, "\"sources\":{},", compact(&sources)?)?;
        }
        writeln!(f, "\"answers\":[")?;
        let answers = self.answers();
        for (index, (question, answer)) in answers.iter().enumerate() {
            let comma = if index + 1 < answers.len() { "," } else { "" };
            writeln!(f, "{}{comma}", compact(&write_line(question, answer))?)?;
        }
        writeln!(f, "]\n}}")
    }
}

fn compact(value: &impl Serialize) -> Result<String, fmt::Error> {
    serde_json::to_string(value).map_err(|_| fmt::Error)
}

fn write_line(question: &Question, answer: &Answer) -> Line {
    let (status, records) = match &answer.reply {
        Reply::Records(records) => (None, Some(write_records(records))),
        Reply::NoData => (Some("nodata".to_owned()), None),
        Reply::NoName => (Some("nxdomain".to_owned()), None),
        Reply::Failure(failure) => (Some(write_failure(*failure)), None),
    };
    Line {
        name: write_name(&question.name),
        record_type: question.record_type.as_str().to_owned(),
        ttl: answer.ttl,
        aliases: answer.aliases.iter().map(write_name).collect(),
        status,
        records,
    }
}

fn read_line(line: Line) -> Result<(Question, Answer), RecordingError> {
    let name = parse_name(&line.name)?;
    let record_type = match RecordType::ALL.into_iter().find(|t| t.as_str() == line.record_type) {
        Some(record_type) => record_type,
        None => {
            return Err(RecordingError::UnknownType { name, record_type: line.record_type });
        }
    };
    let question = Question::new(name, record_type);
    let reply = match (line.records, line.status) {
        (Some(values), None) => read_records(record_type, &values, TextForm::Escaped)
            .filter(|records| !records.is_empty())
            .map(Reply::Records)
            .ok_or_else(|| RecordingError::Records {
                question: question.clone(),
                expected: expected(record_type),
            })?,
        (None, Some(status)) => read_status(&status)
            .ok_or_else(|| RecordingError::UnknownStatus { question: question.clone(), status })?,
        _ => return Err(RecordingError::RecordsOrStatus { question }),
    };
    let aliases: Result<Vec<_>, _> = line.aliases.iter().map(|text| parse_name(text)).collect();
    Ok((question, Answer { ttl: line.ttl, aliases: aliases?, ..Answer::new(reply) }))
}

fn parse_name(text: &str) -> Result<DomainName, RecordingError> {
    read_name(text).map_err(|error| RecordingError::Name { text: text.to_owned(), error })
}

fn write_failure(failure: Failure) -> String {
    match failure {
        Failure::ServerFailure => "servfail".to_owned(),
        Failure::Refused => "refused".to_owned(),
        Failure::ResponseCode(code) => format!("rcode{code}"),
        Failure::Timeout => "timeout".to_owned(),
        Failure::Malformed => "malformed".to_owned(),
        Failure::Aliases => "aliases".to_owned(),
        Failure::Unreachable => "unreachable".to_owned(),
        Failure::Disagreement => "disagreement".to_owned(),
        Failure::Bogus => "bogus".to_owned(),
        Failure::Unsigned => "unsigned".to_owned(),
    }
}

fn read_status(status: &str) -> Option<Reply> {
    let failure = match status {
        "nodata" => return Some(Reply::NoData),
        "nxdomain" => return Some(Reply::NoName),
        "servfail" => Failure::ServerFailure,
        "refused" => Failure::Refused,
        "timeout" => Failure::Timeout,
        "malformed" => Failure::Malformed,
        "aliases" => Failure::Aliases,
        "unreachable" => Failure::Unreachable,
        "disagreement" => Failure::Disagreement,
        "bogus" => Failure::Bogus,
        "unsigned" => Failure::Unsigned,
        other => Failure::ResponseCode(other.strip_prefix("rcode")?.parse().ok()?),
    };
    Some(Reply::Failure(failure))
}

#[cfg(test)]
#[path = "recording_tests.rs"]
mod tests;
