//! Hooks and snippets for copying: they can be read, and name what is there.

use std::collections::HashSet;
use std::path::Path;

use serde_json::Value;

use crate::action;
use crate::files::text;
use crate::spfc::{SUBCOMMANDS, printed, understands};
use crate::tools::check_script;

/// Flags of other programs that the files name.
const FOREIGN: [&str; 15] = [
    "--cap-drop",
    "--cfg",
    "--from",
    "--git",
    "--locked",
    "--no-track",
    "--path",
    "--read-only",
    "--release",
    "--rm",
    "--root",
    "--tag",
    "--target",
    "--target-dir",
    "--volume",
];

/// A fenced block of docs/ci.md: its language and its lines.
fn blocks(language: &str) -> Vec<String> {
    let page = text(Path::new("docs/ci.md"));
    let parts: Vec<&str> = page.split("```").collect();
    let inside = parts.iter().skip(1).step_by(2);
    inside
        .filter_map(|block| block.strip_prefix(language)?.strip_prefix('\n').map(str::to_owned))
        .collect()
}

/// The documents of docs/ci.md with the names that they are to have.
fn documents() -> Vec<(String, Value)> {
    let documents: Vec<(String, Value)> = blocks("yaml")
        .iter()
        .map(|block| {
            let name = block.lines().next().unwrap().strip_prefix("# ").unwrap().to_owned();
            let document = serde_saphyr::from_str(block);
            (name.clone(), document.unwrap_or_else(|error| panic!("{name}: {error}")))
        })
        .collect();
    assert!(documents.len() >= 5, "only {} documents were found", documents.len());
    documents
}

fn hooks() -> Vec<Value> {
    serde_saphyr::from_str(&text(Path::new(".pre-commit-hooks.yaml"))).unwrap()
}

/// The words of a list, or of nothing.
fn words(list: &Value) -> Vec<String> {
    let list = list.as_array().into_iter().flatten();
    list.map(|word| word.as_str().unwrap().to_owned()).collect()
}

/// The command lines of `spfc` in a script, as words.
fn calls(script: &str) -> Vec<Vec<String>> {
    let script = script.replace("\\\n", " ");
    let mut found = Vec::new();
    for line in script.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        for (at, pair) in words.windows(2).enumerate() {
            let called = pair[0] == "spfc" || pair[0].ends_with("/spfc");
            if called && SUBCOMMANDS.contains(&pair[1]) {
                let own = words[at + 1..].iter().take_while(|word| !word.starts_with(['>', '|']));
                found.push(own.map(|word| word.trim_matches(['"', '\'']).to_owned()).collect());
            }
        }
    }
    found
}

fn check_calls(script: &str, place: &str) -> usize {
    let calls = calls(script);
    for call in &calls {
        understands(call).unwrap_or_else(|error| panic!("{place}: {call:?}: {error}"));
    }
    calls.len()
}

#[test]
fn hooks_call_what_is_there() {
    let hooks = hooks();
    assert_eq!(hooks.len(), 2);
    for hook in hooks {
        let entry: Vec<&str> = hook["entry"].as_str().unwrap().split(' ').collect();
        let mut call: Vec<String> = entry[1..].iter().map(|word| (*word).to_owned()).collect();
        call.extend(words(&hook["args"]));
        call.push("zones/example.com.zone".to_owned());
        assert_eq!((entry[0], hook["language"].as_str()), ("spfc", Some("rust")));
        understands(&call).unwrap();
        assert_eq!(hook["files"], r"\.(zone|db)$");
    }
}

#[test]
fn users_of_the_hooks_name_hooks() {
    let documents = documents();
    let (_, document) =
        documents.iter().find(|(name, _)| name == ".pre-commit-config.yaml").unwrap();
    let ids: Vec<Value> = hooks().into_iter().map(|hook| hook["id"].clone()).collect();
    let mut used = 0;
    for hook in document["repos"][0]["hooks"].as_array().unwrap() {
        used += 1;
        assert!(ids.contains(&hook["id"]), "{hook}");
        understands(&[vec!["lint".to_owned()], words(&hook["args"])].concat()).unwrap();
    }
    assert!(used > 0);
}

#[test]
fn workflows_use_the_action_as_it_is() {
    let (inputs, outputs) = (action::names("inputs"), action::names("outputs"));
    let mut uses = 0;
    for (name, document) in documents() {
        if !name.starts_with(".github/workflows/") {
            continue;
        }
        for job in document["jobs"].as_object().unwrap().values() {
            for step in job["steps"].as_array().unwrap() {
                if let Some(run) = step["run"].as_str() {
                    assert!(!run.contains("${{"), "{name}: {run}");
                    check_script(run, &name);
                    assert_eq!(check_calls(run, &name), 1, "{name}: {run}");
                }
                if step["uses"].as_str().is_some_and(|used| used.starts_with("OWNER/spfc@")) {
                    uses += 1;
                    let with = step["with"].as_object().unwrap();
                    assert!(with.keys().all(|key| inputs.contains(key)), "{name}: {with:?}");
                    let value = |key: &str| with.get(key).and_then(Value::as_str).unwrap_or("");
                    let mut call = vec!["lint".to_owned()];
                    call.extend(value("args").lines().map(str::to_owned));
                    if with.contains_key("fail-on") {
                        call.push(format!("--fail-on={}", value("fail-on")));
                    }
                    understands(&call).unwrap_or_else(|error| panic!("{name}: {error}"));
                }
            }
        }
        for output in document.to_string().split("steps.spf.outputs.").skip(1) {
            let named: String =
                output.chars().take_while(|c| c.is_alphanumeric() || *c == '-').collect();
            assert!(outputs.contains(&named), "{name}: {named}");
        }
    }
    assert_eq!(uses, 3);
}

#[test]
fn the_gitlab_job_reports_what_it_writes() {
    let documents = documents();
    let (name, document) = documents.iter().find(|(name, _)| name == ".gitlab-ci.yml").unwrap();
    let job = &document["spf"];
    let script = words(&job["script"]).join("\n");
    check_script(&script, name);
    assert_eq!(check_calls(&script, name), 1);
    let report = job["artifacts"]["reports"]["junit"].as_str().unwrap();
    assert!(script.contains(&format!("--format junit zones/*.zone example.com >{report}")));
    assert_eq!(job["artifacts"]["when"], "always");
    let dockerfile = text(Path::new("Dockerfile"));
    let image = job["image"].as_str().unwrap();
    assert!(dockerfile.contains(&format!("FROM {image} AS build\n")), "{image}");
}

#[test]
fn command_lines_are_understood() {
    let blocks = blocks("sh");
    let called: usize = blocks
        .iter()
        .map(|block| {
            check_script(block, "docs/ci.md");
            check_calls(block, "docs/ci.md")
        })
        .sum();
    let written: usize = blocks.iter().map(|block| block.matches("spfc ").count()).sum();
    // `--tag spfc .` is the one that calls something else.
    assert_eq!(called, written - 1);
}

#[test]
fn flags_exist() {
    let mut known: HashSet<String> = FOREIGN.iter().map(|flag| (*flag).to_owned()).collect();
    for command in SUBCOMMANDS {
        known.extend(flags(&printed(&[command, "--help"])));
    }
    let mut unused: HashSet<&str> = FOREIGN.into_iter().collect();
    for file in ["action.yml", ".pre-commit-hooks.yaml", "docs/ci.md", "Dockerfile"] {
        let named = flags(&text(Path::new(file)));
        assert!(!named.is_empty(), "{file}");
        for flag in named {
            assert!(known.contains(&flag), "{file}: {flag}");
            unused.remove(flag.as_str());
        }
    }
    assert!(unused.is_empty(), "{unused:?} are named nowhere");
}

/// The long flags that a text names.
fn flags(text: &str) -> HashSet<String> {
    let part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let words = text.split(|c| !part(c));
    let flag = |word: &&str| word.len() > 2 && word.starts_with("--") && !word.starts_with("---");
    words.filter(flag).map(str::to_owned).collect()
}
