//! What the targets of `spfc lint` name: policies, one each, and the zones that
//! some of them are read from.
//!
//! A file that cannot be read is remembered and does not hide the others.

use std::collections::HashSet;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use super::super::error::CliError;
use super::super::output::Session;
use super::super::recorded::Recorded;
use super::super::target::Target;
use super::super::usage::{UsageError, read_domain};
use super::list::{lines, read_list};
use super::subdomains::Subdomains;
use super::zone::{ReadZone, ZoneOptions, byte_order_mark, read_octodns, read_zone};
use crate::dns::{Lookup, Question, RecordSet, RecordType, Recording, Records, ZoneFile, ZoneText};
use crate::escape;
use crate::lint::{File, Subject, Unreadable, meant_as_record};
use crate::name::DomainName;
use crate::proof::Zoned;
use crate::syntax::{DomainTarget, Mechanism, is_spf_record, parse_record};

/// What standard input is called as a file.
const STANDARD_INPUT: &str = "<stdin>";

/// Where targets come from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Inputs<'a> {
    /// Domains, records and files.
    pub(super) targets: &'a [String],
    /// Files, whatever their names.
    pub(super) files: &'a [String],
    /// DNS is not asked, so a domain has nothing to lint.
    pub(super) offline: bool,
    /// How zone files are read.
    pub(super) zones: ZoneOptions<'a>,
}

/// Policies to lint.
#[derive(Default)]
pub(super) struct Subjects {
    subjects: Vec<(Subject, Option<usize>)>,
    zones: Vec<Arc<ZoneFile>>,
    unreadable: Vec<Unreadable>,
}

impl Subjects {
    /// Reads all targets, then all files.
    ///
    /// # Errors
    ///
    /// A target that is no domain.
    pub(super) fn read(inputs: &Inputs<'_>, session: &Session) -> Result<Subjects, CliError> {
        let mut subjects = Subjects::default();
        for target in inputs.targets {
            match Target::read(target) {
                Target::File(path, _) => subjects.file(&path, inputs, session),
                Target::Record(record) => subjects.record(record, session)?,
                Target::Domain(domain) => {
                    note_file_of_that_name(&domain, session);
                    subjects.domain(&domain, inputs, session)?;
                }
            }
        }
        for file in inputs.files {
            subjects.file(Path::new(file), inputs, session);
        }
        Ok(subjects)
    }

    /// What cannot be read.
    pub(super) fn unreadable(&self) -> &[Unreadable] {
        &self.unreadable
    }

    /// Each policy with the zone that it is read from.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Subject, Option<&Arc<ZoneFile>>)> {
        let zone = |zone: usize| self.zones.get(zone);
        self.subjects.iter().map(move |(subject, index)| (subject, index.and_then(zone)))
    }

    /// DNS as a policy of this zone sees it.
    pub(super) fn view<'a>(
        zone: Option<&Arc<ZoneFile>>,
        dns: &'a dyn Lookup,
    ) -> Box<dyn Lookup + 'a> {
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
    fn domain(
        &mut self,
        domain: &str,
        inputs: &Inputs<'_>,
        session: &Session,
    ) -> Result<(), CliError> {
        let options = session.global.source_options(read_domain(domain)?)?;
        if options.source.is_some() {
            return Err(UsageError::NotHere { flag: "--source", command: "lint" }.into());
        }
        let domain = options.domain;
        let subject = match options.record {
            None if inputs.offline => return Err(UsageError::Offline(domain).into()),
            None => Subject::domain(domain),
            Some(record) => {
                Subject { label: domain.to_string(), ..Subject::record(record, Some(domain)) }
            }
        };
        self.subjects.push((subject, None));
        Ok(())
    }

    /// A zone file, the YAML of a zone, or a file of records and domains, one a line.
    fn file(&mut self, path: &Path, inputs: &Inputs<'_>, session: &Session) {
        let shown = match path == Path::new("-") {
            true => STANDARD_INPUT.to_owned(),
            false => path.to_string_lossy().into_owned(),
        };
        let text = match octets(path) {
            Ok(text) => text,
            Err(error) => {
                let message = format!("cannot be read: {error}");
                self.unreadable.push(Unreadable { path: shown.into(), place: None, message });
                return;
            }
        };
        let suffix = path.extension().unwrap_or_default();
        let unreadable = |message: &str| {
            let place = File::new(&*shown, &b""[..], Vec::new()).range_place(0..0);
            Unreadable { path: shown.as_str().into(), place: Some(place), message: message.into() }
        };
        let yaml = suffix.eq_ignore_ascii_case("yaml") || suffix.eq_ignore_ascii_case("yml");
        if let Some(mark) = byte_order_mark(&text).filter(|_| !yaml) {
            self.unreadable.push(unreadable(mark));
            return;
        }
        let zone = match lines(&text).filter(|_| !yaml) {
            Some(lines) => {
                let read = read_list(&shown, text, lines);
                read.into_iter().for_each(|line| self.line(line, inputs.offline));
                return;
            }
            None if yaml => read_octodns(path, &shown, text, inputs.zones),
            None => read_zone(path, &shown, text, inputs.zones),
        };
        match zone {
            Ok(read) => self.zone(read, inputs.offline, session),
            Err(unreadable) => self.unreadable.push(unreadable),
        }
    }

    /// A line of a list. DNS would have to be asked for a domain.
    fn line(&mut self, line: Result<Subject, Unreadable>, offline: bool) {
        match line {
            Ok(subject) if offline && subject.record.is_none() => {
                let message = "is a domain, and --offline lints texts".to_owned();
                let place = subject.origin();
                let path = place.as_ref().map_or_else(|| Arc::from(""), |place| place.path.clone());
                self.unreadable.push(Unreadable { path, place, message });
            }
            Ok(subject) => self.subjects.push((subject, None)),
            Err(unreadable) => self.unreadable.push(unreadable),
        }
    }

    fn zone(&mut self, read: ReadZone, offline: bool, session: &Session) {
        let ReadZone { zone, file, guessed } = read;
        if let Some(origin) = guessed {
            session.note(format!(
                "relative names of {} are below {origin}, as its name says; --origin says otherwise",
                escape::text(file.path())
            ));
        }
        let included = included(&zone);
        let several = several(&zone);
        let mut seen = HashSet::new();
        for record in zone.texts().iter().filter(|text| is_linted(text)) {
            let domain = record.owner.clone();
            let include_only = included.contains(&domain);
            let label = domain.to_string();
            // Without DNS each record is linted by itself; with it, or where there
            // are several, a name as a whole.
            let subject = match offline && !several.contains(&domain) {
                true => Subject::record(record.text.joined().into_owned(), Some(domain)),
                false if seen.insert(domain.clone()) => Subject::domain(domain),
                false => continue,
            };
            let file = Some(file.clone());
            let subject = Subject { label, include_only, file, ..subject };
            self.subjects.push((subject, Some(self.zones.len())));
        }
        // A name whose record has the obsolete type alone has none to receivers.
        for domain in obsolete_alone(&zone).filter(|_| !offline) {
            if seen.insert(domain.clone()) {
                let file = Some(file.clone());
                let subject = Subject { file, ..Subject::domain(domain.clone()) };
                self.subjects.push((subject, Some(self.zones.len())));
            }
        }
        self.zones.push(Arc::new(zone));
    }
}

/// Says how to name the file when a domain is the name of one too.
pub(super) fn note_file_of_that_name(domain: &str, session: &Session) {
    if Path::new(domain).is_file() {
        session.note(format!(
            "{0} is taken for a domain, not for the file: ./{0} is the file",
            escape::text(domain)
        ));
    }
}

/// The one SPF record that a recording has at a name.
fn text(recording: &Recording, name: &DomainName) -> Option<Vec<u8>> {
    let answer = recording.lookup(&Question::new(name.clone(), RecordType::Txt)).ok()?;
    let texts = answer.texts().iter().map(|text| text.joined().into_owned());
    let records: Vec<Vec<u8>> = texts.filter(|text| is_spf_record(text)).collect();
    <[Vec<u8>; 1]>::try_from(records).ok().map(|[record]| record)
}

fn octets(path: &Path) -> std::io::Result<Vec<u8>> {
    if path != Path::new("-") {
        return std::fs::read(path);
    }
    let mut text = Vec::new();
    std::io::stdin().lock().read_to_end(&mut text)?;
    Ok(text)
}

/// Whether a TXT record is an SPF record, or was meant to be one.
fn is_linted(text: &ZoneText) -> bool {
    let octets = text.text.joined();
    is_spf_record(&octets) || meant_as_record(&octets, &text.owner)
}

/// The names with an SPF record of the obsolete type SPF.
fn obsolete_alone(zone: &ZoneFile) -> impl Iterator<Item = &DomainName> {
    let has_record = |set: &RecordSet| match &set.records {
        Records::Spf(texts) => texts.iter().any(|text| is_spf_record(&text.joined())),
        _ => false,
    };
    zone.owners().filter(move |owner| owner.sets.iter().any(has_record)).map(|owner| &owner.name)
}

/// The names with several SPF records, of which receivers use none.
fn several(zone: &ZoneFile) -> HashSet<DomainName> {
    // A record that is written twice is one.
    let records: HashSet<_> =
        zone.spf_records().map(|text| (&text.owner, text.text.joined())).collect();
    let mut seen = HashSet::new();
    records
        .into_iter()
        .filter_map(|(owner, _)| (!seen.insert(owner)).then(|| owner.clone()))
        .collect()
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
