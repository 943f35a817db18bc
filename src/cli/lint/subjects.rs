//! What the targets of `spfc lint` name: policies, one each, and the zone file
//! that some of them are read from.

use std::collections::HashSet;
use std::io::Read;
use std::path::Path;

use super::super::error::{CliError, shown};
use super::super::escape;
use super::super::output::Session;
use super::super::recorded::Recorded;
use super::super::target::Target;
use super::super::usage::{UsageError, read_domain};
use super::subdomains::Subdomains;
use crate::dns::{Lookup, Question, RecordType, Recording, ZoneFile};
use crate::lint::Subject;
use crate::name::DomainName;
use crate::proof::Zoned;
use crate::syntax::{DomainTarget, Mechanism, is_spf_record, parse_record};

/// Policies to lint.
#[derive(Default)]
pub(super) struct Subjects {
    subjects: Vec<(Subject, Option<usize>)>,
    zones: Vec<ZoneFile>,
    /// DNS is not asked, so a domain has nothing to lint.
    offline: bool,
}

impl Subjects {
    /// Reads all targets, then all files.
    ///
    /// # Errors
    ///
    /// A target that is no domain, a file that cannot be read.
    pub(super) fn read(
        targets: &[String],
        files: &[String],
        offline: bool,
        session: &Session,
    ) -> Result<Subjects, CliError> {
        let mut subjects = Subjects { offline, ..Subjects::default() };
        for target in targets {
            match Target::read(target) {
                Target::File(path, _) => subjects.file(&path)?,
                Target::Record(record) => subjects.record(record, session)?,
                Target::Domain(domain) => {
                    if Path::new(&domain).is_file() {
                        session.note(format!(
                            "{0} is taken for a domain, not for the file: ./{0} is the file",
                            escape::text(&domain)
                        ));
                    }
                    subjects.domain(&domain, session)?;
                }
            }
        }
        for file in files {
            subjects.file(Path::new(file))?;
        }
        Ok(subjects)
    }

    /// Each policy with the zone file that it is read from.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Subject, Option<&ZoneFile>)> {
        self.subjects.iter().map(|(subject, zone)| (subject, zone.map(|zone| &self.zones[zone])))
    }

    /// DNS as a policy of this zone file sees it.
    pub(super) fn view<'a>(zone: Option<&ZoneFile>, dns: &'a dyn Lookup) -> Box<dyn Lookup + 'a> {
        match zone {
            None => Box::new(dns),
            Some(zone) => Box::new(Zoned::new(zone.clone(), dns)),
        }
    }

    /// The domains of a recording that the published policies are compared with.
    pub(super) fn locked(&mut self, recording: &Recording) {
        let domains = recording.domains().iter().cloned();
        self.subjects.extend(domains.map(|domain| (Subject::domain(domain), None)));
    }

    /// The policies of a recording that answers in place of DNS; one that was
    /// read at another name by its text.
    pub(super) fn recorded(&mut self, recording: &Recording) {
        for domain in recording.domains() {
            let subject = match recording.source(domain).and_then(|at| text(recording, at)) {
                Some(text) => Subject {
                    label: domain.to_string(),
                    ..Subject::record(text, Some(domain.clone()))
                },
                None => Subject::domain(domain.clone()),
            };
            self.subjects.push((subject, None));
        }
    }

    /// Gives each subject what its policy was when it was recorded.
    ///
    /// # Errors
    ///
    /// A lock file that records none of them.
    pub(super) fn compare(&mut self, lock: &Recorded, session: &Session) -> Result<(), UsageError> {
        let mut found = false;
        for (subject, zone) in &mut self.subjects {
            let Some(domain) = &subject.domain else { continue };
            match lock.policy(domain) {
                Some(policy) => {
                    subject.baseline = Some(policy.clone());
                    found = true;
                }
                // A zone file has more names than those that matter.
                None if zone.is_none() => {
                    session.note(format!("{domain} is not recorded in {}", lock.path));
                }
                None => {}
            }
        }
        if found { Ok(()) } else { Err(UsageError::NotLocked(lock.path.clone())) }
    }

    /// Gives each subject the names below its domain that are to be looked at.
    ///
    /// # Errors
    ///
    /// More names than are looked at for one domain.
    pub(super) fn look_below(
        &mut self,
        names: &Subdomains,
        session: &Session,
    ) -> Result<(), UsageError> {
        let linted: HashSet<DomainName> =
            self.subjects.iter().filter_map(|(subject, _)| subject.domain.clone()).collect();
        names.tell(&linted, session);
        self.subjects.iter_mut().try_for_each(|(subject, _)| names.attach(subject, &linted))
    }

    fn record(&mut self, record: Vec<u8>, session: &Session) -> Result<(), CliError> {
        session.global.published_only("lint")?;
        self.subjects.push((Subject::record(record, None), None));
        Ok(())
    }

    /// A domain, with the record that `--record` gives it.
    fn domain(&mut self, domain: &str, session: &Session) -> Result<(), CliError> {
        let options = session.global.source_options(read_domain(domain)?)?;
        if options.source.is_some() {
            return Err(UsageError::NotHere { flag: "--source", command: "lint" }.into());
        }
        let domain = options.domain;
        let subject = match options.record {
            None => self.published(domain)?,
            Some(record) => {
                Subject { label: domain.to_string(), ..Subject::record(record, Some(domain)) }
            }
        };
        self.subjects.push((subject, None));
        Ok(())
    }

    /// The policy that is published at a domain.
    fn published(&self, domain: DomainName) -> Result<Subject, UsageError> {
        match self.offline {
            true => Err(UsageError::Offline(domain)),
            false => Ok(Subject::domain(domain)),
        }
    }

    /// A zone file, or a file of records and domains, one a line.
    fn file(&mut self, path: &Path) -> Result<(), CliError> {
        let mut text = Vec::new();
        if path == Path::new("-") {
            let read = std::io::stdin().lock().read_to_end(&mut text);
            read.map_err(|error| CliError::read(path, error))?;
        } else {
            text = std::fs::read(path).map_err(|error| CliError::read(path, error))?;
        }
        match lines(&text) {
            Some(lines) => {
                for line in lines {
                    self.line(line)?;
                }
                Ok(())
            }
            None => self.zone(path, &text),
        }
    }

    fn line(&mut self, line: &[u8]) -> Result<(), CliError> {
        let subject = match begins_as_record(line) {
            true => Subject::record(line, None),
            false => self.published(read_domain(&String::from_utf8_lossy(line))?)?,
        };
        self.subjects.push((subject, None));
        Ok(())
    }

    fn zone(&mut self, path: &Path, text: &[u8]) -> Result<(), CliError> {
        let zone = ZoneFile::read(text, None)
            .map_err(|error| CliError::ZoneFile { path: shown(path), error })?;
        let included = included(&zone);
        let mut seen = HashSet::new();
        for record in zone.spf_records() {
            let domain = record.owner.clone();
            let include_only = included.contains(&domain);
            let label = domain.to_string();
            // Without DNS each record is linted by itself; with it, a name as a
            // whole, which may hold several.
            let subject = match self.offline {
                true => Subject::record(record.text.joined().into_owned(), Some(domain)),
                false if seen.insert(domain.clone()) => Subject::domain(domain),
                false => continue,
            };
            self.subjects
                .push((Subject { label, include_only, ..subject }, Some(self.zones.len())));
        }
        self.zones.push(zone);
        Ok(())
    }
}

/// The one SPF record that a recording has at a name.
fn text(recording: &Recording, name: &DomainName) -> Option<Vec<u8>> {
    let answer = recording.lookup(&Question::new(name.clone(), RecordType::Txt)).ok()?;
    let texts = answer.texts().iter().map(|text| text.joined().into_owned());
    let records: Vec<Vec<u8>> = texts.filter(|text| is_spf_record(text)).collect();
    <[Vec<u8>; 1]>::try_from(records).ok().map(|[record]| record)
}

/// The lines of a file of records and domains; `None` for any other file.
fn lines(text: &[u8]) -> Option<Vec<&[u8]>> {
    let lines = text.split(|octet| *octet == b'\n').map(<[u8]>::trim_ascii);
    let lines: Vec<&[u8]> =
        lines.filter(|line| !line.is_empty() && !line.starts_with(b"#")).collect();
    let one_word = |line: &[u8]| !line.iter().any(|octet| octet.is_ascii_whitespace());
    let plain = |line: &&[u8]| begins_as_record(line) || one_word(line) && !line.starts_with(b"$");
    lines.iter().all(plain).then_some(lines)
}

fn begins_as_record(line: &[u8]) -> bool {
    is_spf_record(line) || line.len() >= 6 && line[..6].eq_ignore_ascii_case(b"v=spf1")
}

/// The names that records of a zone file include.
fn included(zone: &ZoneFile) -> HashSet<DomainName> {
    let mut names = HashSet::new();
    for text in zone.spf_records() {
        let record = parse_record(&text.text.joined()).record;
        for (_, directive) in record.directives() {
            if let Mechanism::Include(spec) = &directive.mechanism
                && let DomainTarget::Static(name) = record.domain_target(spec, &text.owner)
            {
                names.insert(name);
            }
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_lists_from_zone_files() {
        assert_eq!(lines(b"example.com\n\n# more\nv=spf1 -all\n").unwrap().len(), 2);
        assert!(lines(b"$ORIGIN example.com.\n@ 300 IN TXT \"v=spf1 -all\"\n").is_none());
        assert!(lines(b"example.com. 300 IN TXT \"v=spf1 -all\"\n").is_none());
    }
}
