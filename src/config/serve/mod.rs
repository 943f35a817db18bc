//! The tables `[serve]`, `[refresh]`, `[http]`, `[source.NAME]` and `[[zone]]`: what a server
//! answers for, from where its addresses come, and how it is run.
//!
//! Files that they name are neither found nor opened here, nothing is compiled,
//! and DNS is not asked. That a server needs an address to listen at is said by
//! who starts it: sockets may come from elsewhere.

mod address;
mod error;
#[cfg(feature = "http")]
mod http;
mod refresh;
mod server;
mod source;
mod tenants;
mod terms;
mod terms_error;
#[cfg(test)]
mod tests;
mod zone;
mod zone_keys;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::refresh::{AddressSource, RefreshOptions};
use crate::responder::{RateOptions, ServerOptions, TcpOptions, UdpOptions};

use super::nearest::nearest;
use super::value::{Value, array, table};
use super::{Misplaced, in_order};

pub use error::ServeFault;
#[cfg(feature = "http")]
pub use http::HTTP_KEYS;
pub use refresh::{REFRESH_KEYS, TrustConfig};
pub use server::{LogFormat, SERVE_KEYS, read_cookie_secret};
pub use source::SOURCE_KEYS;
pub use tenants::{Tenant, TenantsError, TenantsFault, read_tenants};
pub use terms::read_zone_terms;
pub use terms_error::RecordFault;
pub use zone::ZoneConfig;
pub use zone_keys::ZONE_KEYS;

/// What a server is to do. Paths are as they stand in the file until
/// [`ServeConfig::resolve`] was called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServeConfig {
    /// How the server listens, limits and identifies itself.
    pub server: ServerOptions,
    /// The user that the server becomes once it is bound.
    pub user: Option<String>,
    /// How the log is written.
    pub log_format: LogFormat,
    /// The name servers that are asked when sources are compiled; none for the
    /// system's.
    pub resolvers: Vec<SocketAddr>,
    /// Where it is kept what has to survive a restart.
    pub state: Option<PathBuf>,
    /// How sources are kept up to date.
    pub refresh: RefreshOptions,
    /// What is asked of answers before they are believed.
    pub trust: TrustConfig,
    /// The file with the secret of DNS cookies, in place of the secret itself:
    /// see [`read_cookie_secret`].
    pub cookie_secret_file: Option<PathBuf>,
    /// The HTTP side, where there is one.
    #[cfg(feature = "http")]
    pub http: Option<crate::http::HttpOptions>,
    /// The file with the token of those who may change something over HTTP.
    #[cfg(feature = "http")]
    pub http_token_file: Option<PathBuf>,
    /// From where addresses come, by name.
    pub sources: BTreeMap<String, AddressSource>,
    /// The zones, in the order of the file.
    pub zones: Vec<ZoneConfig>,
}

impl Default for ServeConfig {
    fn default() -> ServeConfig {
        let server = ServerOptions {
            listen: Vec::new(),
            udp: UdpOptions::default(),
            tcp: TcpOptions::default(),
            rate: RateOptions::default(),
            nsid: None,
            cookie_secret: None,
            log_one_in: 0,
        };
        ServeConfig {
            server,
            user: None,
            log_format: LogFormat::Text,
            resolvers: Vec::new(),
            state: None,
            refresh: RefreshOptions::default(),
            trust: TrustConfig::default(),
            cookie_secret_file: None,
            #[cfg(feature = "http")]
            http: None,
            #[cfg(feature = "http")]
            http_token_file: None,
            sources: BTreeMap::new(),
            zones: Vec::new(),
        }
    }
}

impl ServeConfig {
    /// Takes the paths as relative to the folder of the configuration.
    pub fn resolve(&mut self, folder: &Path) {
        let sources = self.sources.values_mut().filter_map(AddressSource::path_mut);
        let zones = self
            .zones
            .iter_mut()
            .flat_map(|zone| zone.image.as_mut().into_iter().chain(zone.tenants_file.as_mut()));
        let own = [&mut self.cookie_secret_file, &mut self.state, &mut self.trust.trust_anchors];
        let paths = sources.chain(zones).chain(own.into_iter().flatten());
        #[cfg(feature = "http")]
        let paths = paths.chain(&mut self.http_token_file);
        for path in paths {
            *path = folder.join(&path);
        }
    }
}

/// Reads the tables in the order of the file, and holds them against each other
/// when all are read.
#[derive(Default)]
pub(super) struct Reader {
    config: ServeConfig,
    zones: Vec<zone_keys::Read>,
    /// Where the table `[refresh]` begins.
    refresh_at: usize,
}

impl Reader {
    /// Reads one of the tables.
    pub(super) fn read(&mut self, name: &str, value: &Value<'_>) -> Result<(), Misplaced> {
        match name {
            "serve" => server::read(&mut self.config, table(value)?),
            "refresh" => {
                self.refresh_at = value.span().start;
                refresh::read(&mut self.config, table(value)?)
            }
            #[cfg(feature = "http")]
            "http" => http::read(&mut self.config, table(value)?),
            #[cfg(not(feature = "http"))]
            "http" => Ok(()),
            "source" => {
                for (name, value) in in_order(table(value)?) {
                    let (name, source) = source::read(name, value)?;
                    self.config.sources.insert(name, source);
                }
                Ok(())
            }
            _ => {
                for value in array(value, "an array of tables, each headed [[zone]]")? {
                    self.zones.push(zone_keys::read(value)?);
                }
                Ok(())
            }
        }
    }

    /// The configuration, if its tables go together.
    pub(super) fn finish(self) -> Result<ServeConfig, Misplaced> {
        let Reader { mut config, zones, refresh_at } = self;
        if let Some(needed) = config.trust.quorum
            && !config.resolvers.is_empty()
            && needed > config.resolvers.len()
        {
            let resolvers = config.resolvers.len();
            return Err((refresh_at, ServeFault::Quorum { needed, resolvers }.into()));
        }
        for zone_keys::Read { zone, begin, named } in zones {
            for (offset, name) in named {
                if !config.sources.contains_key(&name) {
                    return Err((offset, unknown_source(name, &config.sources).into()));
                }
            }
            if config.zones.iter().any(|other| other.terms.zone() == zone.terms.zone()) {
                return Err((begin, ServeFault::ZoneTwice(zone.terms.zone().clone()).into()));
            }
            let nested = |other: &&ZoneConfig| {
                let (one, two) = (other.terms.zone(), zone.terms.zone());
                one.is_at_or_below(two) || two.is_at_or_below(one)
            };
            if let Some(other) = config.zones.iter().find(nested) {
                let (one, two) = (zone.terms.zone().clone(), other.terms.zone().clone());
                return Err((begin, ServeFault::Nested(one, two).into()));
            }
            let image = |other: &&ZoneConfig| other.image.is_some() && other.image == zone.image;
            if let Some(other) = config.zones.iter().find(image) {
                let (one, two) = (other.terms.zone().clone(), zone.terms.zone().clone());
                return Err((begin, ServeFault::OneImage(one, two).into()));
            }
            config.zones.push(zone);
        }
        Ok(config)
    }
}

/// The mistake of naming a source that there is not.
fn unknown_source(name: String, sources: &BTreeMap<String, AddressSource>) -> ServeFault {
    let nearest = nearest(&name, sources.keys().map(String::as_str));
    ServeFault::NoSource { name, nearest }
}
