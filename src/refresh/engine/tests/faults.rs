//! Whatever DNS does, what is served gets no smaller without a person who wants it.

use super::*;
use crate::refresh::status::{ProviderChange, Verdict};

const GOOD: &str = "v=spf1 include:p.test -all";
const PROVIDER: &str = "v=spf1 ip4:192.0.2.0/24 ip4:198.51.100.0/24 -all";

/// An engine that serves the good policy.
async fn good() -> (World, Engine) {
    let world = World::of(&[("a.test", GOOD), ("p.test", PROVIDER)]);
    let mut engine = begun(&world, None, plan(&["a.test"]));
    go_on(&mut engine, 5).await;
    let [zone] = engine.take_zones().try_into().unwrap();
    assert_eq!(passes(&zone, "a.test", "192.0.2.7"), Some(true));
    assert_eq!(engine.status().verdict(), Verdict::Fine);
    notices(&mut engine);
    (world, engine)
}

/// What is wrong, with what the health and the verdict are then.
type Fault = (fn(&World), Health, Verdict);

#[test]
fn faults_leave_what_is_served_as_it_is() {
    let faults: &[Fault] = &[
        (|world| world.fail(Some(Failure::ServerFailure)), Health::Failing, Verdict::DnsFails),
        (|world| world.fail(Some(Failure::Timeout)), Health::Failing, Verdict::DnsFails),
        (|world| world.fail(Some(Failure::Refused)), Health::Failing, Verdict::DnsFails),
        (|world| world.fail(Some(Failure::Malformed)), Health::Failing, Verdict::DnsFails),
        (
            |world| world.fail_at("p.test", Some(Failure::ServerFailure)),
            Health::Failing,
            Verdict::DnsFails,
        ),
        (
            |world| world.publish("p.test", "v=spf1 ip4:192.0.2.0/24 -all"),
            Health::Held,
            Verdict::Waits,
        ),
        (|world| world.publish("a.test", "v=spf1 -all"), Health::Held, Verdict::Waits),
        // No record is an error of the policy, and so are two.
        (|world| world.publish("p.test", ""), Health::Broken, Verdict::Broken),
        (|world| world.publish("a.test", ""), Health::Broken, Verdict::Broken),
        (
            |world| world.publish("p.test", "v=spf1 ip4:192.0.2.0/99 -all"),
            Health::Broken,
            Verdict::Broken,
        ),
        (
            |world| world.publish("a.test", "v=spf1 include:a.test -all"),
            Health::Broken,
            Verdict::Broken,
        ),
    ];
    for (number, (fault, health_then, verdict)) in faults.iter().enumerate() {
        run(async {
            let (world, mut engine) = good().await;
            fault(&world);
            go_on(&mut engine, 2 * 3600).await;
            assert!(engine.take_zones().is_empty(), "{number}");
            assert_eq!(health(&engine, "a.test"), *health_then, "{number}");
            assert_eq!(engine.status().verdict(), *verdict, "{number}");
            // Told once, however long it lasts.
            let said = notices(&mut engine);
            assert_eq!(said.len(), 1, "{number} {said:#?}");
            world.fail(None);
            world.fail_at("p.test", None);
            world.publish("a.test", GOOD);
            world.publish("p.test", PROVIDER);
            go_on(&mut engine, 1800).await;
            assert_eq!(health(&engine, "a.test"), Health::Fine, "{number}");
            let said = notices(&mut engine);
            assert_eq!(said.len(), 1, "{number} {said:#?}");
            assert!(engine.take_zones().is_empty(), "{number}");
        });
    }
}

#[test]
fn explanations_do_not_hide_a_loss() {
    run(async {
        let world = World::of(&[
            ("a.test", "v=spf1 include:p.test exp=why.a.test -all"),
            ("p.test", PROVIDER),
        ]);
        let mut engine = begun(&world, None, plan(&["a.test"]));
        go_on(&mut engine, 400).await;
        assert_eq!(engine.take_zones().len(), 1);
        world.publish("p.test", "v=spf1 -all");
        go_on(&mut engine, 400).await;
        assert_eq!(health(&engine, "a.test"), Health::Held);
        assert!(engine.take_zones().is_empty());
    });
}

#[test]
fn a_person_accepts_what_waits() {
    const TAKEN: &str = "version 2 of 'a.test' is served; ranges gained: 0, lost: 2";
    run(async {
        let (world, mut engine) = good().await;
        let nothing = engine.accept("a.test", None).unwrap_err().to_string();
        assert_eq!(nothing, "nothing of 'a.test' waits to be accepted");
        world.publish("p.test", "v=spf1 ip4:192.0.2.0/25 -all");
        go_on(&mut engine, 400).await;
        let held = engine.status().sources[0].held.clone().unwrap();
        assert_eq!(
            held.reason,
            "75 % of the IPv4 addresses that pass would be lost, 384 of 512, and at most 30 % may be"
        );
        // A change of what waits waits too, and is told.
        world.publish("p.test", "v=spf1 ip4:192.0.2.0/26 -all");
        notices(&mut engine);
        go_on(&mut engine, 400).await;
        assert_eq!(notices(&mut engine).len(), 1);
        // It is shown, and nobody accepts it who means the first.
        let now = engine.status().sources[0].held.clone().unwrap();
        let lost = |ip4: &str| ProviderChange {
            provider: "p.test".to_owned(),
            change: "lost".to_owned(),
            ranges: 2,
            ip4: ip4.to_owned(),
            ip6: "0".to_owned(),
        };
        assert_eq!(held.providers, [lost("384")]);
        assert_eq!(now.providers, [lost("448")]);
        let other = engine.accept("a.test", Some(held.since)).unwrap_err().to_string();
        assert!(other.starts_with("another change of 'a.test' waits, since 2025-"), "{other}");
        // DNS need not answer then.
        world.fail(Some(Failure::Timeout));
        assert_eq!(engine.accept("A.test.", Some(now.since)).unwrap(), TAKEN);
        let [zone] = engine.take_zones().try_into().unwrap();
        assert_eq!(passes(&zone, "a.test", "192.0.2.63"), Some(true));
        assert_eq!(passes(&zone, "a.test", "192.0.2.64"), Some(false));
        assert_eq!(engine.status().sources[0].why.as_ref().unwrap().kind, "accepted");
        let gone = engine.accept("a.test", Some(now.since)).unwrap_err().to_string();
        assert!(gone.starts_with("nothing of 'a.test' waits"), "{gone}");
        assert!(
            engine
                .accept("b.test", None)
                .unwrap_err()
                .to_string()
                .starts_with("there is no source")
        );
    });
}

#[test]
fn what_waits_of_another_definition_is_forgotten() {
    run(async {
        let (world, mut engine) = good().await;
        world.publish("p.test", "v=spf1 -all");
        world.publish("b.test", "v=spf1 ip4:203.0.113.0/24 -all");
        go_on(&mut engine, 400).await;
        assert_eq!(health(&engine, "a.test"), Health::Held);
        let mut other = plan(&["a.test"]);
        other.sources.insert("a.test".to_owned(), policy("b.test"));
        world.fail(Some(Failure::Timeout));
        engine.configure(other);
        engine.load();
        assert!(engine.accept("a.test", None).is_err());
        world.fail(None);
        go_on(&mut engine, 400).await;
        let [zone] = engine.take_zones().try_into().unwrap();
        assert_eq!(passes(&zone, "a.test", "203.0.113.7"), Some(true));
        assert_eq!(health(&engine, "a.test"), Health::Fine);
    });
}

#[test]
fn flapping_is_told_but_changes_nothing() {
    run(async {
        let (world, mut engine) = good().await;
        for turn in 0..20 {
            let policy = if turn % 2 == 0 { "v=spf1 -all" } else { PROVIDER };
            world.publish("p.test", policy);
            go_on(&mut engine, 400).await;
            assert!(engine.take_zones().is_empty());
        }
        assert_eq!(health(&engine, "a.test"), Health::Fine);
    });
}

#[test]
fn a_growth_is_served_at_once_and_a_small_loss_too() {
    run(async {
        let (world, mut engine) = good().await;
        for (policy, client, expected) in [
            (
                "v=spf1 ip4:192.0.2.0/24 ip4:198.51.100.0/24 ip4:203.0.113.0/24 -all",
                "203.0.113.1",
                true,
            ),
            (
                "v=spf1 ip4:192.0.2.0/24 ip4:198.51.100.0/24 ip4:203.0.113.0/25 -all",
                "203.0.113.200",
                false,
            ),
        ] {
            world.publish("p.test", policy);
            go_on(&mut engine, 400).await;
            let [zone] = engine.take_zones().try_into().unwrap();
            assert_eq!(passes(&zone, "a.test", client), Some(expected));
        }
    });
}

#[test]
fn who_has_nothing_is_not_ready_and_keeps_nobody_waiting() {
    run(async {
        let world = World::of(&[("a.test", "v=spf1 ip4:192.0.2.1 -all")]);
        world.fail_at("b.test", Some(Failure::ServerFailure));
        let mut engine = begun(&world, None, plan(&["a.test", "b.test", "c.test"]));
        go_on(&mut engine, 5).await;
        let [zone] = engine.take_zones().try_into().unwrap();
        assert_eq!(passes(&zone, "a.test", "192.0.2.1"), Some(true));
        assert_eq!(zone.unready, [name("b.test"), name("c.test")]);
        assert_eq!(health(&engine, "b.test"), Health::Unready);
        let failing = engine.status().sources[2].failing.clone().unwrap();
        assert_eq!(failing.kind, FaultKind::Policy);
        world.fail_at("b.test", None);
        world.publish("b.test", "v=spf1 ip4:192.0.2.2 -all");
        go_on(&mut engine, 100).await;
        let [zone] = engine.take_zones().try_into().unwrap();
        assert_eq!(passes(&zone, "b.test", "192.0.2.2"), Some(true));
        assert_eq!(zone.unready, [name("c.test")]);
    });
}

#[test]
fn an_outage_is_told_once_whatever_fails_first() {
    run(async {
        let (world, mut engine) = good().await;
        world.fail_at("p.test", Some(Failure::Timeout));
        go_on(&mut engine, 400).await;
        world.fail(Some(Failure::ServerFailure));
        go_on(&mut engine, 3600).await;
        let said = notices(&mut engine);
        assert_eq!(said.len(), 1, "{said:#?}");
        // What is shown is what fails now.
        let failing = engine.status().sources[0].failing.clone().unwrap();
        assert!(failing.reason.contains("asking for a.test TXT"), "{failing:?}");
        assert!(failing.since < 1_764_000_000 + 400);
    });
}

#[test]
fn what_waits_through_an_outage_is_told_to_be_read_again() {
    run(async {
        let (world, mut engine) = good().await;
        world.publish("p.test", "v=spf1 ip4:192.0.2.0/25 -all");
        go_on(&mut engine, 400).await;
        let since = engine.status().sources[0].held.clone().unwrap().since;
        notices(&mut engine);
        world.fail(Some(Failure::ServerFailure));
        go_on(&mut engine, 3600).await;
        assert_eq!(notices(&mut engine).len(), 1);
        world.fail(None);
        go_on(&mut engine, 3600).await;
        let said = notices(&mut engine);
        assert_eq!(said.len(), 1, "{said:#?}");
        assert!(said[0].contains("it can be read again"), "{said:#?}");
        assert_eq!(engine.status().sources[0].held.clone().unwrap().since, since);
    });
}

#[test]
fn another_record_than_the_published_one_is_told_until_it_is_configured() {
    run(async {
        let folder = tempfile::tempdir().unwrap();
        let world = World::of(&[("a.test", "v=spf1 ip4:192.0.2.0/24 -all")]);
        let of_one = |all: &str| {
            let mut plan = plan(&["a.test"]);
            let zone = &mut plan.zones[0];
            zone.asked.terms = terms("_spf.example.net", false);
            zone.asked.record = format!("v=spf1 exists:%{{ir}}.%{{v}}._spf.example.net {all}");
            zone.tenants = [(DomainName::root(), "a.test".to_owned())].into();
            plan
        };
        let mut engine = begun(&world, Some(folder.path()), of_one("-all"));
        go_on(&mut engine, 5).await;
        assert_eq!(engine.status().verdict(), Verdict::Fine);
        world.publish("a.test", "v=spf1 ip4:192.0.2.0/24 ~all");
        go_on(&mut engine, 400).await;
        let published = "v=spf1 exists:%{ir}.%{v}._spf.example.net ~all";
        for _ in 0..2 {
            assert_eq!(health(&engine, "a.test"), Health::Unpublished);
            let status = engine.status();
            assert_eq!(status.verdict(), Verdict::Waits);
            assert_eq!(status.sources[0].publish.as_deref(), Some(published));
            let said = notices(&mut engine);
            assert!(said.iter().any(|said| said.contains(published)), "{said:#?}");
            drop(engine);
            engine = begun(&world, Some(folder.path()), of_one("-all"));
        }
        engine.configure(of_one("~all"));
        engine.load();
        assert_eq!(
            (health(&engine, "a.test"), engine.status().verdict()),
            (Health::Fine, Verdict::Fine)
        );
        // Tenants may each have their own.
        drop(engine);
        let engine = begun(&world, None, plan(&["a.test"]));
        assert_eq!(engine.status().sources[0].publish, None);
    });
}

#[test]
fn messages_name_where_a_policy_is_read() {
    run(async {
        let world = World::of(&[("_source.a.test", "v=spf1 ip4:192.0.2.0/24 -all")]);
        let mut plan = plan(&["a.test"]);
        let AddressSource::Policy(mut moved) = policy("a.test") else { panic!("a policy") };
        moved.source = Some(name("_source.a.test"));
        plan.sources.insert("a.test".to_owned(), AddressSource::Policy(moved));
        let mut engine = begun(&world, None, plan);
        go_on(&mut engine, 5).await;
        assert_eq!(health(&engine, "a.test"), Health::Fine);
        world.publish("_source.a.test", "");
        go_on(&mut engine, 400).await;
        let failing = engine.status().sources[0].failing.clone().unwrap();
        let place = "(what is read of a.test stands at _source.a.test)";
        assert!(failing.reason.ends_with(place), "{failing:?}");
    });
}

#[test]
fn terms_that_a_message_decides_gain_and_lose_no_ranges() {
    run(async {
        let folder = tempfile::tempdir().unwrap();
        let own = "v=spf1 ip4:192.0.2.0/24";
        let world = World::of(&[("a.test", &format!("{own} -all"))]);
        let mut engine = begun(&world, Some(folder.path()), plan(&["a.test"]));
        go_on(&mut engine, 5).await;
        world.publish("a.test", &format!("{own} ip4:203.0.113.7 exists:%{{l}}.%{{i}}.w.test -all"));
        go_on(&mut engine, 400).await;
        let said = notices(&mut engine);
        let version = said.iter().find(|said| said.contains("version 2 is served")).unwrap();
        assert!(version.ends_with("ranges gained: 1, lost: 0"), "{said:#?}");
        world.publish("a.test", &format!("{own} -all"));
        go_on(&mut engine, 400).await;
        let said = notices(&mut engine);
        let version = said.iter().find(|said| said.contains("version 3 is served")).unwrap();
        assert!(version.ends_with("ranges gained: 0, lost: 1"), "{said:#?}");
    });
}

#[test]
fn two_changes_never_wait_since_the_same_second() {
    run(async {
        let (world, mut engine) = good().await;
        let mut since = Vec::new();
        for policy in ["v=spf1 ip4:192.0.2.0/25 -all", "v=spf1 ip4:192.0.2.0/26 -all"] {
            world.publish("p.test", policy);
            engine.read_all_anew();
            engine.refresh_all().await;
            since.push(engine.status().sources[0].held.clone().unwrap().since);
        }
        assert!(since[0] < since[1], "{since:?}");
    });
}

#[test]
fn a_file_is_looked_at_again_as_often_as_ever() {
    run(async {
        let mut plan = plan(&["a.test"]);
        plan.sources.insert("a.test".to_owned(), AddressSource::Cidrs("/nowhere/list".into()));
        let mut engine = begun(&World::default(), None, plan);
        go_on(&mut engine, 2000).await;
        assert!(engine.status().sources[0].next.unwrap() <= 60);
    });
}
