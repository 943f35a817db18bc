//! `spfc map`: what a policy passes as a picture of the IPv4 space, and what a
//! change gains and loses.

mod human;

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use ipnet::Ipv4Net;

use super::describe::number;
use super::dns::Dns;
use super::error::{CliError, shown};
use super::exit::Exit;
use super::global::Format;
use super::output::Session;
use super::sides::{Side, Sides};
use super::style::{GOOD, paint};
use super::usage::UsageError;
use crate::addr::Prefix;
use crate::compile::VerifySide;
use crate::dns::{Question, Step};
use crate::documents::{ChangeMapShape, MapDocument, map_providers};
use crate::picture::{Changed, Scene, Style, Theme, View, change, passing};
use crate::policy::{NodeState, Passed, PolicyError, WalkOptions, walk};
use crate::whole_file;

const COMMAND: &str = "map";

/// Draw what a policy passes on a map of the IPv4 space, coloured by provider
#[derive(Debug, Args)]
#[command(
    after_help = "POLICY and EARLIER are domains, records ('v=spf1 …') or files: a lock file, a zone map or a \
                  zone file. A file of several policies is written FILE#DOMAIN; that of EARLIER may be left \
                  out where it is POLICY's. --record and --source are about POLICY. The addresses follow a \
                  Hilbert curve: every prefix is a square or two, and neighbours stay neighbours. Where less \
                  than half of the smallest square that is drawn passes, that square is framed. A provider is \
                  an include of the policy's own record, with all that is behind it. IPv6 is not drawn, nor \
                  are terms that only the message can decide; the legend names them. The file is written \
                  whole or not at all. Without --output, what the map would show is said in words, with -v \
                  each range."
)]
pub(super) struct MapArgs {
    /// The policy
    #[arg(value_name = "POLICY")]
    policy: String,
    /// The picture to write; its name ends in .png or .svg
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Show what changed since this policy: what is gained and what is lost
    #[arg(long, value_name = "EARLIER")]
    against: Option<String>,
    /// Show this part of the IPv4 space alone, as large as the picture is
    #[arg(long, value_name = "PREFIX", default_value = "0.0.0.0/0")]
    prefix: Ipv4Net,
    /// The colours of the picture
    #[arg(long, value_enum, default_value_t = Ground::Light)]
    theme: Ground,
}

/// What a picture is drawn on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Ground {
    /// Dark on white
    Light,
    /// Light on black
    Dark,
}

/// How a picture is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Png,
    Svg,
}

/// What is shown.
struct Shown {
    /// What the policy is called.
    name: String,
    domain: Option<String>,
    passed: Passed,
    /// What changed, and since which policy.
    changed: Option<(Changed, String)>,
}

/// Runs `spfc map`.
///
/// # Errors
///
/// A policy that cannot be read, DNS failing, or a file that cannot be written;
/// a policy in error for some addresses, after the rest has been shown.
pub(super) fn run(args: &MapArgs, session: &Session) -> Result<Exit, CliError> {
    let format = session.global.format_of(COMMAND, &[Format::Human, Format::Json])?;
    let output = match &args.output {
        Some(path) => Some((path.as_path(), form(path)?)),
        None => None,
    };
    let shown = match &args.against {
        Some(against) => compared(&args.policy, against, session)?,
        None => alone(&args.policy, session)?,
    };
    if let Some((path, form)) = output {
        write(path, form, &scene(&shown, args), session)?;
    }
    match format {
        Format::Json => session.json(&document(&shown))?,
        _ if output.is_none() => session.print(&human::text(&shown, session.global.verbose))?,
        _ => {}
    }
    match shown.passed.errors.is_empty() {
        true => Ok(Exit::Done),
        false => Err(CliError::Policy(shown.passed.errors)),
    }
}

fn form(path: &Path) -> Result<Form, UsageError> {
    let ending = path.extension().map(|ending| ending.to_ascii_lowercase());
    match ending.as_ref().and_then(|ending| ending.to_str()) {
        Some("png") => Ok(Form::Png),
        Some("svg") => Ok(Form::Svg),
        _ => Err(UsageError::NoPicture(path.to_string_lossy().into_owned())),
    }
}

fn alone(policy: &str, session: &Session) -> Result<Shown, CliError> {
    let side = Side::read(policy, session)?;
    let mut dns = if side.closed() { Dns::nothing() } else { Dns::open(session)? };
    let passed = dns.run(|lookup| side.with(lookup, |side| step(read(side))))?;
    let domain = side.domain().map(ToString::to_string);
    let name = domain.clone().unwrap_or_else(|| policy.to_owned());
    Ok(Shown { name, domain, passed: sound(passed)?, changed: None })
}

fn compared(policy: &str, against: &str, session: &Session) -> Result<Shown, CliError> {
    let sides = Sides::read_earlier(policy, against, session)?;
    let (now, earlier) = sides.both();
    // What a file lacks, DNS must not be asked for in its place.
    let recorded = [closed(now)?, closed(earlier)?];
    let mut dns = if sides.closed() { Dns::nothing() } else { Dns::open(session)? };
    let (after, before) = dns.run(|lookup| {
        let read = |side: &Side, recorded: &Option<(Passed, bool)>| match recorded {
            Some(passed) => Ok(passed.clone()),
            None => side.with(lookup, read),
        };
        match (read(now, &recorded[0]), read(earlier, &recorded[1])) {
            (Ok(now), Ok(earlier)) => Step::Done((now, earlier)),
            // All questions that are known, asked at once.
            (now, earlier) => {
                Step::Need([now.err(), earlier.err()].into_iter().flatten().flatten().collect())
            }
        }
    })?;
    let (after, before) = (sound(after)?, sound(before)?);
    let domain = now.domain().map(ToString::to_string);
    let name = domain.clone().unwrap_or_else(|| policy.to_owned());
    let changed = Some((Changed::new(before, after.clone()), against.to_owned()));
    Ok(Shown { name, domain, passed: after, changed })
}

/// What a policy in a file passes; `None` for one that is in DNS.
fn closed(side: &Side) -> Result<Option<(Passed, bool)>, CliError> {
    let run = || Dns::nothing().run(|lookup| side.with(lookup, |side| step(read(side))));
    side.closed().then(run).transpose()
}

fn step<T>(read: Result<T, Vec<Question>>) -> Step<T> {
    match read {
        Ok(value) => Step::Done(value),
        Err(questions) => Step::Need(questions),
    }
}

/// What a policy passes, and whether there is one.
fn read(side: &VerifySide<'_>) -> Result<(Passed, bool), Vec<Question>> {
    let graph = walk(side.lookup, side.domain, &WalkOptions::default())?;
    let nothing = matches!(graph.root().state, NodeState::Broken { record: None, .. });
    Ok((Passed::of(&graph), !nothing))
}

/// Refuses what would be a picture of something else: no policy, or one of
/// which DNS left a part out.
fn sound((passed, found): (Passed, bool)) -> Result<Passed, CliError> {
    if !found || passed.errors.iter().any(PolicyError::is_temporary) {
        return Err(CliError::Policy(passed.errors));
    }
    Ok(passed)
}

fn scene(shown: &Shown, args: &MapArgs) -> Scene {
    let prefix = Prefix::new(args.prefix.addr().to_bits(), args.prefix.prefix_len());
    let theme = match args.theme {
        Ground::Light => Theme::Light,
        Ground::Dark => Theme::Dark,
    };
    let style = Style { view: View::new(prefix), theme };
    match &shown.changed {
        Some((changed, against)) => change(changed, &shown.name, against, &style),
        None => passing(&shown.passed, &shown.name, &style),
    }
}

fn write(path: &Path, form: Form, scene: &Scene, session: &Session) -> Result<(), CliError> {
    let file = match form {
        Form::Png => scene.to_png()?,
        Form::Svg => scene.to_svg().into_bytes(),
    };
    whole_file::write(path, &file).map_err(|error| CliError::write(path, error))?;
    session.aside(&format!(
        "{} {} of {} × {} points, {} octets",
        paint(GOOD, "drawn"),
        shown(path),
        scene.width(),
        scene.height(),
        number(file.len() as u128)
    ));
    Ok(())
}

fn document(shown: &Shown) -> MapDocument {
    let change = shown.changed.as_ref().map(|(changed, against)| ChangeMapShape {
        against: against.clone(),
        gained: map_providers(&changed.gained),
        lost: map_providers(&changed.lost),
        decided_by_message_before: changed.before().dynamic.clone(),
    });
    MapDocument::new(shown.domain.clone(), &shown.passed, change)
}
