//! Reads a record and shows its terms, or every mistake with its octets.
//!
//! `cargo run --example parse` reads a record with two mistakes;
//! `cargo run --example parse -- 'v=spf1 mx -all'` another one.

use spfc::syntax::{TermKind, parse_record};

const RECORD: &str =
    "v=spf1 mx/24 ipv4:192.0.2.25 include:_spf.mail.example a:%{x}.example.com -all";

fn main() {
    let text = std::env::args().nth(1).unwrap_or_else(|| RECORD.to_owned());
    let parse = parse_record(text.as_bytes());

    println!("{}", text.escape_debug());
    for term in parse.record.terms() {
        let kind = match &term.kind {
            TermKind::Directive(directive) => format!("gives {}", directive.qualifier.result()),
            TermKind::Modifier(_) => String::from("modifier"),
        };
        println!("  {}  ({kind})", parse.record.slice_text(term.span));
    }
    for mistake in &parse.errors {
        let octets = format!("octets {} to {}", mistake.span.start, mistake.span.end);
        println!("  {octets}: {}", mistake.describe(parse.record.text()));
    }
}
