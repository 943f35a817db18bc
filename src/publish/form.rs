//! The forms in which a change is handed to whoever hosts the zone.

use std::fmt;

use super::{Plan, RenderError, dnscontrol, names, nsupdate, octodns, route53, terraform};
use crate::name::DomainName;

/// A form that a DNS host, or a tool that manages one, takes changes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// A script for BIND's nsupdate (RFC 2136).
    Nsupdate,
    /// OctoDNS YAML.
    Octodns,
    /// DNSControl JavaScript.
    Dnscontrol,
    /// Terraform, for Amazon Route 53.
    TerraformRoute53,
    /// Terraform, for Cloudflare.
    TerraformCloudflare,
    /// Terraform, for Google Cloud DNS.
    TerraformGoogle,
    /// A change batch of Amazon Route 53, in JSON.
    Route53,
}

impl Form {
    /// All forms.
    pub const ALL: [Form; 7] = [
        Form::Nsupdate,
        Form::Octodns,
        Form::Dnscontrol,
        Form::TerraformRoute53,
        Form::TerraformCloudflare,
        Form::TerraformGoogle,
        Form::Route53,
    ];
}

/// Who reads the form, by name.
impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Form::Nsupdate => "nsupdate",
            Form::Octodns => "OctoDNS",
            Form::Dnscontrol => "DNSControl",
            Form::TerraformRoute53 => "Terraform for Route 53",
            Form::TerraformCloudflare => "Terraform for Cloudflare",
            Form::TerraformGoogle => "Terraform for Google Cloud DNS",
            Form::Route53 => "Route 53",
        })
    }
}

/// How a change is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenderOptions {
    /// The DNS zone that holds all names of the change.
    pub dns_zone: DomainName,
    /// Whether what the new record no longer leads to is deleted, where the new
    /// record stands already. Otherwise it stays, for caches still lead to it,
    /// and a comment says what may go and when.
    pub drop_old: bool,
}

/// The text of a change. The same change gives the same octets.
///
/// # Errors
///
/// A name outside of the zone, and whatever the form cannot say: it is never
/// written so that it reads as something else.
pub fn render(plan: &Plan, form: Form, options: &RenderOptions) -> Result<String, RenderError> {
    let plan = &plan.certain();
    names::check_zone(plan, &options.dns_zone)?;
    let drop_old = options.drop_old && plan.is_done();
    let options = &RenderOptions { dns_zone: options.dns_zone.clone(), drop_old };
    match form {
        Form::Nsupdate => nsupdate::render(plan, options),
        Form::Octodns => octodns::render(plan, options),
        Form::Dnscontrol => dnscontrol::render(plan, options),
        Form::TerraformRoute53 => terraform::render(plan, options, &terraform::ROUTE53),
        Form::TerraformCloudflare => terraform::render(plan, options, &terraform::CLOUDFLARE),
        Form::TerraformGoogle => terraform::render(plan, options, &terraform::GOOGLE),
        Form::Route53 => route53::render(plan, options),
    }
}
