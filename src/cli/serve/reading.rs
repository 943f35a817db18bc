//! What the configuration names, read as it is now.

use std::path::PathBuf;
use std::sync::Arc;

use crate::cli::error::CliError;
use crate::cli::output::Session;
use crate::cli::zones::{Zones, chosen, read_config, read_zone_image};
use crate::config::{ServeConfig, ZoneConfig};
use crate::image::ImageFile;

use super::ServeArgs;
use super::faults::Faults;
use super::loader::{Loader, Origin, ReadZone, Unread};

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

    /// The configuration.
    ///
    /// # Errors
    ///
    /// A configuration that cannot be read, or has no zone: a file that is cut off or
    /// empty takes nothing away.
    pub(super) fn config(&self) -> Result<ServeConfig, CliError> {
        let config = read_config(&self.path)?;
        chosen(&config, None, &self.path)?;
        Ok(config)
    }

    /// The zones of a configuration, with why some cannot be read; unless they are
    /// read as a `whole`, those that have what they need are taken as they are held.
    pub(super) fn zones(
        &self,
        config: &ServeConfig,
        whole: bool,
        loader: &Loader,
        faults: &Faults,
    ) -> Vec<ReadZone> {
        let mut zones = Zones::new(config, &self.session);
        let read = |zone: &ZoneConfig| {
            let held = (!whole).then(|| loader.held(zone.terms.zone())).flatten();
            held.unwrap_or_else(|| self.zone(zone, &mut zones, loader, faults))
        };
        config.zones.iter().map(read).collect()
    }

    fn zone(
        &self,
        zone: &ZoneConfig,
        zones: &mut Zones<'_>,
        loader: &Loader,
        faults: &Faults,
    ) -> ReadZone {
        let name = zone.terms.zone();
        let (file, origin) = match self.file(zone, zones, faults) {
            Err(error) if self.may_be_stale(zone, loader) => match read_zone_image(zone) {
                // An answer of another day is better than none.
                Ok(file) => {
                    let reason = words(&error);
                    faults.log(&format!("the zone {name} answers from its image: {reason}"));
                    (Ok(file), Origin::Stale)
                }
                Err(_) => (Err(error), Origin::Sources),
            },
            read if self.is_compiled(zone) => (read, Origin::Sources),
            read => (read, Origin::Image),
        };
        let mut options = zone.options.clone();
        let image = file.map(|file| {
            // Servers with the same image have the same number.
            options.serial = file.created as u32;
            Arc::new(file.zone)
        });
        let image = image.map_err(|error| Unread::new(words(&error), error.exit()));
        ReadZone { name: name.clone(), options, image, unready: Vec::new(), origin }
    }

    /// What a zone is to hold.
    fn file(
        &self,
        zone: &ZoneConfig,
        zones: &mut Zones<'_>,
        faults: &Faults,
    ) -> Result<ImageFile, CliError> {
        if !self.is_compiled(zone) {
            return read_zone_image(zone);
        }
        let compiled = zones.compile(zone)?;
        for remark in &compiled.remarks {
            faults.remark(&format!("{}: {remark}", zone.terms.zone()));
        }
        Ok(compiled.file)
    }

    /// Whether a zone comes from its sources.
    fn is_compiled(&self, zone: &ZoneConfig) -> bool {
        !self.image_only && zone.has_sources()
    }

    /// Whether the image of a zone may stand in for its sources: there is nothing
    /// that the zone could go on with.
    fn may_be_stale(&self, zone: &ZoneConfig, loader: &Loader) -> bool {
        self.is_compiled(zone) && !loader.holds(zone.terms.zone())
    }
}

/// Why, in one line.
fn words(error: &CliError) -> String {
    error.messages().join("; ")
}
