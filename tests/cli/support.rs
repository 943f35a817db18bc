//! Runs of the binary.

use std::path::PathBuf;
use std::time::Duration;

use assert_cmd::Command;
use serde_json::Value;

/// What a run left behind.
pub(crate) struct Ran {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// The JSON document on standard output, which holds nothing else.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}\n{}", self.stdout, self.stderr))
    }

    /// All that people see, with the exit status.
    pub(crate) fn transcript(&self) -> String {
        format!("{}--- stderr\n{}--- exit {}", self.stdout, self.stderr, self.status)
    }
}

/// Runs `spfc`.
pub(crate) fn spfc(args: &[&str]) -> Ran {
    spfc_with_input(args, "")
}

/// Runs `spfc` with text on standard input.
pub(crate) fn spfc_with_input(args: &[&str], input: &str) -> Ran {
    run(args, input, std::path::Path::new(env!("CARGO_MANIFEST_DIR")))
}

/// Runs `spfc` in a folder.
pub(crate) fn spfc_in(folder: &std::path::Path, args: &[&str]) -> Ran {
    run(args, "", folder)
}

fn run(args: &[&str], input: &str, folder: &std::path::Path) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_spfc"))
        .args(args)
        .current_dir(folder)
        .env_remove("NO_COLOR")
        .env_remove("CLICOLOR_FORCE")
        .write_stdin(input)
        .timeout(Duration::from_secs(60))
        .output()
        .unwrap();
    Ran {
        status: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A file of the tests' own.
pub(crate) fn path(name: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    folder.join("tests/cli").join(name).to_str().unwrap().to_owned()
}

/// The zone map that the examples use.
pub(crate) fn example() -> String {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    folder.join("examples/example.com.json").to_str().unwrap().to_owned()
}

/// Runs `spfc` with `zones.json` in place of DNS.
pub(crate) fn offline(args: &[&str]) -> Ran {
    spfc(&[&["--dns-file", &path("zones.json")], args].concat())
}

/// The keys of a JSON object, sorted.
pub(crate) fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}
