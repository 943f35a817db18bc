//! A zone as the configuration has it, and what must hold of its servers.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::image::{ZoneTerms, is_address_label};
use crate::name::DomainName;
use crate::responder::{MAX_APEX_TEXT_OCTETS, ZoneOptions};

use super::ServeFault;
use super::tenants::is_family_label;

/// The most addresses of a server in the zone.
pub(super) const MOST_ADDRESSES: usize = 8;

/// A zone. The names of its clients, and how they are asked for, are those of
/// its record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneConfig {
    /// The record, or the term, as written.
    pub record: String,
    /// What the record asks of the zone.
    pub terms: ZoneTerms,
    /// How the zone presents itself. The serial number is 0.
    pub options: ZoneOptions,
    /// The source of the zone's addresses, where it is for one policy.
    pub source: Option<String>,
    /// The domains with their sources, in lower case.
    pub tenants: BTreeMap<DomainName, String>,
    /// A list of more domains and their sources.
    pub tenants_file: Option<PathBuf>,
    /// The image file of the zone.
    pub image: Option<PathBuf>,
}

impl ZoneConfig {
    /// Whether there is something that the zone can be compiled from.
    pub fn has_sources(&self) -> bool {
        self.source.is_some() || !self.tenants.is_empty() || self.tenants_file.is_some()
    }

    /// Holds the parts against each other.
    pub(super) fn check(&self) -> Result<(), ServeFault> {
        let zone = || self.terms.zone().clone();
        if !self.terms.by_domain {
            let key = match &self.tenants_file {
                Some(_) => "tenants-file",
                None => "tenants",
            };
            if !self.tenants.is_empty() || self.tenants_file.is_some() {
                return Err(ServeFault::NoTenants(key, zone()));
            }
        } else if self.source.is_some() {
            return Err(ServeFault::WantsTenants(zone()));
        }
        if !self.has_sources() && self.image.is_none() {
            let more = match self.terms.by_domain {
                true => ", for each domain of [zone.tenants] or 'tenants-file'",
                false => "",
            };
            return Err(ServeFault::EmptyZone(zone(), more));
        }
        for server in &self.options.servers {
            self.check_host(&server.name)?;
        }
        let trees = self.terms.outcomes.iter().filter(|outcome| !outcome.name.is_root());
        let mut among_addresses =
            trees.clone().filter(|outcome| outcome.name.labels().any(is_family_label));
        if let Some(outcome) = among_addresses.next().filter(|_| self.terms.by_domain) {
            return Err(ServeFault::FamilyLabel(outcome.name.clone()));
        }
        for outcome in trees.filter(|_| !self.terms.by_domain) {
            self.refuse_servers_in(&outcome.name)?;
            self.check_tree(&outcome.name)?;
        }
        self.options.texts.iter().try_fold(0, |octets: usize, text| {
            let octets = octets + 1 + text.len();
            match octets > MAX_APEX_TEXT_OCTETS {
                true => {
                    let (what, most) = ("the texts", MAX_APEX_TEXT_OCTETS);
                    Err(ServeFault::Apex { what, octets, most })
                }
                false => Ok(octets),
            }
        })?;
        Ok(())
    }

    /// Refuses a server where names of addresses stand.
    fn check_host(&self, host: &DomainName) -> Result<(), ServeFault> {
        let zone = self.terms.zone();
        if !host.is_at_or_below(zone) {
            return Ok(());
        }
        let below = host.label_count() - zone.label_count();
        let refuse = |reason| Err(ServeFault::Host { host: host.clone(), reason });
        match below.checked_sub(1).and_then(|at| host.labels().nth(at)) {
            None => refuse("has the zone's own name: give it one below it"),
            Some(label) if is_family_label(label) || is_address_label(label) => {
                refuse("would stand where names of addresses stand: give it another name")
            }
            Some(_) => Ok(()),
        }
    }

    /// Refuses names of another outcome that could be those of addresses.
    fn check_tree(&self, name: &DomainName) -> Result<(), ServeFault> {
        match name.labels().any(|label| is_family_label(label) || is_address_label(label)) {
            true => Err(ServeFault::Host {
                host: name.clone(),
                reason: "would stand where names of addresses stand",
            }),
            false => Ok(()),
        }
    }
}
