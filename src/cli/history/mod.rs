//! `spfc history`: all versions of a source, what changed between two of them, and the
//! way back to one.

mod human;

use clap::Args;

use super::accept::follow;
use super::control::Order;
use super::error::CliError;
use super::exit::Exit;
use super::global::Format;
use super::output::Session;
use super::state::{StateArgs, StateError};
use crate::documents::{
    EventShape, HistoryDocument, VersionShape, VersionSide, VersionsDocument, Which,
};
use crate::history::{History, Version};

const COMMAND: &str = "history";

/// Say how a source came to be what it is, and go back to an earlier version
#[derive(Debug, Args)]
#[command(
    after_help = "Exit status: with --diff 0 where nothing differs and 1 where something does. After \
                  --rollback nothing but 'spfc accept' changes the source again."
)]
pub(super) struct HistoryArgs {
    /// The source, or the domain whose policy it is; all sources without one
    #[arg(value_name = "SOURCE|DOMAIN")]
    name: Option<String>,
    /// Say what changed from one version to another; 'held' is what waits for a person
    #[arg(long, num_args = 2, value_names = ["A", "B"], requires = "name")]
    diff: Vec<Which>,
    /// Print the lock file of a version, with all answers that it was compiled from
    #[arg(long, value_name = "VERSION", requires = "name", conflicts_with = "diff")]
    lock: Option<u64>,
    /// Serve an earlier version until another one is accepted
    #[arg(long, value_name = "VERSION", requires = "name", conflicts_with_all = ["diff", "lock"])]
    rollback: Option<u64>,
    #[command(flatten)]
    state: StateArgs,
}

/// Runs `spfc history`.
///
/// # Errors
///
/// No history, no such source or version, and a version that cannot be served.
pub(super) fn run(args: &HistoryArgs, session: &Session) -> Result<Exit, CliError> {
    let format = session.global.format_of(COMMAND, &[Format::Human, Format::Json])?;
    session.global.published_only(COMMAND)?;
    if let (Some(source), Some(version)) = (&args.name, args.rollback) {
        let order = Order::RollBack { source: source.clone(), version };
        return follow(&args.state, &order, |it| it.roll_back(source, version), format, session);
    }
    let mut history = args.state.history()?;
    let sources = sources(&mut history, args.name.as_deref())?;
    if let (Some(number), [source]) = (args.lock, sources.as_slice()) {
        let version = version(&mut history, source, number)?;
        let lock = version.lock.ok_or_else(|| StateError::NoAnswers(source.clone(), number))?;
        session.print(&lock)?;
        return Ok(Exit::Done);
    }
    if let ([from, to], [source]) = (args.diff.as_slice(), sources.as_slice()) {
        let sides = [*from, *to].map(|which| (which, side(args, &mut history, source, which)));
        let [(one, from), (other, to)] = sides;
        return match (from?, to?) {
            (Some(from), Some(to)) => difference(source, &from, &to, format, session),
            _ => Err(StateError::NotComparable(source.clone(), one, other).into()),
        };
    }
    let mut documents = Vec::new();
    for source in sources {
        let versions = history.versions(&source).map_err(StateError::from)?;
        let events = history.events(&source).map_err(StateError::from)?;
        let versions = versions.iter().map(VersionShape::from).collect();
        let events = events.iter().map(EventShape::from).collect();
        documents.push(HistoryDocument::new(source, versions, events));
    }
    match format {
        Format::Json if args.name.is_some() => {
            documents.iter().try_for_each(|document| session.json(document))?;
        }
        Format::Json => session.json(&documents)?,
        _ => session.print(&human::text(&documents, session.global.verbose))?,
    }
    Ok(Exit::Done)
}

/// The source of this name, or the one that read this domain; all without a name.
fn sources(history: &mut History, name: Option<&str>) -> Result<Vec<String>, CliError> {
    let known = history.sources().map_err(StateError::from)?;
    let Some(name) = name else { return Ok(known) };
    if known.iter().any(|source| source == name) {
        return Ok(vec![name.to_owned()]);
    }
    let domain = name.trim_end_matches('.').to_ascii_lowercase();
    let of_domain = history.sources_of(&domain).map_err(StateError::from)?;
    match of_domain.as_slice() {
        [_] => Ok(of_domain),
        [] => Err(StateError::NoSource(name.to_owned(), String::new()).into()),
        several => {
            let several = format!(" alone: several sources read it, {}", several.join(", "));
            Err(StateError::NoSource(name.to_owned(), several).into())
        }
    }
}

/// Says what changed.
fn difference(
    source: &str,
    from: &VersionSide,
    to: &VersionSide,
    format: Format,
    session: &Session,
) -> Result<Exit, CliError> {
    let document = VersionsDocument::new(source, from, to)
        .ok_or_else(|| StateError::NotComparable(source.to_owned(), from.which, to.which))?;
    match format {
        Format::Json => session.json(&document)?,
        _ => session.print(&human::difference(&document, session.global.verbose))?,
    }
    Ok(if document.is_empty() { Exit::Done } else { Exit::No })
}

/// What is compared; none where not all is known that it was made of.
fn side(
    args: &HistoryArgs,
    history: &mut History,
    source: &str,
    which: Which,
) -> Result<Option<VersionSide>, CliError> {
    match which {
        Which::Number(number) => Ok(VersionSide::of_version(&version(history, source, number)?)),
        Which::Held(_) => {
            let file = args.state.directory()?.read_source(source).map_err(StateError::from)?;
            match file.filter(|file| file.state.held.is_some()) {
                Some(file) => Ok(VersionSide::held(&file)),
                None => Err(StateError::NothingWaits(source.to_owned()).into()),
            }
        }
    }
}

fn version(history: &mut History, source: &str, number: u64) -> Result<Version, CliError> {
    let version = history.version(source, number).map_err(StateError::from)?;
    version.ok_or_else(|| StateError::NoVersion(source.to_owned(), number).into())
}
