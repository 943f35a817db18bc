//! What the subcommands that compile have in common: their flags, and what
//! they say of the records.

mod budget;
mod change;
mod flags;
mod forms;
mod human;

pub(super) use budget::explained;
pub(super) use change::ChangeFlags;
pub(super) use flags::CompileFlags;
pub(super) use forms::{OutputForm, PublishFlags, printed};
pub(super) use human::{advice, order, remarks, text};

use super::dns::Dns;
use super::error::CliError;
use super::output::Session;
use crate::compile::{Halt, SourceOptions};
use crate::dns::Lookup;
use crate::lint::{LintOptions, Report, Subject, lint};

/// Opens DNS, and says what a recording does not know.
pub(super) fn open(session: &Session) -> Result<Dns, CliError> {
    let dns = Dns::open(session)?;
    if dns.recorded() {
        session.note(
            "a recording does not say what stands at the names to be written, so that is not looked at",
        );
    }
    Ok(dns)
}

/// Runs a compilation to its end.
pub(super) fn run<T>(
    dns: &mut Dns,
    session: &Session,
    compile: impl Fn(&dyn Lookup) -> Result<T, Halt>,
) -> Result<T, CliError> {
    let compiled = dns.run(|lookup| Halt::step(compile(lookup)))?;
    Ok(compiled.inspect_err(|error| advice(error, session))?)
}

/// Lints the source of a compilation.
pub(super) fn linted(dns: &mut Dns, options: &SourceOptions) -> Result<Report, CliError> {
    let subject = Subject::domain(options.domain.clone());
    let lint_options = LintOptions { recorded: dns.recorded(), ..LintOptions::default() };
    dns.run(|lookup| lint(&*options.view(lookup), &subject, &lint_options).into())
}
