//! What a configuration gives the refresh to do, and what it takes for that.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::cli::error::CliError;
use crate::cli::global::GlobalOptions;
use crate::cli::output::Session;
use crate::cli::state::{StateArgs, StateError};
use crate::cli::zones::{asker, tenants};
use crate::config::{ServeConfig, ZoneConfig};
use crate::dns::{Answer, AnswerFuture, Ask, Failure, FreshAnswers, Question, Reply};
use crate::name::DomainName;
use crate::refresh::{AddressSource, Engine, Plan, SystemClock, ZoneAsked, ZonePlan};

use super::faults::Faults;

/// The zones that are compiled, with their sources. A list of tenants that cannot be
/// read leaves its zone as it is in `before`; where it is not there, the zone has no
/// plan, and this says why.
pub(super) fn plan(
    config: &ServeConfig,
    global: &GlobalOptions,
    before: &BTreeMap<DomainName, ZonePlan>,
    faults: &Faults,
) -> (Plan, BTreeMap<DomainName, CliError>) {
    let (mut zones, mut missing) = (Vec::new(), BTreeMap::new());
    for zone in config.zones.iter().filter(|zone| zone.has_sources()) {
        let name = zone.terms.zone();
        match (tenants(config, zone), before.get(name)) {
            (Ok(tenants), _) => zones.push(ZonePlan { asked: asked(zone), tenants }),
            (Err(error), Some(plan)) => {
                let reason = error.messages().join("; ");
                faults.log(&format!("the zone {name} goes on with its old domains: {reason}"));
                zones.push(plan.clone());
            }
            (Err(error), None) => drop(missing.insert(name.clone(), error)),
        }
    }
    let mut sources = config.sources.clone();
    if let Some(path) = &global.dns_file {
        for source in sources.values_mut() {
            if let AddressSource::Policy(policy) = source {
                policy.recording = Some(path.clone());
            }
        }
    }
    (Plan { sources, zones }, missing)
}

fn asked(zone: &ZoneConfig) -> ZoneAsked {
    ZoneAsked { terms: zone.terms.clone(), record: zone.record.clone() }
}

/// DNS as the command line says, and the configuration where it is silent; nobody where
/// all sources are files, so that a server of them needs no resolver.
///
/// # Errors
///
/// As for [`asker`].
pub(super) fn answers(
    config: &ServeConfig,
    global: &GlobalOptions,
) -> Result<FreshAnswers, CliError> {
    let asker: Arc<dyn Ask + Send + Sync> = match asks_dns(config, global) {
        true => Arc::from(asker(config, global)?),
        false => Arc::new(Nobody),
    };
    Ok(FreshAnswers::new(asker, config.refresh.freshness()))
}

/// Whether some source is a policy that DNS has.
pub(super) fn asks_dns(config: &ServeConfig, global: &GlobalOptions) -> bool {
    let policy = |source: &AddressSource| source.path().is_none();
    global.dns_file.is_none() && config.sources.values().any(policy)
}

/// The sources of a server that does not run, with nobody to ask, for orders of a
/// person.
///
/// # Errors
///
/// A configuration that cannot be read, and a state that somebody else writes.
pub(in crate::cli) fn offline(state: &StateArgs, session: &Session) -> Result<Engine, CliError> {
    let config = state.serve_config()?;
    let directory = state.directory()?.own().map_err(StateError::from)?;
    let (plan, missing) = plan(&config, &session.global, &BTreeMap::new(), &Faults::default());
    if let Some(error) = missing.into_values().next() {
        return Err(error);
    }
    let answers = FreshAnswers::new(Arc::new(Nobody), config.refresh.freshness());
    let mut engine = Engine::new(config.refresh, Arc::new(SystemClock), answers, Some(directory));
    engine.configure(plan);
    engine.load();
    for notice in engine.take_notices() {
        session.warn(notice.to_string());
    }
    Ok(engine)
}

/// DNS that cannot be reached.
pub(super) struct Nobody;

impl Ask for Nobody {
    fn ask(&self, _: Question) -> AnswerFuture {
        Box::pin(std::future::ready(Answer::new(Reply::Failure(Failure::Unreachable))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    use crate::config::Config;

    #[derive(Parser)]
    struct Flags {
        #[command(flatten)]
        global: GlobalOptions,
    }

    #[test]
    fn files_need_no_resolver() {
        // Whoever asks would read this file.
        let trust = "[refresh]\ndnssec = 'prefer'\ntrust-anchors = '/nowhere'\n";
        let answers = |source: &str, flags: &[&str]| {
            let config = Config::read(format!("{trust}[source.s]\n{source}").as_bytes()).unwrap();
            let flags = Flags::parse_from(["spfc"].iter().chain(flags)).global;
            answers(&config.serve, &flags).is_ok()
        };
        assert!(answers("cidrs = 'c'", &[]));
        assert!(answers("domain = 'a.example'\nrecording = 'r'", &[]));
        assert!(answers("domain = 'a.example'", &["--dns-file", "f"]));
        assert!(!answers("domain = 'a.example'", &[]));
    }
}
