//! What survives a restart, a lost file and a full history.

use super::*;

fn world() -> World {
    World::of(&[
        ("a.test", "v=spf1 ip4:192.0.2.0/24 -all"),
        ("b.test", "v=spf1 ip4:198.51.100.0/24 -all"),
    ])
}

/// Serves for a while, and stops.
async fn served_once(state: &Path) -> World {
    let world = world();
    let mut engine = begun(&world, Some(state), plan(&["a.test", "b.test"]));
    go_on(&mut engine, 5).await;
    engine.take_zones();
    engine.write();
    assert_eq!(engine.problem(), None);
    world
}

#[test]
fn a_start_without_dns_serves_what_was_served() {
    run(async {
        let folder = tempfile::tempdir().unwrap();
        let world = served_once(folder.path()).await;
        world.fail(Some(Failure::Timeout));
        let mut engine = engine(&world, Some(folder.path()));
        engine.configure(plan(&["a.test", "b.test", "c.test"]));
        // At once, and without any of the sources read.
        let [zone] = engine.take_zones().try_into().unwrap();
        assert_eq!(passes(&zone, "a.test", "192.0.2.7"), Some(true));
        assert_eq!(passes(&zone, "b.test", "198.51.100.7"), Some(true));
        assert_eq!(zone.unready, [name("c.test")]);
        assert_eq!(zone.created, 1_764_000_000);
        engine.load();
        assert!(engine.take_zones().is_empty());
        go_on(&mut engine, 3600).await;
        assert!(engine.take_zones().is_empty());
        let status = engine.status();
        assert_eq!(status.sources[0].version, Some(1));
        assert_eq!(health(&engine, "a.test"), Health::Failing);
        world.fail(None);
        go_on(&mut engine, 1000).await;
        assert_eq!(health(&engine, "a.test"), Health::Fine);
        assert_eq!(engine.status().sources[0].version, Some(1));
    });
}

#[test]
fn what_waits_and_what_was_chosen_survive() {
    run(async {
        let folder = tempfile::tempdir().unwrap();
        let world = served_once(folder.path()).await;
        let plan = || plan(&["a.test", "b.test"]);
        world.publish("a.test", "v=spf1 -all");
        let mut engine = begun(&world, Some(folder.path()), plan());
        go_on(&mut engine, 400).await;
        assert_eq!(health(&engine, "a.test"), Health::Held);
        drop(engine);
        world.fail(Some(Failure::Timeout));
        let mut engine = begun(&world, Some(folder.path()), plan());
        go_on(&mut engine, 5).await;
        assert_eq!(health(&engine, "a.test"), Health::Held);
        assert_eq!(engine.status().sources[0].held.as_ref().unwrap().providers.len(), 1);
        // The log of each run has what stands since before.
        let said = notices(&mut engine);
        assert!(said[0].starts_with("'a.test': still, since 2025-"), "{said:#?}");
        assert!(said[0].contains("a change waits for a person: 100 %"), "{said:#?}");
        let said = engine.accept("a.test", None).unwrap();
        assert_eq!(said, "version 2 of 'a.test' is served; ranges gained: 0, lost: 1");
        let [zone] = engine.take_zones().try_into().unwrap();
        assert_eq!(passes(&zone, "a.test", "192.0.2.7"), Some(false));
        // Back to what it was, whatever DNS says.
        let said = engine.roll_back("a.test", 1).unwrap();
        assert_eq!(said, "version 3 of 'a.test' is served; ranges gained: 1, lost: 0");
        let [zone] = engine.take_zones().try_into().unwrap();
        assert_eq!(passes(&zone, "a.test", "192.0.2.7"), Some(true));
        engine.write();
        drop(engine);
        world.fail(None);
        let mut engine = begun(&world, Some(folder.path()), plan());
        go_on(&mut engine, 1000).await;
        let status = engine.status();
        assert!(status.sources[0].pinned && status.sources[0].held.is_some());
        assert!(
            engine
                .take_zones()
                .iter()
                .all(|zone| passes(zone, "a.test", "192.0.2.7") == Some(true))
        );
        let why: Vec<Why> = history(&mut engine, "a.test");
        assert_eq!(why, [Why::RolledBack { to: 1 }, Why::Accepted, Why::First]);
        let missing = engine.roll_back("a.test", 9).unwrap_err().to_string();
        assert_eq!(missing, "the history has no version 9 of 'a.test'");
    });
}

/// Why each version of a source came, newest first.
fn history(engine: &mut Engine, source: &str) -> Vec<Why> {
    let history = engine.keeper.history().unwrap().unwrap();
    history.versions(source).unwrap().iter().map(|version| version.why).collect()
}

#[test]
fn a_lost_file_comes_back_from_the_history() {
    run(async {
        let folder = tempfile::tempdir().unwrap();
        let world = served_once(folder.path()).await;
        std::fs::write(folder.path().join("sources/a.test.json"), "{\"schema\":1,").unwrap();
        std::fs::remove_file(folder.path().join("sources/b.test.json")).unwrap();
        std::fs::write(folder.path().join("zones/_spf.example.net.image"), "torn").unwrap();
        world.fail(Some(Failure::ServerFailure));
        let mut engine = begun(&world, Some(folder.path()), plan(&["a.test", "b.test"]));
        let [zone] = engine.take_zones().try_into().unwrap();
        assert_eq!(passes(&zone, "a.test", "192.0.2.7"), Some(true));
        assert_eq!(passes(&zone, "b.test", "198.51.100.7"), Some(true));
        // What was lost, and what came in its place.
        let said = notices(&mut engine);
        assert_eq!(said.len(), 4, "{said:#?}");
        let back = said.iter().filter(|said| said.contains("version 1 comes from the history"));
        assert_eq!(back.count(), 2, "{said:#?}");
    });
}

#[test]
fn the_history_has_what_changed_and_what_did_not() {
    run(async {
        let folder = tempfile::tempdir().unwrap();
        let world = served_once(folder.path()).await;
        let mut engine = begun(&world, Some(folder.path()), plan(&["a.test", "b.test"]));
        world.publish("a.test", "v=spf1 ip4:192.0.2.0/24 include:b.test -all");
        go_on(&mut engine, 400).await;
        world.fail(Some(Failure::Timeout));
        go_on(&mut engine, 400).await;
        engine.write();
        let history = engine.keeper.history().unwrap().unwrap();
        let version = history.version("a.test", 2).unwrap().unwrap();
        let changes: Vec<_> =
            version.changes.iter().map(|it| (&*it.provider, it.first.to_string())).collect();
        assert_eq!(changes, [("b.test", "198.51.100.0".to_owned())]);
        assert_eq!((version.why, version.ip4), (Why::Changed, 512));
        assert!(version.lock.unwrap().contains("include:b.test"));
        let events: Vec<_> =
            history.events("a.test").unwrap().iter().map(|event| event.kind).collect();
        assert_eq!(events, [EventKind::Failed]);
    });
}

#[test]
fn files_of_addresses_are_guarded_too() {
    run(async {
        let folder = tempfile::tempdir().unwrap();
        let (state, file) = (folder.path().join("state"), folder.path().join("networks.txt"));
        std::fs::write(&file, "192.0.2.0/24\n").unwrap();
        let mut plan = plan(&["a.test"]);
        plan.sources.insert("a.test".to_owned(), AddressSource::Cidrs(file.clone()));
        let world = World::default();
        let mut engine = begun(&world, Some(&state), plan.clone());
        go_on(&mut engine, 5).await;
        let [zone] = engine.take_zones().try_into().unwrap();
        assert_eq!(passes(&zone, "a.test", "192.0.2.7"), Some(true));
        for (text, health_then) in
            [("192.0.2.0/26\n", Health::Held), ("nonsense\n", Health::Broken), ("", Health::Held)]
        {
            std::fs::write(&file, text).unwrap();
            engine.read_all_anew();
            go_on(&mut engine, 5).await;
            assert_eq!(health(&engine, "a.test"), health_then, "{text}");
            assert!(engine.take_zones().is_empty());
        }
        // After a restart what was served is served, and the file judged against it.
        std::fs::write(&file, "192.0.2.0/25\n").unwrap();
        engine.write();
        drop(engine);
        let mut engine = begun(&world, Some(&state), plan);
        go_on(&mut engine, 5).await;
        assert_eq!(health(&engine, "a.test"), Health::Held);
        let [zone] = engine.take_zones().try_into().unwrap();
        assert_eq!(passes(&zone, "a.test", "192.0.2.200"), Some(true));
        engine.accept("a.test", None).unwrap();
        let [zone] = engine.take_zones().try_into().unwrap();
        assert_eq!(passes(&zone, "a.test", "192.0.2.200"), Some(false));
        assert!(engine.roll_back("a.test", 1).is_err());
    });
}

#[test]
fn a_version_of_another_definition_is_compared_and_not_gone_back_to() {
    run(async {
        let folder = tempfile::tempdir().unwrap();
        let world = served_once(folder.path()).await;
        let mut other = plan(&["a.test", "b.test"]);
        let AddressSource::Policy(mut written) = policy("a.test") else { panic!("a policy") };
        written.record = Some("v=spf1 ip4:203.0.113.1 -all".to_owned());
        other.sources.insert("a.test".to_owned(), AddressSource::Policy(written));
        let mut engine = begun(&world, Some(folder.path()), other);
        go_on(&mut engine, 5).await;
        let [zone] = engine.take_zones().try_into().unwrap();
        assert_eq!(passes(&zone, "a.test", "203.0.113.1"), Some(true));
        let refused = engine.roll_back("a.test", 1).unwrap_err();
        assert!(matches!(refused, OrderError::OtherDefinition { number: 1, .. }), "{refused}");
        let history = engine.keeper.history().unwrap().unwrap();
        let version = history.version("a.test", 2).unwrap().unwrap();
        let changes: Vec<_> =
            version.changes.iter().map(|it| (it.change, it.first.to_string())).collect();
        let expected = [
            (crate::history::Change::Gained, "203.0.113.1".to_owned()),
            (crate::history::Change::Lost, "192.0.2.0".to_owned()),
        ];
        assert_eq!((version.why, changes.as_slice()), (Why::Configured, &expected[..]));
        // The history has what the configuration said, so it can be gone back to that once
        // it says so again.
        assert_eq!(version.record.as_deref(), Some("v=spf1 ip4:203.0.113.1 -all"));
        engine.configure(plan(&["a.test", "b.test"]));
        engine.load();
        engine.roll_back("a.test", 1).unwrap();
        let refused = engine.roll_back("a.test", 2).unwrap_err();
        assert!(matches!(refused, OrderError::OtherDefinition { number: 2, .. }), "{refused}");
    });
}

#[test]
fn an_order_makes_no_server_answer() {
    run(async {
        let folder = tempfile::tempdir().unwrap();
        let world = served_once(folder.path()).await;
        let mut engine = begun(&world, Some(folder.path()), plan(&["a.test", "b.test"]));
        world.publish("a.test", "v=spf1 -all");
        go_on(&mut engine, 400).await;
        world.fail(Some(Failure::Timeout));
        go_on(&mut engine, 400).await;
        engine.accept("a.test", None).unwrap();
        assert_eq!(health(&engine, "a.test"), Health::Failing);
        engine.roll_back("a.test", 1).unwrap();
        assert_eq!(health(&engine, "a.test"), Health::Failing);
    });
}

#[test]
fn a_lost_file_makes_nothing_smaller() {
    run(async {
        // The source's file, and the history with it; the zone's image is there.
        for torn in [false, true] {
            let folder = tempfile::tempdir().unwrap();
            let world = served_once(folder.path()).await;
            let file = folder.path().join("sources/a.test.json");
            match torn {
                true => std::fs::write(&file, "{\"schema\":1,").unwrap(),
                false => std::fs::remove_file(&file).unwrap(),
            }
            std::fs::remove_file(folder.path().join("history.db")).unwrap();
            world.publish("a.test", "v=spf1 ip4:192.0.2.0/25 -all");
            let mut engine = begun(&world, Some(folder.path()), plan(&["a.test", "b.test"]));
            assert_eq!(engine.status().sources[0].version, Some(1));
            go_on(&mut engine, 400).await;
            assert_eq!(health(&engine, "a.test"), Health::Held);
            let zones = engine.take_zones();
            assert!(zones.iter().all(|it| passes(it, "a.test", "192.0.2.200") == Some(true)));
            let said = engine.accept("a.test", None).unwrap();
            assert_eq!(said, "version 2 of 'a.test' is served; ranges gained: 0, lost: 1");
            // What says as much as before is known again.
            engine.take_zones();
            engine.write();
            drop(engine);
            std::fs::remove_file(&file).unwrap();
            std::fs::remove_file(folder.path().join("history.db")).unwrap();
            let mut engine = begun(&world, Some(folder.path()), plan(&["a.test", "b.test"]));
            go_on(&mut engine, 400).await;
            assert_eq!(health(&engine, "a.test"), Health::Fine);
            assert_eq!(engine.status().sources[0].version, Some(3));
        }
    });
}

#[test]
fn a_lost_file_of_addresses_makes_nothing_smaller() {
    run(async {
        let folder = tempfile::tempdir().unwrap();
        let (state, list) = (folder.path().join("state"), folder.path().join("list"));
        let mut plan = plan(&["a.test"]);
        plan.sources.insert("a.test".to_owned(), AddressSource::Cidrs(list.clone()));
        let write = |text: &str| std::fs::write(&list, text).unwrap();
        write("192.0.2.0/24\n");
        let world = World::default();
        let mut engine = begun(&world, Some(&state), plan.clone());
        go_on(&mut engine, 5).await;
        engine.write();
        drop(engine);
        std::fs::remove_file(state.join("sources/a.test.json")).unwrap();
        // The same as in the image.
        let mut engine = begun(&world, Some(&state), plan.clone());
        go_on(&mut engine, 5).await;
        assert_eq!(health(&engine, "a.test"), Health::Fine);
        engine.write();
        drop(engine);
        std::fs::remove_file(state.join("sources/a.test.json")).unwrap();
        write("192.0.2.0/28\n");
        let mut engine = begun(&world, Some(&state), plan);
        go_on(&mut engine, 5).await;
        assert_eq!(health(&engine, "a.test"), Health::Held);
    });
}

#[test]
fn what_a_person_chose_survives_the_loss_of_its_file() {
    run(async {
        let folder = tempfile::tempdir().unwrap();
        let world = served_once(folder.path()).await;
        let domains = ["a.test", "b.test"];
        let mut engine = begun(&world, Some(folder.path()), plan(&domains));
        world.publish("a.test", "v=spf1 ip4:192.0.2.0/24 ip4:203.0.113.7 -all");
        go_on(&mut engine, 400).await;
        engine.roll_back("a.test", 1).unwrap();
        engine.write();
        drop(engine);
        std::fs::remove_file(folder.path().join("sources/a.test.json")).unwrap();
        let mut engine = begun(&world, Some(folder.path()), plan(&domains));
        go_on(&mut engine, 400).await;
        let status = engine.status();
        assert!(status.sources[0].pinned, "{status:?}");
        assert_eq!((status.sources[0].version, status.sources[0].health), (Some(3), Health::Held));
    });
}
