//! Writing mended records back into the files that they were read from.

use std::path::Path;
use std::sync::Arc;

use super::super::super::error::{CliError, shown};
use super::super::super::output::Session;
use super::super::list::{lines, read_list};
use super::super::subjects::Inputs;
use super::super::zone::read_zone;
use super::Outcome;
use crate::dns::ZoneFile;
use crate::lint::{File, FileRecord, rewrite};
use crate::name::DomainName;
use crate::whole_file;

/// A record as its owner and its octets.
type Owned = (Option<DomainName>, Vec<u8>);

/// Writes what was mended, file by file, and says for each policy whether it
/// was written. A file is written only if it still is as it was read, and what
/// is to be written reads as it should.
///
/// # Errors
///
/// A file that has changed, or cannot be written; those before it are written.
pub(super) fn write(
    outcomes: &[Outcome<'_>],
    inputs: &Inputs<'_>,
    session: &Session,
) -> Result<Vec<bool>, CliError> {
    let mut written = vec![false; outcomes.len()];
    let mut done: Vec<&Arc<File>> = Vec::new();
    for outcome in outcomes {
        let Some(file) = &outcome.subject.file else { continue };
        if done.iter().any(|known| is_same(known, file)) {
            continue;
        }
        done.push(file);
        let changes = changes(outcomes, file, session);
        if changes.is_empty() {
            continue;
        }
        if is_yaml(file) {
            session.warn(format!("{}: YAML is not written", file.path()));
            continue;
        }
        let edits: Vec<(&FileRecord, &[u8])> =
            changes.iter().map(|change| (change.record, change.octets)).collect();
        match rewrite(file, &edits) {
            Err(error) => session.warn(format!("{} is not written: {error}", file.path())),
            Ok(text) => {
                replace(file, outcome.zone, text, &changes, inputs)?;
                for (outcome, written) in written.iter_mut().enumerate() {
                    *written |= changes.iter().any(|change| change.outcomes.contains(&outcome));
                }
                if outcome.zone.is_some_and(|zone| zone.apexes().next().is_some()) {
                    session.note(format!(
                        "{}: the serial number is as it was; raise it to publish the zone",
                        file.path()
                    ));
                }
            }
        }
    }
    Ok(written)
}

/// Another text for a record of a file.
struct Change<'a> {
    /// Which of the outcomes it comes from: several where a file is named twice.
    outcomes: Vec<usize>,
    record: &'a FileRecord,
    octets: &'a [u8],
}

/// What was mended of the records of a file.
fn changes<'a>(
    outcomes: &'a [Outcome<'_>],
    file: &'a Arc<File>,
    session: &Session,
) -> Vec<Change<'a>> {
    let mut changes: Vec<Change<'a>> = Vec::new();
    for (index, outcome) in outcomes.iter().enumerate() {
        let (Some((old, new)), Some(own)) = (outcome.change(), &outcome.subject.file) else {
            continue;
        };
        if !is_same(own, file) {
            continue;
        }
        let is_taken = |record: &FileRecord| {
            changes.iter().position(|change| std::ptr::eq(change.record, record))
        };
        let meant =
            |record: &&FileRecord| record.owner == outcome.subject.domain && *record.octets == *old;
        let entry = outcome.subject.entry.and_then(|entry| file.records().get(entry));
        let record = match entry {
            Some(entry) => Some(entry).filter(|record| *record.octets == *old),
            None => {
                let mut all = file.records().iter().filter(meant);
                all.clone().find(|record| is_taken(record).is_none()).or(all.next())
            }
        };
        let taken = record.and_then(is_taken).and_then(|index| changes.get_mut(index));
        if let Some(taken) = taken.filter(|taken| taken.octets == new) {
            taken.outcomes.push(index);
            continue;
        }
        match record {
            Some(record) => changes.push(Change { outcomes: vec![index], record, octets: new }),
            None => session.warn(format!(
                "{}: the record does not stand in {} itself, and is not written",
                outcome.fixed.left.target,
                file.path()
            )),
        }
    }
    changes
}

/// Whether two readings are of the same file.
fn is_same(one: &File, other: &File) -> bool {
    one.path() == other.path() && one.text() == other.text()
}

fn is_yaml(file: &File) -> bool {
    let suffix = Path::new(file.path()).extension();
    suffix.is_some_and(|suffix| {
        suffix.eq_ignore_ascii_case("yaml") || suffix.eq_ignore_ascii_case("yml")
    })
}

fn replace(
    file: &File,
    zone: Option<&Arc<ZoneFile>>,
    text: Vec<u8>,
    changes: &[Change<'_>],
    inputs: &Inputs<'_>,
) -> Result<(), CliError> {
    let path = Path::new(file.path());
    let (before, after) = match zone {
        Some(zone) => {
            let read = read_zone(path, file.path(), text.clone(), inputs.zones);
            (of_zone(zone), read.ok().map(|read| of_zone(&read.zone)))
        }
        None => {
            let owned = |record: &FileRecord| (record.owner.clone(), record.octets.to_vec());
            (file.records().iter().map(owned).collect(), of_list(file, &text))
        }
    };
    if after != expected(before, changes) {
        return Err(CliError::Unfaithful(shown(path)));
    }
    let now = std::fs::read(path).map_err(|error| CliError::read(path, error))?;
    if now != file.text() {
        return Err(CliError::Changed(shown(path)));
    }
    whole_file::write(path, &text).map_err(|error| CliError::write(path, error))
}

/// The records of a file, sorted, with the changes made.
fn expected(mut records: Vec<Owned>, changes: &[Change<'_>]) -> Option<Vec<Owned>> {
    for change in changes {
        let (owner, octets) = (&change.record.owner, &change.record.octets);
        let meant = |record: &&mut Owned| record.0 == *owner && record.1 == **octets;
        records.iter_mut().find(meant)?.1 = change.octets.to_vec();
    }
    records.sort();
    Some(records)
}

fn of_zone(zone: &ZoneFile) -> Vec<Owned> {
    let texts = zone.texts().iter();
    let mut records: Vec<Owned> =
        texts.map(|text| (Some(text.owner.clone()), text.text.joined().into_owned())).collect();
    records.sort();
    records
}

fn of_list(file: &File, text: &[u8]) -> Option<Vec<Owned>> {
    let read = read_list(file.path(), text.to_vec(), lines(text)?);
    let first = read.iter().flatten().next()?;
    let records = first.file.as_ref()?.records().iter();
    let mut records: Vec<Owned> =
        records.map(|record| (record.owner.clone(), record.octets.to_vec())).collect();
    records.sort();
    Some(records)
}

#[cfg(test)]
mod tests {
    use super::super::super::zone::ZoneOptions;
    use super::*;

    const READ: &[u8] = b"v=spf1 a a\nv=spf1 mx\n";

    /// Writes `text` where the list `READ`, whose first record changes to `v=spf1 a`,
    /// was read, and gives what is on disk then.
    fn replaced(on_disk: &[u8], text: &[u8]) -> (Result<(), CliError>, Vec<u8>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list");
        std::fs::write(&path, on_disk).unwrap();
        let shown = path.to_str().unwrap();
        let subjects = read_list(shown, READ.to_vec(), lines(READ).unwrap());
        let file = subjects.iter().flatten().next().unwrap().file.clone().unwrap();
        let record = &file.records()[0];
        let changes = [Change { outcomes: vec![0], record, octets: b"v=spf1 a" }];
        let zones = ZoneOptions { origin: None, allow_include: false };
        let inputs = Inputs { targets: &[], files: &[], offline: true, zones };
        let written = replace(&file, None, text.to_vec(), &changes, &inputs);
        (written, std::fs::read(&path).unwrap())
    }

    #[test]
    fn only_what_reads_as_it_should_is_written() {
        let sound = b"v=spf1 a\nv=spf1 mx\n";
        assert!(matches!(replaced(READ, sound), (Ok(()), text) if text == sound));
        for wrong in
            [&b"v=spf1 a\n"[..], b"v=spf1 a\nv=spf1\n", b"v=spf1 a\nv=spf1 mx\nx", b"", READ]
        {
            let (refused, on_disk) = replaced(READ, wrong);
            assert!(matches!(refused, Err(CliError::Unfaithful(_))), "{refused:?}");
            assert_eq!(on_disk, READ);
        }
    }

    #[test]
    fn a_file_that_has_changed_is_left_alone() {
        let (refused, on_disk) = replaced(b"another", b"v=spf1 a\nv=spf1 mx\n");
        assert!(matches!(refused, Err(CliError::Changed(_))), "{refused:?}");
        assert_eq!(on_disk, b"another");
    }
}
