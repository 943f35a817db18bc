//! What the configuration names, read as it is now.

use std::path::PathBuf;
use std::sync::Arc;

use crate::cli::error::CliError;
use crate::cli::escape;
use crate::cli::output::Session;
use crate::cli::zones::{Zones, read_config, read_zone_image};
use crate::config::{ServeConfig, ZoneConfig};
use crate::image::ImageFile;

use super::ServeArgs;
use super::faults::Faults;
use super::loader::{Loader, ReadZone, Unread};

/// Where zones come from.
#[derive(Debug)]
pub(super) struct Reading {
    path: PathBuf,
    image_only: bool,
    session: Session,
}

impl Reading {
    /// As the command line says.
    pub(super) fn new(args: &ServeArgs, session: &Session) -> Reading {
        let session = Session { global: session.global.clone() };
        Reading { path: args.config.clone(), image_only: args.image_only, session }
    }

    /// The configuration and its zones, with why some cannot be read.
    ///
    /// # Errors
    ///
    /// A configuration that cannot be read.
    pub(super) fn read(
        &self,
        loader: &Loader,
        faults: &Faults,
    ) -> Result<(ServeConfig, Vec<ReadZone>), CliError> {
        let config = read_config(&self.path)?;
        let mut zones = Zones::new(&config, &self.session);
        let mut all = Vec::with_capacity(config.zones.len());
        for zone in &config.zones {
            let (file, stale) = match self.file(zone, &mut zones) {
                Err(error) if self.may_be_stale(zone, loader) => match read_zone_image(zone) {
                    // An answer of another day is better than none.
                    Ok(file) => {
                        let (name, reason) = (zone.layout.zone(), words(&error));
                        faults.log(&format!("the zone {name} answers from its image: {reason}"));
                        (Ok(file), true)
                    }
                    Err(_) => (Err(error), false),
                },
                read => (read, false),
            };
            let mut options = zone.options.clone();
            let image = file.map(|file| {
                // Servers with the same image have the same number.
                options.serial = file.created as u32;
                Arc::new(file.zone)
            });
            let image = image.map_err(|error| Unread::new(words(&error), error.exit()));
            all.push(ReadZone { name: zone.layout.zone().clone(), options, image, stale });
        }
        drop(zones);
        Ok((config, all))
    }

    /// What a zone is to hold.
    fn file(&self, zone: &ZoneConfig, zones: &mut Zones<'_>) -> Result<ImageFile, CliError> {
        if self.image_only || !zone.has_sources() {
            return read_zone_image(zone);
        }
        let compiled = zones.compile(zone)?;
        for remark in &compiled.remarks {
            tracing::warn!("{}: {}", zone.layout.zone(), escape::message(remark));
        }
        Ok(compiled.file)
    }

    /// Whether the image of a zone may stand in for its sources: there is nothing
    /// that the zone could go on with.
    fn may_be_stale(&self, zone: &ZoneConfig, loader: &Loader) -> bool {
        !self.image_only && zone.has_sources() && !loader.holds(zone.layout.zone())
    }
}

/// Why, in one line.
fn words(error: &CliError) -> String {
    error.messages().join("; ")
}
