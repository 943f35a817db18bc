//! Who is asked about sources, and what is believed of the answers.

use std::path::Path;

use crate::cli::error::{CliError, shown};
use crate::cli::global::GlobalOptions;
use crate::config::ServeConfig;
use crate::dns::{Ask, AskerOptions, TrustAnchors, open_asker};

use super::ZonesError;

/// DNS as the command line says, and the configuration where it is silent.
///
/// # Errors
///
/// No name server to ask, fewer than have to agree, and a file of trust anchors that
/// cannot be used.
pub(in crate::cli) fn asker(
    config: &ServeConfig,
    global: &GlobalOptions,
) -> Result<Box<dyn Ask + Send + Sync>, CliError> {
    let servers = if global.dns.is_empty() { &config.resolvers } else { &global.dns };
    let anchors = config.trust.trust_anchors.as_deref().map(read_anchors).transpose()?;
    Ok(open_asker(&AskerOptions {
        servers: servers.clone(),
        timeout: global.timeout,
        quorum: config.trust.quorum,
        dnssec: config.trust.dnssec,
        anchors,
    })?)
}

fn read_anchors(path: &Path) -> Result<TrustAnchors, CliError> {
    let text = std::fs::read_to_string(path).map_err(|error| CliError::read(path, error))?;
    TrustAnchors::read(&text)
        .map_err(|error| ZonesError::TrustAnchors { path: shown(path), error }.into())
}
