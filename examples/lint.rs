//! Finds what is wrong, risky or useless in the policy of a domain.
//!
//! `cargo run --example lint` asks a zone map; `cargo run --example lint --
//! example.com` asks DNS.

use std::error::Error;
use std::time::Duration;

use spfc::dns::{Hickory, Source, ZoneMap};
use spfc::lint::render::{HumanStyle, human};
use spfc::lint::{LintOptions, Subject, lint};
use spfc::name::DomainName;

/// For one question.
const TIMEOUT: Duration = Duration::from_secs(5);

fn main() -> Result<(), Box<dyn Error>> {
    let (domain, mut dns) = match std::env::args().nth(1) {
        Some(domain) => (domain, Source::network(Hickory::system(TIMEOUT)?)?),
        None => {
            let zones = ZoneMap::read(include_bytes!("example.com.json"))?;
            (String::from("example.com"), Source::closed(zones))
        }
    };
    let subject = Subject::domain(DomainName::from_user(&domain)?);
    let options = LintOptions::default();
    let report = dns.run(|lookup| lint(lookup, &subject, &options).into())?;

    for diagnostic in &report.diagnostics {
        let safe = diagnostic.fix.as_ref().is_some_and(|fix| fix.kind.is_safe());
        let fix = if safe { ", with a safe fix" } else { "" };
        println!("{} {}{fix}", diagnostic.rule.code, diagnostic.severity.as_str());
    }
    // The same as the program shows it, or as JSON, SARIF, JUnit …
    print!("{}", human(&report, &HumanStyle::default()));
    Ok(())
}
