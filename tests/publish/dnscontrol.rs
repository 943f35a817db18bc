//! DNSControl's JavaScript, run by node with functions that write down what
//! they are given.

use serde_json::Value;
use spfc::publish::{Form, RenderError, render};

use crate::model::{Zone, after, joined, labels, plain, stays};
use crate::plans::{options, plans, sample};
use crate::programs::{fed, installed};

/// Runs each script of a list, and prints what each extends.
const READER: &str = r#"
const found = JSON.parse(require("fs").readFileSync(0, "utf8")).map((script) => {
  const calls = [];
  const D_EXTEND = (zone, ...records) => calls.push({ zone, records });
  const TTL = (seconds) => ({ ttl: seconds });
  const TXT = (label, text, ...modifiers) => Object.assign({ label, text }, ...modifiers);
  new Function("D_EXTEND", "TXT", "TTL", '"use strict";' + script)(D_EXTEND, TXT, TTL);
  return calls;
});
console.log(JSON.stringify(found));
"#;

fn read(scripts: &[String]) -> Vec<(String, Zone)> {
    let input = serde_json::to_string(scripts).unwrap();
    let (good, found, problems) = fed("node", &["-e", READER], &input);
    assert!(good, "{problems}");
    let found: Vec<Value> = serde_json::from_str(&found).unwrap();
    found.iter().map(zone).collect()
}

fn zone(calls: &Value) -> (String, Zone) {
    let [call] = calls.as_array().unwrap().as_slice() else { panic!("{calls} is not one call") };
    let zone_name = call["zone"].as_str().unwrap().to_owned();
    let mut zone = Zone::new();
    for record in call["records"].as_array().unwrap() {
        let label = record["label"].as_str().unwrap();
        let full = if label == "@" { zone_name.clone() } else { format!("{label}.{zone_name}") };
        let name = full.split('.').map(|label| label.as_bytes().to_vec()).collect();
        let ttl = u32::try_from(record["ttl"].as_u64().unwrap()).unwrap();
        let text = record["text"].as_str().unwrap().as_bytes().to_vec();
        let entry = zone.entry(name).or_insert((ttl, Default::default()));
        assert_eq!(entry.0, ttl);
        entry.1.insert(vec![text]);
    }
    (zone_name, zone)
}

/// Whether a text is one that DNSControl can be given.
fn writable(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(|octet| (b' '..=b'~').contains(octet))
}

#[test]
fn node_reads_what_was_planned() {
    if !installed("node") {
        return;
    }
    let (mut scripts, mut expected) = (Vec::new(), Vec::new());
    let zone_below = options("com", false);
    scripts.push(render(&sample(), Form::Dnscontrol, &zone_below).unwrap());
    expected.push((String::from("com"), joined(after(&sample(), true, false))));
    for (number, plan) in plans(400).into_iter().enumerate() {
        let (zone, drop_old) = (plan.domain.to_string(), number % 2 == 0);
        match render(&plan, Form::Dnscontrol, &options(&zone, drop_old)) {
            Ok(script) => {
                scripts.push(script);
                expected.push((zone, joined(after(&plan, stays(&plan, drop_old), false))));
            }
            Err(RenderError::Name { name, .. }) => assert!(!plain(&name)),
            Err(RenderError::Text { name, .. }) => {
                let (_, records) = &after(&plan, stays(&plan, drop_old), false)[&labels(&name)];
                assert!(records.iter().any(|strings| !writable(&strings.concat())), "{name}");
            }
            Err(error) => panic!("{error}"),
        }
    }
    assert!(scripts.len() > 100, "only {} could be written", scripts.len());
    for ((found, expected), script) in read(&scripts).into_iter().zip(expected).zip(scripts) {
        assert_eq!(found, expected, "{script}");
    }
}
