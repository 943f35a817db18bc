//! A full disk loses what did not fit and nothing else, and is forgotten as soon
//! as there is room.

use std::path::Path;
use std::process::Command;

use super::super::*;
use super::{event, lock, place, quick, sample};

fn large(number: u64) -> Version {
    // Lines that no other version has.
    let lock = lock(number, 50).replace(".test", &format!(".{number}.test"));
    Version { lock: Some(lock), ..sample("mail", number) }
}

/// Adds versions until one does not fit. Returns the number of that one.
fn fill(history: &mut History) -> u64 {
    for number in 1..10_000 {
        match history.add(&large(number)) {
            Ok(()) => {}
            Err(error) => {
                assert!(matches!(error, HistoryError::Full), "{error}");
                assert!(error.later_may_help());
                return number;
            }
        }
    }
    panic!("everything fitted");
}

fn holds_up_to(history: &mut History, last: u64) {
    assert_eq!(history.versions("mail").unwrap().len() as u64, last);
    for number in 1..=last {
        assert_eq!(history.version("mail", number).unwrap(), Some(large(number)), "{number}");
    }
}

#[test]
fn what_does_not_fit_is_not_there_and_fits_later() {
    let (_folder, path) = place();
    let mut history = quick(&path);
    let most = |history: &mut History, pages: i64| {
        let connection = history.connection().unwrap();
        connection.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(())).unwrap();
    };
    most(&mut history, 100);
    let failed = fill(&mut history);
    assert!(failed > 3, "{failed}");
    for _ in 0..3 {
        assert!(matches!(history.add(&large(failed)), Err(HistoryError::Full)));
        holds_up_to(&mut history, failed - 1);
    }
    assert_eq!(history.take_remark(), None);
    most(&mut history, 1_000_000);
    history.add(&large(failed)).unwrap();
    history.add_event(&event("mail", 1, EventKind::Held)).unwrap();
    holds_up_to(&mut history, failed);
}

#[test]
fn pruning_makes_room() {
    let (_folder, path) = place();
    let mut history = quick(&path);
    let connection = history.connection().unwrap();
    connection.query_row("PRAGMA max_page_count = 100", [], |_| Ok(())).unwrap();
    let failed = fill(&mut history);
    history.prune(0, 2).unwrap();
    history.add(&large(failed)).unwrap();
    assert_eq!(history.versions("mail").unwrap().len(), 3);
}

/// A small file system of its own, taken away at the end.
struct SmallDisk<'a>(&'a Path);

impl SmallDisk<'_> {
    fn mount(folder: &Path) -> Option<SmallDisk<'_>> {
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"]).arg(folder);
        let mounted = mount.output().is_ok_and(|output| output.status.success());
        mounted.then_some(SmallDisk(folder))
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0).status();
    }
}

#[test]
fn a_file_system_that_is_full_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = SmallDisk::mount(folder.path()) else {
        println!("no small file system can be mounted here: only its stand-in is tested");
        return what_does_not_fit_is_not_there_and_fits_later();
    };
    // Room that is there again later.
    let ballast = disk.0.join("ballast");
    std::fs::write(&ballast, vec![1; 300_000]).unwrap();
    let path = disk.0.join("history.db");
    let mut history = quick(&path);
    let failed = fill(&mut history);
    holds_up_to(&mut history, failed - 1);
    for _ in 0..3 {
        assert!(matches!(history.add(&large(failed)), Err(HistoryError::Full)));
    }
    // To the last octet, and the process begins again.
    drop(history);
    let mut rest = vec![1; 2_000_000];
    while std::fs::write(disk.0.join("rest"), &rest).is_err() && rest.len() > 1 {
        rest.truncate(rest.len() / 2);
    }
    match History::open(&path) {
        Ok((mut history, remark)) => {
            assert_eq!(remark, None);
            holds_up_to(&mut history, failed - 1);
        }
        Err(error) => assert!(error.later_may_help(), "{error}"),
    }
    std::fs::remove_file(&ballast).unwrap();
    let _ = std::fs::remove_file(disk.0.join("rest"));
    let mut history = quick(&path);
    history.add(&large(failed)).unwrap();
    holds_up_to(&mut history, failed);
    drop(history);

    // No room for a new one: that is said, and nothing is left in its way.
    let other = disk.0.join("other.db");
    let _ = std::fs::write(disk.0.join("rest"), vec![1; 2_000_000]);
    let error = History::open(&other).unwrap_err();
    assert!(error.later_may_help(), "{error}");
    std::fs::remove_file(disk.0.join("rest")).unwrap();
    quick(&other).add(&sample("mail", 1)).unwrap();
}
