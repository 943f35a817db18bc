//! Programs that are no part of the project, where they are installed.

// What fails here is a failed test.
#![allow(clippy::unwrap_used)]
// Each test uses its own part.
#![allow(dead_code)]

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The places of programs; nothing, and a word on stderr, where one is missing.
/// Continuous integration has to have those that `.ci/run` installs.
pub(crate) fn programs<const N: usize>(names: [&str; N]) -> Option<[PathBuf; N]> {
    let found = names.map(find);
    // `timeout` ends them where the test cannot.
    let missing =
        names.iter().zip(&found).find(|(_, found)| found.is_none()).map(|(name, _)| *name);
    let missing = missing.or(find("timeout").is_none().then_some("timeout"));
    if let Some(missing) = missing {
        assert!(std::env::var_os("CI").is_none(), "CI needs {missing}");
        eprintln!("not run: there is no {missing}");
        return None;
    }
    Some(found.map(|path| path.unwrap_or_default()))
}

/// A program in the search path, or where system programs stand.
fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let system = ["/usr/sbin", "/usr/local/sbin", "/sbin"].map(PathBuf::from);
    let mut places = std::env::split_paths(&path).chain(system);
    places.find_map(|place| Some(place.join(name)).filter(|file| file.is_file()))
}

/// Whether a program is there; says so where it is not.
pub(crate) fn installed(name: &str) -> bool {
    programs([name]).is_some()
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
