//! `spfc macro`: a policy as one `exists:` or `include:` record, and what answers
//! for it.

use clap::{Args, ValueEnum};

use super::compiling::{self, CompileFlags};
use super::describe::{counted, heading};
use super::error::CliError;
use super::exit::Exit;
use super::global::Format;
use super::json::{MacroDocument, SetShape, ZoneRecordShape};
use super::output::Session;
use super::style::{DIM, paint};
use super::usage::{UsageError, read_domain};
use crate::compile::{MacroOptions, MacroOutput, MacroStyle, compile_macro};
use crate::image::{Order, ServedSet};
use crate::lint::Report;
use crate::name::DomainName;
use crate::target::{ZoneRecord, zone_file};

const COMMAND: &str = "macro";

/// Compile the policy to one exists: or include: record and what answers for it
#[derive(Debug, Args)]
#[command(
    after_help = "The record holds nothing of a message but the client's address. With --style exists \
                  and --style include a responder answers for the zone; its address sets are in the JSON \
                  document. With --style exists-static and --style shard any DNS host does: --output zone \
                  prints the zone file. The include styles cost no void lookup."
)]
pub(super) struct MacroArgs {
    #[command(flatten)]
    flags: CompileFlags,
    /// The zone that answers for the clients' names
    #[arg(long, value_name = "ZONE")]
    zone: String,
    /// What answers for the zone
    #[arg(long, value_enum, default_value_t = Style::Exists)]
    style: Style,
    /// Which end of the address stands next to the zone
    #[arg(long, value_enum, default_value_t = OrderChoice::Reversed)]
    order: OrderChoice,
    /// Leave the family out of the names
    #[arg(long)]
    no_v: bool,
    /// A server of the static zone (repeatable) [default: ns1 of the name above the zone]
    #[arg(long, value_name = "NAME")]
    ns: Vec<String>,
    /// The serial number of the static zone
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    serial: u32,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t = OutputForm::Txt)]
    output: OutputForm,
}

/// What answers for the zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Style {
    /// A responder that is given the address sets
    Exists,
    /// The same, with a record for every client: no void lookup
    Include,
    /// An ordinary zone file with wildcards
    ExistsStatic,
    /// An ordinary zone file of small policies, each in one message
    Shard,
}

impl Style {
    fn as_str(self) -> &'static str {
        match self {
            Style::Exists => "--style exists",
            Style::Include => "--style include",
            Style::ExistsStatic => "--style exists-static",
            Style::Shard => "--style shard",
        }
    }
}

/// Which end of the address stands next to the zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum OrderChoice {
    /// As in reverse lookups: networks are subtrees
    Reversed,
    /// As the address is read
    Forward,
}

/// How people see the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum OutputForm {
    /// Name and text of each record, and what the zone holds
    Txt,
    /// The static zone as a zone file (RFC 1035); the records to publish without one
    Zone,
}

/// Runs `spfc macro`.
///
/// # Errors
///
/// Why there is no output.
pub(super) fn run(args: &MacroArgs, session: &Session) -> Result<Exit, CliError> {
    let format = session.global.format_of(COMMAND, &[Format::Human, Format::Json])?;
    let source = args.flags.source(&session.global)?;
    let zone = read_domain(&args.zone)?;
    let style = style(args, &zone, session)?;
    let mut dns = compiling::open(session)?;
    let options = MacroOptions {
        source,
        records: args.flags.records(),
        qualifier: args.flags.qualifier(),
        publication: args.flags.publication(!dns.recorded()),
        zone,
        style,
    };
    let output = compiling::run(&mut dns, session, |lookup| compile_macro(lookup, &options))?;
    let compiled = &output.compiled;
    let report = compiling::linted(&mut dns, &options.source)?;
    let changed = options.qualifier.is_some();
    compiling::remarks(compiled, &options.source, changed, &report, session);
    match (format, args.output) {
        (Format::Json, _) => session.json(&document(&output, &options, &report))?,
        (_, OutputForm::Txt) => session.print(&text(&output))?,
        (_, OutputForm::Zone) if output.zone_records.is_empty() => {
            session.print(&compiling::zone(&compiled.records))?;
        }
        (_, OutputForm::Zone) => {
            for record in &compiled.records {
                session.note(format!("publish at {}: {}", record.name, record.text));
            }
            session.print(&zone_file(&output.zone_records))?;
        }
    }
    Ok(Exit::Done)
}

/// The style, with what only it takes.
fn style(args: &MacroArgs, zone: &DomainName, session: &Session) -> Result<MacroStyle, CliError> {
    let order = match args.order {
        OrderChoice::Reversed => Order::Reversed,
        OrderChoice::Forward => Order::Forward,
    };
    let (excluded, version) = (args.style.as_str(), !args.no_v);
    if matches!(args.style, Style::Exists | Style::Include) {
        if !args.ns.is_empty() {
            return Err(UsageError::Excluded("--ns", excluded).into());
        }
        return Ok(match args.style {
            Style::Include => MacroStyle::Include { order, version },
            _ => MacroStyle::Exists { order, version },
        });
    }
    // Wildcards stand for the labels left of them: networks have to be
    // subtrees, and each family a tree of its own.
    if order == Order::Forward {
        return Err(UsageError::Excluded("--order forward", excluded).into());
    }
    if args.no_v {
        return Err(UsageError::Excluded("--no-v", excluded).into());
    }
    let mut servers: Vec<DomainName> =
        args.ns.iter().map(|name| read_domain(name)).collect::<Result<_, _>>()?;
    if servers.is_empty() {
        let above = zone.parent().unwrap_or_else(DomainName::root);
        let server = above
            .child(b"ns1")
            .map_err(|reason| UsageError::Domain { text: format!("ns1.{above}"), reason })?;
        session.note(format!("the zone names {server} as its server: --ns gives another"));
        servers.push(server);
    }
    if let Some(server) = servers.iter().find(|server| server.is_at_or_below(zone)) {
        return Err(UsageError::OwnServer(server.clone()).into());
    }
    let serial = args.serial;
    Ok(match args.style {
        Style::Shard => MacroStyle::Shard { servers, serial },
        _ => MacroStyle::ExistsStatic { servers, serial },
    })
}

/// The records, and what answers for the zone.
fn text(output: &MacroOutput) -> String {
    let mut out = compiling::text(&output.compiled.records);
    if !output.zone_records.is_empty() {
        let records = counted(output.zone_records.len(), "record");
        let largest = match output.zone_message_octets {
            0 => String::new(),
            octets => format!(", {octets} octets on the wire at most"),
        };
        let about = format!("zone of {records}{largest} (--output zone prints it)");
        out.push_str(&format!("\n{}\n", paint(DIM, about)));
        return out;
    }
    for set in &output.sets {
        out.push_str(&format!("\n{}\n", heading(set.layout.zone())));
        for range in set.ip4.iter().chain(&set.ip6) {
            out.push_str(range);
            out.push('\n');
        }
    }
    out
}

fn document(output: &MacroOutput, options: &MacroOptions, report: &Report) -> MacroDocument {
    let count = |family: fn(&ServedSet) -> &Vec<String>| {
        output.sets.iter().map(|set| family(set).len()).sum()
    };
    let ranges = (count(|set| &set.ip4), count(|set| &set.ip6));
    let compiled = compiling::document(&output.compiled, &options.source.domain, ranges, report);
    let record = output.compiled.records.first().map(|record| record.text.clone());
    let zone_record = |record: &ZoneRecord| ZoneRecordShape {
        name: record.name.to_string(),
        record_type: record.data.record_type(),
        ttl: record.ttl,
        data: record.data.presentation(),
    };
    let is_static =
        matches!(options.style, MacroStyle::ExistsStatic { .. } | MacroStyle::Shard { .. });
    MacroDocument {
        compiled,
        record: record.unwrap_or_default(),
        zone: options.zone.to_string(),
        sets: output.sets.iter().map(set).collect(),
        zone_records: is_static.then(|| output.zone_records.iter().map(zone_record).collect()),
    }
}

fn set(set: &ServedSet) -> SetShape {
    SetShape {
        zone: set.layout.zone().to_string(),
        mechanism: set.mechanism.as_str(),
        outcome: set.outcome.result().as_str(),
        ip4: set.ip4.clone(),
        ip6: set.ip6.clone(),
    }
}
