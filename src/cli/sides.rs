//! Policies as arguments name them: whose they are, and where they are read.

use std::path::Path;

use super::error::{CliError, shown};
use super::output::Session;
use super::target::Target;
use super::usage::{UsageError, read_domain};
use crate::compile::{SourceOptions, VerifySide};
use crate::dns::{DnsFile, Lookup, ZoneFile};
use crate::name::DomainName;
use crate::proof::Zoned;
use crate::syntax::is_spf_record;

/// The domain of a record that no other argument gives one.
const NO_DOMAIN: &str = "domain.invalid";

/// Two policies that are compared.
pub(super) struct Sides {
    a: Side,
    b: Side,
}

/// One policy.
pub(super) struct Side {
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
        let (a, b) = (Named::read(a, None)?, Named::read(b, None)?);
        Sides::new(a, b, session)
    }

    /// The same, where B is an earlier state of A: a file of several policies
    /// need not be told which one is meant.
    ///
    /// # Errors
    ///
    /// As [`Sides::read`].
    pub(super) fn read_earlier(a: &str, b: &str, session: &Session) -> Result<Sides, CliError> {
        let a = Named::read(a, None)?;
        let b = Named::read(b, a.domain.as_ref())?;
        Sides::new(a, b, session)
    }

    fn new(a: Named, b: Named, session: &Session) -> Result<Sides, CliError> {
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

    /// One and the other.
    pub(super) fn both(&self) -> (&Side, &Side) {
        (&self.a, &self.b)
    }

    /// Whether neither policy asks DNS.
    pub(super) fn closed(&self) -> bool {
        self.a.closed() && self.b.closed()
    }

    /// Runs `compare` on both policies over DNS.
    pub(super) fn with<T>(
        &self,
        dns: &dyn Lookup,
        compare: impl Fn(&VerifySide<'_>, &VerifySide<'_>) -> T,
    ) -> T {
        let (a_base, b_base) = (self.a.place.over(dns), self.b.place.over(dns));
        let (a_view, b_view) = (self.a.options.view(&*a_base), self.b.options.view(&*b_base));
        compare(&self.a.side(&*a_view), &self.b.side(&*b_view))
    }
}

fn no_domain() -> Result<DomainName, CliError> {
    Ok(read_domain(NO_DOMAIN)?)
}

impl Side {
    /// Reads one argument, with the global flags about it.
    ///
    /// # Errors
    ///
    /// As [`Sides::read`].
    pub(super) fn read(text: &str, session: &Session) -> Result<Side, CliError> {
        let named = Named::read(text, None)?;
        let domain = named.domain.map_or_else(no_domain, Ok)?;
        let mut options = session.global.source_options(domain)?;
        if options.record.is_some() && named.record.is_some() {
            return Err(UsageError::Excluded("--record", "a record").into());
        }
        options.record = options.record.or(named.record);
        let said = options.record.is_some() || options.source.is_some();
        match named.lacks.filter(|_| !said) {
            Some(file) => Err(UsageError::NotInFile(file, options.domain).into()),
            None => Ok(Side { options, place: named.place }),
        }
    }

    /// The domain of the policy; `None` for a record that has none.
    pub(super) fn domain(&self) -> Option<&DomainName> {
        Some(&self.options.domain).filter(|domain| domain.to_string() != NO_DOMAIN)
    }

    /// Whether the policy asks no DNS.
    pub(super) fn closed(&self) -> bool {
        matches!(self.place, Place::File(_))
    }

    /// Runs `read` on the policy over DNS.
    pub(super) fn with<T>(&self, dns: &dyn Lookup, read: impl FnOnce(&VerifySide<'_>) -> T) -> T {
        let base = self.place.over(dns);
        let view = self.options.view(&*base);
        read(&self.side(&*view))
    }

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

    /// Reads an argument. A file of several policies holds the one of `expected`.
    fn read(argument: &str, expected: Option<&DomainName>) -> Result<Named, CliError> {
        match Target::read(argument) {
            Target::Record(record) => Ok(Named::of_record(None, record)),
            Target::Domain(domain) => Ok(Named::new(read_domain(&domain)?, Place::Dns)),
            Target::File(path, domain) => {
                let domain = domain.as_deref().map(read_domain).transpose()?;
                Named::of_file(&path, domain, expected)
            }
        }
    }

    /// A lock file or a zone map is JSON; a file that is one record is that
    /// record; anything else is a zone file.
    fn of_file(
        path: &Path,
        domain: Option<DomainName>,
        expected: Option<&DomainName>,
    ) -> Result<Named, CliError> {
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
            let domain = domain.or(only).or_else(|| expected.cloned());
            let domain = domain.ok_or_else(|| which(path))?;
            return Ok(Named::new(domain, Place::File(file)));
        }
        let zone = ZoneFile::read(&text, None)
            .map_err(|error| CliError::ZoneFile { path: shown(path), error })?;
        let only = single(zone.spf_records().map(|record| record.owner.clone()));
        let domain = domain.or(only).or_else(|| expected.cloned());
        let domain = domain.ok_or_else(|| which(path))?;
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
