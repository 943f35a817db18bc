//! Zones of a configuration with all that they answer from.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use super::sources::{Compiled, Sources};
use super::{ZonesError, read_zone_image};
use crate::cli::error::{CliError, shown};
use crate::cli::output::Session;
use crate::config::{ServeConfig, ZoneConfig};
use crate::image::ImageFile;
use crate::name::DomainName;
use crate::refresh::assemble;

/// A zone that can be served or written to an image.
pub(in crate::cli) struct CompiledZone {
    /// The zone, with where its sets come from.
    pub(in crate::cli) file: ImageFile,
    /// The sources that were used; none where an image was read.
    pub(in crate::cli) sources: Vec<String>,
    /// What the operator should know, in sentences.
    pub(in crate::cli) remarks: Vec<String>,
}

/// Compiles zones. DNS is asked each question once, so this is for one pass over
/// the zones: a later one begins anew.
pub(in crate::cli) struct Zones<'a> {
    sources: Sources<'a>,
}

impl<'a> Zones<'a> {
    /// For the zones of a configuration, whose paths are resolved. Of the flags
    /// `--dns`, `--dns-file` and `--timeout` count, before what the
    /// configuration says.
    pub(in crate::cli) fn new(config: &'a ServeConfig, session: &'a Session) -> Zones<'a> {
        Zones { sources: Sources::new(config, session) }
    }

    /// Compiles a zone from its sources, each once; one without sources is read
    /// from its image.
    ///
    /// # Errors
    ///
    /// The first source or file that gives no addresses, and a policy that asks
    /// for other names than the record of the zone.
    pub(in crate::cli) fn compile(&mut self, zone: &ZoneConfig) -> Result<CompiledZone, CliError> {
        if !zone.has_sources() {
            let file = read_zone_image(zone)?;
            return Ok(CompiledZone { file, sources: Vec::new(), remarks: Vec::new() });
        }
        let tenants = tenants(self.sources.config, zone)?;
        let mut compiled: BTreeMap<&str, Compiled> = BTreeMap::new();
        for source in tenants.values() {
            if !compiled.contains_key(source.as_str()) {
                let sets = self.sources.compile(source, zone)?;
                compiled.insert(source, sets);
            }
        }
        let known = compiled.iter().map(|(name, compiled)| (*name, &compiled.sets)).collect();
        let assembled = assemble(&zone.terms, &tenants, &known).map_err(ZonesError::Build)?;
        let remarks = compiled.values().flat_map(|sets| sets.remarks.iter().cloned()).collect();
        let created = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        Ok(CompiledZone {
            file: ImageFile { zone: assembled.zone, sources: assembled.texts, created },
            sources: compiled.keys().map(|name| (*name).to_owned()).collect(),
            remarks,
        })
    }
}

/// The domains of a zone with their sources, read from its list too; a zone of
/// one policy is its own, the root.
///
/// # Errors
///
/// A list that cannot be read or has a mistake.
pub(in crate::cli) fn tenants(
    config: &ServeConfig,
    zone: &ZoneConfig,
) -> Result<BTreeMap<DomainName, String>, CliError> {
    if let Some(source) = &zone.source {
        return Ok(BTreeMap::from([(DomainName::root(), source.clone())]));
    }
    let Some(path) = &zone.tenants_file else { return Ok(zone.tenants.clone()) };
    let list = std::fs::read(path).map_err(|error| CliError::read(path, error))?;
    let tenants = config.tenants(zone, &list);
    let tenants = tenants.map_err(|error| ZonesError::Tenants { path: shown(path), error })?;
    match tenants.is_empty() {
        true => Err(ZonesError::EmptyTenants(shown(path)).into()),
        false => Ok(tenants),
    }
}
