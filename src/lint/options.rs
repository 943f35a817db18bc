//! What is linted, and what the user says about it and about the rules.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::limits::Ceilings;
use crate::name::DomainName;

use super::baseline::Baseline;
use super::levels::Levels;
use super::origin::{File, FilePlace, FileRecord};

/// What is linted.
#[derive(Clone, Debug)]
pub struct Subject {
    /// What the user named: shown as the report's target.
    pub label: String,
    /// The domain that the policy is for; `None` for a record by itself.
    pub domain: Option<DomainName>,
    /// The record to take as the one published at the domain; `None` to ask DNS,
    /// or offline to take what the file has at the domain.
    pub record: Option<Box<[u8]>>,
    /// The name is reached only through `include`: no rule judges its policy.
    /// Names whose first label begins with `_` count as such anyway.
    pub include_only: bool,
    /// The file that the domain's records were read from, for places in it.
    pub file: Option<Arc<File>>,
    /// Which record of the file it is, where several could be meant.
    pub entry: Option<usize>,
    /// What the policy was when it was recorded, to be compared with.
    pub baseline: Option<Arc<Baseline>>,
    /// Names below the domain that are looked at for a policy of their own.
    pub subdomains: Arc<[DomainName]>,
}

impl Subject {
    /// The policy that is published at a domain.
    pub fn domain(domain: DomainName) -> Subject {
        let label = domain.to_string();
        Subject::new(label, Some(domain), None)
    }

    /// A record, for a domain or by itself. By itself, what its terms say about
    /// the domain (a bare `a` or `mx`, `%{d}`) is left open.
    pub fn record(text: impl Into<Box<[u8]>>, domain: Option<DomainName>) -> Subject {
        let text = text.into();
        let label = String::from_utf8_lossy(&text).into_owned();
        Subject::new(label, domain, Some(text))
    }

    fn new(label: String, domain: Option<DomainName>, record: Option<Box<[u8]>>) -> Subject {
        Subject {
            label,
            domain,
            record,
            include_only: false,
            file: None,
            entry: None,
            baseline: None,
            subdomains: Arc::default(),
        }
    }

    /// The record of its file that it is, where that is said.
    pub(super) fn file_record(&self) -> Option<&FileRecord> {
        self.file.as_deref()?.records().get(self.entry?)
    }

    /// Its record or, without one, what its file has at the domain. A record that
    /// is written twice is one.
    pub(super) fn texts(&self) -> BTreeSet<&[u8]> {
        match (&self.record, &self.file, &self.domain) {
            (Some(record), _, _) => BTreeSet::from([&**record]),
            // A list names domains without a text.
            (None, Some(file), Some(domain)) => {
                file.texts_of(domain).filter(|text| !text.is_empty()).collect()
            }
            _ => BTreeSet::new(),
        }
    }

    /// Where its file names it.
    pub fn origin(&self) -> Option<FilePlace> {
        let file = self.file.as_deref()?;
        match (self.file_record(), &self.domain) {
            (Some(record), _) => Some(file.place(record, None)),
            (None, domain) => file.find(domain.as_ref(), self.record.as_deref(), None),
        }
    }

    /// Whether rules that judge a policy have nothing to say here.
    pub(super) fn is_include_only(&self) -> bool {
        let underscore = |domain: &DomainName| {
            domain.labels().next().is_some_and(|label| label.first() == Some(&b'_'))
        };
        self.include_only || self.domain.as_ref().is_some_and(underscore)
    }
}

/// Whether the domain sends mail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sending {
    /// It does when its policy can pass any address or has a term that only
    /// the message can decide.
    #[default]
    Auto,
    /// It does.
    Yes,
    /// It does not.
    No,
}

/// Which opinion on `-all` is held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// DMARC decides about forgeries (RFC 7489 section 10.1, RFC 9989): `-all`
    /// on a sending domain is a finding.
    #[default]
    Dmarc,
    /// CISA's SCuBA baseline (MS.EXO.2.2): a sending domain without `-all` is.
    Scuba,
}

/// How a run is made.
#[derive(Clone, Debug)]
pub struct LintOptions {
    /// DNS is not asked: the record's text alone is linted, and only rules
    /// that need no more run.
    pub offline: bool,
    /// Records that are not the policy's own may be asked for (the domain's
    /// DMARC record and its MX records).
    pub beyond_policy: bool,
    /// A recording answers: which of the records that are not the policy's own
    /// it lacks is not known, and no question to be asked first.
    pub recorded: bool,
    /// Whether the domain sends mail.
    pub sending: Sending,
    /// Which opinion on `-all` is held.
    pub profile: Profile,
    /// The user's word on the severities of rules.
    pub levels: Levels,
    /// The share of what passed when the policy was recorded, in percent of the
    /// family that lost more, that may be lost before that is a finding of its own.
    pub max_shrink: u32,
    /// Bounds on the work.
    pub ceilings: Ceilings,
}

/// The share of the passed addresses that a policy may lose, in percent.
pub const MAX_SHRINK_PERCENT: u32 = 30;

impl Default for LintOptions {
    fn default() -> Self {
        LintOptions {
            offline: false,
            beyond_policy: true,
            recorded: false,
            sending: Sending::default(),
            profile: Profile::default(),
            levels: Levels::default(),
            max_shrink: MAX_SHRINK_PERCENT,
            ceilings: Ceilings::DEFAULT,
        }
    }
}
