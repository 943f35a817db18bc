//! Compares two policies over all addresses: proves them equal, or shows where
//! they differ.
//!
//! `cargo run --example verify` compares the policy of a zone map with two others;
//! `cargo run --example verify -- example.com example.net` asks DNS for two.

use std::collections::HashSet;
use std::error::Error;
use std::time::Duration;

use spfc::addr::Address;
use spfc::compile::{CompileError, Halt, Verified, VerifySide, verify};
use spfc::dns::{Hickory, Published, Source, Step, ZoneMap};
use spfc::limits::Ceilings;
use spfc::name::DomainName;
use spfc::policy::{Change, Difference, Verdict};

/// For one question.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The policy of `spf.crm.example` in other words, and one that lost a range.
const OTHERS: [&str; 2] = [
    "v=spf1 ip4:198.51.100.192/29 ip4:198.51.100.201 ip4:198.51.100.202/31 \
     ip4:198.51.100.204/30 ip4:198.51.100.208/28 include:_spf.eu.crm.example -all",
    "v=spf1 -ip4:198.51.100.200 ip4:198.51.100.192/28 redirect=_spf.eu.crm.example",
];

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    if let (Some(first), Some(second)) = (arguments.next(), arguments.next()) {
        let (first, second) = (DomainName::from_user(&first)?, DomainName::from_user(&second)?);
        let mut dns = Source::network(Hickory::system(TIMEOUT)?)?;
        let verified = dns.run(|lookup| {
            compared(&VerifySide::new(&first, lookup), &VerifySide::new(&second, lookup))
        })??;
        show(&verified);
        return Ok(());
    }
    let mut dns = Source::closed(ZoneMap::read(include_bytes!("example.com.json"))?);
    let domain = DomainName::parse("spf.crm.example")?;
    for text in OTHERS {
        let verified = dns.run(|lookup| {
            // DNS as it would be with this record in place of the other.
            let published = Published::new(lookup, [(domain.clone(), text.into())]);
            compared(&VerifySide::new(&domain, lookup), &VerifySide::new(&domain, &published))
        })??;
        println!("{text}");
        show(&verified);
    }
    Ok(())
}

fn compared(
    first: &VerifySide<'_>,
    second: &VerifySide<'_>,
) -> Step<Result<Verified, CompileError>> {
    Halt::step(verify(first, second, &HashSet::new(), Ceilings::DEFAULT))
}

fn show(verified: &Verified) {
    let comparison = &verified.comparison;
    match (comparison.verdict, verified.proof) {
        (Verdict::Equal, Some(proof)) => {
            println!("  equal for every address, checked again at {}", proof.tested);
        }
        (Verdict::Equal, None) => println!("  equal for every address"),
        (Verdict::Different, _) => println!("  different:"),
        (Verdict::Open, _) => println!("  open: that hangs on terms that the message decides:"),
    }
    comparison.ip4.iter().for_each(show_difference);
    comparison.ip6.iter().for_each(show_difference);
}

fn show_difference<A: Address>(difference: &Difference<A>) {
    let change = match difference.change() {
        Change::Gained => "passes by the second alone",
        Change::Lost => "passes by the first alone",
        Change::Other => "has another result that is no pass",
    };
    println!("  {} {change}", difference.range);
}
