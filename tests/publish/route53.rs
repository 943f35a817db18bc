//! Change batches, read as JSON and done as Route 53 does them.

use proptest::prelude::*;
use serde_json::Value;
use spfc::publish::{Form, Plan, render};

use crate::model::{Zone, before, read_labels, read_strings, stays, updated};
use crate::plans::{name, options, plan, sample, switched};

/// Does a batch; all of it has to be possible.
fn apply(zone: &mut Zone, batch: &str) {
    let batch: Value = serde_json::from_str(batch).unwrap();
    assert!(batch["Comment"].as_str().unwrap().len() <= 256);
    for change in batch["Changes"].as_array().unwrap() {
        let set = &change["ResourceRecordSet"];
        assert_eq!(set["Type"], "TXT");
        let name = read_labels(set["Name"].as_str().unwrap(), 8);
        let values = set["ResourceRecords"].as_array().unwrap().iter();
        let values = values.map(|record| read_strings(record["Value"].as_str().unwrap(), 8));
        let set = (u32::try_from(set["TTL"].as_u64().unwrap()).unwrap(), values.collect());
        match change["Action"].as_str().unwrap() {
            "CREATE" => assert_eq!(zone.insert(name, set), None),
            "UPSERT" => drop(zone.insert(name, set)),
            "DELETE" => assert_eq!(zone.remove(&name), Some(set)),
            other => panic!("{other} is no action"),
        }
    }
}

fn done(plan: &Plan, drop_old: bool) -> Zone {
    let zone = plan.domain.to_string();
    let mut standing = before(plan);
    apply(&mut standing, &render(plan, Form::Route53, &options(&zone, drop_old)).unwrap());
    standing
}

#[test]
fn the_sample_is_done() {
    assert_eq!(done(&sample(), false), updated(&sample(), true));
    assert_eq!(done(&switched(), true), updated(&switched(), false));
}

#[test]
fn chunks_come_before_what_leads_to_them() {
    let batch = render(&sample(), Form::Route53, &options("example.com", false)).unwrap();
    let batch: Value = serde_json::from_str(&batch).unwrap();
    let names: Vec<&str> = batch["Changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| change["ResourceRecordSet"]["Name"].as_str().unwrap())
        .collect();
    let order = ["_spf1b", "_spf3b", "_spf", ""]
        .map(|label| format!("{label}.example.com.").trim_start_matches('.').to_owned());
    assert_eq!(names, order);
}

proptest! {
    #[test]
    fn hostile_changes_are_done(plan in plan(name("example.com")), drop_old: bool) {
        prop_assert_eq!(done(&plan, drop_old), updated(&plan, stays(&plan, drop_old)));
    }
}
