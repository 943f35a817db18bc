//! What a history is asked for. Whatever the file holds is taken for text of
//! somebody else.

use std::net::IpAddr;
use std::sync::Arc;

use rusqlite::{Connection, Row, params};

use super::digest::digest;
use super::error::HistoryError;
use super::version::{
    Change, Event, EventKind, ProviderCount, RangeChange, Version, VersionSummary, Why,
};
use super::write::EVENTS_MOST;
use super::{lines, ranges};

const SUMMARY: &str = "SELECT v.number, v.time, v.domain, v.why, v.back_to, v.sentence, v.ip4, \
                       v.ip6, v.lock IS NOT NULL, v.id, v.source, v.lock, v.hash, v.record \
                       FROM version AS v JOIN source AS s ON s.id = v.source WHERE s.name = ?1";

/// Ranges of a version that are read. Nobody has so many, but a file may say so.
const RANGES_MOST: usize = 4_000_000;

const DAMAGED: HistoryError = HistoryError::Damaged { what: "a version" };

/// The versions of a source, newest first.
pub(super) fn versions(
    connection: &mut Connection,
    source: &str,
) -> Result<Vec<VersionSummary>, HistoryError> {
    // Versions and their changes in one picture, whoever writes meanwhile.
    let transaction = connection.transaction()?;
    let mut statement = transaction.prepare(&format!("{SUMMARY} ORDER BY v.number DESC"))?;
    let mut changes = transaction.prepare(
        "SELECT change, provider, count, ip4, ip6 FROM change WHERE version = ?1 \
         ORDER BY CASE change WHEN 'gained' THEN 0 WHEN 'lost' THEN 1 ELSE 2 END, provider",
    )?;
    let mut rows = statement.query([source])?;
    let mut versions = Vec::new();
    while let Some(row) = rows.next()? {
        let mut summary = summary(row)?;
        let id: i64 = row.get(9)?;
        let mut rows = changes.query([id])?;
        while let Some(row) = rows.next()? {
            summary.counts.push(ProviderCount {
                change: change(row)?,
                provider: row.get(1)?,
                ranges: unsigned(row, 2)?,
                ip4: count(row, 3)?,
                ip6: count(row, 4)?,
            });
        }
        versions.push(summary);
    }
    Ok(versions)
}

/// A version of a source, if it is there. The caller sees to it that nothing
/// changes meanwhile.
pub(super) fn version(
    connection: &Connection,
    source: &str,
    number: u64,
) -> Result<Option<Version>, HistoryError> {
    // No row has a higher number.
    let Ok(row_number) = i64::try_from(number) else { return Ok(None) };
    let mut statement = connection.prepare(&format!("{SUMMARY} AND v.number = ?2"))?;
    let mut rows = statement.query(params![source, row_number])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let summary = summary(row)?;
    let (id, source_id): (i64, i64) = (row.get(9)?, row.get(10)?);
    let (list, hash): (Option<Vec<u8>>, i64) = (row.get(11)?, row.get(12)?);
    let lock = match list {
        Some(list) => Some(lines::load(connection, source_id, &list)?),
        None => None,
    };
    let version = Version {
        source: source.to_owned(),
        number,
        time: summary.time,
        domain: summary.domain,
        record: row.get(13)?,
        why: summary.why,
        sentence: summary.sentence,
        lock,
        ip4: summary.ip4,
        ip6: summary.ip6,
        changes: changes(connection, id)?,
    };
    if digest(&version) != hash {
        return Err(DAMAGED);
    }
    Ok(Some(version))
}

fn changes(connection: &Connection, version: i64) -> Result<Vec<RangeChange>, HistoryError> {
    let mut statement =
        connection.prepare("SELECT change, provider, ranges FROM change WHERE version = ?1")?;
    let mut rows = statement.query([version])?;
    let mut changes = Vec::new();
    while let Some(row) = rows.next()? {
        let change = change(row)?;
        let provider: Arc<str> = row.get(1)?;
        let octets = row.get_ref(2)?.as_blob().map_err(|_| DAMAGED)?;
        let ranges = ranges::decode(octets).ok_or(DAMAGED)?;
        if changes.len() + ranges.len() > RANGES_MOST {
            return Err(DAMAGED);
        }
        changes.extend(ranges.into_iter().map(|(first, last): (IpAddr, IpAddr)| RangeChange {
            change,
            provider: provider.clone(),
            first,
            last,
        }));
    }
    changes.sort_unstable();
    Ok(changes)
}

/// The highest number of a source's versions.
pub(super) fn latest_number(
    connection: &Connection,
    source: &str,
) -> Result<Option<u64>, HistoryError> {
    let mut statement = connection.prepare(&format!("{SUMMARY} ORDER BY v.number DESC LIMIT 1"))?;
    let mut rows = statement.query([source])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    unsigned(row, 0).map(Some)
}

/// The events of a source, newest first.
pub(super) fn events(connection: &Connection, source: &str) -> Result<Vec<Event>, HistoryError> {
    let mut statement = connection.prepare(
        "SELECT e.time, e.kind, e.sentence FROM event AS e JOIN source AS s ON s.id = e.source \
         WHERE s.name = ?1 ORDER BY e.time DESC, e.id DESC LIMIT ?2",
    )?;
    let mut rows = statement.query(params![source, EVENTS_MOST])?;
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        let kind = EventKind::read(row.get_ref(1)?.as_str().unwrap_or_default());
        events.push(Event {
            source: source.to_owned(),
            time: row.get(0)?,
            kind: kind.ok_or(HistoryError::Damaged { what: "an event" })?,
            sentence: row.get(2)?,
        });
    }
    Ok(events)
}

/// The names of all sources, sorted.
pub(super) fn sources(connection: &Connection) -> Result<Vec<String>, HistoryError> {
    let mut statement = connection.prepare("SELECT name FROM source ORDER BY name")?;
    let names = statement.query_map([], |row| row.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}

/// The names of the sources that have a version of a domain, sorted.
pub(super) fn sources_of(
    connection: &Connection,
    domain: &str,
) -> Result<Vec<String>, HistoryError> {
    let mut statement = connection.prepare(
        "SELECT name FROM source WHERE id IN (SELECT source FROM version WHERE domain = ?1) \
         ORDER BY name",
    )?;
    let names = statement.query_map([domain], |row| row.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}

/// The version of a row of `SUMMARY`, its changes not counted yet.
fn summary(row: &Row<'_>) -> Result<VersionSummary, HistoryError> {
    let back_to: Option<i64> = row.get(4)?;
    let back_to = back_to.map(u64::try_from).transpose().map_err(|_| DAMAGED)?;
    let why = row.get_ref(3)?.as_str().map_err(|_| DAMAGED)?;
    Ok(VersionSummary {
        number: unsigned(row, 0)?,
        time: row.get(1)?,
        domain: row.get(2)?,
        why: Why::read(why, back_to).ok_or(DAMAGED)?,
        sentence: row.get(5)?,
        ip4: count(row, 6)?,
        ip6: count(row, 7)?,
        has_lock: row.get(8)?,
        counts: Vec::new(),
    })
}

fn change(row: &Row<'_>) -> Result<Change, HistoryError> {
    Change::read(row.get_ref(0)?.as_str().map_err(|_| DAMAGED)?).ok_or(DAMAGED)
}

fn unsigned(row: &Row<'_>, column: usize) -> Result<u64, HistoryError> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|_| DAMAGED)
}

/// A number that may be larger than those of SQLite, in decimal digits.
fn count(row: &Row<'_>, column: usize) -> Result<u128, HistoryError> {
    row.get_ref(column)?.as_str().ok().and_then(|text| text.parse().ok()).ok_or(DAMAGED)
}
