//! What a source of addresses is.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::compile::SourceOptions;
use crate::dns::{Answer, Question, Recording};
use crate::image::ZoneTerms;
use crate::name::DomainName;
use crate::outcome::Qualifier;

/// From where addresses come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AddressSource {
    /// The policy of a domain is compiled.
    Policy(PolicySource),
    /// The prefixes, addresses and ranges of a file, one a line.
    Cidrs(PathBuf),
}

/// A policy that is compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicySource {
    /// The domain whose policy it is.
    pub domain: DomainName,
    /// The name at which it is read as the domain's.
    pub source: Option<DomainName>,
    /// A lock file or zone map that answers in place of DNS.
    pub recording: Option<PathBuf>,
    /// What is taken as the record published at the domain.
    pub record: Option<String>,
}

impl AddressSource {
    /// The file that the source is read from.
    pub fn path(&self) -> Option<&PathBuf> {
        match self {
            AddressSource::Policy(policy) => policy.recording.as_ref(),
            AddressSource::Cidrs(path) => Some(path),
        }
    }

    /// The same, to be changed.
    pub fn path_mut(&mut self) -> Option<&mut PathBuf> {
        match self {
            AddressSource::Policy(policy) => policy.recording.as_mut(),
            AddressSource::Cidrs(path) => Some(path),
        }
    }
}

impl PolicySource {
    /// How the policy is read.
    pub fn options(&self) -> SourceOptions {
        SourceOptions {
            record: self.record.as_ref().map(|text| text.clone().into_bytes()),
            source: self.source.clone(),
            ..SourceOptions::new(self.domain.clone())
        }
    }

    /// The answers that it was compiled from, which were taken at this time (RFC 3339).
    pub fn recording(
        &self,
        taken: String,
        answers: impl IntoIterator<Item = (Question, Arc<Answer>)>,
    ) -> Recording {
        let lock = Recording::new(taken, [self.domain.clone()], answers);
        match &self.source {
            Some(source) => lock.with_source(self.domain.clone(), source.clone()),
            None => lock,
        }
    }

    /// Whether both have the same policy read at the same place, wherever its answers
    /// come from.
    pub fn reads_as(&self, other: &PolicySource) -> bool {
        (&self.domain, &self.source, &self.record) == (&other.domain, &other.source, &other.record)
    }
}

/// A file of addresses says what passes, so its zone has to be asked for that: why it
/// cannot be used, where it is asked for something else.
pub fn other_result(path: &Path, terms: &ZoneTerms) -> Option<String> {
    let own = terms.outcomes.iter().find(|outcome| outcome.name.is_root());
    let given = match own.map(|outcome| outcome.qualifier) {
        Some(Qualifier::Pass) => return None,
        None => "nothing",
        Some(result) => result.result().as_str(),
    };
    Some(format!(
        "the addresses of {} are those that pass, and the record asks '{}', which gives them {given}",
        path.display(),
        terms.asked()
    ))
}
