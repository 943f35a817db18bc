//! `Dockerfile` and `.dockerignore`, as far as no container engine is needed:
//! `.ci/static` builds from the same files in the same way, and runs the result.

use std::path::Path;

use crate::files::{project, text};
use crate::tools::check_script;

fn joined(path: &str) -> String {
    text(Path::new(path)).replace("\\\n", " ")
}

#[test]
fn the_image_is_nothing_but_the_static_binary() {
    let dockerfile = joined("Dockerfile");
    let stages: Vec<&str> = dockerfile.lines().filter(|line| line.starts_with("FROM ")).collect();
    let [build, "FROM scratch"] = stages[..] else { panic!("{stages:?}") };
    let version = build.strip_prefix("FROM rust:").and_then(|rest| rest.split('-').next());
    assert_eq!(version.unwrap().split('.').count(), 3, "pinned by version: {build}");
    let last = dockerfile.split("FROM scratch").nth(1).unwrap();
    let expected =
        ["COPY --from=build /image/spfc /spfc", "USER 65534:65534", "ENTRYPOINT [\"/spfc\"]"];
    for line in expected {
        assert!(last.lines().any(|found| found == line), "{line} is not in {last}");
    }
}

#[test]
fn the_trial_builds_as_the_image_does() {
    let (dockerfile, trial) = (joined("Dockerfile"), joined(".ci/static"));
    for words in [
        "RUSTFLAGS='-C target-feature=+crt-static --cfg getrandom_backend=\"linux_getrandom\"'",
        "host=",
        "rustc -vV | sed -n 's/^host: //p'",
        "cargo build",
        "--locked --target \"$host\" --target-dir ",
        "/$host/",
    ] {
        assert!(dockerfile.contains(words), "Dockerfile: {words}");
        assert!(trial.contains(words), ".ci/static: {words}");
    }
}

#[test]
fn what_the_build_gets_is_there() {
    let ignored = text(Path::new(".dockerignore"));
    let mut lines = ignored.lines().filter(|line| !line.starts_with('#'));
    assert_eq!(lines.next(), Some("*"));
    for line in lines {
        let path = line.strip_prefix('!').unwrap();
        assert!(project().join(path.trim_end_matches("*.rs")).exists(), "{line}");
    }
}

#[test]
fn scripts_of_the_project_are_sound() {
    for script in [".ci/run", ".ci/static", ".ci/package", ".ci/oldest", ".ci/semver"] {
        check_script(&text(Path::new(script)), script);
    }
    let dockerfile = joined("Dockerfile");
    let run = dockerfile.lines().find_map(|line| line.strip_prefix("RUN ")).unwrap();
    check_script(run, "Dockerfile");
}
