//! Compiles a policy that costs too many lookups: to flat records, and to one
//! macro record with the address sets of the zone that answers it.
//!
//! `cargo run --example compile` asks a zone map; `cargo run --example compile --
//! example.com` asks DNS.

use std::error::Error;
use std::time::Duration;

use spfc::compile::{Compiled, FlattenOptions, Halt, MacroOptions, MacroStyle};
use spfc::compile::{compile_macro, flatten};
use spfc::dns::{Hickory, Source, ZoneMap};
use spfc::image::Order;
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
    let domain = DomainName::from_user(&domain)?;

    let options = FlattenOptions::new(domain.clone());
    // The first `?` is for DNS, the second for a policy that cannot be compiled.
    let flat = dns.run(|lookup| Halt::step(flatten(lookup, &options)))??;
    println!("flat:");
    show(&flat.compiled);

    let zone = DomainName::parse("spf.example.net")?;
    let style = MacroStyle::Exists { order: Order::Reversed, version: true };
    let options = MacroOptions::new(domain, zone, style);
    let output = dns.run(|lookup| Halt::step(compile_macro(lookup, &options)))??;
    println!("macro:");
    show(&output.compiled);
    for set in &output.sets {
        let (ip4, ip6) = (set.ip4.len(), set.ip6.len());
        println!("  answers for {} to {ip4} IPv4 and {ip6} IPv6 ranges", set.term());
    }
    Ok(())
}

fn show(compiled: &Compiled) {
    for record in &compiled.records {
        println!("  {} TXT \"{}\"", record.name, record.text);
    }
    let (before, after) = (compiled.source.lookups.terms, compiled.lookups.terms);
    let tested = compiled.proof.tested;
    println!("  {before} lookups before, {after} now; proven, and checked at {tested} addresses");
}
