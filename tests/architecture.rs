//! The shape of the house: which module imports which, how long files are,
//! what they are called, and that no line of the product can panic unproven.
//!
//! Everything here is read from the source text; ARCHITECTURE.md says why.

// A source that cannot be read is a failed test.
#![allow(clippy::unwrap_used)]

#[path = "support/files.rs"]
mod files;
#[path = "architecture/layers.rs"]
mod layers;
#[path = "architecture/scan.rs"]
mod scan;

use std::path::{Path, PathBuf};

use files::{files_below, text};
use layers::{CRATES, LAYERS, NEVER};
use scan::Scanned;

/// Lines that a file should have at most, and lines that it must not pass.
const LINES_WANTED: usize = 350;
const LINES_MOST: usize = 400;

/// Names that say nothing of what a module is for.
const EMPTY_NAMES: [&str; 9] =
    ["util", "utils", "helper", "helpers", "manager", "handle", "process", "data", "info"];

/// What ends the program where it stands.
const PANICS: [&str; 8] = [
    ".unwrap()",
    ".expect(",
    ".unwrap_err()",
    ".expect_err(",
    "panic!(",
    "unreachable!(",
    "todo!(",
    "unimplemented!(",
];

struct Source {
    path: PathBuf,
    /// The file's module: `["policy", "walk"]` for `src/policy/walk.rs`.
    module: Vec<String>,
    text: String,
    scanned: Scanned,
}

impl Source {
    fn place(&self, offset: usize) -> String {
        format!("{}:{}", self.path.display(), self.scanned.line(offset))
    }

    /// The module of the library that the file belongs to; none for the roots.
    fn top(&self) -> Option<&str> {
        self.module.first().map(String::as_str)
    }
}

fn module_of(path: &Path) -> Vec<String> {
    let inside = path.strip_prefix("src").unwrap().with_extension("");
    let mut module: Vec<String> =
        inside.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
    if matches!(module.last().map(String::as_str), Some("mod" | "lib" | "main")) {
        module.pop();
    }
    module
}

/// All files of `src`.
fn all_sources() -> Vec<Source> {
    let sources: Vec<Source> = files_below("src", "rs")
        .into_iter()
        .map(|path| {
            let text = text(&path);
            let scanned = Scanned::new(&text);
            Source { module: module_of(&path), path, text, scanned }
        })
        .collect();
    assert!(sources.len() > 50, "the sources are not where this test looks");
    sources
}

/// The files of `src` that the product is built from: no tests.
fn sources() -> Vec<Source> {
    let all = all_sources();
    let mut tests: Vec<Vec<String>> = Vec::new();
    for source in &all {
        for module in &source.scanned.test_modules {
            tests.push([&source.module[..], std::slice::from_ref(module)].concat());
        }
    }
    // A test module with a path of its own stands in a file that is named for it.
    let is_test = |source: &Source| {
        tests.iter().any(|test| source.module.starts_with(test))
            || source.module.last().is_some_and(|name| name.ends_with("_tests"))
    };
    all.into_iter().filter(|source| !is_test(source)).collect()
}

fn none(found: &[String], what: &str) {
    assert!(found.is_empty(), "{what}:\n  {}", found.join("\n  "));
}

#[test]
fn modules_import_only_what_the_table_allows() {
    let mut found = Vec::new();
    let mut edges = 0;
    for source in sources() {
        let Some(top) = source.top() else { continue };
        let Some(layer) = LAYERS.iter().find(|layer| layer.module == top) else {
            found.push(format!("{}: {top} is not in LAYERS", source.path.display()));
            continue;
        };
        for (offset, imported) in source.scanned.imports(&source.module) {
            edges += 1;
            if imported != top && !layer.may_import.contains(&imported.as_str()) {
                found.push(format!("{}: {top} imports {imported}", source.place(offset)));
            }
        }
    }
    none(&found, "imports that tests/architecture/layers.rs does not allow");
    assert!(edges > 100, "only {edges} imports were found");
}

#[test]
fn the_table_has_no_way_back() {
    for (index, layer) in LAYERS.iter().enumerate() {
        for imported in layer.may_import {
            let below = LAYERS[..index].iter().any(|lower| lower.module == *imported);
            assert!(below, "{} may import {imported}, which does not stand below it", layer.module);
        }
    }
}

#[test]
fn what_must_stay_apart_stays_apart() {
    let mut found = Vec::new();
    for source in sources() {
        let Some((_, apart)) = NEVER.iter().find(|(module, _)| source.top() == Some(module)) else {
            continue;
        };
        for (offset, imported) in source.scanned.imports(&source.module) {
            if apart.contains(&imported.as_str()) {
                found.push(format!("{}: names {imported}", source.place(offset)));
            }
        }
    }
    none(&found, "modules that must not know each other");
}

#[test]
fn crates_are_named_only_where_they_belong() {
    let mut found = Vec::new();
    for source in sources() {
        let path = source.path.to_str().unwrap().replace('\\', "/");
        for (named, places) in CRATES {
            if places.iter().any(|place| path.starts_with(place)) {
                continue;
            }
            for offset in source.scanned.crates(named) {
                found.push(format!("{}: names {named}", source.place(offset)));
            }
        }
    }
    none(&found, "crates that are named outside their place");
}

#[test]
fn every_file_says_what_it_is_for() {
    let silent: Vec<String> = all_sources()
        .into_iter()
        .filter(|source| !source.text.starts_with("//!"))
        .map(|source| source.path.display().to_string())
        .collect();
    none(&silent, "files that do not begin with //!");
}

#[test]
fn no_file_is_long() {
    let mut long = Vec::new();
    for source in all_sources() {
        let lines = source.text.lines().count();
        let line = format!("{lines} lines: {}", source.path.display());
        if lines > LINES_MOST {
            long.push(line);
        } else if lines > LINES_WANTED {
            eprintln!("{line}");
        }
    }
    none(&long, "files over 400 lines");
}

#[test]
fn names_say_what_modules_are_for() {
    let mut empty = Vec::new();
    for source in all_sources() {
        for part in &source.module {
            if EMPTY_NAMES.contains(&part.as_str()) {
                empty.push(source.path.display().to_string());
            }
        }
        for name in EMPTY_NAMES {
            let inline = format!("mod {name} {{");
            empty.extend(source.scanned.find(&inline).map(|at| source.place(at)));
        }
    }
    none(&empty, "modules whose names say nothing");
}

/// A panic of the product stands beside a comment that proves it away: on its
/// own line, or on one of the two lines above.
#[test]
fn panics_are_proven_away() {
    let mut unproven = Vec::new();
    for source in sources() {
        for panic in PANICS {
            for offset in source.scanned.find(panic) {
                let line = source.scanned.line(offset);
                let around = &source.scanned.commented[line.saturating_sub(3)..line];
                if !around.contains(&true) {
                    unproven.push(format!("{}: {panic}", source.place(offset)));
                }
            }
        }
    }
    none(&unproven, "panics without a proof");
}

#[test]
fn nothing_is_left_for_later() {
    let mut marks = Vec::new();
    for source in all_sources() {
        for (index, line) in source.text.lines().enumerate() {
            // As words: a font may be called by one of them.
            let mut words = line.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
            if words.any(|word| ["TODO", "FIXME", "XXX", "HACK"].contains(&word)) {
                marks.push(format!("{}:{}: {}", source.path.display(), index + 1, line.trim()));
            }
        }
    }
    none(&marks, "marks of unfinished work");
}

mod the_scanner {
    use super::Scanned;

    fn imports(text: &str, module: &[&str]) -> Vec<String> {
        let module: Vec<String> = module.iter().map(|part| (*part).to_owned()).collect();
        Scanned::new(text).imports(&module).into_iter().map(|(_, name)| name).collect()
    }

    #[test]
    fn finds_paths_in_every_form() {
        let text = "use crate::dns::{Lookup, Question};\nuse crate::{name::DomainName, addr};\n\
                    pub(in crate::eval) fn f(x: &crate::policy::Graph) {}\n\
                    use super::super::outcome;\nuse super::sibling;\nmy_crate::other::f();";
        let found = imports(text, &["eval", "records"]);
        assert_eq!(found, ["dns", "name", "addr", "eval", "policy", "outcome"]);
    }

    #[test]
    fn goes_to_the_root_by_super() {
        assert_eq!(imports("use super::{limits, name::X};", &["eval"]), ["limits", "name"]);
        assert!(imports("use super::{limits};", &["eval", "frame"]).is_empty());
    }

    #[test]
    fn leaves_out_comments_literals_and_tests() {
        let text = "// crate::a\n/* crate::b /* */ crate::c */ //! crate::d\n\
                    const A: &str = \"crate::e \\\" crate::f\"; const B: char = '\"';\n\
                    fn f<'a>(x: &'a str) { r#\"crate::g \" \"#; crate::real::x(); b'\\''; }\n\
                    #[cfg(test)]\nmod tests { use crate::h; fn g() { if x {} } }\n\
                    #[cfg(test)]\nmod more;\nuse crate::last;";
        assert_eq!(imports(text, &["x"]), ["real", "last"]);
        assert_eq!(Scanned::new(text).test_modules, ["more"]);
    }

    #[test]
    fn knows_lines_and_comments() {
        let scanned = Scanned::new("fn f() {\n    // Proof.\n    x.unwrap()\n}\n");
        let at = scanned.find(".unwrap()").next().unwrap();
        assert_eq!(scanned.line(at), 3);
        assert_eq!(scanned.commented[..4], [false, true, false, false]);
    }

    #[test]
    fn tells_crates_from_names() {
        let scanned =
            Scanned::new("use hickory_proto::rr; use nom::x; let nominal::y = a::nom::b;");
        assert_eq!(scanned.crates("hickory_").count(), 1);
        assert_eq!(scanned.crates("nom").count(), 1);
    }
}
