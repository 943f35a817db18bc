//! A lock file as the side of a comparison that does not change.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::error::{CliError, shown};
use super::usage::UsageError;
use crate::dns::Recording;
use crate::lint::Baseline;
use crate::name::DomainName;

/// A lock file with the policies of its domains.
pub(super) struct Recorded {
    /// The file, fit to be shown.
    pub(super) path: String,
    /// What it holds.
    pub(super) recording: Recording,
    policies: BTreeMap<DomainName, Arc<Baseline>>,
}

impl Recorded {
    /// Reads a lock file.
    ///
    /// # Errors
    ///
    /// A file that cannot be read or is no recording; one that names no domain,
    /// or lacks an answer that a policy of its domains needs: nothing could be
    /// compared, and that must not look like no change.
    pub(super) fn read(path: &Path) -> Result<Recorded, CliError> {
        let text = std::fs::read(path).map_err(|error| CliError::read(path, error))?;
        let recording = Recording::read(&text)
            .map_err(|error| CliError::Recording { path: shown(path), error })?;
        if recording.domains().is_empty() {
            return Err(UsageError::NoDomains(shown(path)).into());
        }
        let mut policies = BTreeMap::new();
        for domain in recording.domains() {
            let baseline = Baseline::of(&recording, domain)
                .map_err(|question| CliError::NotRecorded { question, path: shown(path) })?;
            policies.extend(baseline.map(|baseline| (domain.clone(), Arc::new(baseline))));
        }
        Ok(Recorded { path: shown(path), recording, policies })
    }

    /// The recorded policy of a domain, if it is one of those that are recorded.
    pub(super) fn policy(&self, domain: &DomainName) -> Option<&Arc<Baseline>> {
        self.policies.get(domain)
    }

    /// All recorded policies, in the order of their domains.
    pub(super) fn policies(&self) -> impl Iterator<Item = (&DomainName, &Arc<Baseline>)> {
        self.policies.iter()
    }
}
