//! Findings that several reports of one run hold, because the records of one
//! file include each other.

use std::collections::HashMap;

use super::finding::Diagnostic;
use super::report::Report;

/// What makes two findings the same: the rule, and the octets of the file.
type Key = (&'static str, String, usize, usize, Option<Box<[u8]>>);

/// Keeps each finding of a file once: in the report of the name whose record it
/// is about, or else in the first report that has it. Findings without a place
/// in a file stay where they are.
pub fn drop_repeated(reports: &mut [Report]) {
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
        let at_home = |diagnostic: &Diagnostic| {
            let home = key(diagnostic).and_then(|key| homes.get(&key));
            home.is_none_or(|(home, _)| *home == index)
        };
        report.diagnostics.retain(at_home);
    }
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
    use crate::lint::{FilePlace, Place, Position, find};
    use crate::name::DomainName;

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
        }
    }

    fn report(domain: &str, diagnostics: Vec<Diagnostic>) -> Report {
        let target = domain.to_owned();
        let domain = Some(name(domain));
        Report {
            target,
            domain,
            record: None,
            lookups: None,
            file: None,
            origin: None,
            diagnostics,
        }
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
        assert_eq!(left, [2, 2, 1]);
        assert_eq!(reports[0].diagnostics[0].place.domain, Some(name("_c.test")));
    }
}
