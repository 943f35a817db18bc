//! Sources that are files: addresses, and policies with a recording in place of DNS.
//! They are read when the configuration is, and again as long as they cannot be.

use std::path::Path;
use std::sync::Arc;

use crate::addr::AddressSet;
use crate::dns::{DnsFile, Step};
use crate::image::{AddressIndex, read_cidrs};
use crate::name::DomainName;
use crate::policy::Passing;
use crate::refresh::changes::set_changes;
use crate::refresh::definition::other_result;
use crate::refresh::{AddressSource, FaultKind, Found, PassedDifference, PolicySource, find};

use super::Engine;
use super::turn::Candidate;
use super::turn::ZoneSets;

impl Engine {
    /// Reads a source that is a file.
    pub(super) fn read_file(&mut self, name: &str) {
        let Some(source) = self.sources.get(name) else { return };
        match source.definition.clone() {
            AddressSource::Policy(policy) => self.read_recording(name, &policy),
            AddressSource::Cidrs(path) => match self.read_addresses(name, &path) {
                Ok(set) => self.take_addresses(name, Arc::new(set)),
                Err(reason) => self.fail(name, FaultKind::File, reason),
            },
        }
    }

    fn read_recording(&mut self, name: &str, policy: &PolicySource) {
        let Some(path) = &policy.recording else { return };
        let shown = path.display();
        let read = std::fs::read(path).map_err(|error| format!("cannot read {shown}: {error}"));
        let read = read
            .and_then(|octets| DnsFile::read(&octets).map_err(|error| format!("{shown}: {error}")));
        let file = match read {
            Ok(file) => file,
            Err(reason) => return self.fail(name, FaultKind::File, reason),
        };
        let Some(source) = self.sources.get(name) else { return };
        let good = source.good();
        let good = good.as_ref().map(|(policy, answers)| (policy, &**answers));
        let anew = source.zones.keys().any(|key| !source.sets.contains_key(key));
        let zones: Vec<_> = source.zones.values().cloned().collect();
        let found = match find(&file, policy, &zones, good, anew) {
            Step::Done(found) => found,
            Step::Need(questions) => {
                let first = questions.first().map(ToString::to_string).unwrap_or_default();
                let reason = format!("{first} is not recorded in {shown}");
                Found::Failed { kind: FaultKind::File, reason }
            }
        };
        let taken = match &file {
            DnsFile::Recording(recording) => Some(recording.taken().to_owned()),
            DnsFile::ZoneMap(_) => None,
        };
        self.take(name, found, taken);
    }

    fn read_addresses(&self, name: &str, path: &Path) -> Result<AddressIndex, String> {
        let zones = self.sources.get(name).into_iter().flat_map(|source| source.zones.values());
        if let Some(refusal) = zones.filter_map(|zone| other_result(path, &zone.terms)).next() {
            return Err(refusal);
        }
        let shown = path.display();
        let octets =
            std::fs::read(path).map_err(|error| format!("cannot read {shown}: {error}"))?;
        read_cidrs(&octets).map_err(|error| format!("{shown}: {error}"))
    }

    /// Does what is to be done about the addresses that were found in a file.
    fn take_addresses(&mut self, name: &str, set: Arc<AddressIndex>) {
        let Some(source) = self.sources.get(name) else { return };
        let served = source.sets.values().next().and_then(|served| served.sets.sets.first());
        let served = served.map(|(_, set)| Arc::clone(set));
        let complete = source.zones.keys().all(|key| source.sets.contains_key(key));
        if complete && served.as_ref() == Some(&set) && !source.is_redefined() {
            return self.same(name);
        }
        let candidate = self.addresses(name, &set, served.as_deref());
        self.judge(name, candidate, Some(set));
    }

    /// The addresses of a file as they may be served.
    pub(super) fn addresses(
        &self,
        name: &str,
        set: &Arc<AddressIndex>,
        served: Option<&AddressIndex>,
    ) -> Candidate {
        let zones = self.sources.get(name).map_or(0, |source| source.zones.len());
        let before = served.map_or_else(AddressSet::default, AddressIndex::to_set);
        let now = set.to_set();
        let [ip4, ip6] = Passing::of_sets(&before, &now);
        let mut remarks = Vec::new();
        if set.range_counts() == (0, 0) {
            remarks.push("the file has no address, so nothing passes".to_owned());
        }
        Candidate {
            answers: None,
            sets: vec![
                ZoneSets { sets: vec![(DomainName::root(), Arc::clone(set))], record: None };
                zones
            ],
            difference: Some(PassedDifference {
                ip4,
                ip6,
                changes: set_changes(&before, &now, name),
            }),
            remarks,
        }
    }
}
