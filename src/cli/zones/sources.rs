//! The sources of a configuration, compiled.
//!
//! A policy is compiled to a macro record as `spfc macro` does, proof included;
//! what is taken of it are the address sets. The record must be the one that is
//! published: it is compared with the configuration's.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use super::{Provenance, ZonesError, terms};
use crate::cli::dns::Dns;
use crate::cli::error::{CliError, shown};
use crate::cli::output::Session;
use crate::compile::{
    Halt, InlineOptions, MacroOptions, MacroOutput, MacroStyle, Publication, RecordOptions,
    SourceOptions, compile_macro,
};
use crate::config::{PolicySource, ServeConfig, SourceConfig, ZoneConfig};
use crate::dns::{Answer, Lookup, Question, Recording};
use crate::image::{AddressIndex, ServedSet, ZoneMechanism, read_cidrs};
use crate::name::DomainName;
use crate::outcome::Qualifier;
use crate::syntax::is_spf_record;

/// The sets of one source in one zone.
#[derive(Clone)]
pub(super) struct SourceSets {
    /// Each with its name relative to the zone, or to a domain of the zone.
    pub(super) sets: Vec<(DomainName, Arc<AddressIndex>)>,
    /// Where they come from.
    pub(super) text: Option<String>,
    /// What the operator should know.
    pub(super) remarks: Vec<String>,
}

/// Compiles sources, with one DNS for all that ask the network.
pub(super) struct Sources<'a> {
    pub(super) config: &'a ServeConfig,
    session: &'a Session,
    network: Option<Dns>,
    /// Files of addresses that were read: they are the same for all zones.
    read: BTreeMap<String, SourceSets>,
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
    pub(super) fn compile(
        &mut self,
        name: &str,
        zone: &ZoneConfig,
    ) -> Result<SourceSets, CliError> {
        let compiled = match self.config.sources.get(name) {
            Some(SourceConfig::Policy(policy)) => self.policy(name, policy, zone),
            Some(SourceConfig::Cidrs(path)) => self.cidrs(name, path, zone),
            // Configurations name none that there is not.
            None => Ok(SourceSets { sets: Vec::new(), text: None, remarks: Vec::new() }),
        };
        compiled.map_err(|error| {
            ZonesError::Source { name: name.to_owned(), error: Box::new(error) }.into()
        })
    }

    fn cidrs(
        &mut self,
        name: &str,
        path: &Path,
        zone: &ZoneConfig,
    ) -> Result<SourceSets, CliError> {
        refuse_other_results(path, zone)?;
        let text = Provenance::cidrs(name, path, terms::asked(zone)).to_text();
        if let Some(read) = self.read.get(name) {
            return Ok(SourceSets { text, ..read.clone() });
        }
        let octets = std::fs::read(path).map_err(|error| CliError::read(path, error))?;
        let index =
            read_cidrs(&octets).map_err(|error| ZonesError::Cidrs { path: shown(path), error })?;
        let remarks = match index.range_counts() {
            (0, 0) => vec![format!("{} has no address, so nothing passes", shown(path))],
            _ => Vec::new(),
        };
        let sets = vec![(DomainName::root(), self.share(name, index))];
        let read = SourceSets { sets, text, remarks };
        self.read.insert(name.to_owned(), read.clone());
        Ok(read)
    }

    fn policy(
        &mut self,
        name: &str,
        policy: &PolicySource,
        zone: &ZoneConfig,
    ) -> Result<SourceSets, CliError> {
        let options = options(policy, zone);
        let own = self.own_dns(policy)?;
        if own.is_none() && self.network.is_none() {
            self.network = Some(self.open(None)?);
        }
        let mut dns = own.or_else(|| self.network.take()).unwrap_or_else(Dns::nothing);
        let asked = RefCell::new(HashSet::new());
        let output = dns.run(|lookup| {
            let noted = Noted { lookup, asked: &asked };
            Halt::step(compile_macro(&noted, &options))
        });
        let lock = recording(&dns, policy, &asked.into_inner());
        if self.session.global.dns_file.is_some() || policy.recording.is_none() {
            self.network = Some(dns);
        }
        let output = output??;
        let text = Provenance::policy(name, policy, &lock, terms::asked(zone)).to_text();
        if let Some(outcome) = inlined(&output, zone) {
            let (domain, record) = (policy.domain.clone(), published(&output, zone));
            return Err(ZonesError::Inlined { domain, outcome, record }.into());
        }
        let remarks = remarks(&output, policy, zone);
        let mut sets = Vec::new();
        for set in &output.sets {
            let relative = matching(set, &output, policy, zone)?;
            // The text of a set is the library's own.
            let addresses = set.read().unwrap_or_default();
            sets.push((relative, self.share(name, AddressIndex::new(&addresses))));
        }
        Ok(SourceSets { sets, text, remarks })
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
        } else if global.dns.is_empty() && global.dns_file.is_none() {
            global.dns.clone_from(&self.config.resolvers);
        }
        Dns::open(&Session { global }).map(Dns::silent)
    }
}

/// A file of addresses says what passes, so its zone has to be asked for that.
fn refuse_other_results(path: &Path, zone: &ZoneConfig) -> Result<(), ZonesError> {
    let own = zone.outcomes.iter().find(|outcome| outcome.name.is_root());
    match own.map(|outcome| outcome.qualifier) {
        Some(Qualifier::Pass) => Ok(()),
        result => Err(ZonesError::NotPass { path: shown(path), terms: terms::asked(zone), result }),
    }
}

/// The answers to the questions that the policy was compiled from.
fn recording(dns: &Dns, policy: &PolicySource, asked: &HashSet<Question>) -> Recording {
    let answers = dns.answers().iter().filter(|(question, _)| asked.contains(*question));
    let answers = answers.map(|(question, answer)| (question.clone(), answer.clone()));
    let lock = Recording::new(taken(dns), [policy.domain.clone()], answers);
    match &policy.source {
        Some(source) => lock.with_source(policy.domain.clone(), source.clone()),
        None => lock,
    }
}

/// When the answers were taken, in the form of RFC 3339.
fn taken(dns: &Dns) -> String {
    match dns.recording() {
        Some(recording) => recording.taken().to_owned(),
        None => jiff::Timestamp::from_second(jiff::Timestamp::now().as_second())
            .unwrap_or_default()
            .to_string(),
    }
}

fn options(policy: &PolicySource, zone: &ZoneConfig) -> MacroOptions {
    let (order, version) = (zone.layout.order(), zone.layout.version());
    MacroOptions {
        source: SourceOptions {
            record: policy.record.as_ref().map(|text| text.clone().into_bytes()),
            source: policy.source.clone(),
            ..SourceOptions::new(policy.domain.clone())
        },
        records: RecordOptions::default(),
        qualifier: None,
        // What is published is the configuration's to say.
        publication: Publication { check: false, overwrite: false },
        zone: zone.layout.zone().clone(),
        style: match zone.mechanism {
            ZoneMechanism::Exists => MacroStyle::Exists { order, version },
            ZoneMechanism::Include => MacroStyle::Include { order, version },
        },
        inline: InlineOptions::default(),
    }
}

/// The names that the record asks a set with, relative to the zone.
fn matching(
    set: &ServedSet,
    output: &MacroOutput,
    policy: &PolicySource,
    zone: &ZoneConfig,
) -> Result<DomainName, CliError> {
    let (own, needed) = (zone.layout.zone(), set.layout.zone());
    let below = needed.label_count().saturating_sub(own.label_count());
    let relative = DomainName::from_labels(needed.labels().take(below));
    let asked = relative.ok().and_then(|relative| {
        zone.outcomes.iter().find(|outcome| outcome.name == relative).cloned()
    });
    let (domain, record) = (policy.domain.clone(), published(output, zone));
    match asked {
        Some(asked) if asked.qualifier == set.outcome => Ok(asked.name),
        Some(asked) => Err(ZonesError::OtherOutcome {
            domain,
            zone: needed.clone(),
            policy: set.outcome,
            record: asked.qualifier,
            published: record,
        }
        .into()),
        None => Err(ZonesError::NotAsked { domain, needed: needed.clone(), record }.into()),
    }
}

/// The record that goes with what was compiled, with `%{d}` where the zone has it.
fn published(output: &MacroOutput, zone: &ZoneConfig) -> String {
    let record = output.compiled.records.first().map(|record| record.text.clone());
    let record = record.unwrap_or_default();
    match zone.by_domain {
        true => {
            let zone = zone.layout.zone().to_string();
            record.replace(&format!(".{zone}"), &format!(".%{{d}}.{zone}"))
        }
        false => record,
    }
}

/// An outcome that the published record asks the zone for, while the policy has its
/// addresses in the record itself: the zone would hold none of them, and receivers
/// would go on to another result. Tenants may each publish a record of their own, so
/// that nothing is known of theirs.
fn inlined(output: &MacroOutput, zone: &ZoneConfig) -> Option<Qualifier> {
    let expected = published(output, zone);
    if zone.by_domain || zone.record.trim().eq_ignore_ascii_case(&expected) {
        return None;
    }
    let asked = zone.outcomes.iter().map(|outcome| outcome.qualifier);
    asked.filter(|asked| *asked != Qualifier::Pass).find(|asked| {
        let served = output.sets.iter().any(|set| set.outcome == *asked);
        let terms = ["ip4:", "ip6:"].map(|name| format!("{}{name}", asked.prefix()));
        let own = |term: &str| terms.iter().any(|own| term.starts_with(own.as_str()));
        !served && expected.split(' ').any(own)
    })
}

/// What does not stand in the way, but is not as it should be.
fn remarks(output: &MacroOutput, policy: &PolicySource, zone: &ZoneConfig) -> Vec<String> {
    let mut remarks = output.compiled.notes.clone();
    let expected = published(output, zone);
    let written = zone.record.trim();
    if is_spf_record(written.as_bytes()) && !written.eq_ignore_ascii_case(&expected) {
        remarks.push(format!(
            "the policy of {} compiles to '{expected}', and the configuration has '{written}'",
            policy.domain
        ));
    }
    let others = output.compiled.records.len().saturating_sub(1);
    if others > 0 {
        remarks.push(format!(
            "the record of {} needs {others} more beside it: 'spfc macro' prints them",
            policy.domain
        ));
    }
    let unused = zone.outcomes.iter().filter(|outcome| {
        outcome.qualifier == Qualifier::Pass
            && output.sets.iter().all(|set| set.outcome != Qualifier::Pass)
    });
    if unused.count() > 0 {
        remarks.push(format!("the policy of {} passes no address by itself", policy.domain));
    }
    remarks
}

/// Notes what is asked.
struct Noted<'a> {
    lookup: &'a dyn Lookup,
    asked: &'a RefCell<HashSet<Question>>,
}

impl Lookup for Noted<'_> {
    fn lookup(&self, question: &Question) -> Result<Arc<Answer>, Question> {
        self.asked.borrow_mut().insert(question.clone());
        self.lookup.lookup(question)
    }
}
