//! Where the addresses of a set come from, as the text that an image keeps
//! beside it: enough to find out again, offline, why an address is in it.

use serde::{Deserialize, Serialize};

use crate::compile::SourceOptions;
use crate::dns::{Recording, RecordingError};
use crate::documents::SCHEMA;
use crate::name::DomainName;
use crate::refresh::PolicySource;

/// Where addresses come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::cli) struct Provenance {
    schema: u32,
    /// The name of the source in the configuration.
    pub(in crate::cli) source: String,
    /// What it is.
    #[serde(flatten)]
    pub(in crate::cli) origin: Origin,
    /// The terms of the record that it was compiled for.
    pub(in crate::cli) terms: String,
}

/// What a source is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(in crate::cli) enum Origin {
    /// A policy, with all answers that it was compiled from.
    Policy {
        /// The domain.
        domain: String,
        /// The name at which it was read, if not at the domain.
        read_at: Option<String>,
        /// The text that was taken as the domain's record.
        record: Option<String>,
        /// The answers, as a lock file.
        lock: String,
    },
    /// A file of addresses.
    Cidrs {
        /// Its path.
        file: String,
    },
}

/// A name as it reads back; names of configurations hold nothing but ASCII.
fn text(name: &DomainName) -> String {
    String::from_utf8_lossy(&name.to_text_octets()).into_owned()
}

impl Provenance {
    /// That of a compiled policy.
    pub(in crate::cli) fn policy(
        source: &str,
        policy: &PolicySource,
        lock: &Recording,
        terms: String,
    ) -> Self {
        let origin = Origin::Policy {
            domain: text(&policy.domain),
            read_at: policy.source.as_ref().map(text),
            record: policy.record.clone(),
            lock: lock.to_string(),
        };
        Provenance { schema: SCHEMA, source: source.to_owned(), origin, terms }
    }

    /// That of a file of addresses.
    pub(in crate::cli) fn cidrs(source: &str, path: &std::path::Path, terms: String) -> Self {
        let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        let origin = Origin::Cidrs { file: path.to_string_lossy().into_owned() };
        Provenance { schema: SCHEMA, source: source.to_owned(), origin, terms }
    }

    /// The text that an image keeps.
    pub(in crate::cli) fn to_text(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }

    /// Reads the text of an image; `None` for one that some other version wrote.
    pub(in crate::cli) fn read(text: &str) -> Option<Provenance> {
        serde_json::from_str(text).ok().filter(|read: &Provenance| read.schema == SCHEMA)
    }
}

impl Origin {
    /// How the policy is read again, and the answers that it is read from.
    pub(in crate::cli) fn reading(
        &self,
    ) -> Option<Result<(SourceOptions, Recording), RecordingError>> {
        let Origin::Policy { domain, read_at, record, lock } = self else { return None };
        let name = |text: &String| DomainName::parse(text).ok();
        let options = SourceOptions {
            record: record.as_ref().map(|text| text.clone().into_bytes()),
            source: read_at.as_ref().and_then(name),
            ..SourceOptions::new(name(domain)?)
        };
        Some(Recording::read(lock.as_bytes()).map(|recording| (options, recording)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_reads_back() {
        let name = |text: &str| DomainName::parse(text).unwrap();
        let lock = Recording::new("2026-11-28T12:00:00Z", [name("a.example")], []);
        let policy = PolicySource {
            domain: name("a.example"),
            source: Some(name("_s.a.example")),
            recording: None,
            record: None,
        };
        let kept =
            Provenance::policy("office", &policy, &lock, "exists:%{ir}.z.example".to_owned());
        let text = kept.to_text().unwrap();
        assert!(text.starts_with(r#"{"schema":1,"source":"office","kind":"policy","domain":"a.e"#));
        let read = Provenance::read(&text).unwrap();
        assert_eq!(read, kept);
        let (options, recording) = read.origin.reading().unwrap().unwrap();
        assert_eq!((options.source, recording), (policy.source, lock));
        let cidrs = Provenance::cidrs("n", std::path::Path::new("/nowhere/n.txt"), String::new());
        assert_eq!(Provenance::read(&cidrs.to_text().unwrap()), Some(cidrs.clone()));
        assert!(cidrs.origin.reading().is_none());
        for other in ["", "{}", &text.replace("\"schema\":1", "\"schema\":2")] {
            assert_eq!(Provenance::read(other), None);
        }
    }
}
