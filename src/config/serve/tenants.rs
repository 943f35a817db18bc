//! The domains of a zone that answers for many: lists of them, and which of
//! them can stand in a zone.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use thiserror::Error;

use crate::image::{Layout, LayoutError};
use crate::name::DomainName;

use super::source::domain;
use super::{ServeConfig, ServeFault, ZoneConfig, unknown_source};

/// A line of a list of tenants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// The line, from 1.
    pub line: usize,
    /// The domain.
    pub domain: DomainName,
    /// The name of the source of its addresses.
    pub source: String,
}

/// A mistake of a list of tenants, with its line.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("line {line}: {fault}")]
pub struct TenantsError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub fault: TenantsFault,
}

/// What is wrong with a list of tenants. May hold text of the file.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TenantsFault {
    /// Not UTF-8.
    #[error("the line is no UTF-8")]
    NoUtf8,
    /// Not two words.
    #[error("expected a domain and the name of a source, found {0} words")]
    Words(usize),
    /// The same domain twice.
    #[error("{domain} stands in line {line} already")]
    Twice {
        /// The domain.
        domain: DomainName,
        /// The other line.
        line: usize,
    },
    /// A domain that the configuration has too.
    #[error("{0} stands in [zone.tenants] already")]
    Configured(DomainName),
    /// A domain or a source that cannot be.
    #[error(transparent)]
    Serve(#[from] ServeFault),
}

/// Reads a list of tenants: a domain and the name of a source a line, blanks
/// between them. Empty lines and those that begin with `#` say nothing.
///
/// # Errors
///
/// The first line that is no such thing, or has a domain that stands above.
pub fn read_tenants(text: &[u8]) -> Result<Vec<Tenant>, TenantsError> {
    let mut tenants: Vec<Tenant> = Vec::new();
    let mut lines: HashMap<DomainName, usize> = HashMap::new();
    for (index, octets) in text.split(|octet| *octet == b'\n').enumerate() {
        let line = index + 1;
        let at = |fault: TenantsFault| TenantsError { line, fault };
        let text = std::str::from_utf8(octets).map_err(|_| at(TenantsFault::NoUtf8))?.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let words: Vec<&str> = text.split_whitespace().take(4).collect();
        let [name, source] = words.as_slice() else {
            return Err(at(TenantsFault::Words(words.len())));
        };
        let domain = domain(name).map_err(|fault| at(fault.into()))?.to_lowercase();
        match lines.entry(domain.clone()) {
            Entry::Occupied(other) => {
                return Err(at(TenantsFault::Twice { domain, line: *other.get() }));
            }
            Entry::Vacant(place) => place.insert(line),
        };
        tenants.push(Tenant { line, domain, source: (*source).to_owned() });
    }
    Ok(tenants)
}

impl ServeConfig {
    /// All domains of a zone with their sources: those of the configuration and
    /// those of the list, the text of [`ZoneConfig::tenants_file`].
    ///
    /// # Errors
    ///
    /// The first line of the list that is wrong, or has a domain that cannot stand
    /// in the zone or stands in the configuration, or a source that there is not.
    pub fn tenants(
        &self,
        zone: &ZoneConfig,
        list: &[u8],
    ) -> Result<BTreeMap<DomainName, String>, TenantsError> {
        let mut tenants = zone.tenants.clone();
        let mut names = TenantNames::default();
        for domain in tenants.keys() {
            // Those of the configuration were held against each other there.
            let _ = names.add(zone, domain);
        }
        for Tenant { line, domain, source } in read_tenants(list)? {
            let at = |fault: TenantsFault| TenantsError { line, fault };
            zone.admit(&domain).map_err(|fault| at(fault.into()))?;
            if !self.sources.contains_key(&source) {
                return Err(at(unknown_source(source, &self.sources).into()));
            }
            if tenants.insert(domain.clone(), source).is_some() {
                return Err(at(TenantsFault::Configured(domain)));
            }
            names.add(zone, &domain).map_err(|fault| at(fault.into()))?;
        }
        Ok(tenants)
    }
}

/// The names below which the addresses of domains stand, each with its domain.
#[derive(Default)]
pub(super) struct TenantNames {
    known: HashMap<DomainName, DomainName>,
}

impl TenantNames {
    /// Adds the names of a domain, which is another one than those before.
    ///
    /// # Errors
    ///
    /// A name that is one of another domain, too: the addresses of both would stand
    /// below it.
    pub(super) fn add(&mut self, zone: &ZoneConfig, domain: &DomainName) -> Result<(), ServeFault> {
        if zone.terms.outcomes.len() < 2 {
            // The same before all of them.
            return Ok(());
        }
        let names = zone.terms.outcomes.iter().map(|outcome| domain.prefixed(&outcome.name));
        for name in names.flatten() {
            if let Some(other) = self.known.insert(name.clone(), domain.clone()) {
                return Err(ServeFault::SharedName { name, domain: domain.clone(), other });
            }
        }
        Ok(())
    }
}

impl ZoneConfig {
    /// Refuses a domain that cannot stand in the zone.
    ///
    /// # Errors
    ///
    /// A domain whose names could be those of addresses, has no room for them, or
    /// has a server of the zone at or below it.
    pub fn admit(&self, domain: &DomainName) -> Result<(), ServeFault> {
        if domain.labels().any(is_family_label) {
            return Err(ServeFault::FamilyLabel(domain.clone()));
        }
        let (order, version) = (self.terms.layout.order(), self.terms.layout.version());
        for outcome in &self.terms.outcomes {
            let zone = self.terms.zone();
            let name = domain.prefixed(&outcome.name);
            let below = name.and_then(|name| zone.prefixed(&name));
            let long = |reason| LayoutError::Long { zone: zone.clone(), reason };
            Layout::new(&below.map_err(long)?, order, version)?;
        }
        self.refuse_servers_in(domain)
    }

    /// Refuses servers at or below a name within the zone.
    pub(super) fn refuse_servers_in(&self, name: &DomainName) -> Result<(), ServeFault> {
        let zone = self.terms.zone();
        // One that is too long for the zone is refused elsewhere.
        let Ok(below) = zone.prefixed(name) else { return Ok(()) };
        let mut servers = self.options.servers.iter();
        match servers.find(|server| server.name.is_at_or_below(&below)) {
            Some(server) => {
                let (host, domain) = (server.name.clone(), name.clone());
                Err(ServeFault::HostInTree { host, domain })
            }
            None => Ok(()),
        }
    }
}

/// Whether a label is one that ends the names of addresses.
pub(super) fn is_family_label(label: &[u8]) -> bool {
    label.eq_ignore_ascii_case(b"in-addr") || label.eq_ignore_ascii_case(b"ip6")
}
