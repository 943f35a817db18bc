//! The tables, and whether a file has just these.
//!
//! A database can hold triggers and views that run whenever it is used. So the
//! schema is compared text by text before anything else is read.

use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, MAIN_DB, TransactionBehavior};

use super::error::HistoryError;
use super::file::Access;

/// The number of the format, the database's `user_version`. A later format also
/// keeps its number in the table `format`, so that a damaged header is told from it.
pub(super) const FORMAT: i64 = 1;

/// How long a statement waits for other processes.
const WAIT: Duration = Duration::from_secs(5);

/// Octets of the longest text or row, and of the longest lock file.
pub(super) const LONGEST: usize = 16 << 20;

/// Octets that the write-ahead log keeps when all of it is in the file.
const LOG_KEPT: i64 = 4 << 20;

/// Each statement makes what it is named for, in the order of names.
///
/// `line` holds each line of a source's lock files once; `version.lock` is the
/// list of a lock file's lines. `change` is one row for all ranges of a version
/// that changed alike by one provider.
const SCHEMA: [(&str, &str); 7] = [
    (
        "change",
        "CREATE TABLE change (version INTEGER NOT NULL REFERENCES version ON DELETE CASCADE, \
         change TEXT NOT NULL, provider TEXT NOT NULL, count INTEGER NOT NULL, ip4 TEXT NOT NULL, \
         ip6 TEXT NOT NULL, ranges BLOB NOT NULL) STRICT",
    ),
    ("change_version", "CREATE INDEX change_version ON change (version)"),
    (
        "event",
        "CREATE TABLE event (id INTEGER PRIMARY KEY, source INTEGER NOT NULL REFERENCES source, \
         time INTEGER NOT NULL, kind TEXT NOT NULL, sentence TEXT NOT NULL) STRICT",
    ),
    ("event_time", "CREATE INDEX event_time ON event (source, time)"),
    ("format", "CREATE TABLE format (number INTEGER PRIMARY KEY) STRICT"),
    (
        "line",
        "CREATE TABLE line (id INTEGER PRIMARY KEY, source INTEGER NOT NULL REFERENCES source, \
         hash INTEGER NOT NULL, text TEXT NOT NULL) STRICT",
    ),
    ("line_hash", "CREATE INDEX line_hash ON line (source, hash)"),
];

/// The tables that have indexes of SQLite's own for what is unique in them.
const SCHEMA_UNIQUE: [(&str, &str); 3] = [
    ("source", "CREATE TABLE source (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT"),
    (
        "version",
        "CREATE TABLE version (id INTEGER PRIMARY KEY, \
         source INTEGER NOT NULL REFERENCES source, number INTEGER NOT NULL, \
         time INTEGER NOT NULL, domain TEXT NOT NULL, record TEXT, why TEXT NOT NULL, back_to INTEGER, \
         sentence TEXT NOT NULL, ip4 TEXT NOT NULL, ip6 TEXT NOT NULL, lock BLOB, \
         hash INTEGER NOT NULL, UNIQUE (source, number)) STRICT",
    ),
    ("version_domain", "CREATE INDEX version_domain ON version (domain)"),
];

/// Statements that no table needs, but that set the connection up: what a file
/// holds is not trusted, and what was committed is on the disk.
const SETTINGS: &str = "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; \
                        PRAGMA foreign_keys = ON; PRAGMA synchronous = EXTRA;";

/// Sets a new connection up, and sees to it that the file holds our tables.
///
/// # Errors
///
/// Whatever is wrong with the file; [`HistoryError::Empty`] where a reader finds
/// one without tables.
pub(super) fn prepare(connection: &mut Connection, access: Access) -> Result<(), HistoryError> {
    set_up(connection)?;
    #[cfg(test)]
    if access == Access::WriteUnsynced {
        connection.execute_batch("PRAGMA synchronous = OFF")?;
    }
    if access.writes() && is_empty(connection)? {
        create(connection)?;
    }
    check(connection, access)?;
    if access.writes() {
        if connection.is_readonly(MAIN_DB)? {
            return Err(HistoryError::corrupt("it says that it may only be read"));
        }
        // Not every file system can have the log; without it the file is as safe.
        connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
        connection.query_row(&format!("PRAGMA journal_size_limit = {LOG_KEPT}"), [], |_| Ok(()))?;
    }
    Ok(())
}

/// Sets a new connection up: nothing that the file holds is run or trusted.
pub(super) fn set_up(connection: &Connection) -> Result<(), HistoryError> {
    connection.busy_timeout(WAIT)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, LONGEST as i32)?;
    Ok(connection.execute_batch(SETTINGS)?)
}

/// Whether the file has our tables and our format.
pub(super) fn is_ours(connection: &Connection) -> Result<bool, HistoryError> {
    Ok(user_version(connection)? == FORMAT && has_our_schema(connection)?)
}

fn user_version(connection: &Connection) -> Result<i64, HistoryError> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

fn is_empty(connection: &Connection) -> Result<bool, HistoryError> {
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    Ok(tables == 0 && user_version(connection)? == 0)
}

fn create(connection: &mut Connection) -> Result<(), HistoryError> {
    // Counts only before anything is in the file, the log's mark included.
    connection.execute_batch("PRAGMA auto_vacuum = INCREMENTAL")?;
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have been quicker.
    if is_empty(&transaction)? {
        for (_, statement) in SCHEMA_UNIQUE.iter().chain(&SCHEMA) {
            transaction.execute_batch(statement)?;
        }
        transaction.execute("INSERT INTO format (number) VALUES (?1)", [FORMAT])?;
        transaction.pragma_update(None, "user_version", FORMAT)?;
    }
    Ok(transaction.commit()?)
}

fn check(connection: &mut Connection, access: Access) -> Result<(), HistoryError> {
    // One picture of the file, whatever others write meanwhile.
    let transaction = connection.transaction()?;
    let found = user_version(&transaction)?;
    if found == 0 && is_empty(&transaction)? {
        return Err(HistoryError::Empty);
    }
    if found > FORMAT {
        let inside = transaction.query_row("SELECT max(number) FROM format", [], |row| row.get(0));
        if inside.is_ok_and(|number: i64| number == found) {
            return Err(HistoryError::TooNew { found, known: FORMAT });
        }
    }
    if found != FORMAT {
        return Err(HistoryError::corrupt(&format!("it says that it has format {found}")));
    }
    if !has_our_schema(&transaction)? {
        return Err(HistoryError::corrupt("its tables are not those of a history"));
    }
    // Who writes also has to know that indexes and tables agree: otherwise what is
    // added may come back as something else.
    let whole = match access.writes() {
        true => "PRAGMA integrity_check(1)",
        false => "PRAGMA quick_check(1)",
    };
    let whole: String = transaction.query_row(whole, [], |row| row.get(0))?;
    match whole.as_str() {
        "ok" => Ok(()),
        problem => Err(HistoryError::corrupt(problem)),
    }
}

fn has_our_schema(connection: &Connection) -> Result<bool, HistoryError> {
    let mut statement = connection.prepare(
        "SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_autoindex_%' \
         ORDER BY name",
    )?;
    let mut rows = statement.query([])?;
    for (name, sql) in SCHEMA.iter().chain(&SCHEMA_UNIQUE) {
        let Some(row) = rows.next()? else { return Ok(false) };
        let found: (String, Option<String>) = (row.get(0)?, row.get(1)?);
        if found.0 != *name || found.1.as_deref() != Some(*sql) {
            return Ok(false);
        }
    }
    Ok(rows.next()?.is_none())
}
