//! `spfc man`: manual pages, made from the same definitions that read the
//! command line, so that none can be stale.

use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, Command, CommandFactory};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::Cli;
use super::describe::counted;
use super::error::{CliError, shown};
use super::exit::{self, Exit};
use super::global::Format;
use super::output::Session;
use super::style::{GOOD, paint};
use super::usage::UsageError;
use crate::whole_file;

const COMMAND: &str = "man";
/// The section of the manual that holds commands.
const SECTION: &str = "1";

/// Print the manual page of a command, or write all of them
#[derive(Debug, Args)]
#[command(after_help = "spfc man lint | man -l - shows a page; \
                  spfc man -o /usr/local/share/man/man1 writes spfc.1, spfc-lint.1 and the others.")]
pub(super) struct ManArgs {
    /// The command whose page is printed [default: spfc]
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
    /// Write a page for each command to this folder, each whole or not at all
    #[arg(short, long, value_name = "DIR", conflicts_with = "command")]
    output: Option<PathBuf>,
}

/// A manual page.
struct Page {
    /// The name of its file.
    file: String,
    /// Its text, as roff in ASCII.
    text: String,
}

/// Runs `spfc man`.
///
/// # Errors
///
/// A command that is none, a folder that cannot be written.
pub(super) fn run(args: &ManArgs, session: &Session) -> Result<Exit, CliError> {
    session.global.published_only(COMMAND)?;
    session.global.format_of(COMMAND, &[Format::Human])?;
    if let Some(folder) = &args.output {
        write(folder, session)?;
        return Ok(Exit::Done);
    }
    let all = definitions();
    let command = match &args.command {
        None => &all,
        Some(name) => commands(&all)
            .find(|command| command.get_name() == name)
            .ok_or_else(|| UsageError::NoCommand(name.clone()))?,
    };
    let page = page(command).map_err(|error| CliError::write("-", error))?;
    session.print(&page.text)?;
    Ok(Exit::Done)
}

/// Writes all pages. They are made before the first is written.
fn write(folder: &Path, session: &Session) -> Result<(), CliError> {
    let pages: io::Result<Vec<Page>> = commands(&definitions()).map(page).collect();
    let pages = pages.map_err(|error| CliError::write(folder, error))?;
    for page in &pages {
        let path = folder.join(&page.file);
        whole_file::write(&path, page.text.as_bytes())
            .map_err(|error| CliError::write(path, error))?;
    }
    let written = counted(pages.len(), "page");
    session.aside(&format!("{} {written} to {}", paint(GOOD, "wrote"), shown(folder)));
    Ok(())
}

/// The definitions of the command line, with what the subcommands inherit.
fn definitions() -> Command {
    let mut all = Cli::command().disable_help_subcommand(true);
    all.build();
    all
}

/// `spfc` itself, then its subcommands.
fn commands(all: &Command) -> impl Iterator<Item = &Command> {
    std::iter::once(all).chain(all.get_subcommands())
}

fn page(command: &Command) -> io::Result<Page> {
    let man = Man::new(command.clone()).section(SECTION);
    let mut text = Vec::new();
    man.render_name_section(&mut text)?;
    paragraphs("SYNOPSIS", usage(command).lines()).to_writer(&mut text)?;
    man.render_description_section(&mut text)?;
    man.render_options_section(&mut text)?;
    let is_top = command.has_subcommands();
    if is_top {
        man.render_subcommands_section(&mut text)?;
    } else if let Some(notes) = command.get_after_help() {
        paragraphs("NOTES", notes.to_string().lines()).to_writer(&mut text)?;
    }
    exit_statuses().to_writer(&mut text)?;
    if !is_top {
        paragraphs("SEE ALSO", ["spfc(1)"]).to_writer(&mut text)?;
    }
    // An empty date: a page changes with the program, whose version stands beside it.
    let name = command.get_display_name().unwrap_or_else(|| command.get_name());
    let title = format!(
        ".TH {} {SECTION} \"\" \"spfc {}\" \"spfc manual\"\n",
        name.to_uppercase(),
        env!("CARGO_PKG_VERSION")
    );
    let text = title + &tidy(&String::from_utf8_lossy(&text));
    Ok(Page { file: man.get_filename(), text })
}

/// The forms of the command line, as the help has them.
fn usage(command: &Command) -> String {
    let usage = command.clone().render_usage().to_string();
    usage.trim_start_matches("Usage:").to_owned()
}

/// Mends what renderers of manual pages complain about: the preamble that stands
/// before each section, breaks around blank lines, and letters beyond ASCII.
fn tidy(text: &str) -> String {
    let preamble = Roff::new().render();
    let mut tidied = preamble.clone();
    for c in text.replace(&preamble, "").replace("\n.br\n\n.br\n", "\n.sp\n").chars() {
        match c {
            // Not every terminal has one letter for it.
            '…' => tidied.push_str("..."),
            c if c.is_ascii() => tidied.push(c),
            c => tidied.push_str(&format!("\\[u{:04X}]", u32::from(c))),
        }
    }
    tidied
}

/// A section with a paragraph for each line.
fn paragraphs<'a>(heading: &str, lines: impl IntoIterator<Item = &'a str>) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", [heading]);
    let lines = lines.into_iter().filter(|line| !line.trim().is_empty());
    for (index, line) in lines.enumerate() {
        if index > 0 {
            roff.control("PP", []);
        }
        roff.text([roman(line.trim())]);
    }
    roff
}

/// The table of exit statuses, under its own heading.
fn exit_statuses() -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["EXIT STATUS"]);
    for (status, meaning) in exit::TABLE.lines().filter_map(|line| line.trim().split_once("  ")) {
        roff.control("TP", []);
        roff.text([bold(status)]);
        roff.text([roman(meaning)]);
    }
    roff
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page without the escapes of roff.
    fn plain(page: &Page) -> String {
        page.text.replace("\\-", "-").replace("\\fB", "").replace("\\fI", "").replace("\\fR", "")
    }

    #[test]
    fn pages_have_every_flag_value_and_argument() {
        let all = definitions();
        let mut flags = 0;
        for command in commands(&all) {
            let text = plain(&page(command).unwrap());
            for argument in command.get_arguments() {
                if let Some(long) = argument.get_long() {
                    flags += 1;
                    let line = format!("--{long}");
                    let found =
                        text.lines().any(|found| found.split([' ', ',']).any(|word| word == line));
                    assert!(found, "{command} {line}:\n{text}");
                }
                let takes_values = argument.get_action().takes_values();
                for name in argument.get_value_names().filter(|_| takes_values).unwrap_or_default()
                {
                    assert!(text.contains(name.as_str()), "{command} {name}");
                }
                for value in argument.get_possible_values() {
                    assert!(text.contains(value.get_name()), "{command} {}", value.get_name());
                }
            }
        }
        assert!(flags > 80, "only {flags} flags were looked for");
    }

    #[test]
    fn letters_beyond_ascii_become_escapes() {
        let preamble = Roff::new().render();
        let tidied = tidy(&format!("{preamble}a\n.br\n\n.br\n{preamble}§ … 🙂"));
        assert_eq!(tidied, format!("{preamble}a\n.sp\n\\[u00A7] ... \\[u1F642]"));
    }

    #[test]
    fn the_first_page_names_every_subcommand() {
        let all = definitions();
        let text = plain(&page(&all).unwrap());
        for command in all.get_subcommands() {
            let entry = format!(".TP\nspfc-{}(1)\n", command.get_name());
            assert!(text.contains(&entry), "{entry}\n{text}");
            assert_eq!(page(command).unwrap().file, format!("spfc-{}.1", command.get_name()));
        }
    }

    #[test]
    fn every_page_has_all_exit_statuses() {
        let all = definitions();
        for command in commands(&all) {
            let text = plain(&page(command).unwrap());
            for status in 0..=4 {
                assert!(text.contains(&format!(".TP\n{status}\n")), "{command} {status}:\n{text}");
            }
        }
    }
}
