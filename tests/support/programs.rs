//! Programs that are no part of the project, where they are installed.

// What fails here is a failed test.
#![allow(clippy::unwrap_used)]
// Each test uses its own part.
#![allow(dead_code)]

use std::io::Write;
use std::process::{Command, Stdio};

/// Whether a program runs with these arguments; says so where it does not.
/// Continuous integration has to have it.
pub(crate) fn runs(program: &str, args: &[&str]) -> bool {
    if ends_well(program, args) {
        return true;
    }
    let call = format!("{program} {}", args.join(" "));
    assert!(std::env::var_os("CI").is_none(), "CI needs '{call}' to work");
    eprintln!("not run: '{call}' does not work");
    false
}

/// The Python that has a module: the one that `PYTHON` names, or `python3`.
pub(crate) fn python_with(module: &str) -> Option<String> {
    let import = format!("import {module}");
    let named = std::env::var("PYTHON").ok();
    let candidates = named.into_iter().chain(["python3", "/usr/bin/python3"].map(String::from));
    let found = candidates.into_iter().find(|python| ends_well(python, &["-c", &import]));
    assert!(found.is_some() || std::env::var_os("CI").is_none(), "CI needs Python's {module}");
    if found.is_none() {
        eprintln!("not run: there is no Python with {module}");
    }
    found
}

fn ends_well(program: &str, args: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// What a program answers to a text on its standard input: whether it ended
/// well, and both of its streams.
pub(crate) fn fed(program: &str, args: &[&str], input: &str) -> (bool, String, String) {
    let mut child = Command::new(program)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let text = input.to_owned();
    // A program that writes before it has read everything must not wait for us.
    let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    let text = |octets: Vec<u8>| String::from_utf8_lossy(&octets).into_owned();
    (output.status.success(), text(output.stdout), text(output.stderr))
}
