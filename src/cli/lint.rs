//! `spfc lint`: what is wrong, risky or useless in policies.

mod bulk;
mod fix;
mod list;
mod output;
mod settings;
mod subdomains;
mod subjects;
mod zone;

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::dns::Dns;
use super::error::CliError;
use super::exit::Exit;
use super::output::Session;
use super::recorded::Recorded;
use super::usage::{UsageError, read_domain};
use crate::dns::QUESTIONS_AT_ONCE;
use crate::lint::{
    Level, Levels, LintOptions, MAX_SHRINK_PERCENT, Profile, Selector, Sending, Severity,
    drop_repeated, find, lint,
};

use output::{FORMATS, RULE_FORMATS, print, print_page, print_rules};
use subdomains::Subdomains;
use subjects::{Inputs, Subjects};
use zone::ZoneOptions;

const COMMAND: &str = "lint";
/// Targets that can be linted at once: more questions than that are never asked
/// at once.
const MOST_JOBS: i64 = QUESTIONS_AT_ONCE as i64;
/// What lists have no use for. What only another of these flags makes sense of is
/// named too: clap forgets that it wants that flag where `--jobs` excludes it.
const NOT_IN_BULK: [&str; 9] = [
    "explain",
    "rules",
    "lock",
    "max_shrink",
    "subdomains",
    "fix",
    "write",
    "allow_include",
    "origin",
];

/// Find what is wrong, risky or useless in SPF records
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "TARGET is a domain, a record ('v=spf1 …'), or a file: a zone file, the YAML of an OctoDNS \
                  zone, or a record or domain a line ('-' is standard input). Without a TARGET, the domains that --lock or a lock file as \
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
    /// Read the files that zone files include, from their folder or below it
    #[arg(long)]
    allow_include: bool,
    /// The zone that relative names of zone files are below, where a file does not say
    #[arg(long, value_name = "NAME")]
    origin: Option<String>,
    /// Lint many targets at once with N questions in flight, and report each as it ends
    ///
    /// For long lists: memory does not grow with them, answers are shared, and
    /// at most N DNS questions wait for an answer. Files are lists, a domain or
    /// record a line. --format json prints one document a line, with the keys
    /// of a target. What names no target is said on standard error and stops
    /// nothing; the run then exits with 2.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=MOST_JOBS), conflicts_with_all = NOT_IN_BULK)]
    jobs: Option<u16>,
    /// Compare the policies with this recording of them ('spfc lock'): drift is a finding too
    #[arg(long, value_name = "FILE", conflicts_with = "offline")]
    lock: Option<PathBuf>,
    /// How much of what passed may be lost before that is an error of its own (SPF902) [default: 30]
    #[arg(
        long,
        value_name = "PERCENT",
        requires = "lock",
        value_parser = clap::value_parser!(u32).range(0..=100)
    )]
    max_shrink: Option<u32>,
    /// Names, one a line: those below a linted domain that are in use need a policy too
    #[arg(long, value_name = "FILE", conflicts_with = "offline")]
    subdomains: Option<PathBuf>,
    /// Lint the text alone, without DNS
    #[arg(long)]
    offline: bool,
    /// Whether the domains send mail; auto, the default, looks at what the policy passes
    #[arg(long, value_enum)]
    sending: Option<SendingChoice>,
    /// Which opinion on -all to hold [default: dmarc]
    #[arg(long, value_enum)]
    profile: Option<ProfileChoice>,
    /// The least severity that makes the run exit with 1 [default: error]
    #[arg(long, value_enum, value_name = "SEVERITY")]
    fail_on: Option<FailOn>,
    /// Leave findings of these rules out (repeatable)
    #[arg(long, value_name = "CODE|NAME|PREFIX", value_parser = Selector::parse)]
    allow: Vec<Selector>,
    /// Make warnings of the findings of these rules (repeatable)
    #[arg(long, value_name = "CODE|NAME|PREFIX", value_parser = Selector::parse)]
    warn: Vec<Selector>,
    /// Make errors of the findings of these rules (repeatable)
    #[arg(long, value_name = "CODE|NAME|PREFIX", value_parser = Selector::parse)]
    deny: Vec<Selector>,
    /// Print the records with their fixes made, and what is left to find on standard error
    ///
    /// A fix is made only where the policy is proven to decide the same for every
    /// address, or where the record was in error and the rule knows what is
    /// meant; other proposals are only shown. One record is printed as it is; of
    /// several, each that is for a domain stands behind its name and a tab. The
    /// findings that are left decide the exit status.
    #[arg(long, conflicts_with_all = ["explain", "rules"])]
    fix: bool,
    /// With --fix: write the records back into the zone files and lists that they are from
    ///
    /// Nothing else in a file changes; each is written whole or not at all. The
    /// serial number of a zone is not raised. YAML is not written.
    #[arg(long, requires = "fix")]
    write: bool,
    /// Read this configuration, not the spfc.toml of the folder or its repository
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    config: Option<PathBuf>,
    /// Read no configuration
    #[arg(long)]
    no_config: bool,
    /// What the configuration says about rules: before what the flags say.
    #[arg(skip)]
    configured: Levels,
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

impl From<Option<FailOn>> for Severity {
    fn from(fail_on: Option<FailOn>) -> Severity {
        match fail_on {
            None | Some(FailOn::Error) => Severity::Error,
            Some(FailOn::Warning) => Severity::Warning,
            Some(FailOn::Note) => Severity::Note,
        }
    }
}

/// Runs `spfc lint`.
///
/// # Errors
///
/// Targets that cannot be read.
pub(super) fn run(args: &LintArgs, session: &Session) -> Result<Exit, CliError> {
    if let Some(rule) = &args.explain {
        let format = session.global.format_of(COMMAND, RULE_FORMATS)?;
        let rule = find(rule).ok_or_else(|| UsageError::NoRule(rule.clone()))?;
        return print_page(rule, format, session);
    }
    if args.rules {
        return print_rules(session.global.format_of(COMMAND, RULE_FORMATS)?, session);
    }
    let args = &settings::configured(args, session)?;
    if let Some(jobs) = args.jobs {
        return bulk::run(args, jobs.into(), session);
    }
    let (command, formats) = match args.fix {
        true => (fix::COMMAND, fix::FORMATS),
        false => (COMMAND, FORMATS),
    };
    let format = session.global.format_of(command, formats)?;
    if args.write {
        fix::only_files(args)?;
    }
    let origin = args.origin.as_deref().map(read_domain).transpose()?;
    let zones = ZoneOptions { origin: origin.as_ref(), allow_include: args.allow_include };
    let inputs = Inputs { targets: &args.targets, files: &args.file, offline: args.offline, zones };
    let mut subjects = Subjects::read(&inputs, session)?;
    let mut dns = if args.offline { Dns::nothing() } else { Dns::open(session)? };
    complete(&mut subjects, args, &dns, session)?;
    let options = options(args, dns.recorded());
    if args.fix {
        return fix::run(args, &inputs, &subjects, &mut dns, &options, session);
    }
    let mut reports = Vec::new();
    for (subject, zone) in subjects.iter() {
        let report = dns.run(|lookup| {
            let view = Subjects::view(zone, lookup);
            lint(&*view, subject, &options).into()
        })?;
        reports.push(report);
    }
    drop_repeated(&mut reports);
    print(&reports, subjects.unreadable(), args.fail_on.into(), format, session)
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
            (None, Some(recording)) if recording.domains().is_empty() => {
                return Err(UsageError::NoDomains("the lock file".to_owned()).into());
            }
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
    let mut levels = args.configured.clone();
    for (selectors, level) in
        [(&args.allow, Level::Allow), (&args.warn, Level::Warn), (&args.deny, Level::Deny)]
    {
        selectors.iter().for_each(|selector| levels.set(selector.clone(), level));
    }
    LintOptions {
        offline: args.offline,
        recorded,
        max_shrink: args.max_shrink.unwrap_or(MAX_SHRINK_PERCENT),
        sending: match args.sending {
            None | Some(SendingChoice::Auto) => Sending::Auto,
            Some(SendingChoice::Yes) => Sending::Yes,
            Some(SendingChoice::No) => Sending::No,
        },
        profile: match args.profile {
            None | Some(ProfileChoice::Dmarc) => Profile::Dmarc,
            Some(ProfileChoice::Scuba) => Profile::Scuba,
        },
        levels,
        ..LintOptions::default()
    }
}
