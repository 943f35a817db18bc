//! Decides as a receiver does whether a client may send for a domain, and says why.
//!
//! `cargo run --example check_host` asks a zone map for three clients;
//! `cargo run --example check_host -- 192.0.2.25 alice@example.com` asks DNS.

use std::error::Error;
use std::time::Duration;

use spfc::dns::{Hickory, Source, ZoneMap};
use spfc::eval::{Evaluation, Message, Options, RecordStore, check_host, received_spf};

/// For one question.
const TIMEOUT: Duration = Duration::from_secs(5);
const HELO: &str = "mx.mail.example";
/// A client of the record itself, one that an include of it passes, and a stranger.
const CLIENTS: [&str; 3] = ["192.0.2.25", "2001:db8:100::10", "203.0.113.255"];

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (clients, sender, mut dns) = match (arguments.next(), arguments.next()) {
        (Some(client), Some(sender)) => {
            (vec![client], sender, Source::network(Hickory::system(TIMEOUT)?)?)
        }
        _ => {
            let zones = ZoneMap::read(include_bytes!("example.com.json"))?;
            (CLIENTS.map(String::from).to_vec(), "alice@example.com".into(), Source::closed(zones))
        }
    };
    // What was parsed for one client is there for the next.
    let mut records = RecordStore::new();
    for client in clients {
        let message = Message::mail_from(client.parse()?, HELO, &sender);
        let options = Options::default();
        let evaluation = dns.run(|lookup| check_host(lookup, &mut records, &message, &options))?;
        println!("{client}: {} {}", evaluation.result, reason(&evaluation));
        println!("  {}", received_spf(&message, &evaluation));
    }
    Ok(())
}

fn reason(evaluation: &Evaluation) -> String {
    let cost = evaluation.lookups.terms;
    match (evaluation.matched(), &evaluation.problem) {
        (Some(matched), _) => {
            format!("by '{}' of {}, lookups: {cost}", matched.term(), matched.domain())
        }
        (None, Some(problem)) => format!("because {problem}"),
        (None, None) => String::from("by default"),
    }
}
