//! `spfc.toml`: what a project says once instead of on every command line, read
//! into the options of the parts that it is for.
//!
//! Files are found and opened elsewhere, and what the command line says about
//! the same things is not known here. Nothing that stands below imports this.

mod error;
mod lint;
mod nearest;
#[cfg(feature = "refresh")]
mod serve;
mod value;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

pub use error::{ConfigError, ConfigFault};
pub use lint::{LINT_KEYS, LintConfig};
#[cfg(feature = "http")]
pub use serve::HTTP_KEYS;
#[cfg(feature = "refresh")]
pub use serve::{
    LogFormat, REFRESH_KEYS, RecordFault, SERVE_KEYS, SOURCE_KEYS, ServeConfig, ServeFault, Tenant,
    TenantsError, TenantsFault, TrustConfig, ZONE_KEYS, ZoneConfig, read_cookie_secret,
    read_tenants, read_zone_terms,
};

use nearest::nearest;
use value::{kind, table};

/// The name of the file.
pub const CONFIG_FILE: &str = "spfc.toml";

/// The tables that there can be.
const TABLES: &[&str] = &["lint", "serve", "refresh", "http", "source", "zone"];

/// What a configuration says.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The table `[lint]`.
    pub lint: LintConfig,
    /// The tables `[serve]`, `[refresh]`, `[http]`, `[source]` and `[[zone]]`.
    #[cfg(feature = "refresh")]
    pub serve: ServeConfig,
}

impl Config {
    /// Reads the text of a configuration. An empty one says nothing.
    ///
    /// # Errors
    ///
    /// The first mistake, with its place: no TOML, a table or key that there is
    /// not, a value of another type, a rule or a word that is not known.
    pub fn read(text: &[u8]) -> Result<Config, ConfigError> {
        let at = |offset: usize, fault: ConfigFault| ConfigError::new(text, offset, fault);
        let text = match std::str::from_utf8(text) {
            Ok(text) => text,
            Err(error) => return Err(at(error.valid_up_to(), ConfigFault::NoUtf8)),
        };
        let document = DeTable::parse(text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            at(offset, ConfigFault::Syntax(error.message().to_owned()))
        })?;
        let mut config = Config::default();
        #[cfg(feature = "refresh")]
        let mut serve = serve::Reader::default();
        for (name, value) in in_order(document.get_ref()) {
            let read = match name.get_ref().as_ref() {
                "lint" => table(value).and_then(|table| config.lint.read(table)),
                #[cfg(feature = "refresh")]
                name @ ("serve" | "refresh" | "http" | "source" | "zone") => {
                    serve.read(name, value)
                }
                // Tables for a server that is not part of this build.
                #[cfg(not(feature = "refresh"))]
                "serve" | "refresh" | "http" | "source" | "zone" => Ok(()),
                unknown => Err((name.span().start, unknown_top(unknown, value.get_ref()))),
            };
            read.map_err(|(offset, fault)| at(offset, fault))?;
        }
        #[cfg(feature = "refresh")]
        {
            config.serve = serve.finish().map_err(|(offset, fault)| at(offset, fault))?;
        }
        Ok(config)
    }
}

/// A mistake and the octet where it begins.
type Misplaced = (usize, ConfigFault);

fn unknown_top(name: &str, value: &DeValue<'_>) -> ConfigFault {
    let name = name.to_owned();
    match value {
        DeValue::Table(_) => {
            let nearest = nearest(&name, TABLES.iter().copied());
            ConfigFault::UnknownTable { name, nearest, known: TABLES }
        }
        value => match HEADINGS.iter().find(|(_, keys)| keys.contains(&name.as_str())) {
            // A key of a table whose heading is missing.
            Some((table, _)) => ConfigFault::NoTable { name, table },
            None => ConfigFault::UnknownTop { name, found: kind(value) },
        },
    }
}

/// Tables with their keys.
const HEADINGS: &[(&str, &[&str])] = &[
    ("lint", LINT_KEYS),
    #[cfg(feature = "refresh")]
    ("serve", SERVE_KEYS),
    #[cfg(feature = "refresh")]
    ("refresh", REFRESH_KEYS),
    #[cfg(feature = "http")]
    ("http", HTTP_KEYS),
];

/// A key that a table does not have, at its place.
fn unknown_key(
    table: &'static str,
    key: &Spanned<toml::de::DeString<'_>>,
    known: &'static [&'static str],
) -> Misplaced {
    let name = key.get_ref().to_string();
    let nearest = nearest(&name, known.iter().copied());
    (key.span().start, ConfigFault::UnknownKey { table, key: name, nearest, known })
}

/// The entries of a table, as they stand in the file.
fn in_order<'t, 'i>(
    table: &'t DeTable<'i>,
) -> Vec<(&'t Spanned<toml::de::DeString<'i>>, &'t Spanned<DeValue<'i>>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(name, _)| name.span().start);
    entries
}

#[cfg(test)]
mod tests;
