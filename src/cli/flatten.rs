//! `spfc flatten`: a policy as flat records, proven.

use clap::{Args, ValueEnum};

use super::compiling::{self, ChangeFlags, CompileFlags, Publishing};
use super::error::CliError;
use super::exit::Exit;
use super::global::Format;
use super::output::Session;
use crate::compile::{CoverChoice, FlattenOptions, flatten};

const COMMAND: &str = "flatten";

/// Compile the policy to flat ip4: and ip6: records that mean the same
#[derive(Debug, Args)]
#[command(
    after_help = "The records are printed only when they are proven to mean what the source means.\n\
                  Publish the chunk records first, and the domain's own record last."
)]
pub(super) struct FlattenArgs {
    #[command(flatten)]
    flags: CompileFlags,
    #[command(flatten)]
    change: ChangeFlags,
    /// The DNS zone that the names are in [default: DOMAIN]
    #[arg(long, value_name = "NAME")]
    dns_zone: Option<String>,
    /// Delete the chunks of the other set too
    #[arg(long)]
    drop_old: bool,
    /// Which terms to choose among those that mean the same
    #[arg(long, value_enum, default_value_t = Cover::Disjoint)]
    cover: Cover,
    /// How the records are printed
    #[arg(long, value_enum, default_value_t = OutputForm::Txt)]
    output: OutputForm,
}

/// Which terms are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Cover {
    /// Terms that mean the same in any order
    Disjoint,
    /// The fewest octets: exclusions stand before wider ranges, and receivers have to keep that order
    Ordered,
}

/// How people see the records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum OutputForm {
    /// Name and text of each record
    Txt,
    /// Lines of a zone file (RFC 1035)
    Zone,
}

/// Runs `spfc flatten`.
///
/// # Errors
///
/// Why there is no output.
pub(super) fn run(args: &FlattenArgs, session: &Session) -> Result<Exit, CliError> {
    let format = session.global.format_of(COMMAND, &[Format::Human, Format::Json])?;
    let source = args.flags.source(&session.global)?;
    args.change.check(&session.global)?;
    let mut dns = compiling::open(session)?;
    let options = FlattenOptions {
        source,
        records: args.flags.records(),
        qualifier: args.flags.qualifier(),
        cover: match args.cover {
            Cover::Disjoint => CoverChoice::Disjoint,
            Cover::Ordered => CoverChoice::Ordered,
        },
        publication: args.flags.publication(!dns.recorded()),
    };
    let flattened = compiling::run(&mut dns, session, |lookup| flatten(lookup, &options))?;
    let compiled = &flattened.compiled;
    let report = compiling::linted(&mut dns, &options.source)?;
    let changed = options.qualifier.is_some();
    compiling::remarks(compiled, &options.source, changed, &report, session);
    if args.change.wanted() {
        let publishing = Publishing { zone: args.dns_zone.as_deref(), drop_old: args.drop_old };
        return args.change.run(compiled, &options.source, publishing, format, &mut dns, session);
    }
    compiling::order(compiled, session);
    match (format, args.output) {
        (Format::Json, _) => {
            let ranges = (flattened.ip4_ranges, flattened.ip6_ranges);
            let domain = &options.source.domain;
            session.json(&compiling::document(compiled, domain, ranges, &report))?;
        }
        (_, OutputForm::Txt) => session.print(&compiling::text(&compiled.records))?,
        (_, OutputForm::Zone) => session.print(&compiling::zone(&compiled.records))?,
    }
    Ok(Exit::Done)
}
