//! Running the rules over one subject.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::dns::{Lookup, Question};
use crate::name::DomainName;
use crate::policy::LookupCount;

use super::facts::{Facts, gather};
use super::finding::{Diagnostic, Finding, Place};
use super::options::{LintOptions, Subject};
use super::origin::{File, FilePlace};
use super::registry;
use super::rule::{Check, Consequence, Rule, Severity};

/// Findings of one rule that a report holds. A hostile record has tens of
/// thousands of mistakes, and each carries the record.
const MOST_FINDINGS: usize = 100;
/// Octets of records that the findings of one rule may hold together.
const MOST_OCTETS: usize = 2 << 20;
/// Findings of one rule that are always held.
const FEWEST_FINDINGS: usize = 5;

/// What was found about one subject.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Report {
    /// The subject's label.
    pub target: String,
    /// The subject's record; `None` where there is none, or more than one.
    pub record: Option<Arc<[u8]>>,
    /// The lookups that its policy costs at worst; `None` where that is not
    /// known: without a sound record, and without DNS.
    pub lookups: Option<LookupCount>,
    /// The domain that the policy is for; `None` for a record by itself.
    pub domain: Option<DomainName>,
    /// The file that it was read from, where there is one.
    pub file: Option<Arc<File>>,
    /// Where that file names the subject.
    pub origin: Option<FilePlace>,
    /// The findings: those about the subject's own record first, by place.
    pub diagnostics: Vec<Diagnostic>,
}

impl Report {
    /// A report without findings.
    fn about(subject: &Subject) -> Report {
        Report {
            target: subject.label.clone(),
            domain: subject.domain.clone(),
            record: None,
            lookups: None,
            file: subject.file.clone(),
            origin: subject.origin(),
            diagnostics: Vec::new(),
        }
    }

    /// The worst severity of what was found. DNS failures are left out, which
    /// say nothing about the policy, unless the user made errors of them.
    pub fn worst(&self) -> Option<Severity> {
        let counts = |diagnostic: &&Diagnostic| {
            diagnostic.rule.consequence != Consequence::Temperror
                || diagnostic.severity == Severity::Error
        };
        self.diagnostics.iter().filter(counts).map(|diagnostic| diagnostic.severity).max()
    }

    /// Whether DNS failed for now, so that another run may see more.
    pub fn is_temporary(&self) -> bool {
        let temporary =
            |diagnostic: &Diagnostic| diagnostic.rule.consequence == Consequence::Temperror;
        self.diagnostics.iter().any(temporary)
    }
}

/// Lints one subject.
///
/// Offline `lookup` is not asked; a subject without a record, and without one in
/// its file, then has nothing to lint, and its report is empty.
///
/// # Errors
///
/// The questions, at least one, that have to be asked first.
///
/// # Examples
///
/// A record by itself, without DNS:
///
/// ```
/// use spfc::dns::Cache;
/// use spfc::lint::{LintOptions, Severity, Subject, lint};
///
/// let subject = Subject::record(*b"v=spf1 ipv4:192.0.2.25 -all", None);
/// let mut options = LintOptions::default();
/// options.offline = true;
/// let report = lint(&Cache::default(), &subject, &options).expect("offline nothing is asked");
///
/// assert_eq!(report.worst(), Some(Severity::Error));
/// let finding = &report.diagnostics[0];
/// assert_eq!((finding.rule.code, finding.rule.name), ("SPF002", "unknown-mechanism"));
/// let fix = finding.fix.as_ref().expect("what was meant is plain");
/// assert_eq!((fix.text.as_str(), fix.kind.is_safe()), ("ip4:192.0.2.25", true));
/// ```
///
/// The published policy of a domain:
///
/// ```
/// use spfc::dns::{Source, ZoneMap};
/// use spfc::lint::{LintOptions, Subject, lint};
/// use spfc::name::DomainName;
///
/// let zones = ZoneMap::read(br#"{"example.com": {"TXT": ["v=spf1 a -all", "v=spf1 mx -all"]}}"#)?;
/// let mut dns = Source::closed(zones);
/// let subject = Subject::domain(DomainName::parse("example.com")?);
/// let options = LintOptions::default();
/// let report = dns.run(|lookup| lint(lookup, &subject, &options).into())?;
/// assert!(report.diagnostics.iter().any(|found| found.rule.name == "several-records"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn lint(
    lookup: &dyn Lookup,
    subject: &Subject,
    options: &LintOptions,
) -> Result<Report, Vec<Question>> {
    if options.offline && subject.texts().is_empty() {
        return Ok(Report::about(subject));
    }
    let facts = gather(lookup, subject, options)?;
    let mut diagnostics: Vec<Diagnostic> =
        registry::rules().flat_map(|rule| run(rule, &facts)).collect();
    diagnostics.sort_by(|a, b| by_place(&facts, a, b));
    let root = facts.graph.root();
    let found = root.record().is_some() && !options.offline;
    let record = facts.record_place(crate::policy::Graph::ROOT).record;
    Ok(Report {
        record: record.or_else(|| subject.record.as_deref().map(Arc::from)),
        lookups: found.then_some(facts.lookups),
        diagnostics,
        ..Report::about(subject)
    })
}

fn run(rule: &'static Rule, facts: &Facts) -> Vec<Diagnostic> {
    if rule.judges_policy() && facts.subject.is_include_only() {
        return Vec::new();
    }
    let mut findings = match rule.check {
        Check::Record(check) => check(facts),
        Check::Graph(_) if facts.options.offline => Vec::new(),
        Check::Graph(check) => check(facts),
    };
    let most = most_findings(&findings);
    let more = findings.len().saturating_sub(most);
    if more > 0 {
        findings.truncate(most);
        let message = format!("{more} more findings of this rule are left out");
        findings.push(Finding::new(facts.domain_place(), message));
    }
    let diagnostic = |finding: Finding| {
        let severity = finding.severity.unwrap_or(rule.severity);
        Some(Diagnostic {
            rule,
            severity: facts.options.levels.apply(rule, severity)?,
            message: finding.message,
            place: Place { file: facts.file_place(&finding.place), ..finding.place },
            help: finding.help,
            fix: finding.fix,
            blames: finding.blames,
        })
    };
    findings.into_iter().filter_map(diagnostic).collect()
}

/// How many of a rule's findings are reported: each may carry a large record.
fn most_findings(findings: &[Finding]) -> usize {
    let records = findings.iter().map(|finding| finding.place.record.as_ref());
    let largest = records.flatten().map(|record| record.len()).max().unwrap_or_default();
    (MOST_OCTETS / largest.max(1)).clamp(FEWEST_FINDINGS, MOST_FINDINGS)
}

/// The subject's own record first, then by domain; in each by place.
fn by_place(facts: &Facts, a: &Diagnostic, b: &Diagnostic) -> Ordering {
    let own = facts.shown(&facts.domain);
    let key = |diagnostic: &Diagnostic| {
        let place = &diagnostic.place;
        (place.domain != own, place.domain.clone(), place.span.map(|span| span.start))
    };
    key(a).cmp(&key(b))
}
