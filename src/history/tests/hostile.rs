//! Databases that somebody else wrote: sound files with hostile contents.

use super::super::*;
use super::{event, opened, place, quick, sample};

fn with_statement(statement: &str) -> (tempfile::TempDir, History) {
    let (folder, path) = place();
    let mut history = quick(&path);
    for number in 1..=3 {
        history.add(&sample("mail", number)).unwrap();
    }
    history.add_event(&event("mail", 5, EventKind::Held)).unwrap();
    history.connection().unwrap().execute_batch(statement).unwrap();
    (folder, history)
}

#[test]
fn versions_that_were_not_added_like_that_are_not_read() {
    let statements = [
        "UPDATE version SET lock = x'80'",
        "UPDATE version SET lock = x'ffffffffffffffffff01'",
        "UPDATE version SET lock = x'02020202020202'",
        "UPDATE version SET lock = NULL",
        "UPDATE version SET why = 'because'",
        "UPDATE version SET why = 'rolled-back'",
        "UPDATE version SET why = 'rolled-back', back_to = -1",
        "UPDATE version SET ip4 = '-1'",
        "UPDATE version SET ip6 = '340282366920938463463374607431768211456'",
        "UPDATE version SET domain = CAST(x'ff' AS TEXT)",
        "UPDATE version SET sentence = sentence || '.'",
        "UPDATE version SET time = time + 1",
        "UPDATE change SET ranges = x'04'",
        "UPDATE change SET ranges = x'04c0000201c0000200'",
        "UPDATE change SET change = 'found'",
        "UPDATE change SET provider = CAST(x'c3' AS TEXT)",
        "UPDATE change SET provider = 'x'",
        "DELETE FROM change",
        "DELETE FROM line",
        "UPDATE line SET text = CAST(x'c328' AS TEXT)",
        "UPDATE line SET text = replace(text, 'ttl', 'TTL')",
        // More than memory: a line of a megabyte, a million times.
        "UPDATE line SET text = hex(zeroblob(500000)); \
         UPDATE version SET lock = CAST(x'02' || zeroblob(1000000) AS BLOB)",
    ];
    for statement in statements {
        let (_folder, mut history) = with_statement(statement);
        let read = history.version("mail", 2);
        assert!(matches!(read, Err(HistoryError::Damaged { .. })), "{statement}: {read:?}");
        let summaries = history.versions("mail");
        assert!(matches!(summaries, Ok(_) | Err(HistoryError::Damaged { .. })), "{statement}");
        // Others are not touched by it.
        history.add(&sample("other", 1)).unwrap();
        assert_eq!(history.version("other", 1).unwrap(), Some(sample("other", 1)));
        history.prune(0, 1).unwrap();
        assert_eq!(history.take_remark(), None, "{statement}");
    }
}

#[test]
fn numbers_counts_and_events_that_were_not_added_are_errors() {
    let (_folder, mut history) = with_statement("UPDATE version SET number = -number");
    assert!(matches!(history.latest_number("mail"), Err(HistoryError::Damaged { .. })));
    let (_folder, mut history) = with_statement("UPDATE change SET count = -1");
    assert!(matches!(history.versions("mail"), Err(HistoryError::Damaged { .. })));
    let (_folder, mut history) = with_statement("UPDATE event SET kind = 'seen'");
    assert!(matches!(history.events("mail"), Err(HistoryError::Damaged { .. })));
    let (_folder, mut history) = with_statement("UPDATE event SET sentence = CAST(x'ff' AS TEXT)");
    assert!(matches!(history.events("mail"), Err(HistoryError::Damaged { .. })));
}

#[test]
fn tables_of_somebody_else_never_run() {
    let statements = [
        "CREATE TRIGGER deletes AFTER INSERT ON version BEGIN DELETE FROM version; END",
        "CREATE VIEW v AS SELECT 1",
        "CREATE TABLE more (x)",
        "DROP INDEX line_hash",
        "DROP TABLE event",
        "ALTER TABLE source ADD COLUMN x TEXT",
        "ANALYZE",
        "PRAGMA user_version = 7",
        "PRAGMA user_version = 0",
        "PRAGMA user_version = -1",
    ];
    for statement in statements {
        let (folder, history) = with_statement(statement);
        drop(history);
        let path = folder.path().join("history.db");
        let read = History::read_only(&path);
        assert!(matches!(read, Err(HistoryError::Corrupt(_))), "{statement}: {read:?}");
        let (mut history, remark) = opened(&path);
        assert!(remark.is_some(), "{statement}");
        history.add(&sample("mail", 4)).unwrap();
        assert_eq!(history.version("mail", 4).unwrap(), Some(sample("mail", 4)));
    }
}

#[test]
fn a_later_format_is_left_alone() {
    let newer = "PRAGMA user_version = 2; UPDATE format SET number = 2; CREATE TABLE more (x)";
    let (folder, history) = with_statement(newer);
    drop(history);
    let path = folder.path().join("history.db");
    let before = std::fs::read(&path).unwrap();
    for refused in [History::open(&path).map(|_| ()), History::read_only(&path).map(|_| ())] {
        let error = refused.unwrap_err();
        assert!(matches!(error, HistoryError::TooNew { found: 2, known: 1 }), "{error}");
        assert!(!error.later_may_help());
    }
    assert_eq!(std::fs::read(&path).unwrap(), before);
    assert!(!folder.path().join("history.db.broken-1").exists());
}
