//! DNSControl JavaScript: records that extend a domain of `dnsconfig.js`.
//!
//! Other records of the names are the user's: DNSControl manages whole zones,
//! so they stand in the same configuration.

use std::fmt::Write;

use super::sets::desired;
use super::{Form, Plan, RenderError, RenderOptions, TextFault, names, notes};
use crate::dns::Txt;
use crate::name::DomainName;

/// The statement.
pub(super) fn render(plan: &Plan, options: &RenderOptions) -> Result<String, RenderError> {
    let zone = names::full(&options.dns_zone, Form::Dnscontrol)?;
    let mut calls = Vec::new();
    for set in desired(plan, options.drop_old) {
        for record in &set.policy {
            let relative = names::relative(set.name, &options.dns_zone, Form::Dnscontrol)?;
            let label = if relative.is_empty() { "@" } else { &relative };
            let (ttl, text) = (ttl(set.name, set.ttl)?, text(set.name, record)?);
            calls.push(format!("    TXT({}, {text}, TTL({ttl}))", string(label)));
        }
    }

    let mut script = String::new();
    let mut comments = vec![notes::title(plan)];
    comments.push(format!("Goes behind D(\"{zone}\", ...) in dnsconfig.js, or into a file that"));
    comments
        .push(String::from("require() names there. The domain has no other SPF record beside it."));
    comments.extend(notes::order(plan, "DNSControl"));
    comments.extend(notes::old(plan, options));
    for line in comments {
        let _ = writeln!(script, "// {line}");
    }
    let _ = writeln!(script, "D_EXTEND({},\n{}\n);", string(&zone), calls.join(",\n"));
    Ok(script)
}

/// DNSControl takes 0 for its default.
fn ttl(name: &DomainName, ttl: u32) -> Result<u32, RenderError> {
    match ttl {
        0 => Err(RenderError::Ttl {
            form: Form::Dnscontrol,
            name: name.clone(),
            ttl,
            least: 1,
            most: u32::MAX >> 1,
        }),
        ttl => Ok(ttl),
    }
}

/// The joined text: DNSControl splits it.
fn text(name: &DomainName, record: &Txt) -> Result<String, RenderError> {
    let joined = record.joined();
    let printable = joined.iter().all(|octet| (b' '..=b'~').contains(octet));
    let text = std::str::from_utf8(&joined).ok().filter(|_| printable);
    let fault = match text {
        Some("") => TextFault::Empty,
        Some(text) => return Ok(string(text)),
        None => TextFault::NotPrintable,
    };
    Err(RenderError::Text { form: Form::Dnscontrol, name: name.clone(), fault })
}

/// Printable ASCII as a string literal.
fn string(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
