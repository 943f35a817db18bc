//! Terraform's language, parsed and evaluated: no template may be left in it.

use std::collections::{BTreeSet, HashSet};

use hcl::eval::{Context, Evaluate};
use hcl::{Block, Body, Expression, Value};
use proptest::prelude::*;
use spfc::publish::{Form, Plan, RenderError, TextFault, render};

use crate::model::{Strings, Zone, after, plain, read_strings, stays};
use crate::plans::{name, options, plan, sample, switched};

/// How a provider calls things, and reads a text.
struct Reader {
    form: Form,
    resource: &'static str,
    zone: &'static str,
    values: &'static str,
    final_dot: &'static str,
    radix: u32,
    others: bool,
}

const READERS: [Reader; 3] = [
    Reader {
        form: Form::TerraformRoute53,
        resource: "aws_route53_record",
        zone: "zone_id",
        values: "records",
        final_dot: "",
        radix: 8,
        others: true,
    },
    Reader {
        form: Form::TerraformCloudflare,
        resource: "cloudflare_dns_record",
        zone: "zone_id",
        values: "content",
        final_dot: "",
        radix: 10,
        others: false,
    },
    Reader {
        form: Form::TerraformGoogle,
        resource: "google_dns_record_set",
        zone: "managed_zone",
        values: "rrdatas",
        final_dot: ".",
        radix: 10,
        others: true,
    },
];

fn argument<'a>(block: &'a Block, key: &str) -> &'a Expression {
    let found = block.body.attributes().find(|found| found.key() == key);
    found.unwrap_or_else(|| panic!("there is no {key}")).expr()
}

fn evaluated(block: &Block, key: &str) -> Value {
    argument(block, key).evaluate(&Context::new()).unwrap()
}

fn text(block: &Block, key: &str) -> String {
    evaluated(block, key).as_str().unwrap().to_owned()
}

fn label(block: &Block, index: usize) -> &str {
    block.labels()[index].as_str()
}

impl Reader {
    fn resources<'a>(&self, body: &'a Body) -> Vec<&'a Block> {
        let blocks = body.blocks().filter(|block| block.identifier() == "resource");
        blocks.inspect(|block| assert_eq!(label(block, 0), self.resource)).collect()
    }

    /// What a file says is to stand.
    fn read(&self, file: &str) -> Zone {
        let body: Body = hcl::parse(file).unwrap_or_else(|error| panic!("{error}\n{file}"));
        let variables = body.blocks().filter(|block| block.identifier() == "variable");
        let variables: Vec<String> =
            variables.map(|block| format!("var.{}", label(block, 0))).collect();
        let (mut zone, mut known) = (Zone::new(), HashSet::new());
        for block in self.resources(&body) {
            assert!(known.insert(label(block, 1)), "{} is there twice", label(block, 1));
            assert_eq!(variables, [argument(block, self.zone).to_string()]);
            assert_eq!(text(block, "type"), "TXT");
            let name = text(block, "name");
            let name = name.strip_suffix(self.final_dot).unwrap();
            assert!(!name.ends_with('.'));
            let labels = name.split('.').map(|label| label.as_bytes().to_vec()).collect();
            let ttl = evaluated(block, "ttl").as_u64().unwrap();
            let set = zone.entry(labels).or_insert((u32::try_from(ttl).unwrap(), BTreeSet::new()));
            for value in self.texts(block) {
                assert!(set.1.insert(read_strings(&value, self.radix)), "{name}: {value} twice");
            }
        }
        zone
    }

    fn texts(&self, block: &Block) -> Vec<String> {
        let texts = match evaluated(block, self.values) {
            Value::Array(values) => values,
            value => vec![value],
        };
        let texts = texts.iter().map(|value| value.as_str().unwrap().to_owned());
        match self.form {
            // As the provider does.
            Form::TerraformRoute53 => texts.map(|text| format!("\"{text}\"")).collect(),
            _ => texts.collect(),
        }
    }

    fn render(&self, plan: &Plan, drop_old: bool) -> Result<String, RenderError> {
        render(plan, self.form, &options(&plan.domain.to_string(), drop_old))
    }

    fn check(&self, plan: &Plan, drop_old: bool) {
        let expected = after(plan, stays(plan, drop_old), self.others);
        match self.render(plan, drop_old) {
            Ok(file) => assert_eq!(self.read(&file), expected, "{file}"),
            Err(RenderError::Name { name, .. }) => assert!(!plain(&name)),
            Err(RenderError::Text { fault: TextFault::Long(most), .. }) => {
                let octets = |strings: &Strings| strings.concat().len();
                assert!(expected.values().any(|(_, set)| set.iter().any(|s| 4 * octets(s) > most)));
            }
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn the_sample_is_read_as_planned() {
    for reader in &READERS {
        for (plan, drop_old) in [(sample(), false), (switched(), true)] {
            assert_eq!(
                reader.read(&reader.render(&plan, drop_old).unwrap()),
                after(&plan, !drop_old, reader.others)
            );
        }
    }
}

/// What leads to a record waits for it.
#[test]
fn what_leads_to_records_depends_on_them() {
    for reader in &READERS {
        let body: Body = hcl::parse(&reader.render(&sample(), true).unwrap()).unwrap();
        for block in reader.resources(&body) {
            let chunks =
                ["spf__spf1b_example_com", "spf__spf2b_example_com", "spf__spf3b_example_com"];
            let ahead = match label(block, 1) {
                "spf__spf_example_com" => chunks.to_vec(),
                "spf_example_com" => [&chunks[..], &["spf__spf_example_com"]].concat(),
                _ => {
                    assert!(block.body.attributes().all(|found| found.key() != "depends_on"));
                    continue;
                }
            };
            let Expression::Array(found) = argument(block, "depends_on") else { panic!() };
            let found: Vec<String> = found.iter().map(ToString::to_string).collect();
            let address = |identifier| format!("{}.{identifier}", reader.resource);
            assert_eq!(found, ahead.into_iter().map(address).collect::<Vec<_>>());
        }
    }
}

proptest! {
    #[test]
    fn hostile_changes_are_read_as_planned(plan in plan(name("example.com")), drop_old: bool) {
        for reader in &READERS {
            reader.check(&plan, drop_old);
        }
    }
}
