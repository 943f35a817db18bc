//! The table `[refresh]`: how sources are kept up to date.
//!
//! A new key is a field, a line of `REFRESH_KEYS`, an arm of `set`, and a paragraph
//! of `examples/spfc.toml`.

use std::path::PathBuf;
use std::time::Duration;

use toml::de::DeTable;

use crate::config::value::{Value, number, word};
use crate::config::{Misplaced, in_order, unknown_key};
use crate::dns::DnssecMode;
use crate::refresh::RefreshOptions;

use super::server::path;
use super::{ServeConfig, ServeFault};

/// The keys of the table.
pub const REFRESH_KEYS: &[&str] = &[
    "least",
    "most",
    "jitter",
    "retry",
    "max-shrink",
    "quorum",
    "dnssec",
    "trust-anchors",
    "history-days",
    "history-versions",
];

/// Seconds at most: four weeks.
const MOST_SECONDS: u32 = 28 * 86_400;
/// Resolvers that have to agree at most.
const MOST_RESOLVERS: u32 = 16;
/// Days that the history may go back at most: a century.
const MOST_DAYS: u32 = 36_525;
/// Versions of a source at most.
const MOST_VERSIONS: u32 = 1_000_000;

/// What is asked of answers before they are believed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustConfig {
    /// How many resolvers have to agree.
    pub quorum: Option<usize>,
    /// Whether answers are validated.
    pub dnssec: DnssecMode,
    /// The file of the keys that validation begins with; the root's keys, which are
    /// built in, without one.
    pub trust_anchors: Option<PathBuf>,
}

pub(super) fn read(config: &mut ServeConfig, table: &DeTable<'_>) -> Result<(), Misplaced> {
    for (key, value) in in_order(table) {
        let name = key.get_ref().as_ref();
        let known =
            set(&mut config.refresh, name, value)? || set_trust(&mut config.trust, name, value)?;
        if !known {
            return Err(unknown_key("refresh", key, REFRESH_KEYS));
        }
        if config.refresh.most < config.refresh.least {
            return Err((key.span().start, ServeFault::RefreshTimes.into()));
        }
    }
    if config.trust.trust_anchors.is_some() && config.trust.dnssec == DnssecMode::Off {
        let key = in_order(table).into_iter().find(|(key, _)| key.get_ref() == "trust-anchors");
        let at = key.map_or(0, |(key, _)| key.span().start);
        return Err((at, ServeFault::OnlyWith("trust-anchors", "dnssec").into()));
    }
    Ok(())
}

/// Takes the value of a key; `false` for a key that is none of these.
fn set(options: &mut RefreshOptions, key: &str, value: &Value<'_>) -> Result<bool, Misplaced> {
    let seconds = |value| number(value, 1, MOST_SECONDS).map(|it| Duration::from_secs(it.into()));
    match key {
        "least" => options.least = seconds(value)?,
        "most" => options.most = seconds(value)?,
        "jitter" => options.jitter = number(value, 0, 100)?,
        "retry" => options.retry = seconds(value)?,
        "max-shrink" => options.max_shrink = number(value, 0, 100)?,
        "history-days" => options.history_days = number(value, 1, MOST_DAYS)?,
        "history-versions" => options.history_versions = number(value, 1, MOST_VERSIONS)?,
        _ => return Ok(false),
    }
    Ok(true)
}

/// The same for the keys of what is believed.
fn set_trust(trust: &mut TrustConfig, key: &str, value: &Value<'_>) -> Result<bool, Misplaced> {
    match key {
        "quorum" => trust.quorum = Some(number(value, 1, MOST_RESOLVERS)? as usize),
        "dnssec" => {
            let meanings = [DnssecMode::Off, DnssecMode::Prefer, DnssecMode::Require];
            trust.dnssec = word(value, &["off", "prefer", "require"], &meanings)?;
        }
        "trust-anchors" => trust.trust_anchors = Some(path(value)?),
        _ => return Ok(false),
    }
    Ok(true)
}
