//! `spfc completions`: scripts that complete the command line, made from the
//! same definitions that read it, so that none can be stale.

use clap::{Args, CommandFactory};
use clap_complete::{Shell, generate};

use super::Cli;
use super::error::CliError;
use super::exit::Exit;
use super::global::Format;
use super::output::Session;

const COMMAND: &str = "completions";

/// Print a script that completes this command line in a shell
#[derive(Debug, Args)]
#[command(after_help = "bash: source <(spfc completions bash), or write it to \
                  ~/.local/share/bash-completion/completions/spfc\n\
                  zsh: write it to a file _spfc in a folder of $fpath\n\
                  fish: write it to ~/.config/fish/completions/spfc.fish")]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Runs `spfc completions`.
///
/// # Errors
///
/// Standard output that cannot be written.
pub(super) fn run(args: &CompletionsArgs, session: &Session) -> Result<Exit, CliError> {
    session.global.published_only(COMMAND)?;
    session.global.format_of(COMMAND, &[Format::Human])?;
    session.print(&script(args.shell))?;
    Ok(Exit::Done)
}

fn script(shell: Shell) -> String {
    let mut command = Cli::command();
    let mut script = Vec::new();
    generate(shell, &mut command, "spfc", &mut script);
    // Made from names and texts of the program's own, which are UTF-8.
    String::from_utf8_lossy(&script).into_owned()
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::*;

    /// The words of a script; quotes, brackets and commas are none of them.
    fn words(script: &str) -> Vec<&str> {
        script.split(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_')).collect()
    }

    fn block<'a>(script: &'a str, case: &str) -> &'a str {
        let begin = script.find(case).unwrap_or_else(|| panic!("there is no {case}"));
        let block = &script[begin..];
        &block[..block.find(";;").unwrap()]
    }

    /// Each subcommand, each of its long flags and each of their values.
    #[test]
    fn bash_completes_everything() {
        let script = script(Shell::Bash);
        let mut command = Cli::command();
        command.build();
        let top = words(block(&script, "\n        spfc)\n"));
        let mut flags = 0;
        for subcommand in command.get_subcommands().filter(|command| command.get_name() != "help") {
            let name = subcommand.get_name();
            assert!(top.contains(&name), "{name}");
            // Where a subcommand's own block ends depends on its flags: all of it is looked at.
            let begin = script.find(&format!("\n        spfc__subcmd__{name})\n"));
            let begin = begin.unwrap_or_else(|| panic!("nothing completes {name}"));
            let rest = &script[begin..];
            let own = &rest[..rest.find("\n            return 0\n            ;;\n").unwrap()];
            let own = words(own);
            for argument in subcommand.get_arguments() {
                let Some(long) = argument.get_long() else { continue };
                flags += 1;
                assert!(own.contains(&format!("--{long}").as_str()), "{name} --{long}");
                for value in argument.get_possible_values() {
                    let value = value.get_name();
                    assert!(own.contains(&value), "{name} --{long} {value}");
                }
            }
        }
        assert!(flags > 80, "only {flags} flags were looked for");
    }

    #[test]
    fn every_shell_gets_every_subcommand() {
        for shell in Shell::value_variants() {
            let script = script(*shell);
            let words = words(&script);
            for subcommand in Cli::command().get_subcommands() {
                assert!(words.contains(&subcommand.get_name()), "{shell}: {subcommand}");
            }
        }
    }
}
