//! The engine against a world in memory, by a clock that goes as fast as it can.

use super::*;
use std::collections::HashMap;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::dns::{Answer, Ask, Failure, Lookup, Question, Reply, ZoneMap};
use crate::history::{EventKind, Why};
use crate::image::{Layout, Order, ZoneMechanism, ZoneOutcome, ZoneTerms};
use crate::outcome::Qualifier;
use crate::refresh::{FaultKind, Health, PolicySource, StateDirectory, SteadyClock};

mod faults;
mod survival;

/// DNS that says what a test lets it say.
#[derive(Clone, Default)]
pub(super) struct World {
    shared: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    /// The policies by name.
    policies: HashMap<String, String>,
    failing: HashMap<String, Failure>,
    all_fail: Option<Failure>,
    asked: usize,
}

impl World {
    fn of(policies: &[(&str, &str)]) -> World {
        let world = World::default();
        policies.iter().for_each(|(name, policy)| world.publish(name, policy));
        world
    }

    fn publish(&self, name: &str, policy: &str) {
        self.shared.lock().unwrap().policies.insert(name.to_owned(), policy.to_owned());
    }

    fn fail(&self, failure: Option<Failure>) {
        self.shared.lock().unwrap().all_fail = failure;
    }

    fn fail_at(&self, name: &str, failure: Option<Failure>) {
        let failing = &mut self.shared.lock().unwrap().failing;
        match failure {
            Some(failure) => drop(failing.insert(name.to_owned(), failure)),
            None => drop(failing.remove(name)),
        }
    }

    fn asked(&self) -> usize {
        self.shared.lock().unwrap().asked
    }
}

impl Ask for World {
    fn ask(&self, question: Question) -> BoxFuture<'static, Answer> {
        let mut inner = self.shared.lock().unwrap();
        inner.asked += 1;
        let name = question.name.to_string();
        let failure = inner.failing.get(&name).copied().or(inner.all_fail);
        let answer = match failure {
            Some(failure) => Answer::new(Reply::Failure(failure)),
            None => {
                let zone = |(name, policy): (&String, &String)| {
                    (name.clone(), serde_json::json!({"TXT": [policy]}))
                };
                let map: serde_json::Map<_, _> = inner.policies.iter().map(zone).collect();
                let map = serde_json::Value::Object(map).to_string();
                let found = ZoneMap::read(map.as_bytes()).unwrap().lookup(&question).unwrap();
                Answer { ttl: Some(300), ..(*found).clone() }
            }
        };
        async move {
            tokio::time::sleep(Duration::from_millis(20)).await;
            answer
        }
        .boxed()
    }
}

fn name(text: &str) -> DomainName {
    DomainName::parse(text).unwrap()
}

fn terms(zone: &str, by_domain: bool) -> ZoneTerms {
    ZoneTerms {
        layout: Layout::new(&name(zone), Order::Reversed, true).unwrap(),
        mechanism: ZoneMechanism::Exists,
        by_domain,
        outcomes: vec![ZoneOutcome { name: DomainName::root(), qualifier: Qualifier::Pass }],
    }
}

fn policy(domain: &str) -> AddressSource {
    let (source, recording, record) = (None, None, None);
    AddressSource::Policy(PolicySource { domain: name(domain), source, recording, record })
}

/// A plan of one zone with a domain for each source, which reads its policy.
fn plan(domains: &[&str]) -> Plan {
    let record = "v=spf1 exists:%{ir}.%{v}.%{d}._spf.example.net -all".to_owned();
    Plan {
        sources: domains.iter().map(|domain| ((*domain).to_owned(), policy(domain))).collect(),
        zones: vec![ZonePlan {
            asked: ZoneAsked { terms: terms("_spf.example.net", true), record },
            tenants: domains.iter().map(|domain| (name(domain), (*domain).to_owned())).collect(),
        }],
    }
}

fn engine(world: &World, state: Option<&Path>) -> Engine {
    let options = RefreshOptions::default();
    let answers = FreshAnswers::new(Arc::new(world.clone()), options.freshness());
    let directory = state.map(|path| StateDirectory::at(path).own().unwrap());
    Engine::new(options, Arc::new(SteadyClock::starting_at(1_764_000_000)), answers, directory)
}

/// An engine that has taken up a plan.
fn begun(world: &World, state: Option<&Path>, plan: Plan) -> Engine {
    let mut engine = engine(world, state);
    engine.configure(plan);
    engine.load();
    engine
}

/// Lets the engine do what it does for so long.
async fn go_on(engine: &mut Engine, seconds: u64) {
    let end = Instant::now() + Duration::from_secs(seconds);
    while let Some(due) = engine.next_due().filter(|due| *due <= end) {
        tokio::time::sleep_until(due).await;
        while engine.refresh().await {}
        engine.write();
    }
    tokio::time::sleep_until(end).await;
}

/// Whether a client passes for a domain, in what is served; none where that is not known.
fn passes(output: &ZoneOutput, domain: &str, client: &str) -> Option<bool> {
    let client: IpAddr = client.parse().unwrap();
    let image = output.image.as_ref()?;
    let tree = image.trees().iter().find(|tree| tree.name == name(domain))?;
    Some(image.sets()[tree.set as usize].contains(client))
}

fn notices(engine: &mut Engine) -> Vec<String> {
    engine.take_notices().into_iter().map(|notice| notice.to_string()).collect()
}

fn run<T>(future: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_time().start_paused(true).build().unwrap().block_on(future)
}

fn health(engine: &Engine, source: &str) -> Health {
    let status = engine.status();
    status.sources.iter().find(|it| it.source == source).unwrap().health
}

#[test]
fn changes_are_served_when_answers_end() {
    run(async {
        let world = World::of(&[
            ("a.test", "v=spf1 include:p.test -all"),
            ("b.test", "v=spf1 include:p.test ip4:203.0.113.0/24 -all"),
            ("p.test", "v=spf1 ip4:192.0.2.0/25 -all"),
        ]);
        let mut engine = begun(&world, None, plan(&["a.test", "b.test"]));
        go_on(&mut engine, 10).await;
        let [zone] = engine.take_zones().try_into().unwrap();
        assert!(zone.unready.is_empty());
        for (domain, client, expected) in [
            ("a.test", "192.0.2.7", true),
            ("a.test", "192.0.2.200", false),
            ("a.test", "203.0.113.1", false),
            ("b.test", "203.0.113.1", true),
        ] {
            assert_eq!(passes(&zone, domain, client), Some(expected), "{domain} {client}");
        }
        // Both policies ask for the provider's records once.
        assert_eq!(world.asked(), 3);
        assert!(engine.take_zones().is_empty());
        notices(&mut engine);
        world.publish("p.test", "v=spf1 ip4:192.0.2.0/24 -all");
        go_on(&mut engine, 280).await;
        assert!(engine.take_zones().is_empty());
        go_on(&mut engine, 60).await;
        let [zone] = engine.take_zones().try_into().unwrap();
        assert_eq!(passes(&zone, "a.test", "192.0.2.200"), Some(true));
        assert_eq!(passes(&zone, "b.test", "192.0.2.200"), Some(true));
        assert_eq!(world.asked(), 6);
        let said = notices(&mut engine);
        let expected = "'a.test': version 2 is served: it says something else than before; ranges \
                        gained: 1, lost: 0";
        assert!(said.contains(&expected.to_owned()), "{said:#?}");
        assert_eq!(engine.status().sources[0].version, Some(2));
    });
}

#[test]
fn nothing_is_compiled_while_nothing_changes() {
    run(async {
        let world = World::of(&[("a.test", "v=spf1 ip4:192.0.2.0/25 -all")]);
        let mut engine = begun(&world, None, plan(&["a.test"]));
        go_on(&mut engine, 10 * 3600).await;
        assert_eq!(engine.take_zones().len(), 1);
        let said = notices(&mut engine);
        assert_eq!(said.len(), 1, "{said:#?}");
        // The life of an answer is 300 s, and at most a tenth longer between readings.
        let asked = world.asked();
        assert!((109..=121).contains(&asked), "{asked}");
    });
}

#[test]
fn sources_that_are_not_used_are_not_read() {
    run(async {
        let world = World::of(&[("a.test", "v=spf1 ip4:192.0.2.0/25 -all")]);
        let mut plan = plan(&["a.test"]);
        plan.sources.insert("unused".to_owned(), policy("unused.test"));
        let mut engine = begun(&world, None, plan.clone());
        go_on(&mut engine, 5).await;
        assert_eq!((world.asked(), engine.status().sources.len()), (1, 1));
        // Nor is one that no longer is.
        plan.zones.clear();
        engine.configure(plan);
        engine.load();
        go_on(&mut engine, 3600).await;
        assert_eq!((world.asked(), engine.status().sources.len()), (1, 0));
    });
}

#[test]
fn another_definition_is_served_as_soon_as_it_can_be() {
    run(async {
        let world = World::of(&[
            ("a.test", "v=spf1 ip4:192.0.2.0/24 -all"),
            ("b.test", "v=spf1 ip4:203.0.113.0/29 -all"),
        ]);
        let mut engine = begun(&world, None, plan(&["a.test"]));
        go_on(&mut engine, 5).await;
        engine.take_zones();
        let mut other = plan(&["a.test"]);
        other.sources.insert("a.test".to_owned(), policy("b.test"));
        world.fail(Some(Failure::Timeout));
        engine.configure(other);
        engine.load();
        go_on(&mut engine, 5).await;
        let zone = engine.take_zones();
        assert!(zone.iter().all(|zone| passes(zone, "a.test", "192.0.2.1") == Some(true)));
        assert_eq!(health(&engine, "a.test"), Health::Failing);
        world.fail(None);
        go_on(&mut engine, 200).await;
        let [zone] = engine.take_zones().try_into().unwrap();
        // Less passes, but that is what was asked for.
        assert_eq!(passes(&zone, "a.test", "192.0.2.1"), Some(false));
        assert_eq!(passes(&zone, "a.test", "203.0.113.1"), Some(true));
        let status = engine.status();
        assert_eq!(status.sources[0].why.as_ref().unwrap().kind, "configured");
    });
}
