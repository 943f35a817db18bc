//! What is added comes back, once, whoever reads it and however often it is added.

mod broken;
mod full;
mod hostile;
mod killed;
mod properties;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::*;

/// A folder with the path of a history in it.
pub(super) fn place() -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("history.db");
    (folder, path)
}

/// A history that does not wait for the disk, sound or new.
pub(super) fn quick(path: &Path) -> History {
    let (history, remark) = opened(path);
    assert_eq!(remark, None);
    history
}

/// The same for a file of any contents, with the remark.
pub(super) fn opened(path: &Path) -> (History, Option<String>) {
    let mut history = History::with_access(path.to_owned(), Access::WriteUnsynced).unwrap();
    let remark = history.take_remark();
    (history, remark)
}

/// A lock file of so many lines, of which each version changes a few.
pub(super) fn lock(number: u64, lines: u64) -> String {
    let mut text = format!("{{\n\"spfc_lock\":1,\n\"taken\":\"{number}\",\n\"answers\":[\n");
    for line in 0..lines {
        let changed = if (line + number) % lines < 3 { number } else { 0 };
        text += &format!("{{\"name\":\"{line}.test\",\"type\":\"A\",\"ttl\":{changed}}},\n");
    }
    text + "]\n}\n"
}

/// A version with all that one can have.
pub(super) fn sample(source: &str, number: u64) -> Version {
    let change = |change, provider: &str, first: &str, last: &str| RangeChange {
        change,
        provider: provider.into(),
        first: first.parse().unwrap(),
        last: last.parse().unwrap(),
    };
    Version {
        source: source.to_owned(),
        number,
        time: 1_000 * number.cast_signed(),
        domain: format!("{source}.test"),
        record: number.is_multiple_of(2).then(|| "v=spf1 mx -all".to_owned()),
        why: if number == 1 { Why::First } else { Why::Changed },
        sentence: format!("version {number}"),
        lock: Some(lock(number, 20)),
        ip4: 256,
        ip6: u128::MAX,
        changes: vec![
            change(Change::Gained, "_a.test", "192.0.2.0", "192.0.2.255"),
            change(Change::Gained, "_a.test", "198.51.100.7", "198.51.100.7"),
            change(Change::Gained, "_b.test", "2001:db8::", "2001:db8:0:1::"),
            change(Change::Lost, "_a.test", "203.0.113.0", "203.0.113.9"),
            change(Change::Other, "\u{0}'\n", "::", "::"),
        ],
    }
}

pub(super) fn event(source: &str, time: i64, kind: EventKind) -> Event {
    Event { source: source.to_owned(), time, kind, sentence: format!("{} at {time}", kind.word()) }
}

#[test]
fn all_of_a_version_comes_back() {
    let (_folder, path) = place();
    let mut history = quick(&path);
    let mut other = Version { lock: None, changes: Vec::new(), ..sample("other", 7) };
    other.why = Why::RolledBack { to: 3 };
    for version in [&sample("mail", 1), &sample("mail", 2), &other] {
        history.add(version).unwrap();
    }
    drop(history);

    let mut history = History::read_only(&path).unwrap();
    assert_eq!(history.version("mail", 1).unwrap(), Some(sample("mail", 1)));
    assert_eq!(history.version("mail", 2).unwrap(), Some(sample("mail", 2)));
    assert_eq!(history.version("other", 7).unwrap(), Some(other));
    assert_eq!(history.version("mail", 3).unwrap(), None);
    assert_eq!(history.version("mail", u64::MAX).unwrap(), None);
    assert_eq!(history.version("none", 1).unwrap(), None);
    assert_eq!(history.latest_number("mail").unwrap(), Some(2));
    assert_eq!(history.latest_number("none").unwrap(), None);
    assert_eq!(history.sources().unwrap(), ["mail", "other"]);
    assert_eq!(history.sources_of("mail.test").unwrap(), ["mail"]);
    assert!(history.sources_of("none.test").unwrap().is_empty());
}

#[test]
fn summaries_count_by_provider() {
    let (_folder, path) = place();
    let mut history = quick(&path);
    history.add(&sample("mail", 1)).unwrap();
    history.add(&sample("mail", 2)).unwrap();
    let versions = history.versions("mail").unwrap();
    let numbers: Vec<u64> = versions.iter().map(|version| version.number).collect();
    assert_eq!(numbers, [2, 1]);
    assert_eq!((versions[0].ip4, versions[0].ip6), (256, u128::MAX));
    assert!(versions[0].has_lock);
    let count = |change, provider: &str, ranges, ip4, ip6| {
        let provider = provider.to_owned();
        ProviderCount { change, provider, ranges, ip4, ip6 }
    };
    let expected = [
        count(Change::Gained, "_a.test", 2, 257, 0),
        count(Change::Gained, "_b.test", 1, 0, 2),
        count(Change::Lost, "_a.test", 1, 10, 0),
        count(Change::Other, "\u{0}'\n", 1, 0, 1),
    ];
    assert_eq!(versions[0].counts, expected);
    assert_eq!(count_changes(&sample("mail", 2).changes), expected);
    assert!(history.versions("none").unwrap().is_empty());
}

#[test]
fn adding_again_changes_nothing() {
    let (_folder, path) = place();
    let mut history = quick(&path);
    let mut version = sample("mail", 1);
    history.add(&version).unwrap();
    version.changes.reverse();
    history.add(&version).unwrap();
    let held = event("mail", 5, EventKind::Held);
    history.add_event(&held).unwrap();
    history.add_event(&held).unwrap();
    assert_eq!(history.versions("mail").unwrap().len(), 1);
    assert_eq!(history.events("mail").unwrap(), [held]);

    version.sentence.push('!');
    let error = history.add(&version).unwrap_err();
    assert!(matches!(error, HistoryError::Different { number: 1, .. }), "{error}");
    assert!(!error.later_may_help());
    assert_eq!(history.version("mail", 1).unwrap(), Some(sample("mail", 1)));
}

#[test]
fn what_cannot_be_kept_is_refused() {
    let (_folder, path) = place();
    let mut history = quick(&path);
    for number in [0, 1 << 63, u64::MAX] {
        let mut version = sample("mail", 1);
        version.number = number;
        assert!(matches!(history.add(&version), Err(HistoryError::Number(_))), "{number}");
    }
    for text in [schema::LONGEST + 1, 2 * schema::LONGEST] {
        let long = "x".repeat(text);
        let lock = Version { lock: Some(long.clone()), ..sample("mail", 1) };
        assert!(matches!(history.add(&lock), Err(HistoryError::TooLong)));
        let sentence = Version { sentence: long, ..sample("mail", 1) };
        assert!(matches!(history.add(&sentence), Err(HistoryError::TooLong)));
    }
    assert!(history.sources().unwrap().is_empty());
    history.add(&sample("mail", 1)).unwrap();
}

#[test]
fn a_source_that_fails_all_day_drives_nothing_out() {
    let (_folder, path) = place();
    let mut history = quick(&path);
    let march = event("mail", 3, EventKind::Held);
    history.add_event(&march).unwrap();
    let day = 86_400 * 90;
    for minute in 0..200 {
        history.add_event(&event("mail", day + 60 * minute, EventKind::Failed)).unwrap();
    }
    let events = history.events("mail").unwrap();
    assert_eq!(events.len(), 51);
    assert_eq!(events[50], march);
    // The first of the day, and the last.
    assert_eq!(events[49].time, day);
    assert_eq!(events[1].time, day + 60 * 48);
    assert_eq!(events[0].time, day + 60 * 199);

    history.add_event(&event("other", 0, EventKind::Failed)).unwrap();
    let many = "WITH RECURSIVE day (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM day WHERE n < ?1) \
                INSERT INTO event (source, time, kind, sentence) \
                SELECT (SELECT id FROM source WHERE name = 'other'), n * 86400, 'held', '' FROM day";
    history.connection().unwrap().execute(many, [write::EVENTS_MOST - 2]).unwrap();
    for day in 6_000..6_010 {
        history.add_event(&event("other", 86_400 * day, EventKind::Failed)).unwrap();
    }
    let events = history.events("other").unwrap();
    assert_eq!(events.len() as i64, write::EVENTS_MOST);
    assert_eq!(events[0].time, 86_400 * 6_009);
    assert_eq!(events.last().unwrap().time, 86_400 * 9);
    for time in [i64::MIN, i64::MAX] {
        history.add_event(&event("ends", time, EventKind::Removed)).unwrap();
    }
    assert_eq!(history.events("ends").unwrap().len(), 2);
}

#[test]
fn lines_are_stored_once_and_room_is_given_back() {
    let (_folder, path) = place();
    let mut history = quick(&path);
    let (mut plain, versions) = (0, 300);
    for number in 1..=versions {
        let version = Version { lock: Some(lock(number, 200)), ..sample("mail", number) };
        plain += version.lock.as_ref().unwrap().len();
        history.add(&version).unwrap();
    }
    let size = |history: &mut History| {
        let connection = history.connection().unwrap();
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
        std::fs::metadata(&path).unwrap().len() as usize
    };
    let full = size(&mut history);
    assert!(full * 5 < plain, "{full} of {plain} octets");
    let pruned = history.prune(0, 1).unwrap();
    assert_eq!(pruned.versions, 299);
    let one = size(&mut history);
    assert!(one * 4 < full, "{one} of {full} octets");
    let last = history.version("mail", versions).unwrap().unwrap();
    assert_eq!(last.lock, Some(lock(versions, 200)));
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, path) = place();
    let mut history = quick(&path);
    history.add(&sample("mail", 1)).unwrap();
    let mut files = 0;
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let mode = entry.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        files += 1;
    }
    assert_eq!(files, 3, "the file, its log and the log's index");
}

#[test]
fn what_was_added_is_on_the_disk() {
    let (_folder, path) = place();
    let (mut history, _) = History::open(&path).unwrap();
    for reopened in [false, true] {
        if reopened {
            drop(history);
            history = History::open(&path).unwrap().0;
        }
        let connection = history.connection().unwrap();
        let asked = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        assert_eq!(asked("synchronous").unwrap(), 3, "EXTRA");
        assert_eq!(asked("auto_vacuum").unwrap(), 2, "INCREMENTAL");
        let mode: String =
            connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
        assert_eq!(mode, "wal");
    }
}

#[test]
fn readers_and_the_writer_do_not_disturb_each_other() {
    let (_folder, path) = place();
    let mut history = quick(&path);
    history.add(&sample("mail", 1)).unwrap();
    let reading = path.clone();
    let reader = std::thread::spawn(move || {
        let mut reader = History::read_only(&reading).unwrap();
        let mut seen = 0;
        while seen < 100 {
            let newest = reader.latest_number("mail").unwrap().unwrap();
            assert!(newest >= seen);
            seen = newest;
            assert_eq!(reader.version("mail", seen).unwrap(), Some(sample("mail", seen)));
            assert_eq!(reader.versions("mail").unwrap().last().unwrap().number, 1);
        }
    });
    let began = Instant::now();
    for number in 2..=100 {
        history.add(&sample("mail", number)).unwrap();
    }
    let took = began.elapsed();
    reader.join().unwrap();
    // Waiting for a reader would take the busy timeout of five seconds.
    assert!(took.as_secs() < 4, "{took:?}");
}

#[test]
fn who_waits_too_long_for_another_writer_may_try_again() {
    let (_folder, path) = place();
    let (mut one, mut other) = (quick(&path), quick(&path));
    other.connection().unwrap().busy_timeout(Duration::from_millis(20)).unwrap();
    let transaction = write::begin(one.connection().unwrap()).unwrap();
    let error = other.add(&sample("mail", 1)).unwrap_err();
    assert!(matches!(error, HistoryError::Busy), "{error}");
    assert!(error.later_may_help());
    assert_eq!(other.latest_number("mail").unwrap(), None);
    drop(transaction);
    other.add(&sample("mail", 1)).unwrap();
    assert_eq!(one.latest_number("mail").unwrap(), Some(1));
}

#[test]
fn pruning_waits_for_no_reader() {
    let (_folder, path) = place();
    let mut history = quick(&path);
    for number in 1..=20 {
        history.add(&sample("mail", number)).unwrap();
    }
    let mut reader = History::read_only(&path).unwrap();
    let reading = reader.connection().unwrap().transaction().unwrap();
    let count = |connection: &Connection| -> i64 {
        connection.query_row("SELECT count(*) FROM version", [], |row| row.get(0)).unwrap()
    };
    assert_eq!(count(&reading), 20);
    let began = Instant::now();
    history.prune(0, 1).unwrap();
    assert!(began.elapsed().as_secs() < 4, "{:?}", began.elapsed());
    assert_eq!(count(&reading), 20);
    drop(reading);
    assert_eq!(reader.latest_number("mail").unwrap(), Some(20));
    assert_eq!(reader.versions("mail").unwrap().len(), 1);
}

#[test]
fn readers_write_nothing() {
    let (_folder, path) = place();
    assert!(matches!(History::read_only(&path), Err(HistoryError::System(_))));
    assert!(!path.exists());
    std::fs::write(&path, "").unwrap();
    let error = History::read_only(&path).unwrap_err();
    assert!(matches!(error, HistoryError::Empty), "{error}");
    assert!(error.later_may_help());
    quick(&path).add(&sample("mail", 1)).unwrap();
    let mut reader = History::read_only(&path).unwrap();
    assert!(matches!(reader.add(&sample("mail", 2)), Err(HistoryError::System(_))));
    assert!(reader.prune(0, 1).is_err());
    assert_eq!(reader.latest_number("mail").unwrap(), Some(1));
}
