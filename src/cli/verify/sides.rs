//! The two policies of `spfc verify`: whose they are, and where they are read.

use std::path::Path;

use super::super::error::{CliError, shown};
use super::super::output::Session;
use super::super::target::Target;
use super::super::usage::{UsageError, read_domain};
use crate::compile::{Halt, SourceOptions, Verified, VerifySide};
use crate::dns::{DnsFile, Lookup, ZoneFile};
use crate::name::DomainName;
use crate::proof::Zoned;
use crate::syntax::is_spf_record;

/// The domain of a record that no other argument gives one.
const NO_DOMAIN: &str = "domain.invalid";

/// Both policies.
pub(super) struct Sides {
    a: Side,
    b: Side,
}

/// One policy.
struct Side {
    options: SourceOptions,
    place: Place,
}

/// Where a policy is read.
enum Place {
    /// In DNS.
    Dns,
    /// In a closed world.
    File(DnsFile),
    /// In a zone file, and in DNS what that does not hold.
    Zone(ZoneFile),
}

/// What an argument says of its policy.
struct Named {
    /// Whose policy it is, where the argument says.
    domain: Option<DomainName>,
    record: Option<Vec<u8>>,
    place: Place,
    /// The file that should hold the policy and has no record of the domain.
    lacks: Option<String>,
}

impl Sides {
    /// Reads both arguments; a record without a domain is one of the other's.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, or a file of several policies without the
    /// domain of one.
    pub(super) fn read(a: &str, b: &str, session: &Session) -> Result<Sides, CliError> {
        let (a, b) = (Named::read(a)?, Named::read(b)?);
        let other = |named: &Named| named.domain.clone();
        let (a_domain, b_domain) = (other(&a), other(&b));
        let a_domain = a_domain.or_else(|| b_domain.clone()).map_or_else(no_domain, Ok)?;
        let b_domain = b_domain.unwrap_or_else(|| a_domain.clone());
        let mut first = session.global.source_options(a_domain)?;
        if first.record.is_some() && a.record.is_some() {
            return Err(UsageError::Excluded("--record", "a record as A").into());
        }
        first.record = first.record.or(a.record);
        // What a file does not hold, DNS must not be asked for in its place.
        let said = first.record.is_some() || first.source.is_some();
        let lacking = match (a.lacks.filter(|_| !said), b.lacks) {
            (Some(file), _) => Some((file, first.domain.clone())),
            (None, Some(file)) => Some((file, b_domain.clone())),
            (None, None) => None,
        };
        if let Some((file, domain)) = lacking {
            return Err(UsageError::NotInFile(file, domain).into());
        }
        let second = SourceOptions { record: b.record, ..SourceOptions::new(b_domain) };
        Ok(Sides {
            a: Side { options: first, place: a.place },
            b: Side { options: second, place: b.place },
        })
    }

    /// Whether neither policy asks DNS.
    pub(super) fn closed(&self) -> bool {
        [&self.a, &self.b].iter().all(|side| matches!(side.place, Place::File(_)))
    }

    /// Runs `compare` on both policies over DNS.
    pub(super) fn with(
        &self,
        dns: &dyn Lookup,
        compare: impl Fn(&VerifySide<'_>, &VerifySide<'_>) -> Result<Verified, Halt>,
    ) -> Result<Verified, Halt> {
        let (a_base, b_base) = (self.a.place.over(dns), self.b.place.over(dns));
        let (a_view, b_view) = (self.a.options.view(&*a_base), self.b.options.view(&*b_base));
        compare(&self.a.side(&*a_view), &self.b.side(&*b_view))
    }
}

fn no_domain() -> Result<DomainName, CliError> {
    Ok(read_domain(NO_DOMAIN)?)
}

impl Side {
    fn side<'a>(&'a self, lookup: &'a dyn Lookup) -> VerifySide<'a> {
        let zone = match &self.place {
            Place::Zone(zone) => Some(zone),
            Place::Dns | Place::File(_) => None,
        };
        VerifySide { domain: &self.options.domain, lookup, zone }
    }
}

impl Place {
    fn over<'a>(&'a self, dns: &'a dyn Lookup) -> Box<dyn Lookup + 'a> {
        match self {
            Place::Dns => Box::new(dns),
            Place::File(file) => Box::new(file),
            Place::Zone(zone) => Box::new(Zoned::new(zone.clone(), dns)),
        }
    }
}

impl Named {
    fn new(domain: DomainName, place: Place) -> Named {
        Named { domain: Some(domain), record: None, place, lacks: None }
    }

    fn of_record(domain: Option<DomainName>, record: Vec<u8>) -> Named {
        Named { domain, record: Some(record), place: Place::Dns, lacks: None }
    }

    fn read(argument: &str) -> Result<Named, CliError> {
        match Target::read(argument) {
            Target::Record(record) => Ok(Named::of_record(None, record)),
            Target::Domain(domain) => Ok(Named::new(read_domain(&domain)?, Place::Dns)),
            Target::File(path, domain) => {
                let domain = domain.as_deref().map(read_domain).transpose()?;
                Named::of_file(&path, domain)
            }
        }
    }

    /// A lock file or a zone map is JSON; a file that is one record is that
    /// record; anything else is a zone file.
    fn of_file(path: &Path, domain: Option<DomainName>) -> Result<Named, CliError> {
        let text = std::fs::read(path).map_err(|error| CliError::read(path, error))?;
        if is_spf_record(text.trim_ascii()) {
            return Ok(Named::of_record(domain, text.trim_ascii().to_vec()));
        }
        if text.trim_ascii_start().starts_with(b"{") {
            let file = DnsFile::read(&text)
                .map_err(|error| CliError::DnsFile { path: shown(path), error })?;
            let only = match &file {
                DnsFile::Recording(recording) => single(recording.domains().iter().cloned()),
                DnsFile::ZoneMap(_) => None,
            };
            let domain = domain.or(only).ok_or_else(|| which(path))?;
            return Ok(Named::new(domain, Place::File(file)));
        }
        let zone = ZoneFile::read(&text, None)
            .map_err(|error| CliError::ZoneFile { path: shown(path), error })?;
        let only = single(zone.spf_records().map(|record| record.owner.clone()));
        let domain = domain.or(only).ok_or_else(|| which(path))?;
        let holds = zone.spf_records().any(|record| record.owner == domain);
        Ok(Named { lacks: (!holds).then(|| shown(path)), ..Named::new(domain, Place::Zone(zone)) })
    }
}

fn single(mut domains: impl Iterator<Item = DomainName>) -> Option<DomainName> {
    domains.next().filter(|_| domains.next().is_none())
}

fn which(path: &Path) -> CliError {
    UsageError::Which(shown(path)).into()
}
