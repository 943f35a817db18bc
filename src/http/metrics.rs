//! Counters and states for Prometheus.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use axum::extract::State;
use axum::http::{HeaderName, header};
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::refresh::{Health, SourceStatus, Status};

use super::problem::Problem;
use super::server::Shared;

/// The media type of the text that Prometheus reads.
const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// All counters and states.
#[utoipa::path(
    get, path = "/metrics", tag = "health",
    responses(
        (status = 200, description = "Counters and states as OpenMetrics text", body = String, content_type = "application/openmetrics-text"),
        (status = 401, description = "Reading needs the token", body = Problem, content_type = "application/problem+json"),
    ),
    security((), ("token" = []))
)]
pub(super) async fn metrics(
    State(shared): State<Arc<Shared>>,
) -> Result<([(HeaderName, &'static str); 1], String), Problem> {
    let overseer = &shared.site.overseer;
    let registry = registry(&overseer.counters(), overseer.status().as_ref(), overseer.is_ready());
    let mut text = String::new();
    encode(&mut text, &registry).map_err(|error| Problem::internal(error.to_string()))?;
    Ok(([(header::CONTENT_TYPE, OPENMETRICS)], text))
}

/// The labels of a source.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfSource {
    source: String,
    domain: String,
}

/// The labels of a state of a source.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfHealth {
    source: String,
    health: Word,
}

/// A word of ours.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Word(&'static str);

impl EncodeLabelValue for Word {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> Result<(), std::fmt::Error> {
        EncodeLabelValue::encode(&self.0, encoder)
    }
}

const HEALTHS: [(Health, &str); 6] = [
    (Health::Fine, "fine"),
    (Health::Failing, "failing"),
    (Health::Unpublished, "unpublished"),
    (Health::Held, "held"),
    (Health::Broken, "broken"),
    (Health::Unready, "unready"),
];

type States = Family<OfSource, Gauge<f64, AtomicU64>>;

fn registry(counters: &[(&'static str, u64)], status: Option<&Status>, is_ready: bool) -> Registry {
    let mut registry = Registry::with_prefix("spfc");
    for (name, count) in counters {
        let help = format!("What the log counts as {name}");
        registry.register(*name, help, ConstCounter::new(*count));
    }
    let ready: Gauge = Gauge::default();
    ready.set(i64::from(is_ready));
    registry.register("ready", "Whether zones are served", ready);
    if let Some(status) = status {
        of_sources(status, &mut registry);
    }
    registry
}

fn of_sources(status: &Status, registry: &mut Registry) {
    let health: Family<OfHealth, Gauge> = Family::default();
    let (version, ip4, ip6, checked) =
        (States::default(), States::default(), States::default(), States::default());
    for source in &status.sources {
        for (state, word) in HEALTHS {
            let labels = OfHealth { source: source.source.clone(), health: Word(word) };
            health.get_or_create(&labels).set(i64::from(source.health == state));
        }
        let labels = labels(source);
        let number = |digits: &Option<String>| digits.as_ref()?.parse::<f64>().ok();
        for (family, value) in [
            (&version, source.version.map(|number| number as f64)),
            (&ip4, number(&source.ip4_addresses)),
            (&ip6, number(&source.ip6_networks)),
            (&checked, source.checked.map(|seconds| seconds as f64)),
        ] {
            if let Some(value) = value {
                family.get_or_create(&labels).set(value);
            }
        }
    }
    registry.register("source_health", "1 for how the source does", health);
    registry.register("source_version", "The number of the version that is served", version);
    registry.register("source_ip4_addresses", "IPv4 addresses that pass", ip4);
    registry.register("source_ip6_networks", "IPv6 networks of 64 bits that pass", ip6);
    let text = "When the source was last read well, in seconds since 1970";
    registry.register("source_checked_seconds", text, checked);
    let unready: Gauge = Gauge::default();
    let count: usize = status.zones.iter().map(|zone| zone.unready).sum();
    unready.set(i64::try_from(count).unwrap_or(i64::MAX));
    registry.register("domains_unready", "Domains of which nothing is known", unready);
    let problem: Gauge = Gauge::default();
    problem.set(i64::from(status.problem.is_some()));
    registry.register("state_problem", "Whether the state cannot be written", problem);
}

fn labels(source: &SourceStatus) -> OfSource {
    let domain = source.identity.domain.clone().unwrap_or_default();
    OfSource { source: source.source.clone(), domain }
}
