//! What a run of `spfc lint` prints, in the format that is asked for, and the
//! status that it exits with.

use terminal_size::{Width, terminal_size_of};

use super::super::describe::heading;
use super::super::error::CliError;
use super::super::exit::Exit;
use super::super::global::Format;
use super::super::output::Session;
use super::super::style::{DIM, paint};
use crate::escape;
use crate::lint::render::{
    HumanStyle, Palette, Run, github, human, json, junit, page, rule_list, sarif, summary,
};
use crate::lint::{Report, Rule, Severity, Unreadable, rules};

/// The formats of findings.
pub(super) const FORMATS: &[Format] =
    &[Format::Human, Format::Json, Format::Sarif, Format::Github, Format::Junit];
/// The formats of the rules themselves.
pub(super) const RULE_FORMATS: &[Format] = &[Format::Human, Format::Json];

/// Columns of a record that lines have at least: fewer show nothing.
const FEWEST_COLUMNS: usize = 40;
/// Columns before the record.
const FRAME: usize = 4;

/// Prints what was found and what could not be read.
///
/// # Errors
///
/// Standard output that cannot be written.
pub(super) fn print(
    reports: &[Report],
    unreadable: &[Unreadable],
    fail_on: Severity,
    format: Format,
    session: &Session,
) -> Result<Exit, CliError> {
    let exit = exit(reports, unreadable, fail_on);
    let run = Run { reports, unreadable, fail_on, exit_status: exit as u8 };
    let out = match format {
        Format::Json => json(reports, unreadable),
        Format::Sarif => sarif(&run),
        Format::Github => github(&run),
        Format::Junit => junit(&run),
        Format::Human | Format::Dot => text(reports, session),
    };
    session.print(&out)?;
    session.errors(&unreadable.iter().map(unread).collect::<Vec<_>>());
    Ok(exit)
}

/// Prints the page of a rule.
///
/// # Errors
///
/// Standard output that cannot be written.
pub(super) fn print_page(
    rule: &'static Rule,
    format: Format,
    session: &Session,
) -> Result<Exit, CliError> {
    match format {
        Format::Json => session.print(&page(rule))?,
        _ => session.print(rule.page)?,
    }
    Ok(Exit::Done)
}

/// Prints which rules there are.
///
/// # Errors
///
/// Standard output that cannot be written.
pub(super) fn print_rules(format: Format, session: &Session) -> Result<Exit, CliError> {
    match format {
        Format::Json => session.print(&rule_list())?,
        _ => session.print(&list())?,
    }
    Ok(Exit::Done)
}

/// 2 where something could not be read; else 1 where a finding is bad enough;
/// 4 where DNS failed and none is.
pub(super) fn exit(reports: &[Report], unreadable: &[Unreadable], fail_on: Severity) -> Exit {
    if !unreadable.is_empty() {
        return Exit::Usage;
    }
    if reports.iter().filter_map(Report::worst).any(|worst| worst >= fail_on) {
        return Exit::No;
    }
    match reports.iter().any(Report::is_temporary) {
        true => Exit::Dns,
        false => Exit::Done,
    }
}

pub(super) fn unread(unreadable: &Unreadable) -> String {
    let Unreadable { path, place, message } = unreadable;
    let place = place
        .as_ref()
        .map_or_else(String::new, |place| format!(":{}:{}", place.start.line, place.start.column));
    escape::message(&format!("{path}{place}: {message}"))
}

pub(super) fn text(reports: &[Report], session: &Session) -> String {
    // What standard output cannot show is stripped when it is written.
    let mut style = HumanStyle { palette: Palette::ANSI, ..HumanStyle::default() };
    if let Some((Width(columns), _)) = terminal_size_of(std::io::stdout()) {
        let columns = usize::from(columns).saturating_sub(FRAME).max(FEWEST_COLUMNS);
        style.width = style.width.min(columns);
    }
    let mut out: String = reports.iter().map(|report| human(report, &style)).collect();
    if !session.global.quiet {
        out.push_str(&summary(reports));
    }
    out
}

fn list() -> String {
    let widest = rules().map(|rule| rule.name.len()).max().unwrap_or(0);
    let line = |rule: &Rule| {
        let name = heading(format!("{:widest$}", rule.name));
        let about = paint(DIM, format!("{:7}  {}", rule.severity.as_str(), rule.reference));
        format!("{}  {name}  {about}\n", rule.code)
    };
    rules().map(line).collect()
}
