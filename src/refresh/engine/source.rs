//! One source, as the engine has it.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::time::Instant;

use super::Trouble;
use super::turn::ZoneSets;
use crate::addr::AddressSet;
use crate::dns::Recording;
use crate::history::{self, RangeChange, Why};
use crate::image::AddressIndex;
use crate::name::DomainName;
use crate::policy::Passing;
use crate::refresh::changes::set_changes;
use crate::refresh::sets::is_other_record;
use crate::refresh::{
    AddressSource, Health, Identity, PassedDifference, PolicySource, SourceFile, SourceSets,
    SourceState, SourceStatus, Version, ZoneAsked,
};

/// One source.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) definition: AddressSource,
    /// What the version that is served was found for.
    pub(super) identity: Identity,
    pub(super) state: SourceState,
    /// The zones that use it, by what they are asked.
    pub(super) zones: BTreeMap<String, Arc<ZoneAsked>>,
    /// The sets for each of them.
    pub(super) sets: BTreeMap<String, ServedSets>,
    /// The addresses of a file that wait for a person.
    pub(super) candidate: Option<Arc<AddressIndex>>,
    /// When it is read again; by itself never where it is a file.
    pub(super) due: Option<Instant>,
    /// How often it was read.
    pub(super) turns: u64,
    /// How often it failed in a row.
    pub(super) failures: u32,
    /// Whether what survived of it was looked for.
    pub(super) loaded: bool,
    /// The highest number that the history had when it was looked for; 0 for none.
    pub(super) newest: u64,
    /// What passes, as it was counted.
    pub(super) passing: Option<[Passing; 2]>,
    /// Since when the zone's image had it that was found at the start.
    pub(super) restored: Option<i64>,
    /// Since when the last change waits or waited: no two of them since the same second.
    pub(super) last_held: i64,
}

/// All that passes of a zone's sets.
fn passing_set(asked: &ZoneAsked, sets: &[(DomainName, Arc<AddressIndex>)]) -> AddressSet {
    let own = asked.terms.passing();
    let passes = sets.iter().filter(|(name, _)| own.contains(&name));
    let sets: Vec<AddressSet> = passes.map(|(_, set)| set.to_set()).collect();
    let ip4 = sets.iter().flat_map(|set| set.ip4.ranges()).copied().collect();
    let ip6 = sets.iter().flat_map(|set| set.ip6.ranges()).copied().collect();
    AddressSet { ip4, ip6 }
}

/// The sets of one version in one zone.
#[derive(Clone, Debug)]
pub(super) struct ServedSets {
    pub(super) version: u64,
    pub(super) sets: SourceSets,
    /// The record that goes with them; none for a file of addresses.
    pub(super) record: Option<String>,
}

impl Source {
    pub(super) fn new(definition: AddressSource) -> Source {
        Source {
            identity: Identity::of(&definition),
            definition,
            state: SourceState::default(),
            zones: BTreeMap::new(),
            sets: BTreeMap::new(),
            candidate: None,
            due: None,
            turns: 0,
            failures: 0,
            loaded: false,
            newest: 0,
            passing: None,
            restored: None,
            last_held: 0,
        }
    }

    /// Whether it is another source than the one that its version was found for.
    pub(super) fn is_redefined(&self) -> bool {
        self.state.good.is_some() && self.identity != Identity::of(&self.definition)
    }

    /// The policy that is served, as what it was found, with its answers.
    pub(super) fn good(&self) -> Option<(PolicySource, Arc<Recording>)> {
        let answers = self.state.good.as_ref()?.answers.clone()?;
        Some((self.identity.policy()?, answers))
    }

    /// Whether it is a policy of whose version the answers are not there.
    pub(super) fn lacks_answers(&self) -> bool {
        let lacks = self.state.good.as_ref().is_some_and(|good| good.answers.is_none());
        lacks && matches!(self.definition, AddressSource::Policy(_))
    }

    /// The version that is served, for the history.
    pub(super) fn entry(
        &self,
        name: &str,
        sentence: String,
        [ip4, ip6]: [u128; 2],
        changes: Vec<RangeChange>,
    ) -> Option<history::Version> {
        let good = self.state.good.as_ref()?;
        Some(history::Version {
            source: name.to_owned(),
            number: good.number,
            time: good.since,
            domain: self.identity.domain.clone().unwrap_or_default(),
            record: self.identity.record.clone(),
            why: good.why,
            sentence,
            lock: good.answers.as_ref().map(ToString::to_string),
            ip4,
            ip6,
            changes,
        })
    }

    /// Forgets what stood against another version: that was of another source.
    pub(super) fn forget_troubles(&mut self) {
        (self.state.held, self.state.failing, self.candidate) = (None, None, None);
    }

    /// Whether it is read from files alone.
    pub(super) fn is_file(&self) -> bool {
        self.definition.path().is_some()
    }

    /// The domain whose policy it is, in lower case.
    pub(super) fn domain(&self) -> Option<String> {
        Identity::of(&self.definition).domain
    }

    /// What is to survive of it.
    pub(super) fn file(&self, name: &str) -> SourceFile {
        SourceFile {
            source: name.to_owned(),
            identity: self.identity.clone(),
            state: self.state.clone(),
        }
    }

    /// Counts what passes.
    pub(super) fn count(&mut self) {
        self.passing = self.counted();
    }

    /// The addresses that a zone has for what passes, and networks of IPv6.
    fn counted(&self) -> Option<[Passing; 2]> {
        let (key, served) = self.sets.first_key_value()?;
        let all = passing_set(self.zones.get(key)?, &served.sets.sets);
        Some(Passing::of_sets(&AddressSet::default(), &all))
    }

    /// What changes with other sets, one for each zone in their order, where nothing is
    /// known of what is served but its sets.
    pub(super) fn difference(&self, name: &str, found: &[ZoneSets]) -> Option<PassedDifference> {
        let ((key, asked), found) =
            self.zones.iter().zip(found).find(|((key, _), _)| self.sets.contains_key(*key))?;
        let before = passing_set(asked, &self.sets.get(key)?.sets.sets);
        let after = passing_set(asked, &found.sets);
        let [ip4, ip6] = Passing::of_sets(&before, &after);
        let domain = self.domain();
        let changes = set_changes(&before, &after, domain.as_deref().unwrap_or(name));
        Some(PassedDifference { ip4, ip6, changes })
    }

    /// The version of which nothing survived but the sets in the images of zones.
    pub(super) fn restored(&self) -> Option<Version> {
        let number = self.sets.values().map(|served| served.version).max()?;
        Some(Version { number, since: self.restored?, why: Why::Changed, answers: None })
    }

    pub(super) fn status(&self, name: &str, now: Instant) -> SourceStatus {
        let good = self.state.good.as_ref();
        let passing = self.passing;
        SourceStatus {
            source: name.to_owned(),
            identity: Identity::of(&self.definition),
            health: self.health(),
            version: good.map(|good| good.number),
            since: good.map(|good| good.since),
            why: good.map(|good| good.why.into()),
            pinned: self.state.pinned,
            checked: self.state.checked,
            next: self.due.map(|due| due.saturating_duration_since(now).as_secs()),
            held: self.state.held.as_ref().map(Into::into),
            failing: self.state.failing.clone(),
            publish: self.publish(),
            ip4_addresses: passing.map(|[ip4, _]| ip4.after.to_string()),
            ip6_networks: passing.map(|[_, ip6]| ip6.after.to_string()),
        }
    }

    /// What is wrong with it.
    pub(super) fn trouble(&self, name: &str) -> Option<Trouble> {
        let (kind, reason) = match (&self.state.failing, &self.state.held) {
            (Some(failing), _) => (Some(failing.kind), failing.reason.clone()),
            (None, Some(held)) => (None, held.reason.clone()),
            (None, None) => return None,
        };
        Some(Trouble { source: name.to_owned(), kind, reason })
    }

    pub(super) fn health(&self) -> Health {
        match self.state.health() {
            Health::Fine if self.publish().is_some() => Health::Unpublished,
            health => health,
        }
    }

    /// The record to publish, where that of some zone is another one. Tenants may each
    /// publish a record of their own, so that nothing is known of theirs.
    pub(super) fn publish(&self) -> Option<String> {
        let mut zones = self.zones.iter().filter(|(_, zone)| !zone.terms.by_domain);
        zones.find_map(|(key, zone)| {
            let record = self.sets.get(key)?.record.as_ref()?;
            is_other_record(&zone.record, record).then(|| record.clone())
        })
    }
}
