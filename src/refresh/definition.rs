//! What a source of addresses is.

use std::path::PathBuf;

use crate::compile::SourceOptions;
use crate::name::DomainName;

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

    /// Whether both have the same policy read at the same place, wherever its answers
    /// come from.
    pub fn reads_as(&self, other: &PolicySource) -> bool {
        (&self.domain, &self.source, &self.record) == (&other.domain, &other.source, &other.record)
    }
}
