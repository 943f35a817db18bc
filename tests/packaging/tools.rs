//! What is said of scripts by those who run them.

use crate::programs::{fed, installed};

/// What a program says to a text on its standard input, on both streams.
pub(crate) fn said(program: &str, args: &[&str], input: &str) -> (bool, String) {
    let (good, out, problems) = fed(program, args, input);
    (good, out + &problems)
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
