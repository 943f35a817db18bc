//! The summary line: how many findings of each severity there were.

use crate::lint::{Report, Severity};

/// Findings counted, for a line behind all reports.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    targets: usize,
    counts: [usize; 3],
    /// Findings with an edit that may be made without asking.
    fixable: usize,
}

impl Tally {
    /// Counts a report.
    pub fn add(&mut self, report: &Report) {
        self.targets += 1;
        for diagnostic in &report.diagnostics {
            self.counts[diagnostic.severity as usize] += 1;
            let fixable = diagnostic.fix.as_ref().is_some_and(|fix| fix.kind.is_safe());
            self.fixable += usize::from(fixable);
        }
    }

    /// How many findings there were.
    pub fn findings(&self) -> usize {
        self.counts.iter().sum()
    }

    /// How many findings of each severity there were, on one line.
    pub fn line(&self) -> String {
        let severities = [Severity::Error, Severity::Warning, Severity::Note];
        let found: Vec<String> = severities
            .into_iter()
            .filter(|severity| self.counts[*severity as usize] > 0)
            .map(|severity| counted(self.counts[severity as usize], severity.as_str()))
            .collect();
        let found = if found.is_empty() { "no findings".to_owned() } else { found.join(", ") };
        let fixable = match self.fixable {
            0 => String::new(),
            count => format!("; {count} fixable with --fix"),
        };
        format!("{}: {found}{fixable}\n", counted(self.targets, "target"))
    }
}

fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}
