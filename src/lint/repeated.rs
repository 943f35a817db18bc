//! Mistakes that several reports of one run tell, because the records of one
//! file include each other.

use std::collections::{HashMap, HashSet};

use super::finding::Diagnostic;
use super::report::Report;
use super::rule::{Consequence, Severity};
use crate::name::DomainName;

/// What makes two findings the same: the rule, and the octets of the file.
type Key = (&'static str, String, usize, usize, Option<Box<[u8]>>);

/// Keeps each mistake of a file once: in the report of the name whose record it
/// is in, or else in the first report that has it. A term that leads to a record
/// in error says nothing more where that record's own report says what is wrong.
/// Findings without a place in a file stay where they are.
pub fn drop_repeated(reports: &mut [Report]) {
    let told: HashSet<(String, DomainName)> = reports.iter().filter_map(broken).collect();
    let mut homes: HashMap<Key, (usize, bool)> = HashMap::new();
    for (index, report) in reports.iter().enumerate() {
        for diagnostic in &report.diagnostics {
            let Some(key) = key(diagnostic) else { continue };
            let own = diagnostic.place.domain == report.domain;
            let home = homes.entry(key).or_insert((index, own));
            if own && !home.1 {
                *home = (index, true);
            }
        }
    }
    for (index, report) in reports.iter_mut().enumerate() {
        let file = report.file.as_ref().map(|file| file.path().to_owned());
        let at_home = |diagnostic: &Diagnostic| {
            let blamed = file.clone().zip(diagnostic.blames.clone());
            if blamed.is_some_and(|blamed| told.contains(&blamed)) {
                return false;
            }
            let home = key(diagnostic).and_then(|key| homes.get(&key));
            home.is_none_or(|(home, _)| *home == index)
        };
        report.diagnostics.retain(at_home);
    }
}

/// The name of a report that says what is wrong with its own record, with its file.
fn broken(report: &Report) -> Option<(String, DomainName)> {
    let own = |diagnostic: &Diagnostic| {
        diagnostic.rule.consequence == Consequence::Permerror
            && diagnostic.severity == Severity::Error
            && diagnostic.blames.is_none()
            && diagnostic.place.domain == report.domain
    };
    let file = report.file.as_ref()?.path().to_owned();
    report.diagnostics.iter().any(own).then(|| Some((file, report.domain.clone()?))).flatten()
}

fn key(diagnostic: &Diagnostic) -> Option<Key> {
    let file = diagnostic.place.file.as_ref()?;
    let record = diagnostic.place.record.as_deref().map(Box::from);
    let (start, end) = (file.start.offset, file.end.offset);
    Some((diagnostic.rule.code, file.path.to_string(), start, end, record))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::{File, FilePlace, Place, Position, find};
    use std::sync::Arc;

    fn name(text: &str) -> DomainName {
        DomainName::parse(text).unwrap()
    }

    fn finding(code: &str, domain: &str, offset: usize, message: &str) -> Diagnostic {
        let at = Position { offset, line: 1, column: 1 };
        let rule = find(code).unwrap();
        let file = Some(FilePlace { path: "z.zone".into(), start: at, end: at });
        Diagnostic {
            rule,
            severity: rule.severity,
            message: message.to_owned(),
            place: Place { domain: Some(name(domain)), file, ..Place::default() },
            help: None,
            fix: None,
            blames: None,
        }
    }

    fn report(domain: &str, diagnostics: Vec<Diagnostic>) -> Report {
        let file = File::new("z.zone", &b""[..], Vec::new());
        Report {
            target: domain.to_owned(),
            domain: Some(name(domain)),
            record: None,
            lookups: None,
            file: Some(Arc::new(file)),
            origin: None,
            diagnostics,
        }
    }

    #[test]
    fn a_broken_record_is_told_by_its_own_report_alone() {
        let leads = |target: &str, offset| {
            let found = finding("SPF403", "a.test", offset, "x");
            Diagnostic { blames: Some(name(target)), ..found }
        };
        let mut reports = [
            report("a.test", vec![leads("_b.test", 5), leads("_c.test", 9)]),
            report("_b.test", vec![finding("SPF001", "_b.test", 20, "y")]),
            report("_c.test", Vec::new()),
        ];
        drop_repeated(&mut reports);
        let left: Vec<_> = reports.iter().flat_map(|report| &report.diagnostics).collect();
        assert_eq!(left.len(), 2);
        assert_eq!(left[0].blames, Some(name("_c.test")));
    }

    #[test]
    fn findings_stay_with_their_own_name() {
        let shared = || finding("SPF405", "_b.test", 5, "x");
        let third = || finding("SPF405", "_c.test", 9, "x");
        let mut elsewhere = finding("SPF405", "_b.test", 5, "x");
        elsewhere.place.file = None;
        let mut reports = [
            report("a.test", vec![shared(), third(), elsewhere.clone()]),
            report("_b.test", vec![shared(), finding("SPF405", "_b.test", 5, "y")]),
            report("d.test", vec![shared(), third(), elsewhere]),
        ];
        drop_repeated(&mut reports);
        let left = reports.each_ref().map(|report| report.diagnostics.len());
        assert_eq!(left, [2, 2, 1], "what has no place in a file stays");
        assert_eq!(reports[0].diagnostics[0].place.domain, Some(name("_c.test")));
    }
}
