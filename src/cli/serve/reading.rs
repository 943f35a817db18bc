//! What the configuration names, read as it is now: the configuration itself, and
//! image files.

use std::path::PathBuf;
use std::sync::Arc;

use crate::cli::error::CliError;
use crate::cli::global::GlobalOptions;
use crate::cli::zones::{chosen, read_config, read_zone_image};
use crate::config::{ServeConfig, ZoneConfig};

use super::ServeArgs;
use super::faults::Faults;
use super::loader::{Loader, Origin, ReadZone, Unread};

/// Where zones come from.
#[derive(Debug)]
pub(super) struct Reading {
    path: PathBuf,
    global: GlobalOptions,
}

impl Reading {
    /// As the command line says.
    pub(super) fn new(args: &ServeArgs, global: &GlobalOptions) -> Reading {
        Reading { path: args.config.clone(), global: global.clone() }
    }

    /// The flags that all subcommands share.
    pub(super) fn global(&self) -> &GlobalOptions {
        &self.global
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

    /// A zone from its image.
    pub(super) fn image(&self, zone: &ZoneConfig) -> ReadZone {
        let mut options = zone.options.clone();
        let image = read_zone_image(zone).map(|file| {
            // Servers with the same image have the same number.
            options.serial = file.created as u32;
            Arc::new(file.zone)
        });
        ReadZone {
            name: zone.terms.zone().clone(),
            options,
            image: image.map_err(|error| Unread::new(words(&error), error.exit())),
            origin: Origin::Image,
            unready: Vec::new(),
        }
    }

    /// A zone whose sources give nothing: what it held, its image where it held
    /// nothing, or why there is neither.
    pub(super) fn stand_in(
        &self,
        zone: &ZoneConfig,
        unread: Unread,
        loader: &Loader,
        faults: &Faults,
    ) -> ReadZone {
        let name = zone.terms.zone();
        let read = self.image(zone);
        if read.image.is_ok() && !loader.holds(name) {
            // An answer of another day is better than none.
            faults.log(&format!("the zone {name} answers from its image: {}", unread.reason));
            return ReadZone { origin: Origin::Stale, ..read };
        }
        ReadZone { image: Err(unread), ..read }
    }
}

/// Why, in one line.
fn words(error: &CliError) -> String {
    error.messages().join("; ")
}
