//! Terraform: a resource for each TXT record or set of them, and a variable for
//! the zone that they are in.
//!
//! `depends_on` holds the order of publication.

mod hcl;

use std::fmt::Write;

use self::hcl::{identifier, string};
use super::presentation::quoted;
use super::sets::{RecordSet, desired};
use super::{Form, Plan, RenderError, RenderOptions, Stage, TextFault, names, notes, route53};
use crate::dns::Txt;

/// What a provider calls things, and how it takes texts.
pub(super) struct Provider {
    form: Form,
    resource: &'static str,
    /// The argument that names the zone, and what it takes.
    zone: (&'static str, &'static str),
    values: Values,
    final_dot: bool,
    /// The TTLs that it takes.
    ttl: (u32, u32),
}

/// Where a resource has its texts.
enum Values {
    /// One resource a record, its text in this argument.
    One(&'static str),
    /// One resource for all records of a name, in a list of this argument.
    All(&'static str),
}

/// The longest TTL (RFC 2181 section 8).
const MOST_TTL: u32 = u32::MAX >> 1;

/// `aws_route53_record` of hashicorp/aws.
pub(super) const ROUTE53: Provider = Provider {
    form: Form::TerraformRoute53,
    resource: "aws_route53_record",
    zone: ("zone_id", "ID of the hosted zone"),
    values: Values::All("records"),
    final_dot: false,
    ttl: (0, MOST_TTL),
};

/// `cloudflare_dns_record` of cloudflare/cloudflare, version 5. A TTL of 1
/// would be Cloudflare's own choice.
pub(super) const CLOUDFLARE: Provider = Provider {
    form: Form::TerraformCloudflare,
    resource: "cloudflare_dns_record",
    zone: ("zone_id", "ID of the zone"),
    values: Values::One("content"),
    final_dot: false,
    ttl: (30, 86_400),
};

/// `google_dns_record_set` of hashicorp/google.
pub(super) const GOOGLE: Provider = Provider {
    form: Form::TerraformGoogle,
    resource: "google_dns_record_set",
    zone: ("managed_zone", "Name of the managed zone"),
    values: Values::All("rrdatas"),
    final_dot: true,
    ttl: (0, MOST_TTL),
};

/// A resource with what it needs to be written.
struct Resource<'a> {
    set: &'a RecordSet<'a>,
    identifier: String,
    values: Vec<String>,
}

/// The file.
pub(super) fn render(
    plan: &Plan,
    options: &RenderOptions,
    provider: &Provider,
) -> Result<String, RenderError> {
    // Names without escapes make identifiers that are one to one.
    names::full(&plan.domain, provider.form)?;
    let sets = desired(plan, options.drop_old);
    let mut resources = Vec::new();
    for set in &sets {
        resources.extend(provider.resources(set)?);
    }

    let mut text = String::new();
    let mut comments = vec![notes::title(plan)];
    comments.extend(match provider.values {
        Values::One(_) => notes::import(plan),
        Values::All(_) => notes::unknown_others(plan),
    });
    comments.extend(notes::old(plan, options));
    for line in comments {
        let _ = writeln!(text, "# {line}");
    }
    let variable = provider.variable(plan);
    let (zone, kind) = (options.dns_zone.to_lowercase(), provider.zone.1);
    let description = string(&format!("{kind} {zone}"));
    let _ = write!(
        text,
        "\nvariable \"{variable}\" {{\n  description = {description}\n  type        = string\n}}\n"
    );
    for (index, resource) in resources.iter().enumerate() {
        let ahead: Vec<String> = match resource.set.stage {
            Stage::Own => provider.ahead(&resources[..index], resource),
            Stage::Chunks | Stage::Old => Vec::new(),
        };
        provider.write(&mut text, &variable, resource, &ahead)?;
    }
    Ok(text)
}

impl Provider {
    /// The resources of one name; none where nothing is to stand there.
    fn resources<'a>(&self, set: &'a RecordSet<'a>) -> Result<Vec<Resource<'a>>, RenderError> {
        let records: Vec<&Txt> = match self.values {
            Values::One(_) => set.policy.iter().collect(),
            Values::All(_) => set.records(),
        };
        let mut values = Vec::new();
        for record in records {
            names::full(set.name, self.form)?;
            values.push(self.value(set, record)?);
        }
        let identifier = identifier(set.name);
        let resource = |(index, values): (usize, Vec<String>)| {
            let number = if index == 0 { String::new() } else { (index + 1).to_string() };
            Resource { set, identifier: format!("spf{number}{identifier}"), values }
        };
        Ok(match self.values {
            Values::One(_) => {
                values.into_iter().map(|value| vec![value]).enumerate().map(resource).collect()
            }
            Values::All(_) if values.is_empty() => Vec::new(),
            Values::All(_) => vec![resource((0, values))],
        })
    }

    /// A record's strings as the provider takes them. The one for Route 53 puts
    /// the outer quotation marks itself.
    fn value(&self, set: &RecordSet, record: &Txt) -> Result<String, RenderError> {
        if self.form == Form::TerraformRoute53 {
            let value = route53::value(set.name, record, "", self.form)?;
            let inner = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
            return Ok(inner.unwrap_or_default().to_owned());
        }
        let fault = TextFault::Empty;
        let name = set.name.clone();
        quoted(record).ok_or(RenderError::Text { form: self.form, name, fault })
    }

    /// The variable that holds the zone, of its own for each domain.
    fn variable(&self, plan: &Plan) -> String {
        format!("spf_{}{}", self.zone.0, identifier(&plan.domain))
    }

    /// What has to stand before a record of the policy itself.
    fn ahead(&self, before: &[Resource], resource: &Resource) -> Vec<String> {
        let leads_to = |ahead: &&Resource| ahead.set.name != resource.set.name;
        let reference = |ahead: &Resource| format!("{}.{}", self.resource, ahead.identifier);
        before.iter().filter(leads_to).map(reference).collect()
    }

    fn write(
        &self,
        text: &mut String,
        variable: &str,
        resource: &Resource,
        ahead: &[String],
    ) -> Result<(), RenderError> {
        let (set, (least, most)) = (resource.set, self.ttl);
        let ttl = set.ttl;
        if !(least..=most).contains(&ttl) {
            let name = set.name.clone();
            return Err(RenderError::Ttl { form: self.form, name, ttl, least, most });
        }
        let mut name = names::full(set.name, self.form)?;
        if self.final_dot {
            name.push('.');
        }
        let mut arguments = vec![
            (self.zone.0, format!("var.{variable}")),
            ("name", string(&name)),
            ("type", string("TXT")),
            ("ttl", ttl.to_string()),
        ];
        let texts: Vec<String> = resource.values.iter().map(|value| string(value)).collect();
        if let Values::One(argument) = self.values {
            arguments.push((argument, texts.concat()));
        }
        let width = arguments.iter().map(|(argument, _)| argument.len()).max().unwrap_or_default();
        let _ = writeln!(text, "\nresource \"{}\" \"{}\" {{", self.resource, resource.identifier);
        for (argument, value) in arguments {
            let _ = writeln!(text, "  {argument:width$} = {value}");
        }
        // `terraform fmt` aligns what has one line.
        if let Values::All(argument) = self.values {
            let _ = writeln!(text, "  {argument} = {}", list(&texts));
        }
        if !ahead.is_empty() {
            let _ = writeln!(text, "\n  depends_on = {}", list(ahead));
        }
        text.push_str("}\n");
        Ok(())
    }
}

/// A list with an item a line.
fn list(items: &[String]) -> String {
    let items: Vec<String> = items.iter().map(|item| format!("    {item},\n")).collect();
    format!("[\n{}  ]", items.concat())
}
