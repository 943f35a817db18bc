//! Programs that are no part of the project, where they are installed.

use std::io::Write;
use std::process::{Command, Output, Stdio};

/// Whether a program is there; says so where it is not. Continuous integration
/// has to have those that `.ci/run` installs.
pub(crate) fn installed(program: &str) -> bool {
    let found = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if found.is_ok() {
        return true;
    }
    assert!(std::env::var_os("CI").is_none(), "CI needs {program}");
    eprintln!("not run: there is no {program}");
    false
}

/// What a program says to a text on its standard input, on both streams.
pub(crate) fn said(program: &str, args: &[&str], input: &str) -> (bool, String) {
    let Output { status, stdout, stderr } = fed(program, args, input);
    (status.success(), String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned())
}

fn fed(program: &str, args: &[&str], input: &str) -> Output {
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
    output
}

/// Panics where a script is no bash, or `shellcheck` would have it otherwise. It
/// stops at the first failure, as runners have it.
pub(crate) fn check_script(script: &str, place: &str) {
    let script = &format!("set -eo pipefail\n{script}");
    let (good, words) = said("bash", &["-n"], script);
    assert!(good, "{place}: {words}\n{script}");
    if installed("shellcheck") {
        let (good, words) = said("shellcheck", &["--shell=bash", "--severity=style", "-"], script);
        assert!(good, "{place}: {words}");
    }
}
