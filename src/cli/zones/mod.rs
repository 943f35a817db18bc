//! The zones of a configuration with the addresses that they answer from.
//!
//! Configurations and files are read and sources compiled here, for
//! `spfc image`, `spfc query` and `spfc serve` alike. What a zone is, and what a
//! policy compiles to, is decided in the library.

mod asker;
mod compiled;
mod error;
mod provenance;
mod sources;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::describe::counted;
use super::error::{CliError, shown};
use crate::config::{Config, ServeConfig, ZoneConfig};
use crate::image::{IMAGE_HEAD_OCTETS, ImageError, ImageFile, announced_octets, decode, mismatch};
use crate::name::DomainName;

pub(super) use asker::asker;
pub(super) use compiled::{CompiledZone, Zones, tenants};
pub(super) use error::ZonesError;
pub(super) use provenance::{Origin, Provenance};

/// Sources by their names, or how many there are.
pub(super) fn listed(sources: &[String]) -> String {
    const NAMED: usize = 4;
    match sources.len() {
        0..=NAMED => sources.join(", "),
        many => counted(many, "source"),
    }
}

/// Reads a configuration, its paths taken as relative to its folder.
///
/// # Errors
///
/// A file that cannot be read, or has a mistake.
pub(super) fn read_config(path: &Path) -> Result<ServeConfig, CliError> {
    let text = std::fs::read(path).map_err(|error| CliError::read(path, error))?;
    let config =
        Config::read(&text).map_err(|error| CliError::Config { path: shown(path), error })?;
    let mut config = config.serve;
    config.resolve(path.parent().unwrap_or(Path::new("")));
    Ok(config)
}

/// The zones of a configuration, or the one of this name.
///
/// # Errors
///
/// No zone at all, or none of this name.
pub(super) fn chosen<'a>(
    config: &'a ServeConfig,
    name: Option<&DomainName>,
    path: &Path,
) -> Result<Vec<&'a ZoneConfig>, CliError> {
    if config.zones.is_empty() {
        return Err(ZonesError::NoZones(shown(path)).into());
    }
    let Some(name) = name else { return Ok(config.zones.iter().collect()) };
    match config.zones.iter().find(|zone| zone.terms.zone() == name) {
        Some(zone) => Ok(vec![zone]),
        None => {
            let zones = config.zones.iter().map(|zone| zone.terms.zone().to_string());
            let zones = zones.collect::<Vec<_>>().join(", ");
            Err(ZonesError::NoZone(name.clone(), zones).into())
        }
    }
}

/// Reads an image file.
///
/// # Errors
///
/// A file that cannot be read, or is no image.
pub(super) fn read_image(path: &Path) -> Result<ImageFile, CliError> {
    let octets = image_octets(path)?;
    decode(&octets).map_err(|error| ZonesError::Image { path: shown(path), error }.into())
}

/// The octets of an image file; of a file that is as long as no image of its
/// beginning, nothing but that beginning, which says so.
fn image_octets(path: &Path) -> Result<Vec<u8>, CliError> {
    let failed = |error| CliError::read(path, error);
    // Before it is opened: to open a pipe would wait for who writes into it.
    let metadata = std::fs::metadata(path).map_err(failed)?;
    if !metadata.is_file() {
        return Err(ZonesError::NoFile(shown(path)).into());
    }
    let mut file = File::open(path).map_err(failed)?;
    let mut octets = Vec::new();
    (&mut file).take(IMAGE_HEAD_OCTETS as u64).read_to_end(&mut octets).map_err(failed)?;
    match announced_octets(&octets) {
        Ok(announced) if announced == metadata.len() => {
            octets.reserve_exact(announced.saturating_sub(octets.len() as u64) as usize);
            file.take(announced).read_to_end(&mut octets).map_err(failed)?;
            Ok(octets)
        }
        Ok(whole) => {
            let there = metadata.len();
            let error = match there.checked_sub(whole) {
                Some(more) => ImageError::Behind(more),
                None => ImageError::CutOff { there, whole },
            };
            Err(ZonesError::Image { path: shown(path), error }.into())
        }
        Err(error) => Err(ZonesError::Image { path: shown(path), error }.into()),
    }
}

/// Reads the image file of a configured zone.
///
/// # Errors
///
/// No such file in the configuration, one that cannot be read, or the image of
/// another zone, of one whose names are read in another way, or of one that has
/// other names than the record asks for.
pub(super) fn read_zone_image(zone: &ZoneConfig) -> Result<ImageFile, CliError> {
    let name = zone.terms.zone();
    let Some(path) = &zone.image else {
        return Err(ZonesError::NoImagePath(name.clone()).into());
    };
    let file = read_image(path)?;
    let other = |reason: String| ZonesError::OtherImage { path: shown(path), reason };
    if file.zone.layout() != &zone.terms.layout {
        let (own, configured) = (file.zone.layout().domain_spec(), zone.terms.layout.domain_spec());
        return Err(other(format!("is for {own}, and the record asks {configured}")).into());
    }
    if file.zone.mechanism() != zone.terms.mechanism {
        let (own, configured) = (file.zone.mechanism().as_str(), zone.terms.mechanism.as_str());
        return Err(other(format!("is for {own}: terms, and the record has {configured}:")).into());
    }
    if let Some(reason) = mismatch(&file.zone, &zone.terms) {
        return Err(other(reason).into());
    }
    // All sets of an image are compiled for one record.
    let from = file.sources.iter().flatten().find_map(|text| Provenance::read(text));
    let asked = zone.terms.asked();
    if let Some(from) = from.filter(|from| from.terms != asked) {
        let reason = format!(
            "was compiled for '{}', and the record asks '{asked}': 'spfc image' makes it anew",
            from.terms
        );
        return Err(other(reason).into());
    }
    Ok(file)
}
