//! What the configuration names, read as it is now.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cli::error::{CliError, shown};
use crate::config::{Config, ServeConfig, ZoneConfig};
use crate::image::{ZoneImage, decode};

use super::loader::ReadZone;

/// Reads the configuration; paths in it are taken from its folder.
pub(super) fn read_config(path: &Path) -> Result<ServeConfig, CliError> {
    let text = std::fs::read(path).map_err(|error| CliError::read(path, error))?;
    let config =
        Config::read(&text).map_err(|error| CliError::Config { path: shown(path), error })?;
    let mut config = config.serve;
    config.resolve(path.parent().unwrap_or(Path::new("")));
    Ok(config)
}

/// Where zones come from.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) path: PathBuf,
    pub(super) image_only: bool,
}

impl Reading {
    /// The configuration and its zones, with why some cannot be read.
    ///
    /// # Errors
    ///
    /// A configuration that cannot be read.
    pub(super) fn read(&self) -> Result<(ServeConfig, Vec<ReadZone>), CliError> {
        let config = read_config(&self.path)?;
        let zones = config.zones.iter().map(|zone| self.read_zone(zone)).collect();
        Ok((config, zones))
    }

    fn read_zone(&self, zone: &ZoneConfig) -> ReadZone {
        let mut options = zone.options.clone();
        let image = read_image(zone).map(|(image, created)| {
            options.serial = created as u32;
            Arc::new(image)
        });
        ReadZone { name: zone.layout.zone().clone(), options, image }
    }
}

fn read_image(zone: &ZoneConfig) -> Result<(ZoneImage, u64), String> {
    let Some(path) = &zone.image else { return Err("there is no image".to_owned()) };
    let octets =
        std::fs::read(path).map_err(|error| format!("cannot read {}: {error}", shown(path)))?;
    let file = decode(&octets).map_err(|error| format!("{}: {error}", shown(path)))?;
    Ok((file.zone, file.created))
}
