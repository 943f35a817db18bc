//! `spfc flatten`: a policy as flat records, proven.

use clap::{Args, ValueEnum};

use super::compiling::{self, ChangeFlags, CompileFlags, OutputForm, PublishFlags};
use super::dns::Dns;
use super::error::CliError;
use super::exit::Exit;
use super::global::Format;
use super::just_enough::{self, Enough};
use super::output::Session;
use crate::compile::{
    CoverChoice, FlattenOptions, Flattened, Gone, JustEnough, flatten, just_enough,
};
use crate::documents::{CompiledDocument, FlattenDocument};

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
    #[command(flatten)]
    publish: PublishFlags,
    /// Inline only the fewest and steadiest includes and hosts that bring the policy within its
    /// limits, and keep the rest live
    #[arg(long)]
    just_enough: bool,
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
    let (flattened, enough) = compile(args, &mut dns, &options, session)?;
    let compiled = &flattened.compiled;
    let report = compiling::linted(&mut dns, &options.source)?;
    let changed = options.qualifier.is_some();
    if let Some(enough) = &enough {
        just_enough::remarks(enough, options.records.max_lookups, session);
    }
    compiling::remarks(compiled, &options.source, changed, &report, session);
    if args.change.wanted() {
        return args.change.run(
            compiled,
            &options.source,
            &args.publish,
            format,
            &mut dns,
            session,
        );
    }
    if format == Format::Json {
        compiling::order(compiled, session);
        let ranges = (flattened.ip4_ranges, flattened.ip6_ranges);
        let domain = &options.source.domain;
        let compiled = CompiledDocument::new(compiled, domain, ranges, &report);
        let inlined = enough.map(|enough| just_enough::shapes(&enough));
        session.json(&FlattenDocument { compiled, inlined })?;
    } else {
        session.print(&compiling::printed(compiled, args.output, &args.publish, session)?)?;
    }
    Ok(Exit::Done)
}

/// Compiles the policy, all of it or just enough.
fn compile(
    args: &FlattenArgs,
    dns: &mut Dns,
    options: &FlattenOptions,
    session: &Session,
) -> Result<(Flattened, Option<Enough>), CliError> {
    if args.just_enough {
        let result = compiling::run(dns, session, |lookup| just_enough(lookup, options));
        let explained = |error| compiling::explained(error, dns, options, Gone::JustEnough);
        let JustEnough { flattened, inlined, least } = result.map_err(explained)?;
        return Ok((flattened, Some(Enough { inlined, least })));
    }
    let result = compiling::run(dns, session, |lookup| flatten(lookup, options));
    let explained = |error| compiling::explained(error, dns, options, Gone::Flat);
    Ok((result.map_err(explained)?, None))
}
