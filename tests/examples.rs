//! The examples of the library: each runs without network and prints what is
//! written down here, and the README names each.

// An example that does not run is a failed test.
#![allow(clippy::unwrap_used)]

#[path = "support/files.rs"]
mod files;

use std::path::{Path, PathBuf};
use std::process::Command;

use files::{files_below, project, text};

const EXAMPLES: [&str; 5] = ["check_host", "compile", "lint", "parse", "verify"];

/// The program that cargo built of an example: `cargo test` builds them all, and
/// puts them beside the folder of this test.
fn built(example: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let file = format!("{example}{}", std::env::consts::EXE_SUFFIX);
    let program = test.parent().unwrap().with_file_name("examples").join(file);
    let changed = |path: &Path| std::fs::metadata(path).unwrap().modified().unwrap();
    let source = project().join("examples").join(format!("{example}.rs"));
    // `cargo test --test examples` builds none, and an old one says nothing.
    assert!(
        program.is_file() && changed(&program) >= changed(&source),
        "{} is not built, or is older than its source: cargo build --examples",
        program.display()
    );
    program
}

/// What an example prints.
fn printed(example: &str, arguments: &[&str]) -> String {
    let output = Command::new(built(example)).args(arguments).output().unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && errors.is_empty(), "{example}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn examples_print_what_they_should() {
    for example in EXAMPLES {
        insta::assert_snapshot!(example, printed(example, &[]));
    }
}

#[test]
fn a_record_can_be_given() {
    let said = printed("parse", &["v=spf1 a:\u{1b}[31m.example.com ?all"]);
    assert!(said.contains("gives neutral") && !said.contains('\u{1b}'), "{said}");
}

#[test]
fn every_example_is_run_and_named() {
    let readme = text(Path::new("README.md"));
    let found = files_below("examples", "rs");
    let names: Vec<&str> =
        found.iter().map(|path| path.file_stem().unwrap().to_str().unwrap()).collect();
    assert_eq!(names, EXAMPLES);
    for name in names {
        assert!(readme.contains(&format!("[{name}](examples/{name}.rs)")), "README lacks {name}");
    }
}
