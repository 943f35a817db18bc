//! The GitHub Action: its definition, and its scripts run as a runner runs them,
//! with inputs that would like to be commands.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::files::text;
use crate::spfc::understands;
use crate::tools::check_script;

/// The definition of the action.
pub(crate) fn definition() -> Value {
    serde_saphyr::from_str(&text(Path::new("action.yml"))).unwrap()
}

/// The names of its inputs, or of its outputs.
pub(crate) fn names(what: &str) -> HashSet<String> {
    definition()[what].as_object().unwrap().keys().cloned().collect()
}

fn steps() -> Vec<Value> {
    definition()["runs"]["steps"].as_array().unwrap().clone()
}

fn script(id: &str) -> String {
    let step = steps().into_iter().find(|step| step["id"] == id).unwrap();
    step["run"].as_str().unwrap().to_owned()
}

/// What stands in `${{ … }}` anywhere in a text.
fn expressions(text: &str) -> Vec<&str> {
    text.split("${{").skip(1).map(|rest| rest.split("}}").next().unwrap().trim()).collect()
}

#[test]
fn scripts_are_bash_without_expressions() {
    let mut scripts = 0;
    for step in steps() {
        let Some(run) = step["run"].as_str() else { continue };
        scripts += 1;
        assert_eq!(step["shell"], "bash", "{}", step["name"]);
        assert!(expressions(run).is_empty(), "text of others in a script: {run}");
        check_script(run, &step["name"].to_string());
    }
    assert_eq!(scripts, 3);
}

#[test]
fn expressions_name_what_is_there() {
    let action = text(Path::new("action.yml"));
    let inputs = names("inputs");
    let mut used = HashSet::new();
    for expression in expressions(&action) {
        if let Some(input) = expression.strip_prefix("inputs.") {
            assert!(inputs.contains(input), "{expression}");
            used.insert(input.to_owned());
            continue;
        }
        let parts: Vec<&str> = expression.split('.').collect();
        let ["steps", id, "outputs", output] = parts[..] else { panic!("{expression}") };
        let step = steps().into_iter().find(|step| step["id"] == id);
        let step = step.unwrap_or_else(|| panic!("{expression}: there is no step {id}"));
        if let Some(run) = step["run"].as_str() {
            assert!(run.contains(&format!("{output}=")), "{expression}");
        }
    }
    assert_eq!(used, inputs, "inputs that nothing reads");
}

/// A runner's folder with `spfc` replaced by a program that writes down what it
/// was given, and ends with a status of its own.
struct Runner {
    folder: tempfile::TempDir,
}

struct Ran {
    status: i32,
    log: String,
    /// The arguments of each run of `spfc`.
    runs: Vec<Vec<String>>,
    outputs: HashMap<String, String>,
}

const STAND_IN: &str = r#"#!/usr/bin/env bash
printf '%s\0' "$@" RUN-ENDS >>"$RUNNER_TEMP/runs"
echo "written by $2"
exit "$(cat "$RUNNER_TEMP/status")"
"#;

impl Runner {
    fn new() -> Runner {
        let runner = Runner { folder: tempfile::tempdir().unwrap() };
        fs::create_dir_all(runner.path("temp/spfc/bin")).unwrap();
        fs::create_dir_all(runner.path("workspace/zones")).unwrap();
        runner.install(STAND_IN);
        runner.ends_with(0);
        runner
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn install(&self, program: &str) {
        let path = self.path("temp/spfc/bin/spfc");
        fs::write(&path, program).unwrap();
        let done = Command::new("chmod").arg("+x").arg(path).status().unwrap();
        assert!(done.success());
    }

    fn ends_with(&self, status: u8) {
        fs::write(self.path("temp/status"), status.to_string()).unwrap();
    }

    /// Runs the step `lint` with these inputs, and the others as the action has them.
    fn lint(&self, inputs: &[(&str, &str)]) -> Ran {
        let definition = definition();
        let step = steps().into_iter().find(|step| step["id"] == "lint").unwrap();
        let mut command = self.bash("lint");
        for (variable, expression) in step["env"].as_object().unwrap() {
            let input = expressions(expression.as_str().unwrap())[0];
            let input = input.strip_prefix("inputs.").unwrap();
            let given = inputs.iter().find(|(name, _)| *name == input).map(|(_, value)| *value);
            let usual = definition["inputs"][input]["default"].as_str().unwrap();
            command.env(variable, given.unwrap_or(usual));
        }
        self.ran(command)
    }

    /// As runners call bash.
    fn bash(&self, id: &str) -> Command {
        let file = self.path("temp/script.sh");
        fs::write(&file, script(id)).unwrap();
        for file in ["temp/outputs", "temp/runs"] {
            fs::write(self.path(file), "").unwrap();
        }
        let mut command = Command::new("bash");
        command
            .args(["--noprofile", "--norc", "-e", "-o", "pipefail"])
            .arg(file)
            .current_dir(self.path("workspace"))
            .env("GITHUB_WORKSPACE", self.path("workspace"))
            .env("GITHUB_OUTPUT", self.path("temp/outputs"))
            .env("GITHUB_PATH", self.path("temp/path"))
            .env("GITHUB_ACTION_PATH", env!("CARGO_MANIFEST_DIR"))
            .env("RUNNER_TEMP", self.path("temp"))
            .envs([("RUNNER_OS", "Linux"), ("RUNNER_ARCH", "X64")])
            .stdin(Stdio::null());
        command
    }

    fn ran(&self, mut command: Command) -> Ran {
        let output = command.output().unwrap();
        let runs = fs::read_to_string(self.path("temp/runs")).unwrap();
        let mut found = vec![Vec::new()];
        for argument in runs.split_terminator('\0') {
            match argument {
                "RUN-ENDS" => found.push(Vec::new()),
                argument => found.last_mut().unwrap().push(argument.to_owned()),
            }
        }
        assert_eq!(found.pop(), Some(Vec::new()));
        let outputs = fs::read_to_string(self.path("temp/outputs")).unwrap();
        Ran {
            status: output.status.code().unwrap(),
            log: String::from_utf8([output.stdout, output.stderr].concat()).unwrap(),
            runs: found,
            outputs: outputs
                .lines()
                .map(|line| line.split_once('=').unwrap())
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        }
    }
}

#[test]
fn inputs_become_arguments() {
    let runner = Runner::new();
    for file in ["a.zone", "b b.zone", "c.txt"] {
        fs::write(runner.path("workspace/zones").join(file), "").unwrap();
    }
    let ran = runner.lint(&[
        ("targets", "example.com\n\nv=spf1 -all\n"),
        ("files", "zones/*.zone\nelsewhere.db\n"),
        ("args", "--offline\n--deny=SPF601\n"),
        ("fail-on", "warning"),
    ]);
    assert_eq!(ran.status, 0, "{}", ran.log);
    let expected = [
        "lint",
        "--format=github",
        "--fail-on=warning",
        "--offline",
        "--deny=SPF601",
        "--file=zones/a.zone",
        "--file=zones/b b.zone",
        "--file=elsewhere.db",
        "--",
        "example.com",
        "v=spf1 -all",
    ];
    assert_eq!(ran.runs, [expected]);
    understands(&ran.runs[0]).unwrap();
    assert_eq!(ran.outputs, HashMap::from([("exit-status".to_owned(), "0".to_owned())]));
}

#[test]
fn hostile_inputs_stay_text() {
    let runner = Runner::new();
    let hostile = "$(touch x)\n`touch x`\n\"; touch x; \"\n'; touch x; '\n${IFS}touch${IFS}x\n\
                   --help\n-\n* ?\n\\\n  spaces\ttabs  \n::error::x\n%0Aexit-status=0\n$'\\x41'\n!!";
    let lines: Vec<&str> = hostile.lines().collect();
    // Nothing of this is a pattern that matches, and a pattern that matches nothing is refused.
    let files: Vec<&str> =
        lines.iter().copied().filter(|line| !line.contains(['*', '?'])).collect();
    let ran = runner.lint(&[
        ("targets", hostile),
        ("files", &files.join("\n")),
        ("args", hostile),
        ("fail-on", "error $(touch x)\n--help"),
        ("sarif-file", "$(touch x); `touch x` \"'.sarif"),
    ]);
    assert_eq!(ran.status, 0, "{}", ran.log);
    assert_eq!(ran.runs.len(), 2);
    for (run, format) in ran.runs.iter().zip(["sarif", "github"]) {
        let mut expected = vec![
            "lint".to_owned(),
            format!("--format={format}"),
            "--fail-on=error $(touch x)\n--help".to_owned(),
        ];
        expected.extend(lines.iter().map(|line| (*line).to_owned()));
        expected.extend(files.iter().map(|line| format!("--file={line}")));
        expected.push("--".to_owned());
        expected.extend(lines.iter().map(|line| (*line).to_owned()));
        assert_eq!(*run, expected);
    }
    let left: Vec<_> = fs::read_dir(runner.path("workspace"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(!left.contains(&"x".to_owned()), "a command was run: {left:?}");
    assert_eq!(ran.outputs["exit-status"], "0");
    assert_eq!(ran.outputs["sarif-file"], "$(touch x); `touch x` \"'.sarif");
}

#[test]
fn file_names_are_hostile_too() {
    let runner = Runner::new();
    let names = ["$(touch x).zone", "a\nb.zone", "[ab].zone", "a\"'.zone"];
    for name in names {
        fs::write(runner.path("workspace").join(name), "").unwrap();
    }
    let ran = runner.lint(&[("files", "*.zone\n[ab].zone")]);
    let mut found: Vec<&str> =
        ran.runs[0].iter().filter_map(|argument| argument.strip_prefix("--file=")).collect();
    found.sort_unstable();
    let mut expected = [&names[..], &["[ab].zone"]].concat();
    expected.sort_unstable();
    assert_eq!(found, expected);
    assert!(!runner.path("workspace/x").exists());
}

#[test]
fn what_cannot_be_linted_is_refused() {
    let runner = Runner::new();
    for inputs in [
        &[][..],
        &[("args", "--offline")],
        &[("targets", "\n\n")],
        &[("files", "nothing/*.zone")],
        &[("targets", "example.com"), ("sarif-file", "a\nsarif-file=/etc/passwd")],
    ] {
        let ran = runner.lint(inputs);
        assert_eq!((ran.status, ran.runs.len()), (2, 0), "{inputs:?}: {}", ran.log);
        assert!(ran.log.starts_with("::error title=spfc::"), "{}", ran.log);
        assert_eq!(ran.outputs, HashMap::from([("exit-status".to_owned(), "2".to_owned())]));
    }
}

#[test]
fn the_status_is_that_of_lint_and_the_document_stays() {
    for (status, kept) in [(0, true), (1, true), (2, false), (4, true)] {
        let runner = Runner::new();
        runner.ends_with(status);
        let ran = runner.lint(&[("targets", "example.com"), ("sarif-file", "out.sarif")]);
        assert_eq!(ran.status, i32::from(status), "{}", ran.log);
        assert_eq!(ran.log, "written by --format=github\n");
        assert_eq!(ran.outputs["exit-status"], status.to_string());
        let written = fs::read_to_string(runner.path("workspace/out.sarif")).ok();
        assert_eq!(written.as_deref(), kept.then_some("written by --format=sarif\n"));
        assert_eq!(ran.outputs.contains_key("sarif-file"), kept);
    }
}

#[test]
fn builds_have_one_name_for_what_they_are_made_of() {
    let runner = Runner::new();
    let first = runner.ran(runner.bash("build"));
    let again = runner.ran(runner.bash("build"));
    assert_eq!(first.status, 0, "{}", first.log);
    assert_eq!(first.outputs, again.outputs);
    let key = first.outputs["key"].strip_prefix("spfc-Linux-X64-").unwrap();
    assert!(key.len() == 64 && key.bytes().all(|octet| octet.is_ascii_hexdigit()), "{key}");
    assert_eq!(first.outputs["root"], runner.path("temp/spfc").to_str().unwrap());
    let added = fs::read_to_string(runner.path("temp/path")).unwrap();
    assert_eq!(added.lines().next(), runner.path("temp/spfc/bin").to_str());
}

/// Any text, line by line: the step never adds, splits, drops or runs one.
#[test]
fn any_line_arrives_as_it_is() {
    let runner = Runner::new();
    let mut strategy = proptest::test_runner::TestRunner::deterministic();
    let line = proptest::string::string_regex("[^\\n\\x00]{1,12}").unwrap();
    let odd =
        proptest::sample::select(vec!["$(touch x)", "`touch x`", "'", "\"", "\\", " ", "-", "*"]);
    let pieces = proptest::collection::vec((line, odd), 1..6);
    for _ in 0..24 {
        let drawn = proptest::strategy::Strategy::new_tree(&pieces, &mut strategy).unwrap();
        let drawn = proptest::strategy::ValueTree::current(&drawn);
        let lines: Vec<String> =
            drawn.iter().flat_map(|(line, odd)| [line.clone(), format!("{odd}{line}")]).collect();
        let ran = runner.lint(&[("targets", &lines.join("\n")), ("args", &lines.join("\n"))]);
        assert_eq!(ran.status, 0, "{lines:?}: {}", ran.log);
        let mut expected: Vec<String> =
            ["lint", "--format=github", "--fail-on=error"].map(str::to_owned).to_vec();
        expected.extend(lines.iter().cloned());
        expected.push("--".to_owned());
        expected.extend(lines.iter().cloned());
        assert_eq!(ran.runs, [expected]);
    }
    assert!(!runner.path("workspace/x").exists());
}
