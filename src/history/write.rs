//! Adding versions and events, each in one transaction.

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use super::digest::digest;
use super::error::HistoryError;
use super::version::{Event, Version};
use super::{lines, ranges, read};

/// Events of one source that are kept, the newest.
pub(super) const EVENTS_MOST: i64 = 5_000;
/// Events of one source and day that are kept: the first ones and the last.
pub(super) const EVENTS_A_DAY: i64 = 50;
const DAY: i64 = 86_400;

/// A transaction that nobody else can have begun before it ends.
pub(super) fn begin(connection: &mut Connection) -> Result<Transaction<'_>, HistoryError> {
    Ok(connection.transaction_with_behavior(TransactionBehavior::Immediate)?)
}

/// Adds a version, if it is not there already.
pub(super) fn add(connection: &mut Connection, version: &Version) -> Result<(), HistoryError> {
    let transaction = begin(connection)?;
    add_within(&transaction, version)?;
    Ok(transaction.commit()?)
}

/// The same as part of a transaction. After an error it must not be committed.
pub(super) fn add_within(transaction: &Connection, version: &Version) -> Result<(), HistoryError> {
    let number = row_number(version.number)?;
    let back_to = version.why.to().map(row_number).transpose()?;
    let groups = ranges::grouped(&version.changes)?;
    let digest = digest(version);
    if let Some(there) = read::version(transaction, &version.source, version.number)? {
        // All but the order of changes, which is not kept.
        return match there == sorted(version) {
            true => Ok(()),
            false => Err(HistoryError::Different { name: there.source, number: there.number }),
        };
    }
    let source = source_row(transaction, &version.source)?;
    let lock = match &version.lock {
        Some(text) => Some(lines::store(transaction, source, text)?),
        None => None,
    };
    let id = transaction
        .prepare(
            "INSERT INTO version (source, number, time, domain, record, why, back_to, sentence, ip4, \
             ip6, lock, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        )?
        .insert(params![
            source,
            number,
            version.time,
            version.domain,
            version.record,
            version.why.word(),
            back_to,
            version.sentence,
            version.ip4.to_string(),
            version.ip6.to_string(),
            lock,
            digest,
        ])?;
    let mut insert = transaction.prepare(
        "INSERT INTO change (version, change, provider, count, ip4, ip6, ranges) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    for ((change, provider), list) in groups {
        let (ip4, ip6) = ranges::counts(&list);
        let (ip4, ip6) = (ip4.to_string(), ip6.to_string());
        let count = list.len() as i64;
        let octets = ranges::encode(&list);
        insert.insert(params![id, change.word(), provider, count, ip4, ip6, octets])?;
    }
    Ok(())
}

/// Adds an event, if it is not there already.
pub(super) fn add_event(connection: &mut Connection, event: &Event) -> Result<(), HistoryError> {
    let transaction = begin(connection)?;
    add_event_within(&transaction, event)?;
    Ok(transaction.commit()?)
}

/// The same as part of a transaction.
pub(super) fn add_event_within(
    transaction: &Connection,
    event: &Event,
) -> Result<(), HistoryError> {
    let source = source_row(transaction, &event.source)?;
    let kind = event.kind.word();
    let there = transaction
        .prepare(
            "SELECT 1 FROM event WHERE source = ?1 AND time = ?2 AND kind = ?3 AND sentence = ?4",
        )?
        .exists(params![source, event.time, kind, event.sentence])?;
    if there {
        return Ok(());
    }
    make_room(transaction, source, event.time)?;
    transaction.execute(
        "INSERT INTO event (source, time, kind, sentence) VALUES (?1, ?2, ?3, ?4)",
        params![source, event.time, kind, event.sentence],
    )?;
    Ok(())
}

/// Deletes what is one event too many: a source that fails and recovers all day
/// must not drive out what happened in the months before.
fn make_room(connection: &Connection, source: i64, time: i64) -> Result<(), HistoryError> {
    let morning = time.saturating_sub(time.rem_euclid(DAY));
    let night = morning.saturating_add(DAY - 1);
    connection.execute(
        "DELETE FROM event WHERE id IN (SELECT id FROM event WHERE source = ?1 \
         AND time BETWEEN ?2 AND ?3 ORDER BY time, id LIMIT -1 OFFSET ?4)",
        [source, morning, night, EVENTS_A_DAY - 1],
    )?;
    connection.execute(
        "DELETE FROM event WHERE id IN (SELECT id FROM event WHERE source = ?1 \
         ORDER BY time DESC, id DESC LIMIT -1 OFFSET ?2)",
        [source, EVENTS_MOST - 1],
    )?;
    Ok(())
}

/// The version as it comes back.
fn sorted(version: &Version) -> Version {
    let mut version = version.clone();
    version.changes.sort_unstable();
    version
}

/// A version's number as the database has it.
fn row_number(number: u64) -> Result<i64, HistoryError> {
    match i64::try_from(number) {
        Ok(row) if row > 0 => Ok(row),
        _ => Err(HistoryError::Number(number)),
    }
}

/// The row of a source, which is made where there is none.
fn source_row(connection: &Connection, name: &str) -> Result<i64, HistoryError> {
    let known = connection
        .query_row("SELECT id FROM source WHERE name = ?1", [name], |row| row.get(0))
        .optional()?;
    match known {
        Some(id) => Ok(id),
        None => Ok(connection.prepare("INSERT INTO source (name) VALUES (?1)")?.insert([name])?),
    }
}
