//! A file that is damaged, however: the history opens, takes versions, and what
//! it gives back is what was added or an error.

use std::fs;

use super::super::*;
use super::{event, opened, place, quick, sample};

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
        (self.0 >> 33) as usize % bound
    }
}

/// The octets of a history of a few versions.
fn sound() -> Vec<u8> {
    let (_folder, path) = place();
    let mut history = quick(&path);
    for number in 1..=12 {
        history.add(&sample("mail", number)).unwrap();
        history.add_event(&event("mail", number.cast_signed(), EventKind::Failed)).unwrap();
    }
    history.add(&sample("other", 1)).unwrap();
    drop(history);
    fs::read(&path).unwrap()
}

fn spoil(octets: &mut Vec<u8>, dice: &mut Dice) {
    // Every second time the first page, where the header and the schema stand.
    let within = if dice.below(2) == 0 { 4096 } else { octets.len() };
    match dice.below(10) {
        0 => octets.truncate(dice.below(octets.len())),
        1 => {
            let at = dice.below(within);
            let end = (at + 1 + dice.below(600)).min(octets.len());
            octets[at..end].fill_with(|| dice.below(256) as u8);
        }
        2 => {
            let page = dice.below(octets.len() / 4096) * 4096;
            let other = dice.below(octets.len() / 4096) * 4096;
            octets.copy_within(page..page + 4096, other);
        }
        3 => octets[..100][dice.below(100)] ^= 1 << dice.below(8),
        _ => {
            for _ in 0..=dice.below(8) {
                let at = dice.below(within);
                octets[at] ^= 1 << dice.below(8);
            }
        }
    }
}

fn allowed<T>(read: Result<T, HistoryError>) -> Option<T> {
    match read {
        Ok(read) => Some(read),
        Err(HistoryError::Damaged { .. }) => None,
        Err(error) => panic!("{error:?}"),
    }
}

/// Uses all of a history. Versions are what they were or are not there.
fn use_it(history: &mut History) {
    for source in allowed(history.sources()).unwrap_or_default() {
        allowed(history.versions(&source));
        allowed(history.latest_number(&source));
        allowed(history.events(&source));
    }
    for number in 1..=12 {
        let version = allowed(history.version("mail", number)).flatten();
        assert!(version.is_none_or(|version| version == sample("mail", number)), "{number}");
    }
    allowed(history.sources_of("mail.test"));
    history.add(&sample("new", 1)).unwrap();
    history.add_event(&event("new", 1, EventKind::Held)).unwrap();
    assert_eq!(history.version("new", 1).unwrap(), Some(sample("new", 1)));
    history.prune(5_000, 5).unwrap();
    // Pruning may be what finds the damage.
    history.add(&sample("new", 1)).unwrap();
    assert_eq!(history.version("new", 1).unwrap(), Some(sample("new", 1)));
}

#[test]
fn a_spoiled_file_opens_and_lies_about_nothing() {
    let sound = sound();
    let mut dice = Dice(1);
    let (mut moved, mut whole) = (0, 0);
    for _ in 0..200 {
        let (_folder, path) = place();
        let mut octets = sound.clone();
        spoil(&mut octets, &mut dice);
        fs::write(&path, &octets).unwrap();
        if let Ok(mut reader) = History::read_only(&path) {
            let _ = (reader.versions("mail"), reader.events("mail"), reader.version("mail", 3));
        }
        let (mut history, remark) = opened(&path);
        use_it(&mut history);
        let later = history.take_remark();
        if remark.is_some() || later.is_some() {
            let broken = path.with_extension("db.broken-1");
            assert!(broken.exists(), "{remark:?} {later:?}");
            moved += 1;
        } else {
            whole += 1;
        }
        drop(history);
        assert!(opened(&path).1.is_none());
    }
    assert!(moved > 60 && whole > 10, "{moved} moved aside, {whole} used on");
}

#[test]
fn what_never_was_a_history_is_moved_aside_whole() {
    let texts: [&[u8]; 5] =
        [b"x", b"not a database\n", &[0; 5000], &[0xff; 4096], b"SQLite format 3\0"];
    for text in texts {
        let (_folder, path) = place();
        fs::write(&path, text).unwrap();
        let read = History::read_only(&path);
        assert!(matches!(read, Err(HistoryError::Corrupt(_))), "{text:?}: {read:?}");
        assert_eq!(fs::read(&path).unwrap(), text, "readers leave it alone");
        let (mut history, remark) = opened(&path);
        assert!(remark.unwrap().contains("history.db.broken-1"));
        assert_eq!(fs::read(path.with_extension("db.broken-1")).unwrap(), text);
        use_it(&mut history);
    }
}

#[test]
fn a_spoiled_log_loses_its_end_at_most() {
    let (folder, path) = place();
    let mut history = quick(&path);
    for number in 1..=12 {
        history.add(&sample("mail", number)).unwrap();
    }
    let log = folder.path().join("history.db-wal");
    let (file, log) = (fs::read(&path).unwrap(), fs::read(log).unwrap());
    assert!(log.len() > 10_000);
    let mut dice = Dice(2);
    for _ in 0..60 {
        let (folder, path) = place();
        let mut spoiled = log.clone();
        spoil(&mut spoiled, &mut dice);
        fs::write(&path, &file).unwrap();
        fs::write(folder.path().join("history.db-wal"), spoiled).unwrap();
        let (mut history, _) = opened(&path);
        let numbers: Vec<u64> =
            history.versions("mail").unwrap().iter().map(|version| version.number).collect();
        let expected: Vec<u64> = (1..=numbers.len() as u64).rev().collect();
        assert_eq!(numbers, expected);
        use_it(&mut history);
    }
}

#[test]
fn damage_found_while_it_runs_begins_a_new_one() {
    let (folder, path) = place();
    let mut history = quick(&path);
    history.add(&sample("mail", 1)).unwrap();
    let connection = history.connection().unwrap();
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    connection.execute_batch("PRAGMA cache_size = 0; PRAGMA shrink_memory").unwrap();
    let mut octets = fs::read(&path).unwrap();
    octets[4096..].fill(0x55);
    // In place, as a disk does that goes bad.
    let mut file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    std::io::Write::write_all(&mut file, &octets).unwrap();
    history.add(&sample("mail", 2)).unwrap();
    let remark = history.take_remark().unwrap();
    assert!(remark.contains("was damaged") && remark.contains("broken-1"), "{remark}");
    assert_eq!(history.take_remark(), None);
    assert_eq!(history.versions("mail").unwrap().len(), 1);
    history.add(&sample("mail", 3)).unwrap();
    drop(history);
    let mut history = quick(&path);
    assert_eq!(history.version("mail", 2).unwrap(), Some(sample("mail", 2)));
    assert!(folder.path().join("history.db.broken-1").exists());
}

#[test]
fn what_can_be_read_of_a_damaged_file_is_kept() {
    let sound = sound();
    // Only version 5 has this line.
    let line = b"{\"name\":\"15.test\",\"type\":\"A\",\"ttl\":5},";
    let (folder, path) = place();
    let mut octets = sound.clone();
    // Splitting pages leaves copies: one of them is read.
    for at in 0..octets.len() - line.len() {
        if octets[at..].starts_with(line) {
            octets[at] ^= 1;
        }
    }
    fs::write(&path, &octets).unwrap();
    let mut history = quick(&path);
    let root = "SELECT rootpage FROM sqlite_schema WHERE name = 'version_domain'";
    let root: i64 = history.connection().unwrap().query_row(root, [], |row| row.get(0)).unwrap();
    drop(history);
    let page = (root as usize - 1) * 4096;
    // An index that no version is read by, so that the file is found to be damaged.
    octets[page..page + 4096].fill(0);
    fs::write(&path, &octets).unwrap();

    let (mut history, remark) = opened(&path);
    let remark = remark.unwrap();
    assert!(remark.ends_with("12 versions and 12 events of it were kept"), "{remark}");
    for number in 1..=12 {
        let expected = (number != 5).then(|| sample("mail", number));
        assert_eq!(history.version("mail", number).unwrap(), expected);
    }
    assert_eq!(history.version("other", 1).unwrap(), Some(sample("other", 1)));
    assert_eq!(history.events("mail").unwrap().len(), 12);
    drop(history);
    let names = fs::read_dir(folder.path()).unwrap();
    assert_eq!(names.count(), 2, "the new file and the broken one");
    assert_eq!(fs::read(path.with_extension("db.broken-1")).unwrap(), octets);
}

#[test]
fn damaged_files_do_not_pile_up() {
    let (folder, path) = place();
    for number in 0..20 {
        fs::write(&path, format!("garbage {number}")).unwrap();
        let (_, remark) = opened(&path);
        assert!(remark.is_some());
    }
    let names = fs::read_dir(folder.path()).unwrap();
    assert_eq!(names.count(), 10);
    let first = fs::read(folder.path().join("history.db.broken-1")).unwrap();
    assert_eq!(first, b"garbage 0");
    let last = fs::read(folder.path().join("history.db.broken-9")).unwrap();
    assert_eq!(last, b"garbage 19");
}

#[test]
fn a_file_that_was_moved_away_is_not_written_to() {
    let (folder, path) = place();
    let mut history = quick(&path);
    history.add(&sample("mail", 1)).unwrap();
    let away = folder.path().join("away.db");
    fs::rename(&path, &away).unwrap();
    history.add(&sample("mail", 2)).unwrap();
    assert!(history.take_remark().unwrap().contains("moved or replaced"));
    let numbers = |history: &mut History| {
        history.versions("mail").unwrap().iter().map(|version| version.number).collect::<Vec<_>>()
    };
    assert_eq!(numbers(&mut history), [2]);
    drop(history);
    assert_eq!(numbers(&mut quick(&path)), [2]);
}

#[test]
fn a_folder_in_its_place_and_a_missing_folder_are_the_systems_errors() {
    let (folder, path) = place();
    fs::create_dir(&path).unwrap();
    assert!(matches!(History::open(&path), Err(HistoryError::System(_))));
    assert!(path.is_dir());
    let missing = folder.path().join("none").join("history.db");
    assert!(matches!(History::open(missing), Err(HistoryError::System(_))));
}
