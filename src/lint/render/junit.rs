//! For GitLab, Jenkins and others: JUnit's XML, a suite for each file.
//!
//! What reaches the severity that fails is a failure, each a case of its own;
//! a target without one is a case that passes, what else was found in its
//! output. DNS failures and what cannot be read are errors.

use std::collections::HashMap;
use std::fmt::Write;

use crate::escape;
use crate::lint::{Consequence, FilePlace, Report, Unreadable};

use super::{Run, Shown, shortened};

/// The suite of targets that stand in no file.
const NO_FILE: &str = "targets";

/// All findings of a run as one document.
pub fn junit(run: &Run<'_>) -> String {
    let mut suites: Vec<Suite> = Vec::new();
    for report in run.reports {
        let name = report.origin.as_ref().map_or(NO_FILE, |origin| &origin.path);
        let suite = suite_of(&mut suites, name);
        suite.cases.extend(cases(run, report));
    }
    for Unreadable { path, place, message } in run.unreadable {
        let case = Case {
            name: format!("{path} is read"),
            file: Some(path.to_string()),
            line: place.as_ref().map(|place| place.start.line),
            verdict: Verdict::Error,
            kind: "unreadable",
            message: located(place.as_ref(), message),
            details: String::new(),
        };
        suite_of(&mut suites, path).cases.push(case);
    }
    suites.iter_mut().for_each(Suite::tell_apart);
    document(&suites)
}

struct Suite {
    name: String,
    cases: Vec<Case>,
}

impl Suite {
    /// Numbers cases of the same name: readers take them for one.
    fn tell_apart(&mut self) {
        let mut seen: HashMap<String, usize> = HashMap::new();
        for case in &mut self.cases {
            let count = seen.entry(case.name.clone()).or_default();
            *count += 1;
            if *count > 1 {
                let _ = write!(case.name, " #{count}");
            }
        }
    }
}

struct Case {
    name: String,
    file: Option<String>,
    line: Option<usize>,
    verdict: Verdict,
    kind: &'static str,
    message: String,
    details: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Pass,
    Failure,
    Error,
}

fn suite_of<'a>(suites: &'a mut Vec<Suite>, name: &str) -> &'a mut Suite {
    let index = suites.iter().position(|suite| suite.name == name).unwrap_or_else(|| {
        suites.push(Suite { name: name.to_owned(), cases: Vec::new() });
        suites.len() - 1
    });
    &mut suites[index]
}

/// The cases of a target: its failures and errors, or one that passes.
fn cases(run: &Run<'_>, report: &Report) -> Vec<Case> {
    let mut cases = Vec::new();
    let mut notes = String::new();
    for diagnostic in &report.diagnostics {
        let shown = Shown { report, diagnostic };
        let temporary = diagnostic.rule.consequence == Consequence::Temperror;
        let verdict = match diagnostic.severity >= run.fail_on {
            _ if temporary && diagnostic.severity < crate::lint::Severity::Error => Verdict::Error,
            true => Verdict::Failure,
            false => {
                let _ = writeln!(notes, "{}", line(&shown));
                continue;
            }
        };
        let rule = diagnostic.rule;
        cases.push(Case {
            name: format!("{}: {} {}", target(report), rule.code, rule.name),
            file: shown.place().map(|place| place.path.to_string()),
            line: shown.place().map(|place| place.start.line),
            verdict,
            kind: rule.code,
            message: diagnostic.message.clone(),
            details: line(&shown),
        });
    }
    if cases.is_empty() {
        let origin = report.origin.as_ref();
        cases.push(Case {
            name: target(report),
            file: origin.map(|origin| origin.path.to_string()),
            line: origin.map(|origin| origin.start.line),
            verdict: Verdict::Pass,
            kind: "",
            message: String::new(),
            details: notes,
        });
    }
    cases
}

fn target(report: &Report) -> String {
    shortened(&escape::text(&report.target))
}

/// A finding as a line of a log, and the way out on another.
fn line(shown: &Shown<'_>) -> String {
    let Shown { diagnostic, .. } = shown;
    let severity = diagnostic.severity.as_str();
    let found = format!("{severity}[{}] {}", diagnostic.rule.code, shown.message());
    located(shown.place(), &found)
}

fn located(place: Option<&FilePlace>, text: &str) -> String {
    match place {
        Some(FilePlace { path, start, .. }) => {
            format!("{path}:{}:{}: {text}", start.line, start.column)
        }
        None => text.to_owned(),
    }
}

fn document(suites: &[Suite]) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let all: Vec<&Case> = suites.iter().flat_map(|suite| &suite.cases).collect();
    let _ = writeln!(out, "<testsuites name=\"spfc lint\"{}>", counts(&all));
    for suite in suites {
        let cases: Vec<&Case> = suite.cases.iter().collect();
        let _ = writeln!(out, "  <testsuite name=\"{}\"{}>", xml(&suite.name), counts(&cases));
        for case in &suite.cases {
            write_case(&suite.name, case, &mut out);
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

fn counts(cases: &[&Case]) -> String {
    let count = |verdict: Verdict| cases.iter().filter(|case| case.verdict == verdict).count();
    let (failures, errors) = (count(Verdict::Failure), count(Verdict::Error));
    format!(" tests=\"{}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"0\"", cases.len())
}

fn write_case(suite: &str, case: &Case, out: &mut String) {
    let _ = write!(out, "    <testcase classname=\"{}\" name=\"{}\"", xml(suite), xml(&case.name));
    if let Some(file) = &case.file {
        let _ = write!(out, " file=\"{}\"", xml(file.strip_prefix("./").unwrap_or(file)));
    }
    if let Some(line) = case.line {
        let _ = write!(out, " line=\"{line}\"");
    }
    let element = match case.verdict {
        Verdict::Pass if case.details.is_empty() => {
            out.push_str("/>\n");
            return;
        }
        Verdict::Pass => {
            let _ = write!(out, ">\n      <system-out>{}</system-out>\n", xml(&case.details));
            out.push_str("    </testcase>\n");
            return;
        }
        Verdict::Failure => "failure",
        Verdict::Error => "error",
    };
    let (kind, message) = (xml(case.kind), xml(&case.message));
    let _ = write!(out, ">\n      <{element} type=\"{kind}\" message=\"{message}\">");
    let _ = write!(out, "{}</{element}>\n    </testcase>\n", xml(&case.details));
}

/// Text for an element or for an attribute between double quotes. XML 1.0 cannot
/// hold most control characters, not even escaped: they are written out, as is
/// all that does not show itself. Line feeds stay what they are in attributes
/// only as references.
fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            out.push_str("&#10;");
        }
        for character in escape::text(line).chars() {
            match character {
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '"' => out.push_str("&quot;"),
                character => out.push(character),
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use quick_xml::events::Event;
    use quick_xml::reader::Reader;

    /// The attributes of all elements and the text between them.
    fn read(document: &str) -> (Vec<(String, String)>, String) {
        let mut reader = Reader::from_str(document);
        reader.config_mut().check_end_names = true;
        let (mut attributes, mut text) = (Vec::new(), String::new());
        loop {
            match reader.read_event().unwrap() {
                Event::Start(element) | Event::Empty(element) => {
                    for attribute in element.attributes() {
                        let attribute = attribute.unwrap();
                        let value = quick_xml::escape::unescape(&attribute.value).unwrap();
                        attributes.push((attribute.key.as_ref().to_owned(), value.into_owned()));
                    }
                }
                Event::Text(found) => text.push_str(&found),
                Event::GeneralRef(found) => {
                    let name = format!("&{};", &*found);
                    text.push_str(&quick_xml::escape::unescape(&name).unwrap());
                }
                Event::Eof => return (attributes, text),
                _ => {}
            }
        }
    }

    /// What XML 1.0 allows (section 2.2).
    fn is_xml(character: char) -> bool {
        matches!(character, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
    }

    #[test]
    fn cases_of_the_same_name_are_numbered() {
        let case = || Case {
            name: "a.test: SPF001 syntax-error".to_owned(),
            file: None,
            line: None,
            verdict: Verdict::Failure,
            kind: "SPF001",
            message: String::new(),
            details: String::new(),
        };
        let mut suite = Suite { name: String::new(), cases: vec![case(), case(), case()] };
        suite.tell_apart();
        let names: Vec<&str> = suite.cases.iter().map(|case| case.name.as_str()).collect();
        let first = "a.test: SPF001 syntax-error";
        assert_eq!(
            names,
            [first, "a.test: SPF001 syntax-error #2", "a.test: SPF001 syntax-error #3"]
        );
    }

    proptest! {
        #[test]
        fn any_text_reads_back(
            name in "(.|\"|<|&|\\]\\]>|\n|\x1b|\u{2028}|\u{ffff}){0,9}",
            details in "(.|\"|<|&|\\]\\]>|::error|\r|\n|\x00|\u{2028}|\u{fffe}){0,9}",
        ) {
            let case = |verdict| Case {
                name: name.clone(), file: Some(name.clone()), line: Some(3), verdict,
                kind: "SPF001", message: name.clone(), details: details.clone(),
            };
            let cases = vec![case(Verdict::Pass), case(Verdict::Failure), case(Verdict::Error)];
            let written = document(&[Suite { name: name.clone(), cases }]);
            prop_assert!(written.chars().all(is_xml));
            let (attributes, text) = read(&written);
            let kept = |text: &str| text.split('\n').map(escape::text).collect::<Vec<_>>().join("\n");
            let named = attributes.iter().filter(|(key, _)| key == "name").skip(1);
            for (_, value) in named {
                prop_assert_eq!(value, &kept(&name));
            }
            prop_assert_eq!(attributes.iter().filter(|(key, _)| key == "message").count(), 2);
            let whitespace = |text: &str| text.split_whitespace().collect::<String>();
            let expected = if details.is_empty() { String::new() } else { kept(&details).repeat(3) };
            prop_assert_eq!(whitespace(&text), whitespace(&expected));
        }
    }
}
