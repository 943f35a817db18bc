//! OctoDNS YAML, read by OctoDNS.

use std::fs;

use serde_json::Value;
use spfc::publish::{Form, RenderError, TextFault, render};

use crate::model::{Zone, after, joined, plain, stays};
use crate::plans::{options, plans, sample, switched};
use crate::programs::{fed, python_with};

/// Loads each zone of a list from a folder as `octodns-sync` would, and prints
/// its records: the texts, and the same from the strings that providers get.
const READER: &str = r#"
import json, logging, sys, warnings
from octodns.provider.yaml import YamlProvider
from octodns.zone import Zone

logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")
folder, zones = sys.argv[1], json.load(sys.stdin)
provider = YamlProvider("config", folder, escaped_semicolons=True)
found = []
for name in zones:
    zone = Zone(name, [])
    provider.populate(zone)
    found.append([])
    for record in zone.records:
        assert record._type == "TXT"
        assert len(record.chunked_values) == len(record.values)
        texts = [value.to_raw_text() for value in record.values]
        for value, text in zip(record.values, texts):
            rdata = value.to_rdata_text()
            assert type(value).from_rdata_text(rdata).replace("\\;", ";") == text
        found[-1].append({"name": record.name, "ttl": record.ttl, "texts": texts})
print(json.dumps(found))
"#;

fn read(python: &str, zones: &[(String, String)]) -> Vec<Zone> {
    let folder = tempfile::tempdir().unwrap();
    for (zone, text) in zones {
        fs::write(folder.path().join(format!("{zone}.yaml")), text).unwrap();
    }
    let names: Vec<String> = zones.iter().map(|(zone, _)| format!("{zone}.")).collect();
    let folder = folder.path().to_str().unwrap();
    let input = serde_json::to_string(&names).unwrap();
    let (good, found, problems) = fed(python, &["-c", READER, folder], &input);
    assert!(good, "{problems}");
    let found: Vec<Value> = serde_json::from_str(&found).unwrap();
    assert_eq!(found.len(), zones.len());
    found.iter().zip(zones).map(|(records, (zone, _))| zone_of(records, zone)).collect()
}

fn zone_of(records: &Value, zone: &str) -> Zone {
    let record = |record: &Value| {
        let name = record["name"].as_str().unwrap();
        let full = if name.is_empty() { zone.to_owned() } else { format!("{name}.{zone}") };
        let labels = full.split('.').map(|label| label.as_bytes().to_vec()).collect();
        let texts = record["texts"].as_array().unwrap().iter();
        let texts = texts.map(|text| vec![text.as_str().unwrap().as_bytes().to_vec()]);
        (labels, (u32::try_from(record["ttl"].as_u64().unwrap()).unwrap(), texts.collect()))
    };
    records.as_array().unwrap().iter().map(record).collect()
}

/// Whether some record of a change is of the kind that a fault speaks of.
fn justified(zone: &Zone, fault: TextFault) -> bool {
    let speaks_of = |text: &[u8]| {
        let holds = |part: &[u8]| text.windows(part.len()).any(|window| window == part);
        match fault {
            TextFault::NotAscii => !text.is_ascii(),
            TextFault::Empty => text.is_empty(),
            TextFault::QuotedBlank => holds(b"\" \""),
            TextFault::BackslashSemicolon => holds(b"\\;"),
            TextFault::FinalBackslash => text.ends_with(b"\\"),
            _ => false,
        }
    };
    zone.values().flat_map(|(_, records)| records).any(|record| speaks_of(&record.concat()))
}

#[test]
fn octodns_reads_what_was_planned() {
    let Some(python) = python_with("octodns") else { return };
    let mut zones = Vec::new();
    let mut expected = Vec::new();
    for (zone, plan, drop_old) in [("com", sample(), false), ("example.com", switched(), true)] {
        let text = render(&plan, Form::Octodns, &options(zone, drop_old)).unwrap();
        zones.push((zone.to_owned(), text));
        expected.push(joined(after(&plan, !drop_old, true)));
    }
    for (number, plan) in plans(600).into_iter().enumerate() {
        let (zone, drop_old) = (plan.domain.to_string(), number % 2 == 0);
        let wanted = joined(after(&plan, stays(&plan, drop_old), true));
        match render(&plan, Form::Octodns, &options(&zone, drop_old)) {
            Ok(text) => {
                zones.push((zone, text));
                expected.push(wanted);
            }
            Err(RenderError::Name { name, .. }) => assert!(!plain(&name)),
            Err(RenderError::Text { fault, .. }) => assert!(justified(&wanted, fault), "{fault}"),
            Err(error) => panic!("{error}"),
        }
    }
    assert!(zones.len() > 60, "only {} could be written", zones.len());
    for ((found, expected), (_, text)) in read(&python, &zones).iter().zip(&expected).zip(&zones) {
        assert_eq!(found, expected, "{text}");
    }
}
