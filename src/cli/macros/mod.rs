//! `spfc macro`: a policy as one `exists:` or `include:` record, and what answers
//! for it.

mod busy;
mod choices;
mod inline;
mod rbldnsd;
mod written;

use clap::Args;

use super::compiling::{self, CompileFlags, OutputForm, PublishFlags};
use super::error::CliError;
use super::exit::Exit;
use super::global::Format;
use super::output::Session;
use super::usage::{UsageError, read_domain};
use crate::compile::{
    CoverChoice, FlattenOptions, Gone, MacroOptions, MacroOutput, MacroStyle, compile_macro,
};
use crate::documents::MacroDocument;
use crate::image::Order;
use crate::name::DomainName;
use crate::target::{host_name, zone_file};

pub(super) use busy::BusyError;
use choices::{MacroForm, OrderChoice, Style};
use inline::InlineFlags;
use rbldnsd::{FamilyChoice, ZoneServers};
use written::text;

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

/// Runs `spfc macro`.
///
/// # Errors
///
/// Why there is no output.
pub(super) fn run(args: &MacroArgs, session: &Session) -> Result<Exit, CliError> {
    let format = session.global.format_of(COMMAND, &[Format::Human, Format::Json])?;
    let source = args.flags.source(&session.global)?;
    let zone = read_domain(&args.zone)?;
    let family = family(args)?;
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
        let gone = Gone::Macro(&options);
        compiling::explained(error, &mut dns, &flat(&options), gone)
    })?;
    let compiled = &output.compiled;
    let report = compiling::linted(&mut dns, &options.source)?;
    let changed = options.qualifier.is_some();
    compiling::remarks(compiled, &options.source, changed, &report, session);
    args.inline.remarks(&output.inlined, session);
    unanswered(&output, &options.zone, args.style, session);
    match (format, args.output) {
        (Format::Json, _) => {
            compiling::order(compiled, session);
            session.json(&MacroDocument::new(&output, &options, &report))?;
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
            if let Some(family) = family {
                rbldnsd::print(&output, &options.zone, family, &servers, session)?;
            }
        }
    }
    Ok(Exit::Done)
}

/// Says that the zone comes first.
fn unanswered(output: &MacroOutput, zone: &DomainName, style: Style, session: &Session) {
    if !output.sets.is_empty() {
        let until = style.unanswered();
        session.note(format!("{zone} has to answer before the record is published: {until}"));
    }
}

/// What flat records of the same policy are compiled with.
fn flat(options: &MacroOptions) -> FlattenOptions {
    let MacroOptions { source, records, qualifier, publication, .. } = options.clone();
    FlattenOptions { source, records, qualifier, cover: CoverChoice::Disjoint, publication }
}

/// The family of the data file, where one is asked for.
fn family(args: &MacroArgs) -> Result<Option<FamilyChoice>, UsageError> {
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
