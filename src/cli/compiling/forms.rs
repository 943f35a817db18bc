//! The forms in which compiled records are printed: for people, as a zone
//! file, and as DNS hosts take changes.

use clap::{Args, ValueEnum};

use super::human::{order, text, zone};
use crate::cli::error::CliError;
use crate::cli::output::Session;
use crate::cli::usage::read_domain;
use crate::compile::Compiled;
use crate::name::DomainName;
use crate::publish::{Form, RenderOptions, render};

/// How the records are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum OutputForm {
    /// Name and text of each record
    Txt,
    /// Lines of a zone file (RFC 1035)
    Zone,
    /// Script for BIND's nsupdate (RFC 2136)
    Nsupdate,
    /// OctoDNS YAML
    Octodns,
    /// DNSControl JavaScript
    Dnscontrol,
    /// Terraform for Amazon Route 53
    #[value(name = "terraform-route53")]
    TerraformRoute53,
    /// Terraform for Cloudflare
    TerraformCloudflare,
    /// Terraform for Google Cloud DNS
    TerraformGoogle,
    /// Change batch of Amazon Route 53
    #[value(name = "route53")]
    Route53,
}

/// What is asked for when records are published.
#[derive(Debug, Args)]
pub(in crate::cli) struct PublishFlags {
    /// The DNS zone that the names are in [default: DOMAIN]
    #[arg(long, value_name = "NAME")]
    pub(super) dns_zone: Option<String>,
    /// Delete what the records no longer lead to, once nobody can still have the old record
    #[arg(long)]
    pub(super) drop_old: bool,
}

impl PublishFlags {
    /// The zone that the names of a plan are in.
    ///
    /// # Errors
    ///
    /// A name that is none.
    pub(super) fn zone(&self, domain: &DomainName) -> Result<DomainName, CliError> {
        Ok(self.dns_zone.as_deref().map_or_else(|| Ok(domain.clone()), read_domain)?)
    }
}

impl OutputForm {
    /// The form of a change for a DNS host.
    fn host(self) -> Option<Form> {
        match self {
            OutputForm::Txt | OutputForm::Zone => None,
            OutputForm::Nsupdate => Some(Form::Nsupdate),
            OutputForm::Octodns => Some(Form::Octodns),
            OutputForm::Dnscontrol => Some(Form::Dnscontrol),
            OutputForm::TerraformRoute53 => Some(Form::TerraformRoute53),
            OutputForm::TerraformCloudflare => Some(Form::TerraformCloudflare),
            OutputForm::TerraformGoogle => Some(Form::TerraformGoogle),
            OutputForm::Route53 => Some(Form::Route53),
        }
    }
}

/// The records in a form, and on standard error what is to be known about their
/// order.
///
/// # Errors
///
/// A zone that is no name or does not hold the records; what the form cannot say.
pub(in crate::cli) fn printed(
    compiled: &Compiled,
    output: OutputForm,
    publish: &PublishFlags,
    session: &Session,
) -> Result<String, CliError> {
    let Some(form) = output.host() else {
        order(compiled, session);
        return Ok(match output {
            OutputForm::Zone => zone(&compiled.records),
            _ => text(&compiled.records),
        });
    };
    let plan = &compiled.plan;
    let dns_zone = publish.zone(&plan.domain)?;
    let options = RenderOptions { dns_zone, drop_old: publish.drop_old };
    let written = render(plan, form, &options)?;
    if publish.drop_old && !plan.is_done() && !plan.old.is_empty() {
        session.warn(format!(
            "--drop-old deletes nothing yet, for caches lead to the old records: run again {} seconds \
             after {} has changed",
            plan.wait, plan.domain,
        ));
    }
    if plan.is_done() && (plan.old.is_empty() || !publish.drop_old) {
        session.note("everything stands already as it is to be");
    }
    Ok(written)
}
