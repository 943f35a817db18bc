//! Lock files as lists of lines: a line that several versions of a source share
//! is in the database once.

use rusqlite::{Connection, OptionalExtension, params};
use xxhash_rust::xxh3::xxh3_64;

use super::error::HistoryError;
use super::numbers;
use super::schema::LONGEST;

/// Keeps the lines of a text. Returns the list of them.
///
/// # Errors
///
/// [`HistoryError::TooLong`], and those of SQLite.
pub(super) fn store(
    connection: &Connection,
    source: i64,
    text: &str,
) -> Result<Vec<u8>, HistoryError> {
    if text.len() > LONGEST {
        return Err(HistoryError::TooLong);
    }
    let mut find = connection
        .prepare("SELECT id FROM line WHERE source = ?1 AND hash = ?2 AND text = ?3 LIMIT 1")?;
    let mut insert =
        connection.prepare("INSERT INTO line (source, hash, text) VALUES (?1, ?2, ?3)")?;
    let mut list = Vec::new();
    // With its end, so that the lines make up the text whatever ends them.
    for line in text.split_inclusive('\n') {
        let hash = xxh3_64(line.as_bytes()).cast_signed();
        let row = params![source, hash, line];
        let known: Option<i64> = find.query_row(row, |row| row.get(0)).optional()?;
        list.push(match known {
            Some(id) => id,
            None => insert.insert(row)?,
        });
    }
    Ok(numbers::encode(&list))
}

/// The text of a list of lines.
///
/// # Errors
///
/// [`HistoryError::Damaged`] for a list of what is not there, or of too much.
pub(super) fn load(
    connection: &Connection,
    source: i64,
    list: &[u8],
) -> Result<String, HistoryError> {
    const DAMAGED: HistoryError = HistoryError::Damaged { what: "a lock file" };
    let list = numbers::decode(list).ok_or(DAMAGED)?;
    let mut find = connection.prepare("SELECT text FROM line WHERE id = ?1 AND source = ?2")?;
    let mut text = String::new();
    for id in list {
        let mut rows = find.query([id, source])?;
        let row = rows.next()?.ok_or(DAMAGED)?;
        let line = row.get_ref(0)?.as_str().map_err(|_| DAMAGED)?;
        if text.len() + line.len() > LONGEST {
            return Err(DAMAGED);
        }
        text.push_str(line);
    }
    Ok(text)
}
