//! The command line: flags in, text or JSON out, one file a subcommand.
//!
//! Nothing about SPF is decided here. Each subcommand calls the library, and
//! turns what that gives into output and an exit status. A new subcommand is a
//! file with its arguments and its `run`, and a variant of `Command`.

mod accept;
mod branches;
mod check;
mod compiling;
mod completions;
mod control;
mod describe;
mod diff;
mod dns;
mod error;
mod exit;
mod flatten;
mod global;
mod history;
mod image;
mod just_enough;
mod lint;
mod lock;
mod macros;
mod man;
mod map;
mod needed;
mod output;
mod progress;
mod query;
mod ranges;
mod recorded;
mod serve;
mod sides;
mod state;
mod status;
mod style;
mod target;
mod tree;
mod usage;
mod verify;
mod zones;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use error::CliError;
use exit::Exit;
use global::GlobalOptions;
use output::Session;

/// A compiler for SPF policies that proves its output.
#[derive(Debug, Parser)]
#[command(
    name = "spfc",
    bin_name = "spfc",
    version,
    about,
    max_term_width = 100,
    propagate_version = true,
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = exit::TABLE
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    global: GlobalOptions,
}

#[derive(Debug, Subcommand)]
enum Command {
    Check(check::CheckArgs),
    Tree(tree::TreeArgs),
    Lint(lint::LintArgs),
    Flatten(flatten::FlattenArgs),
    Macro(macros::MacroArgs),
    Verify(verify::VerifyArgs),
    Lock(lock::LockArgs),
    Diff(diff::DiffArgs),
    Map(map::MapArgs),
    Image(image::ImageArgs),
    Query(query::QueryArgs),
    Serve(serve::ServeArgs),
    Status(status::StatusArgs),
    Accept(accept::AcceptArgs),
    History(history::HistoryArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
}

/// Runs the command line of this program.
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Nobody is left to tell when standard error is closed.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage } else { Exit::Done }.into();
        }
    };
    let session = Session::new(cli.global);
    match dispatch(&cli.command, &session) {
        Ok(exit) => exit.into(),
        Err(error) => {
            session.errors(&error.messages());
            error.remedies().iter().for_each(|remedy| output::help(remedy));
            error.exit().into()
        }
    }
}

fn dispatch(command: &Command, session: &Session) -> Result<Exit, CliError> {
    match command {
        Command::Check(args) => check::run(args, session),
        Command::Tree(args) => tree::run(args, session),
        Command::Lint(args) => lint::run(args, session),
        Command::Flatten(args) => flatten::run(args, session),
        Command::Macro(args) => macros::run(args, session),
        Command::Verify(args) => verify::run(args, session),
        Command::Lock(args) => lock::run(args, session),
        Command::Diff(args) => diff::run(args, session),
        Command::Map(args) => map::run(args, session),
        Command::Image(args) => image::run(args, session),
        Command::Query(args) => query::run(args, session),
        Command::Serve(args) => serve::run(args, session),
        Command::Status(args) => status::run(args, session),
        Command::Accept(args) => accept::run(args, session),
        Command::History(args) => history::run(args, session),
        Command::Completions(args) => completions::run(args, session),
        Command::Man(args) => man::run(args, session),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_sound() {
        Cli::command().debug_assert();
    }
}
