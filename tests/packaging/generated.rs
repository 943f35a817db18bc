//! Manual pages and completions, as the tools that show them read them.
//!
//! That they name every flag is tested beside the code that makes them.

use std::fs;
use std::process::Command;

use crate::programs::installed;
use crate::spfc::{SUBCOMMANDS, binary, printed};
use crate::tools::said;

fn pages() -> Vec<(String, String)> {
    let folder = tempfile::tempdir().unwrap();
    printed(&["man", "-o", folder.path().to_str().unwrap()]);
    let mut pages: Vec<(String, String)> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            (name, fs::read_to_string(entry.path()).unwrap())
        })
        .collect();
    pages.sort();
    pages
}

#[test]
fn every_command_gets_its_page() {
    let pages = pages();
    let mut names: Vec<String> =
        SUBCOMMANDS.iter().map(|command| format!("spfc-{command}.1")).collect();
    names.push("spfc.1".to_owned());
    names.sort();
    let found: Vec<&String> = pages.iter().map(|(name, _)| name).collect();
    assert_eq!(found, names.iter().collect::<Vec<_>>());
    for (name, text) in &pages {
        let alone = match name.strip_prefix("spfc-").and_then(|name| name.strip_suffix(".1")) {
            Some(command) => printed(&["man", command]),
            None => printed(&["man"]),
        };
        assert_eq!(*text, alone, "{name}");
    }
}

#[test]
fn pages_render_without_warnings() {
    for (name, text) in pages() {
        assert!(text.is_ascii(), "{name}: letters that roff has to guess");
        let heading = text.split('"').next().unwrap();
        assert!(heading.starts_with(".TH SPFC"), "{name}: {heading}");
        if installed("groff") {
            let said = said("groff", &["-man", "-ww", "-Tutf8", "-z"], &text);
            assert_eq!(said, (true, String::new()), "{name}");
        }
        if installed("mandoc") {
            let (_, words) = said("mandoc", &["-Tlint", "-Wwarning"], &text);
            // A date would have to come from the clock, or be forgotten.
            let others: Vec<&str> =
                words.lines().filter(|line| !line.contains("missing date")).collect();
            assert!(others.is_empty(), "{name}: {others:?}");
        }
    }
}

#[test]
fn a_page_reads_as_the_help_does() {
    if installed("groff") {
        let page = printed(&["man", "lint"]);
        let (_, shown) = said("groff", &["-man", "-Tascii", "-P-cbou"], &page);
        let words = shown.split_whitespace().collect::<Vec<_>>().join(" ");
        for text in [
            "SPFC-LINT(1) spfc manual SPFC-LINT(1)",
            "SYNOPSIS spfc lint [OPTIONS] [TARGET]...",
            "--fail-on <SEVERITY> The least severity that makes the run exit with 1",
            "EXIT STATUS 0 done",
        ] {
            assert!(words.contains(text), "{text} is not in\n{shown}");
        }
    }
}

#[test]
fn pages_that_cannot_be_are_refused() {
    for args in [
        &["man", "nonsense"][..],
        &["man", "lint", "-o", "."],
        &["man", "-o", "/nowhere/at/all"],
        &["man", "--format", "json"],
        &["man", "--record", "v=spf1 -all"],
        &["completions"],
        &["completions", "tcsh"],
        &["completions", "bash", "--format", "json"],
    ] {
        let output = Command::new(binary()).args(args).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{args:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_page_that_cannot_be_written_leaves_the_old_one() {
    let folder = tempfile::tempdir().unwrap();
    // A folder in the place of a page cannot be replaced by it.
    fs::create_dir(folder.path().join("spfc-tree.1")).unwrap();
    fs::write(folder.path().join("spfc-verify.1"), "old").unwrap();
    let output = Command::new(binary()).args(["man", "-o"]).arg(folder.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("spfc-tree.1"), "{said}");
    assert_eq!(fs::read_to_string(folder.path().join("spfc-verify.1")).unwrap(), "old");
    let left = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
    let half: Vec<_> = left.filter(|name| !name.to_str().unwrap().starts_with("spfc")).collect();
    assert!(half.is_empty(), "{half:?}");
}

#[test]
fn completions_load() {
    let bash = printed(&["completions", "bash"]);
    assert_eq!(said("bash", &["-n"], &bash), (true, String::new()));
    for (shell, flag) in [("zsh", "-n"), ("fish", "--no-execute")] {
        if installed(shell) {
            let script = printed(&["completions", shell]);
            assert_eq!(said(shell, &[flag], &script), (true, String::new()), "{shell}");
        }
    }
}

#[test]
fn bash_completes_commands_flags_and_values() {
    let script = printed(&["completions", "bash"]);
    for (words, expected) in [
        (&["spfc", "fl"][..], "flatten"),
        (&["spfc", "lint", "--fail"], "--fail-on"),
        (&["spfc", "lint", "--fail-on", "war"], "warning"),
        (&["spfc", "completions", "elv"], "elvish"),
    ] {
        let last = words.len() - 1;
        let ask = format!(
            "{script}\nCOMP_WORDS=({}) COMP_CWORD={last}\n_spfc spfc {} {}\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"\n",
            words.join(" "),
            words[last],
            words[last - 1],
        );
        let (_, answer) = said("bash", &["--norc"], &ask);
        assert_eq!(answer.trim(), expected, "{words:?}");
    }
}
