//! What the configuration names and what is known of it, put together to the zones
//! that are to be served.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::config::{ServeConfig, ZoneConfig};
use crate::escape;
use crate::name::DomainName;
use crate::refresh::{Engine, FaultKind, Plan, Severity, Trouble, ZoneOutput, ZonePlan};

use super::faults::Faults;
use super::loader::{Loaded, Loader, Origin, ReadZone, Unread};
use super::plan::{answers, asks_dns, plan};
use super::reading::Reading;

/// How long a zone whose image cannot be read waits until it is tried again.
const RETRY: Duration = Duration::from_secs(60);

/// What is known of the zones of a configuration.
#[derive(Debug)]
pub(super) struct Desk {
    reading: Reading,
    /// The configuration that the server was started with.
    begun: ServeConfig,
    config: ServeConfig,
    loader: Loader,
    faults: Arc<Faults>,
    plans: BTreeMap<DomainName, ZonePlan>,
    /// Zones without a plan, and why.
    unplanned: BTreeMap<DomainName, Unread>,
    outputs: BTreeMap<DomainName, ZoneOutput>,
    /// Whether zones were handed over already.
    handed: bool,
    /// When images that could not be read are tried again.
    retry: Option<Instant>,
}

impl Desk {
    /// For the zones of a configuration.
    pub(super) fn new(reading: Reading, config: ServeConfig, faults: Arc<Faults>) -> Desk {
        Desk {
            reading,
            begun: config.clone(),
            config,
            loader: Loader::default(),
            faults,
            plans: BTreeMap::new(),
            unplanned: BTreeMap::new(),
            outputs: BTreeMap::new(),
            handed: false,
            retry: None,
        }
    }

    /// When zones that could not be read are to be tried again.
    pub(super) fn retry(&self) -> Option<Instant> {
        self.retry
    }

    /// Whether nothing was handed over yet.
    pub(super) fn is_new(&self) -> bool {
        !self.handed
    }

    /// Whether there is anything to serve that was put together.
    pub(super) fn has_output(&self) -> bool {
        self.outputs.values().any(|output| output.image.is_some())
    }

    /// Logs an error.
    pub(super) fn log(&self, error: &CliError) {
        error.messages().iter().for_each(|message| self.faults.log(message));
    }

    /// Reads the configuration again, and lets the engine go on as it says.
    ///
    /// # Errors
    ///
    /// A configuration that cannot be read: then nothing changes.
    pub(super) fn read_config(&mut self, engine: Option<&mut Engine>) -> Result<(), CliError> {
        let config = self.reading.config()?;
        let global = self.reading.global();
        let dns = |config: &ServeConfig| {
            let asks = asks_dns(config, global);
            (asks, config.refresh.clone(), config.trust.clone(), config.resolvers.clone())
        };
        if let Some(engine) = engine
            && dns(&config) != dns(&self.config)
        {
            engine.adopt(config.refresh.clone(), answers(&config, global)?);
        }
        if needs_restart(&self.begun, &config) {
            tracing::warn!(
                "[serve] or [http] has changed: addresses, limits, user, log and state are taken at the \
                 start, and want a restart"
            );
        }
        self.config = config;
        Ok(())
    }

    /// What there is for the engine to do.
    pub(super) fn plan(&mut self) -> Plan {
        let (plan, unplanned) =
            plan(&self.config, self.reading.global(), &self.plans, &self.faults);
        let named = plan.zones.iter().map(|zone| (zone.asked.terms.zone().clone(), zone.clone()));
        self.plans = named.collect();
        let unread = |error: CliError| Unread::new(error.messages().join("; "), error.exit());
        self.unplanned = unplanned.into_iter().map(|(name, error)| (name, unread(error))).collect();
        self.outputs.retain(|name, _| self.plans.contains_key(name));
        plan
    }

    /// Takes what the engine has to say; whether a zone is another one now.
    pub(super) fn collect(&mut self, engine: &mut Engine) -> bool {
        let zones = engine.take_zones();
        for notice in engine.take_notices() {
            let text = escape::message(&notice.to_string());
            match notice.severity {
                Severity::Info => tracing::info!("{text}"),
                Severity::Warning => tracing::warn!("{text}"),
                Severity::Error => tracing::error!("{text}"),
            }
        }
        let changed = !zones.is_empty();
        self.outputs.extend(zones.into_iter().map(|output| (output.zone.clone(), output)));
        changed
    }

    /// All zones as they are to be served now; `images` says whether image files are
    /// read. None where they cannot stand together.
    pub(super) fn load(&mut self, engine: Option<&Engine>, images: bool) -> Option<Loaded> {
        let zones = self.config.zones.iter().map(|zone| self.zone(zone, engine, images)).collect();
        let loaded = self.loader.load(zones, &self.faults)?;
        // The engine comes back to its sources by itself.
        let waits = loaded.missing + loaded.stale > 0;
        // Zones that change meanwhile put nothing off.
        let planned = self.retry.filter(|_| !images);
        self.retry = waits.then(|| planned.unwrap_or_else(|| Instant::now() + RETRY));
        self.handed = true;
        Some(loaded)
    }

    fn zone(&self, zone: &ZoneConfig, engine: Option<&Engine>, images: bool) -> ReadZone {
        let name = zone.terms.zone();
        let Some(engine) = engine.filter(|_| zone.has_sources()) else {
            let held = (!images).then(|| self.loader.held(name)).flatten();
            return held.unwrap_or_else(|| self.reading.image(zone));
        };
        let troubles = engine.troubles(name);
        let output = self.outputs.get(name);
        if let Some((output, image)) = output.and_then(|it| Some((it, it.image.as_ref()?))) {
            let mut options = zone.options.clone();
            options.serial = output.created as u32;
            return ReadZone {
                name: name.clone(),
                options,
                image: Ok(Arc::clone(image)),
                origin: origin(&troubles),
                unready: output.unready.clone(),
            };
        }
        let unread = match (self.unplanned.get(name), troubles.first()) {
            (Some(unread), _) => unread.clone(),
            (None, Some(trouble)) => Unread::new(
                escape::message(&format!("source '{}': {}", trouble.source, trouble.reason)),
                exit_of(trouble.kind),
            ),
            (None, None) => Unread::new("its sources were not read yet".to_owned(), Exit::Dns),
        };
        self.reading.stand_in(zone, unread, &self.loader, &self.faults)
    }
}

/// Where it comes from what a zone holds whose sources have these troubles.
fn origin(troubles: &[Trouble]) -> Origin {
    match troubles {
        [] => Origin::Sources,
        some if some.iter().any(|trouble| trouble.kind.is_some()) => Origin::Old,
        _ => Origin::Waiting,
    }
}

/// How a run ends that has this alone to tell.
pub(super) fn exit_of(kind: Option<FaultKind>) -> Exit {
    match kind {
        Some(FaultKind::Dns) => Exit::Dns,
        Some(FaultKind::Policy) | None => Exit::Policy,
        Some(FaultKind::File) => Exit::Usage,
    }
}

/// Whether something has changed that is only read at the start.
fn needs_restart(begun: &ServeConfig, now: &ServeConfig) -> bool {
    let http = |config: &ServeConfig| (config.http.clone(), config.http_token_file.clone());
    (&begun.server, &begun.user, begun.log_format, &begun.cookie_secret_file, &begun.state)
        != (&now.server, &now.user, now.log_format, &now.cookie_secret_file, &now.state)
        || http(begun) != http(now)
}
