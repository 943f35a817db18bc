//! Why a zone has no addresses to answer from.

use thiserror::Error;

use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::config::TenantsError;
use crate::dns::TrustAnchorsError;
use crate::image::{CidrsError, ImageError, ZoneImageError};
use crate::name::DomainName;
use crate::refresh::SetsError;

/// Why a zone has no addresses to answer from.
#[derive(Debug, Error)]
pub(in crate::cli) enum ZonesError {
    /// A list of tenants with a mistake.
    #[error("{path}: {error}")]
    Tenants {
        /// The file.
        path: String,
        /// What is wrong.
        error: TenantsError,
    },
    /// A file of trust anchors with a mistake.
    #[error("{path}: {error}")]
    TrustAnchors {
        /// The file.
        path: String,
        /// What is wrong.
        error: TrustAnchorsError,
    },
    /// A file of addresses with a mistake.
    #[error("{path}: {error}")]
    Cidrs {
        /// The file.
        path: String,
        /// What is wrong.
        error: CidrsError,
    },
    /// A file that is no image.
    #[error("{path} {error}")]
    Image {
        /// The file.
        path: String,
        /// What is wrong.
        error: ImageError,
    },
    /// The image of another zone.
    #[error("{path} {reason}")]
    OtherImage {
        /// The file.
        path: String,
        /// What it is for.
        reason: String,
    },
    /// A zone whose image has no place.
    #[error("the zone {0} has no 'image' in the configuration")]
    NoImagePath(DomainName),
    /// No zone with sources and a file.
    #[error("{0} has no [[zone]] with sources and an 'image'")]
    NothingToWrite(String),
    /// No zone to answer for.
    #[error("{0} has no [[zone]]")]
    NoZones(String),
    /// A zone that is not configured.
    #[error("there is no zone {0}, only {1}")]
    NoZone(DomainName, String),
    /// Several zones where one is wanted.
    #[error("{flag} says which zone is meant: {zones}")]
    WhichZone {
        /// The flag that says it.
        flag: &'static str,
        /// The zones.
        zones: String,
    },
    /// A domain of no zone.
    #[error("no zone answers for {0}")]
    NoDomain(DomainName),
    /// A zone of many domains.
    #[error("{0} answers for many domains: --domain says which is meant")]
    WhichDomain(DomainName),
    /// A policy that does not go with the record of the zone.
    #[error(transparent)]
    Sets(SetsError),
    /// A file of what passes for a zone that is asked for something else: why it cannot
    /// be used.
    #[error("{0}")]
    NotPass(String),
    /// A list without a domain.
    #[error("{0} has no domain: nobody would pass")]
    EmptyTenants(String),
    /// Something else than a file.
    #[error("{0} is no file")]
    NoFile(String),
    /// Trees that make no zone.
    #[error(transparent)]
    Build(#[from] ZoneImageError),
    /// A source that gives no addresses.
    #[error("source '{name}': {error}")]
    Source {
        /// Its name.
        name: String,
        /// Why.
        error: Box<CliError>,
    },
}

impl ZonesError {
    /// The exit status.
    pub(in crate::cli) fn exit(&self) -> Exit {
        match self {
            ZonesError::Sets(_) | ZonesError::NotPass(_) => Exit::Policy,
            ZonesError::Source { error, .. } => error.exit(),
            _ => Exit::Usage,
        }
    }

    /// The messages of a source's own error, under its name.
    pub(in crate::cli) fn messages(&self) -> Option<Vec<String>> {
        let ZonesError::Source { name, error } = self else { return None };
        let messages = error.messages();
        Some(messages.into_iter().map(|text| format!("source '{name}': {text}")).collect())
    }
}
