//! The documents are true: links lead somewhere, tests that are named exist,
//! commands are the ones that are run, transcripts are what the program prints.

// A document that cannot be read is a failed test.
#![allow(clippy::unwrap_used)]

#[path = "support/files.rs"]
mod files;

use std::path::{Path, PathBuf};

use files::{files_below, project, text};

/// Words that no document of the product has a use for: where and how it was
/// written is not what its readers want to know.
const STRAY: [&str; 10] = [
    "/work/",
    "/root/",
    "/home/",
    "/tmp/",
    "worktree",
    "wt-",
    "our session",
    "the session",
    "issue 2",
    "TODO",
];

/// The documents: Markdown at the top, in `docs` and beside benches and fuzzing.
fn documents() -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(project())
        .unwrap()
        .map(|entry| PathBuf::from(entry.unwrap().file_name()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    found.extend(files_below("docs", "md"));
    found.extend([PathBuf::from("fuzz/README.md"), PathBuf::from("benches/peers/README.md")]);
    found.sort();
    for expected in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "docs/benchmarks.md"] {
        assert!(found.contains(&PathBuf::from(expected)), "there is no {expected}");
    }
    found
}

fn none(found: &[String], what: &str) {
    assert!(found.is_empty(), "{what}:\n  {}", found.join("\n  "));
}

/// The lines of the fenced blocks of one language, block by block.
fn blocks(text: &str, language: &str) -> Vec<Vec<String>> {
    let (mut blocks, mut open): (Vec<Vec<String>>, _) = (Vec::new(), None);
    for line in text.lines() {
        match (line.strip_prefix("```"), open) {
            (Some(opened), None) => {
                open = Some(opened == language);
                if opened == language {
                    blocks.push(Vec::new());
                }
            }
            (Some(_), Some(_)) => open = None,
            (None, Some(true)) => blocks.last_mut().unwrap().push(line.to_owned()),
            _ => {}
        }
    }
    blocks
}

/// The text outside of fenced blocks.
fn prose(text: &str) -> String {
    let mut open = false;
    let outside = text.lines().filter(|line| {
        let fence = line.starts_with("```");
        open ^= fence;
        !open && !fence
    });
    outside.collect::<Vec<_>>().join("\n")
}

#[test]
fn links_lead_to_files() {
    let mut broken = Vec::new();
    let mut links = 0;
    for document in documents() {
        let prose = prose(&text(&document));
        for link in prose.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if link.starts_with("https://") || link.starts_with("http://") {
                continue;
            }
            links += 1;
            let file = link.split('#').next().unwrap();
            let folder = document.parent().unwrap();
            if !project().join(folder).join(file).exists() {
                broken.push(format!("{}: {link}", document.display()));
            }
        }
    }
    none(&broken, "links that lead nowhere");
    assert!(links > 10, "only {links} links were found");
}

/// `tests/x.rs::name` and `src/x.rs::name` name a test function of that file.
#[test]
fn tests_that_documents_name_exist() {
    let mut missing = Vec::new();
    let mut named = 0;
    for document in documents() {
        for code in text(&document).split('`').skip(1).step_by(2) {
            let Some((file, test)) = code.split_once("::") else { continue };
            if !file.ends_with(".rs") {
                continue;
            }
            named += 1;
            let path = project().join(file);
            let source = std::fs::read_to_string(path).unwrap_or_default();
            if !source.contains(&format!("fn {test}(")) {
                missing.push(format!("{}: {code}", document.display()));
            }
        }
    }
    none(&missing, "tests that are named and are not there");
    assert!(named > 20, "only {named} tests are named");
}

/// What stands in backticks and looks like a path of the project is one.
#[test]
fn paths_that_documents_name_exist() {
    let roots = ["src/", "tests/", "docs/", "benches/", "examples/", "grammar/", "fuzz/"];
    let mut missing = Vec::new();
    for document in documents() {
        for code in prose(&text(&document)).split('`').skip(1).step_by(2) {
            let path = code.split("::").next().unwrap();
            let pattern = path.contains(['*', ' ', '<']) || path.contains("nnn");
            if roots.iter().any(|root| path.starts_with(root)) && !pattern {
                let found = project().join(path).exists();
                if !found && path != "fuzz/artifacts" {
                    missing.push(format!("{}: {path}", document.display()));
                }
            }
        }
    }
    none(&missing, "paths that are named and are not there");
}

/// `.ci/run` takes the commands out of the README, so that they are the same
/// word for word; there has to be one of each to take.
#[test]
fn commands_of_the_readme_are_run() {
    let readme = text(Path::new("README.md"));
    let script = text(Path::new(".ci/run"));
    let commands: Vec<String> = blocks(&readme, "sh").concat();
    assert!(!commands.is_empty());
    for command in &commands {
        let verb = command.strip_prefix("cargo ").and_then(|rest| rest.split(' ').next());
        let verb = verb.unwrap_or_else(|| panic!("README: {command} is not run by .ci/run"));
        assert!(script.contains(&format!("$(readme {verb})")), "{command} is not run by .ci/run");
        let begins = format!("cargo {verb}");
        let same = readme.lines().filter(|line| line.starts_with(&begins)).count();
        assert_eq!(same, 1, "README has to hold one line that begins with {begins}");
    }
    assert!(commands.contains(&String::from("cargo test --locked")), "{commands:?}");
}

#[test]
fn the_oldest_rust_is_the_same_everywhere() {
    let manifest = text(Path::new("Cargo.toml"));
    let oldest = manifest.lines().find_map(|line| line.strip_prefix("rust-version = "));
    let oldest = oldest.unwrap().trim_matches('"');
    for (file, times) in [("README.md", 2), ("src/lib.rs", 1)] {
        let text = text(Path::new(file));
        // Other numbers of other things follow other words.
        let named: Vec<&str> = text
            .split("Rust")
            .filter_map(|rest| rest.trim_start_matches("](https://rustup.rs)").strip_prefix(' '))
            .filter(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
            .map(|rest| rest.split(|it: char| !it.is_ascii_digit() && it != '.').next().unwrap())
            .map(|version| version.trim_end_matches('.'))
            .collect();
        assert_eq!(named, vec![oldest; times], "{file}");
    }
}

#[test]
fn every_rule_page_is_listed() {
    let list = text(Path::new("docs/rules.md"));
    let mut missing = Vec::new();
    for page in files_below("docs/rules", "md") {
        let title = text(&page).lines().next().unwrap_or_default().to_owned();
        let code = page.file_stem().unwrap().to_str().unwrap().to_owned();
        let name = title.strip_prefix(&format!("# {code}: ")).unwrap_or_default().to_owned();
        let row = format!("| [{code}](rules/{code}.md) | `{name}` |");
        if !list.contains(&row) {
            missing.push(row);
        }
    }
    none(&missing, "rows that docs/rules.md lacks");
}

#[test]
fn documents_speak_of_the_product() {
    let mut stray = Vec::new();
    for document in documents() {
        for (index, line) in text(&document).lines().enumerate() {
            if STRAY.iter().any(|word| line.contains(word)) {
                stray.push(format!("{}:{}: {line}", document.display(), index + 1));
            }
        }
    }
    none(&stray, "words that do not belong");
}

/// The transcripts of the README, run as they stand.
#[cfg(feature = "cli")]
#[test]
fn transcripts_are_what_the_program_prints() {
    let readme = text(Path::new("README.md"));
    let lines = blocks(&readme, "console").concat();
    let mut runs: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in &lines {
        match line.strip_prefix("$ spfc ") {
            Some(command) => runs.push((command, Vec::new())),
            None => runs.last_mut().expect("a command comes first").1.push(line),
        }
    }
    assert!(!runs.is_empty());
    for (command, shown) in runs {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_spfc"))
            .args(command.split(' '))
            .current_dir(project())
            .output()
            .unwrap();
        let printed = [output.stdout, output.stderr].concat();
        let printed = String::from_utf8(printed).unwrap();
        let printed: Vec<&str> = printed.lines().map(str::trim_end).collect();
        if let Err(line) = shows(&shown, &printed) {
            panic!("$ spfc {command}\ndoes not print '{line}' there, but\n{}", printed.join("\n"));
        }
    }
}

/// Whether a transcript shows what was printed: `…` at the end of a line stands
/// for its rest, on a line of its own for any number of lines. The error is the
/// line that does not fit.
#[cfg(feature = "cli")]
fn shows<'a>(shown: &[&'a str], printed: &[&str]) -> Result<(), &'a str> {
    let mut at = 0;
    let mut skipping = false;
    for line in shown {
        if *line == "…" {
            skipping = true;
            continue;
        }
        let fits = |found: &&str| match line.strip_suffix('…') {
            Some(beginning) => found.starts_with(beginning),
            None => found == line,
        };
        let rest = &printed[at..];
        let found = match skipping {
            true => rest.iter().position(fits),
            false => rest.first().filter(|first| fits(first)).map(|_| 0),
        };
        at += found.ok_or(*line)? + 1;
        skipping = false;
    }
    if skipping || at == printed.len() { Ok(()) } else { Err("the end") }
}
