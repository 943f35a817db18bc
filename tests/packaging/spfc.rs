//! The binary, and what its help says that it takes.

use std::path::PathBuf;
use std::process::Command;

/// The subcommands of `spfc`, without `help`.
pub(crate) const SUBCOMMANDS: [&str; 17] = [
    "check",
    "tree",
    "lint",
    "flatten",
    "macro",
    "verify",
    "lock",
    "diff",
    "map",
    "image",
    "query",
    "serve",
    "status",
    "accept",
    "history",
    "completions",
    "man",
];

pub(crate) fn binary() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_spfc"))
}

/// Standard output of a run that has to succeed.
pub(crate) fn printed(args: &[&str]) -> String {
    let output = Command::new(binary()).args(args).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "spfc {args:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

/// Whether the words are a command line that `spfc` understands: what stands
/// before `--help` is read first, and mistakes in it are told.
pub(crate) fn understands(words: &[String]) -> Result<(), String> {
    let end = words.iter().position(|word| word == "--").unwrap_or(words.len());
    let output = Command::new(binary()).args(&words[..end]).arg("--help").output().unwrap();
    match output.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

#[test]
fn the_list_of_subcommands_is_whole() {
    let help = printed(&["--help"]);
    let commands = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let named: Vec<&str> =
        commands.lines().filter_map(|line| line.split_whitespace().next()).collect();
    let mut expected = SUBCOMMANDS.to_vec();
    expected.push("help");
    assert_eq!(named, expected, "{help}");
}

#[test]
fn mistakes_before_the_help_are_told() {
    let understood =
        |text: &str| understands(&text.split(' ').map(str::to_owned).collect::<Vec<_>>()).is_ok();
    assert!(understood("lint --offline --fail-on warning x.zone -- --nonsense"));
    for text in [
        "lint --nonsense",
        "lint --fail-on sometimes",
        "lint --fail-on=sometimes",
        "lint --format pdf",
        "nonsense",
    ] {
        assert!(!understood(text), "{text}");
    }
}
