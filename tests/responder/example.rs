//! The responder of `examples/responder`, started as its page says: the page's
//! commands come to what stands below them there.

use std::path::Path;
use std::process::Command;

use crate::programs::{installed, programs};
use crate::running::{Running, said};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/responder");
const SPFC: &str = env!("CARGO_BIN_EXE_spfc");
/// Where the page has the server.
const PORT: &str = "5300";

/// The commands of the page, each with the lines below it.
fn commands(page: &str) -> Vec<(Vec<&str>, Vec<&str>)> {
    let mut commands: Vec<(Vec<&str>, Vec<&str>)> = Vec::new();
    let blocks = page.split("```console\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    for line in blocks.flat_map(str::lines) {
        match line.strip_prefix("$ ") {
            Some(command) => commands.push((command.split(' ').collect(), Vec::new())),
            None => commands.last_mut().unwrap().1.push(line),
        }
    }
    commands
}

/// The status and the records of what `kdig` or `dig` print: neither the number of
/// a message nor how wide blanks are is the same twice.
fn essence<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<String> {
    let essential = |line: &str| match line.split_once("status: ") {
        Some((_, rest)) => Some(rest.split([';', ',']).next().unwrap().to_owned()),
        None if line.starts_with(';') || line.trim().is_empty() => None,
        None => Some(line.split_whitespace().collect::<Vec<_>>().join(" ")),
    };
    lines.filter_map(essential).collect()
}

/// The server, started with the words of the page; only the port is another, that
/// the page's may be taken.
fn start(page: &str, log: &Path) -> Running {
    let (_, rest) = page.split_once("```sh\nspfc ").unwrap();
    let words: Vec<&str> = rest.lines().next().unwrap().split(' ').collect();
    assert_eq!(words[0], "serve");
    let config = words.iter().map(|word| word.replace("spfc.toml", &in_folder("spfc.toml")));
    let words: Vec<String> = config.collect();
    Running::start(Path::new(SPFC), log, "_spf.example.com", |port| {
        let listen = format!("127.0.0.1:{port}");
        [&words[..], &[String::from("--listen"), listen]].concat()
    })
}

fn in_folder(file: &str) -> String {
    format!("{FOLDER}/{file}")
}

#[test]
fn the_example_answers_as_its_page_says() {
    let page = std::fs::read_to_string(in_folder("README.md")).unwrap();
    let config = std::fs::read_to_string(in_folder("spfc.toml")).unwrap();
    assert!(config.contains(&format!("127.0.0.1:{PORT}\"")));
    // Where CI is set, kdig has to be there.
    let kdig = installed("kdig");
    let Some([program]) = programs([if kdig { "kdig" } else { "dig" }]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let server = start(&page, folder.path());
    let port = server.address.port().to_string();
    let mut asked = 0;
    for (words, shown) in commands(&page).iter().filter(|(words, _)| words[0] == "kdig") {
        let header = if kdig { "+header" } else { "+comments" };
        let words = words[1..].iter().map(|word| match *word {
            PORT => &port[..],
            "+header" => header,
            other => other,
        });
        let (well, answer) = said(&program, &words.collect::<Vec<_>>());
        assert!(well, "{answer}");
        assert_eq!(essence(answer.lines()), essence(shown.iter().copied()), "{answer}");
        asked += 1;
    }
    assert!(asked >= 8, "{asked}");
}

#[test]
fn the_example_says_why_as_its_page_says() {
    let page = std::fs::read_to_string(in_folder("README.md")).unwrap();
    let commands = commands(&page);
    let queries: Vec<_> = commands.iter().filter(|(words, _)| words[0] == "spfc").collect();
    assert!(!queries.is_empty());
    for (words, shown) in queries {
        let output = Command::new(SPFC).args(&words[1..]).current_dir(FOLDER).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let timeless = |line: &str| match line.split_once("answers of ") {
            Some((before, _)) => format!("{before}answers of a time"),
            None => line.to_owned(),
        };
        let lines: Vec<String> = text.lines().map(timeless).collect();
        let shown: Vec<String> = shown.iter().map(|line| timeless(line)).collect();
        assert_eq!(lines, shown, "{words:?}");
    }
}
