//! Deleting what is old, and giving the room back to the disk.

use std::collections::HashSet;

use rusqlite::{Connection, params};

use super::error::HistoryError;
use super::numbers;
use super::write::begin;

/// Pages that are given back in one step, so that nobody waits long.
const PAGES_A_STEP: i64 = 256;
/// Steps of one call. What is left then is given back by the next.
const STEPS_MOST: usize = 1_000;

/// How much was deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Versions.
    pub versions: usize,
    /// Events.
    pub events: usize,
    /// Lines of lock files that no version has any more.
    pub lines: usize,
}

/// Prunes source by source, each in a transaction of its own.
pub(super) fn prune(
    connection: &mut Connection,
    keep_after: i64,
    most_versions: usize,
) -> Result<Pruned, HistoryError> {
    let sources: Vec<i64> = {
        let mut statement = connection.prepare("SELECT id FROM source")?;
        let ids = statement.query_map([], |row| row.get(0))?;
        ids.collect::<Result<_, _>>()?
    };
    let mut pruned = Pruned::default();
    for source in sources {
        prune_source(connection, source, keep_after, most_versions, &mut pruned)?;
    }
    give_back(connection)?;
    Ok(pruned)
}

fn prune_source(
    connection: &mut Connection,
    source: i64,
    keep_after: i64,
    most_versions: usize,
    pruned: &mut Pruned,
) -> Result<(), HistoryError> {
    let transaction = begin(connection)?;
    let most = i64::try_from(most_versions).unwrap_or(i64::MAX).max(1);
    // The newest is the first of its list, and stays however old it is.
    let versions = transaction.execute(
        "DELETE FROM version WHERE source = ?1 AND id IN (SELECT id FROM (SELECT id, time, \
         row_number() OVER (ORDER BY number DESC) AS place FROM version WHERE source = ?1) \
         WHERE place > ?3 OR (place > 1 AND time < ?2))",
        params![source, keep_after, most],
    )?;
    let events = transaction.execute(
        "DELETE FROM event WHERE source = ?1 AND time < ?2",
        params![source, keep_after],
    )?;
    let lines = match versions {
        0 => 0,
        _ => sweep(&transaction, source)?,
    };
    transaction.execute(
        "DELETE FROM source WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM version WHERE source = ?1) \
         AND NOT EXISTS (SELECT 1 FROM event WHERE source = ?1) \
         AND NOT EXISTS (SELECT 1 FROM line WHERE source = ?1)",
        [source],
    )?;
    transaction.commit()?;
    pruned.versions += versions;
    pruned.events += events;
    pruned.lines += lines;
    Ok(())
}

/// Deletes the lines of a source that none of its versions has.
fn sweep(connection: &Connection, source: i64) -> Result<usize, HistoryError> {
    let mut used: HashSet<i64> = HashSet::new();
    let mut locks =
        connection.prepare("SELECT lock FROM version WHERE source = ?1 AND lock IS NOT NULL")?;
    let mut rows = locks.query([source])?;
    while let Some(row) = rows.next()? {
        // A list that cannot be read keeps no lines: its version cannot be read either.
        used.extend(row.get_ref(0)?.as_blob().ok().and_then(numbers::decode).unwrap_or_default());
    }
    let mut all = connection.prepare("SELECT id FROM line WHERE source = ?1")?;
    let ids = all.query_map([source], |row| row.get(0))?;
    let all: Vec<i64> = ids.collect::<Result<_, _>>()?;
    let mut delete = connection.prepare("DELETE FROM line WHERE id = ?1")?;
    let mut lines = 0;
    for id in all.into_iter().filter(|id| !used.contains(id)) {
        lines += delete.execute([id])?;
    }
    Ok(lines)
}

/// Shortens the file by the pages that nothing stands on any more.
fn give_back(connection: &Connection) -> Result<(), HistoryError> {
    let free = || connection.pragma_query_value(None, "freelist_count", |row| row.get(0));
    let mut step = connection.prepare(&format!("PRAGMA incremental_vacuum({PAGES_A_STEP})"))?;
    let mut before: i64 = free()?;
    for _ in 0..STEPS_MOST {
        // One row for each page.
        let mut pages = step.query([])?;
        while pages.next()?.is_some() {}
        drop(pages);
        let left: i64 = free()?;
        // A file that was not made for it does not shrink.
        if left == 0 || left >= before {
            break;
        }
        before = left;
    }
    drop(step);
    // Waits for nobody. While somebody reads, the file keeps its length until later.
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?;
    Ok(())
}
