//! The `spfc` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    spfc::cli::run()
}
