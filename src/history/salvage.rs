//! What can still be read of a damaged history goes into the new one.
//!
//! Nothing is guessed: each version is checked against its digest, and one that
//! cannot be read is left where it is.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::error::HistoryError;
use super::version::{Event, Version};
use super::{read, schema, write};

/// Versions of each source that are taken over, the newest: who waits for it has
/// other things to do.
const VERSIONS_MOST: i64 = 100;

/// How much was taken over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Salvaged {
    pub(super) versions: usize,
    pub(super) events: usize,
}

/// Copies what can be read of the file at `broken`. Where that is nothing, or
/// where the disk is full, the new history is as good without it.
pub(super) fn take_over(broken: &Path, to: &mut Connection) -> Salvaged {
    let mut salvaged = Salvaged::default();
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_EXRESCODE;
    if let Ok(from) = Connection::open_with_flags(broken, flags) {
        for source in sources(&from).unwrap_or_default() {
            // A source that fails here leaves the others.
            let _ = take_source(&from, to, &source, &mut salvaged);
        }
    }
    salvaged
}

/// The sources of a file that has our tables, as far as they can be read.
fn sources(from: &Connection) -> Result<Vec<String>, HistoryError> {
    schema::set_up(from)?;
    match schema::is_ours(from)? {
        true => read::sources(from),
        false => Ok(Vec::new()),
    }
}

fn take_source(
    from: &Connection,
    to: &mut Connection,
    source: &str,
    salvaged: &mut Salvaged,
) -> Result<(), HistoryError> {
    let versions: Vec<Version> = numbers(from, source)
        .into_iter()
        .filter_map(|number| read::version(from, source, number).ok().flatten())
        .collect();
    let events: Vec<Event> = read::events(from, source).unwrap_or_default();
    let transaction = write::begin(to)?;
    for version in versions.iter().rev() {
        write::add_within(&transaction, version)?;
    }
    for event in events.iter().rev() {
        write::add_event_within(&transaction, event)?;
    }
    transaction.commit()?;
    salvaged.versions += versions.len();
    salvaged.events += events.len();
    Ok(())
}

/// The numbers of a source's newest versions, up to where they cannot be read.
fn numbers(from: &Connection, source: &str) -> Vec<u64> {
    let Ok(mut statement) = from.prepare(
        "SELECT v.number FROM version AS v JOIN source AS s ON s.id = v.source \
         WHERE s.name = ?1 ORDER BY v.number DESC LIMIT ?2",
    ) else {
        return Vec::new();
    };
    let rows = statement.query_map((source, VERSIONS_MOST), |row| row.get::<_, i64>(0));
    let mut numbers = Vec::new();
    for number in rows.into_iter().flatten().map_while(Result::ok) {
        numbers.extend(u64::try_from(number));
    }
    // What is out of order or there twice is damage, too.
    numbers.sort_unstable_by(|one, other| other.cmp(one));
    numbers.dedup();
    numbers
}
