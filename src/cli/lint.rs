//! `spfc lint`: what is wrong, risky or useless in policies.

mod subdomains;
mod subjects;

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::describe::heading;
use super::dns::Dns;
use super::error::CliError;
use super::exit::Exit;
use super::global::Format;
use super::output::Session;
use super::recorded::Recorded;
use super::style::{DIM, paint};
use super::usage::UsageError;
use crate::dns::Step;
use crate::lint::render::{HumanStyle, Palette, human, json, summary};
use crate::lint::{
    Level, Levels, LintOptions, MAX_SHRINK_PERCENT, Profile, Report, Selector, Sending, Severity,
    explain, lint, rules,
};

use subdomains::Subdomains;
use subjects::Subjects;

const COMMAND: &str = "lint";

/// Find what is wrong, risky or useless in SPF records
#[derive(Debug, Args)]
#[command(
    after_help = "TARGET is a domain, a record ('v=spf1 …'), or a file: a zone file, or a record or domain a \
                  line ('-' is standard input). Without a TARGET, the domains that --lock or a lock file as \
                  --dns-file records are linted.\n\
                  \n\
                  --max-shrink weighs what passes in each family by itself, IPv4 by addresses and IPv6 by \
                  networks of 64 bits; whichever lost the larger share counts."
)]
pub(super) struct LintArgs {
    /// Domains, records and files
    #[arg(value_name = "TARGET")]
    targets: Vec<String>,
    /// A file, whatever its name (repeatable)
    #[arg(long, value_name = "FILE")]
    file: Vec<String>,
    /// Compare the policies with this recording of them ('spfc lock'): drift is a finding too
    #[arg(long, value_name = "FILE", conflicts_with = "offline")]
    lock: Option<PathBuf>,
    /// How much of what passed may be lost before that is an error of its own (SPF902)
    #[arg(
        long,
        value_name = "PERCENT",
        default_value_t = MAX_SHRINK_PERCENT,
        requires = "lock",
        value_parser = clap::value_parser!(u32).range(0..=100)
    )]
    max_shrink: u32,
    /// Names, one a line: those below a linted domain that are in use need a policy too
    #[arg(long, value_name = "FILE", conflicts_with = "offline")]
    subdomains: Option<PathBuf>,
    /// Lint the text alone, without DNS
    #[arg(long)]
    offline: bool,
    /// Whether the domains send mail; auto looks at what the policy passes
    #[arg(long, value_enum, default_value_t = SendingChoice::Auto)]
    sending: SendingChoice,
    /// Which opinion on -all to hold
    #[arg(long, value_enum, default_value_t = ProfileChoice::Dmarc)]
    profile: ProfileChoice,
    /// The least severity that makes the run exit with 1
    #[arg(long, value_enum, default_value_t = FailOn::Error, value_name = "SEVERITY")]
    fail_on: FailOn,
    /// Leave findings of these rules out (repeatable)
    #[arg(long, value_name = "CODE|NAME|PREFIX", value_parser = Selector::parse)]
    allow: Vec<Selector>,
    /// Make warnings of the findings of these rules (repeatable)
    #[arg(long, value_name = "CODE|NAME|PREFIX", value_parser = Selector::parse)]
    warn: Vec<Selector>,
    /// Make errors of the findings of these rules (repeatable)
    #[arg(long, value_name = "CODE|NAME|PREFIX", value_parser = Selector::parse)]
    deny: Vec<Selector>,
    /// Print the page of a rule
    #[arg(long, value_name = "CODE|NAME", conflicts_with_all = ["targets", "file", "rules"])]
    explain: Option<String>,
    /// List the rules
    #[arg(long, conflicts_with_all = ["targets", "file"])]
    rules: bool,
}

/// Whether the domains send mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum SendingChoice {
    /// As the policy says
    Auto,
    /// They do
    Yes,
    /// They do not
    No,
}

/// Which opinion on `-all` is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ProfileChoice {
    /// DMARC decides about forgeries: -all on a sending domain is a finding
    Dmarc,
    /// CISA's SCuBA baseline: a sending domain without -all is
    Scuba,
}

/// What makes a run fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// Errors
    Error,
    /// Warnings and errors
    Warning,
    /// Any finding
    Note,
}

impl From<FailOn> for Severity {
    fn from(fail_on: FailOn) -> Severity {
        match fail_on {
            FailOn::Error => Severity::Error,
            FailOn::Warning => Severity::Warning,
            FailOn::Note => Severity::Note,
        }
    }
}

/// Runs `spfc lint`.
///
/// # Errors
///
/// Targets that cannot be read.
pub(super) fn run(args: &LintArgs, session: &Session) -> Result<Exit, CliError> {
    let format = session.global.format_of(COMMAND, &[Format::Human, Format::Json])?;
    if let Some(rule) = &args.explain {
        let page = explain(rule).ok_or_else(|| UsageError::NoRule(rule.clone()))?;
        session.print(page)?;
        return Ok(Exit::Done);
    }
    if args.rules {
        session.print(&list())?;
        return Ok(Exit::Done);
    }
    let mut subjects = Subjects::read(&args.targets, &args.file, args.offline, session)?;
    let mut dns = if args.offline { Dns::nothing() } else { Dns::open(session)? };
    complete(&mut subjects, args, &dns, session)?;
    let options = options(args, dns.recorded());
    let mut reports = Vec::new();
    for (subject, zone) in subjects.iter() {
        let report = dns.run(|lookup| {
            let view = Subjects::view(zone, lookup);
            match lint(&*view, subject, &options) {
                Ok(report) => Step::Done(report),
                Err(questions) => Step::Need(questions),
            }
        })?;
        reports.push(report);
    }
    match format {
        Format::Json => session.print(&json(&reports))?,
        _ => session.print(&text(&reports, session))?,
    }
    Ok(exit(&reports, args.fail_on.into()))
}

/// Adds what recordings and files say about the subjects.
fn complete(
    subjects: &mut Subjects,
    args: &LintArgs,
    dns: &Dns,
    session: &Session,
) -> Result<(), CliError> {
    let lock = args.lock.as_deref().map(Recorded::read).transpose()?;
    if args.targets.is_empty() && args.file.is_empty() {
        match (&lock, dns.recording()) {
            (Some(lock), _) => subjects.locked(&lock.recording),
            (None, Some(recording)) => subjects.recorded(recording),
            (None, None) => return Err(UsageError::NothingToLint.into()),
        }
    }
    if let Some(lock) = &lock {
        subjects.compare(lock, session)?;
    }
    if let Some(path) = &args.subdomains {
        if dns.recorded() {
            return Err(UsageError::Excluded("--subdomains", "a lock file as --dns-file").into());
        }
        subjects.look_below(&Subdomains::read(path)?, session)?;
    }
    Ok(())
}

fn options(args: &LintArgs, recorded: bool) -> LintOptions {
    let mut levels = Levels::default();
    for (selectors, level) in
        [(&args.allow, Level::Allow), (&args.warn, Level::Warn), (&args.deny, Level::Deny)]
    {
        selectors.iter().for_each(|selector| levels.set(selector.clone(), level));
    }
    LintOptions {
        offline: args.offline,
        recorded,
        max_shrink: args.max_shrink,
        sending: match args.sending {
            SendingChoice::Auto => Sending::Auto,
            SendingChoice::Yes => Sending::Yes,
            SendingChoice::No => Sending::No,
        },
        profile: match args.profile {
            ProfileChoice::Dmarc => Profile::Dmarc,
            ProfileChoice::Scuba => Profile::Scuba,
        },
        levels,
        ..LintOptions::default()
    }
}

/// 1 where a finding is bad enough; 4 where DNS failed and none is.
fn exit(reports: &[Report], fail_on: Severity) -> Exit {
    if reports.iter().filter_map(Report::worst).any(|worst| worst >= fail_on) {
        return Exit::No;
    }
    match reports.iter().any(Report::is_temporary) {
        true => Exit::Dns,
        false => Exit::Done,
    }
}

fn text(reports: &[Report], session: &Session) -> String {
    // What standard output cannot show is stripped when it is written.
    let style = HumanStyle { palette: Palette::ANSI, ..HumanStyle::default() };
    let mut out: String = reports.iter().map(|report| human(report, &style)).collect();
    if !session.global.quiet {
        out.push_str(&summary(reports));
    }
    out
}

fn list() -> String {
    let widest = rules().map(|rule| rule.name.len()).max().unwrap_or(0);
    let line = |rule: &crate::lint::Rule| {
        let name = heading(format!("{:widest$}", rule.name));
        let about = paint(DIM, format!("{:7}  {}", rule.severity.as_str(), rule.reference));
        format!("{}  {name}  {about}\n", rule.code)
    };
    rules().map(line).collect()
}
