//! nsupdate scripts, sent to BIND.

use spfc::publish::{Form, Plan, render};

use crate::model::{Zone, after, before, labels, stays, updated};
use crate::named::Named;
use crate::plans::{name, options, plans, sample, switched, unseen};

fn script(plan: &Plan, drop_old: bool) -> String {
    render(plan, Form::Nsupdate, &options(&plan.domain.to_string(), drop_old)).unwrap()
}

/// The steps of a script, each with the line that names the zone.
fn steps(script: &str) -> Vec<String> {
    let zone = script.lines().find(|line| line.starts_with("zone ")).unwrap();
    let steps = script.split_inclusive("\nsend\n").filter(|step| step.ends_with("\nsend\n"));
    steps.map(|step| format!("{zone}\n{step}")).collect()
}

/// The sample on a server.
fn served() -> Option<Named> {
    Named::start(&[(name("example.com"), before(&sample()))])
}

#[test]
fn each_step_leaves_a_whole_policy() {
    let Some(named) = served() else { return };
    let (plan, zone) = (sample(), name("example.com"));
    let written = script(&plan, false);
    let [chunks, own] = &steps(&written)[..] else { panic!("{written}") };

    assert_eq!(named.update(chunks), "");
    let mut expected = before(&plan);
    for change in &plan.chunks {
        let name = labels(&change.name);
        expected.insert(name.clone(), updated(&plan, true)[&name].clone());
    }
    assert_eq!(named.zone(&zone), expected);

    assert_eq!(named.update(own), "");
    assert_eq!(named.zone(&zone), updated(&plan, true));

    assert_eq!(named.zone(&zone), before(&switched()));
    let written = script(&switched(), true);
    let [old] = &steps(&written)[..] else { panic!("{written}") };
    assert_eq!(named.update(old), "");
    assert_eq!(named.zone(&zone), updated(&switched(), false));
}

#[test]
fn what_is_old_stays_while_caches_lead_to_it() {
    let Some(named) = served() else { return };
    for drop_old in [true, false] {
        let refused = !named.update(&script(&sample(), drop_old)).is_empty();
        assert_eq!(refused, !drop_old, "the second time, other records stand there");
        assert_eq!(named.zone(&name("example.com")), updated(&sample(), true));
    }
    assert_eq!(named.update(&script(&switched(), false)), "");
    assert_eq!(named.zone(&name("example.com")), updated(&sample(), true));
}

/// Somebody else writes a name that a step is about: neither that step nor one
/// behind it is done.
#[test]
fn what_others_write_is_not_trampled() {
    let Some(named) = served() else { return };
    let zone = name("example.com");
    let change = script(&sample(), false);
    for at in ["_spf1b.example.com.", "_spf3b.example.com."] {
        let theirs = format!("zone example.com.\nupdate add {at} 60 IN TXT \"theirs\"\nsend\n");
        assert_eq!(named.update(&theirs), "");
        let standing = named.zone(&zone);
        assert!(named.update(&change).contains("update failed"));
        assert_eq!(named.zone(&zone), standing, "{at}");
        assert_eq!(named.update(&theirs.replace("add", "delete").replace("60 ", "")), "");
    }
    // The TTL of what was there has changed with theirs.
    let theirs = "zone example.com.\nupdate add example.com. 1800 IN TXT \"theirs\"\nsend\n";
    assert_eq!(named.update(theirs), "");
    let standing = named.zone(&zone);
    assert!(named.update(&change).contains("update failed"));
    let now = named.zone(&zone);
    for change in sample().own.iter().chain(&sample().old) {
        let name = labels(&change.name);
        assert_eq!(now.get(&name), standing.get(&name), "{}", change.name);
    }
}

/// Old records stay where the record that no longer leads to them is not the
/// one that was seen.
#[test]
fn nothing_is_dropped_that_others_may_lead_to() {
    let Some(named) = Named::start(&[(name("example.com"), before(&switched()))]) else { return };
    let theirs = "zone example.com.\nupdate delete example.com. TXT\n\
                  update add example.com. 60 TXT \"v=spf1 include:_spf1a.example.com -all\"\nsend\n";
    assert_eq!(named.update(theirs), "");
    let standing = named.zone(&name("example.com"));
    assert!(named.update(&script(&switched(), true)).contains("update failed"));
    assert_eq!(named.zone(&name("example.com")), standing);
}

/// Where nobody looked, a name with TXT records is not written.
#[test]
fn names_that_nobody_looked_at_have_to_be_free() {
    let free: Zone = Zone::new();
    let zones = [(name("example.com"), before(&sample())), (name("example.org"), free)];
    let Some(named) = Named::start(&zones) else { return };
    assert!(named.update(&script(&unseen(), false)).contains("update failed"));
    assert_eq!(named.zone(&name("example.com")), before(&sample()));

    let mut elsewhere = unseen();
    elsewhere.domain = name("example.org");
    for change in elsewhere.chunks.iter_mut().chain(&mut elsewhere.own) {
        change.name = name(&change.name.to_string().replace(".com", ".org"));
    }
    let script = render(&elsewhere, Form::Nsupdate, &options("example.org", false)).unwrap();
    assert_eq!(named.update(&script), "");
    assert_eq!(named.zone(&name("example.org")), after(&elsewhere, false, true));
}

#[test]
fn hostile_changes_are_done() {
    let plans = plans(100);
    let zones: Vec<_> = plans.iter().map(|plan| (plan.domain.clone(), before(plan))).collect();
    let Some(named) = Named::start(&zones) else { return };
    let mut scripts = String::new();
    for (number, plan) in plans.iter().enumerate() {
        scripts.push_str(&script(plan, number % 2 == 0));
    }
    assert_eq!(named.update(&scripts), "");
    for (number, plan) in plans.iter().enumerate() {
        let drop_old = number % 2 == 0;
        let expected = updated(plan, stays(plan, drop_old));
        assert_eq!(named.zone(&plan.domain), expected, "{}", script(plan, drop_old));
    }
}
