//! `spfc macro`: a policy as one `exists:` or `include:` record, and what answers
//! for it.

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};

use super::compiling::{self, CompileFlags, OutputForm, PublishFlags};
use super::describe::{counted, heading};
use super::error::CliError;
use super::exit::Exit;
use super::global::Format;
use super::inline::InlineFlags;
use super::json::{MacroDocument, SetShape, ZoneRecordShape};
use super::output::Session;
use super::rbldnsd::{FamilyChoice, ZoneServers};
use super::style::{DIM, paint};
use super::usage::{UsageError, read_domain};
use crate::compile::{
    CoverChoice, FlattenOptions, Gone, MacroOptions, MacroOutput, MacroStyle, compile_macro,
};
use crate::image::{Order, ServedSet};
use crate::lint::Report;
use crate::name::DomainName;
use crate::target::{ZoneRecord, host_name, zone_file};

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
    #[command(flatten)]
    inline: InlineFlags,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t = MacroForm::Records(OutputForm::Txt))]
    output: MacroForm,
    #[command(flatten)]
    publish: PublishFlags,
    /// Whose data file --output rbldnsd prints
    #[arg(long, value_enum)]
    family: Option<FamilyChoice>,
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
    /// Whether an ordinary zone file answers.
    fn is_static(self) -> bool {
        matches!(self, Style::ExistsStatic | Style::Shard)
    }

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

/// How the result is printed: as the forms of all records, and one of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum MacroForm {
    /// The record to publish, and for people what the zone holds; as a zone file
    /// the static zone itself.
    Records(OutputForm),
    /// A data file for rbldnsd.
    Rbldnsd,
}

impl ValueEnum for MacroForm {
    fn value_variants<'a>() -> &'a [Self] {
        const ALL: &[MacroForm] = &[
            MacroForm::Records(OutputForm::Txt),
            MacroForm::Records(OutputForm::Zone),
            MacroForm::Rbldnsd,
            MacroForm::Records(OutputForm::Nsupdate),
            MacroForm::Records(OutputForm::Octodns),
            MacroForm::Records(OutputForm::Dnscontrol),
            MacroForm::Records(OutputForm::TerraformRoute53),
            MacroForm::Records(OutputForm::TerraformCloudflare),
            MacroForm::Records(OutputForm::TerraformGoogle),
            MacroForm::Records(OutputForm::Route53),
        ];
        ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        match self {
            MacroForm::Records(OutputForm::Txt) => Some(
                PossibleValue::new("txt")
                    .help("Name and text of each record, and what the zone holds"),
            ),
            MacroForm::Records(OutputForm::Zone) => Some(PossibleValue::new("zone").help(
                "The static zone as a zone file (RFC 1035); the records to publish without one",
            )),
            MacroForm::Records(form) => form.to_possible_value(),
            MacroForm::Rbldnsd => Some(
                PossibleValue::new("rbldnsd")
                    .help("A data file for rbldnsd, of one address family"),
            ),
        }
    }
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
    let rbldnsd = rbldnsd(args)?;
    let servers = servers(args, &zone, session)?;
    let style = style(args, &servers)?;
    if args.style == Style::ExistsStatic {
        underscores(&zone, session);
    }
    let inline = args.inline.options()?;
    let mut dns = compiling::open(session)?;
    let options = MacroOptions {
        source,
        records: args.flags.records(),
        qualifier: args.flags.qualifier(),
        publication: args.flags.publication(!dns.recorded()),
        zone,
        style,
        inline,
    };
    let result = compiling::run(&mut dns, session, |lookup| compile_macro(lookup, &options));
    let output = result.map_err(|error| {
        let gone = Gone::Macro(&options.zone);
        compiling::explained(error, &mut dns, &flat(&options), gone)
    })?;
    let compiled = &output.compiled;
    let report = compiling::linted(&mut dns, &options.source)?;
    let changed = options.qualifier.is_some();
    compiling::remarks(compiled, &options.source, changed, &report, session);
    args.inline.remarks(&output.inlined, session);
    match (format, args.output) {
        (Format::Json, _) => {
            compiling::order(compiled, session);
            session.json(&document(&output, &options, &report))?;
        }
        (_, MacroForm::Records(OutputForm::Txt)) => {
            compiling::order(compiled, session);
            session.print(&text(&output))?;
        }
        (_, MacroForm::Records(OutputForm::Zone)) if !output.zone_records.is_empty() => {
            for record in &compiled.records {
                session.note(format!("publish at {}: {}", record.name, record.text));
            }
            session.print(&zone_file(&output.zone_records))?;
        }
        (_, MacroForm::Records(form)) => {
            session.print(&compiling::printed(compiled, form, &args.publish, session)?)?;
        }
        (_, MacroForm::Rbldnsd) => {
            // Without a family the flags were refused.
            if let Some(family) = rbldnsd {
                super::rbldnsd::print(&output, &options.zone, family, &servers, session)?;
            }
        }
    }
    Ok(Exit::Done)
}

/// What flat records of the same policy are compiled with.
fn flat(options: &MacroOptions) -> FlattenOptions {
    let MacroOptions { source, records, qualifier, publication, .. } = options.clone();
    FlattenOptions { source, records, qualifier, cover: CoverChoice::Disjoint, publication }
}

/// The family of the data file, where one is asked for.
fn rbldnsd(args: &MacroArgs) -> Result<Option<FamilyChoice>, UsageError> {
    const OUTPUT: &str = "--output rbldnsd";
    let rbldnsd = args.output == MacroForm::Rbldnsd;
    match args.family {
        None if rbldnsd => Err(UsageError::NoFamily),
        Some(_) if !rbldnsd => Err(UsageError::OnlyWith("--family", OUTPUT)),
        // rbldnsd answers for addresses, and knows one way to write them.
        Some(_) if args.style != Style::Exists => {
            Err(UsageError::OnlyWith(OUTPUT, "--style exists"))
        }
        Some(_) if args.order == OrderChoice::Forward => {
            Err(UsageError::Excluded("--order forward", OUTPUT))
        }
        Some(_) if args.no_v => Err(UsageError::Excluded("--no-v", OUTPUT)),
        family => Ok(family),
    }
}

/// The servers of the zone, where its output names them.
fn servers(
    args: &MacroArgs,
    zone: &DomainName,
    session: &Session,
) -> Result<ZoneServers, CliError> {
    let named = args.style.is_static() || args.output == MacroForm::Rbldnsd;
    let mut servers: Vec<DomainName> =
        args.ns.iter().map(|name| read_domain(name)).collect::<Result<_, _>>()?;
    if !named && !servers.is_empty() {
        return Err(UsageError::Excluded("--ns", args.style.as_str()).into());
    }
    if let Some(server) = servers.iter().find(|server| server.is_at_or_below(zone)) {
        return Err(UsageError::OwnServer(server.clone()).into());
    }
    if named && servers.is_empty() {
        let above = zone.parent().unwrap_or_else(DomainName::root);
        let server = host_name(b"ns1", &above)
            .map_err(|reason| UsageError::Domain { text: format!("ns1.{above}"), reason })?;
        session.note(format!("the zone names {server} as its server: --ns gives another"));
        servers.push(server);
    }
    Ok(ZoneServers { servers, serial: args.serial })
}

/// Says what BIND does not load as it comes: addresses at names that no host can
/// have, but for those that RFC 7208 has in its examples.
fn underscores(zone: &DomainName, session: &Session) {
    let odd = |label: &[u8]| label.contains(&b'_');
    let known = |label: &[u8]| matches!(label, b"_spf" | b"_spf_rate" | b"_spf_verify");
    if zone.labels().any(odd) && !zone.to_lowercase().labels().any(known) {
        session.note(format!(
            "BIND loads addresses at names with underscores only below _spf: for {zone} it needs 'check-names primary ignore;'"
        ));
    }
}

/// The style, with what only it takes.
fn style(args: &MacroArgs, servers: &ZoneServers) -> Result<MacroStyle, CliError> {
    let order = match args.order {
        OrderChoice::Reversed => Order::Reversed,
        OrderChoice::Forward => Order::Forward,
    };
    let (excluded, version) = (args.style.as_str(), !args.no_v);
    match args.style {
        Style::Exists => return Ok(MacroStyle::Exists { order, version }),
        Style::Include => return Ok(MacroStyle::Include { order, version }),
        Style::ExistsStatic | Style::Shard => {}
    }
    // Wildcards stand for the labels left of them: networks have to be
    // subtrees, and each family a tree of its own.
    if order == Order::Forward {
        return Err(UsageError::Excluded("--order forward", excluded).into());
    }
    if args.no_v {
        return Err(UsageError::Excluded("--no-v", excluded).into());
    }
    let (servers, serial) = (servers.servers.clone(), servers.serial);
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
        inlined: output.inlined.terms.clone(),
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
