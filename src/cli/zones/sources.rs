//! The sources of a configuration, compiled.
//!
//! What a policy compiles to is decided in the library; here are the files and the DNS
//! that it is read from.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use super::{Provenance, ZonesError, asker};
use crate::cli::dns::Dns;
use crate::cli::error::{CliError, shown};
use crate::cli::output::Session;
use crate::config::{ServeConfig, ZoneConfig};
use crate::dns::{Question, Recording};
use crate::image::{AddressIndex, read_cidrs};
use crate::name::DomainName;
use crate::refresh::{
    AddressSource, Clock, PolicySets, PolicySource, SetsError, SourceSets, SystemClock,
    compile_sets, other_result, rfc3339,
};

/// A source, compiled for one zone.
#[derive(Clone)]
pub(super) struct Compiled {
    pub(super) sets: SourceSets,
    /// What the operator should know.
    pub(super) remarks: Vec<String>,
}

/// Compiles sources, with one DNS for all that ask the network.
pub(super) struct Sources<'a> {
    pub(super) config: &'a ServeConfig,
    session: &'a Session,
    network: Option<Dns>,
    /// Files of addresses that were read: they are the same for all zones.
    read: BTreeMap<String, Compiled>,
    /// The sets so far by source, so that zones share those that are the same.
    known: Vec<(String, Arc<AddressIndex>)>,
}

impl<'a> Sources<'a> {
    pub(super) fn new(config: &'a ServeConfig, session: &'a Session) -> Sources<'a> {
        Sources { config, session, network: None, read: BTreeMap::new(), known: Vec::new() }
    }

    /// Compiles a source for the names of a zone.
    ///
    /// # Errors
    ///
    /// Why it gives no addresses, under its name.
    pub(super) fn compile(&mut self, name: &str, zone: &ZoneConfig) -> Result<Compiled, CliError> {
        let compiled = match self.config.sources.get(name) {
            Some(AddressSource::Policy(policy)) => self.policy(name, policy, zone),
            Some(AddressSource::Cidrs(path)) => self.cidrs(name, path, zone),
            // Configurations name none that there is not.
            None => Ok(Compiled {
                sets: SourceSets { sets: Vec::new(), text: None },
                remarks: Vec::new(),
            }),
        };
        compiled.map_err(|error| {
            ZonesError::Source { name: name.to_owned(), error: Box::new(error) }.into()
        })
    }

    fn cidrs(&mut self, name: &str, path: &Path, zone: &ZoneConfig) -> Result<Compiled, CliError> {
        if let Some(refusal) = other_result(path, &zone.terms) {
            return Err(ZonesError::NotPass(refusal).into());
        }
        let text = Provenance::cidrs(name, path, zone.terms.asked()).to_text();
        if let Some(read) = self.read.get(name) {
            let sets = SourceSets { text, ..read.sets.clone() };
            return Ok(Compiled { sets, remarks: read.remarks.clone() });
        }
        let octets = std::fs::read(path).map_err(|error| CliError::read(path, error))?;
        let index =
            read_cidrs(&octets).map_err(|error| ZonesError::Cidrs { path: shown(path), error })?;
        let remarks = match index.range_counts() {
            (0, 0) => vec![format!("{} has no address, so nothing passes", shown(path))],
            _ => Vec::new(),
        };
        let sets = vec![(DomainName::root(), self.share(name, index))];
        let read = Compiled { sets: SourceSets { sets, text }, remarks };
        self.read.insert(name.to_owned(), read.clone());
        Ok(read)
    }

    fn policy(
        &mut self,
        name: &str,
        policy: &PolicySource,
        zone: &ZoneConfig,
    ) -> Result<Compiled, CliError> {
        let own = self.own_dns(policy)?;
        if own.is_none() && self.network.is_none() {
            self.network = Some(self.open(None)?);
        }
        let mut dns = own.or_else(|| self.network.take()).unwrap_or_else(Dns::nothing);
        let output = dns.run(|lookup| compile_sets(lookup, policy, &zone.terms, &zone.record));
        let compiled = match output {
            Ok(Ok(sets)) => Ok((recording(&dns, policy, &sets.asked), sets)),
            Ok(Err(SetsError::Compile(error))) => Err(error.into()),
            Ok(Err(error)) => Err(ZonesError::Sets(error).into()),
            Err(error) => Err(error),
        };
        if self.session.global.dns_file.is_some() || policy.recording.is_none() {
            self.network = Some(dns);
        }
        let (lock, PolicySets { sets, remarks, .. }) = compiled?;
        let text = Provenance::policy(name, policy, &lock, zone.terms.asked()).to_text();
        let share = |(outcome, set)| (outcome, self.share(name, set));
        Ok(Compiled {
            sets: SourceSets { sets: sets.into_iter().map(share).collect(), text },
            remarks,
        })
    }

    /// The set of a source that is the same, or this one.
    pub(super) fn share(&mut self, name: &str, index: AddressIndex) -> Arc<AddressIndex> {
        let mut known = self.known.iter();
        if let Some((_, set)) = known.find(|(source, set)| source == name && **set == index) {
            return set.clone();
        }
        let index = Arc::new(index);
        self.known.push((name.to_owned(), index.clone()));
        index
    }

    /// The DNS of a source that is answered from a file of its own.
    fn own_dns(&self, policy: &PolicySource) -> Result<Option<Dns>, CliError> {
        match (&self.session.global.dns_file, &policy.recording) {
            (None, Some(_)) => self.open(Some(policy)).map(Some),
            _ => Ok(None),
        }
    }

    /// DNS as flags say, and the configuration where they are silent.
    fn open(&self, policy: Option<&PolicySource>) -> Result<Dns, CliError> {
        let mut global = self.session.global.clone();
        if let Some(recording) = policy.and_then(|policy| policy.recording.clone()) {
            global.dns.clear();
            global.dns_file = Some(recording);
        }
        let session = Session { global };
        match session.global.dns_file {
            Some(_) => Dns::open(&session).map(Dns::silent),
            None => Dns::asking(asker(self.config, &session.global)?).map(Dns::silent),
        }
    }
}

/// The answers to the questions that the policy was compiled from.
fn recording(dns: &Dns, policy: &PolicySource, asked: &HashSet<Question>) -> Recording {
    let answers = dns.answers().iter().filter(|(question, _)| asked.contains(*question));
    let answers = answers.map(|(question, answer)| (question.clone(), answer.clone()));
    policy.recording(taken(dns), answers)
}

/// When the answers were taken, in the form of RFC 3339.
fn taken(dns: &Dns) -> String {
    match dns.recording() {
        Some(recording) => recording.taken().to_owned(),
        None => rfc3339(SystemClock.unix_seconds()),
    }
}
