//! What survives, who may write it, and files that somebody else has changed.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::refresh::{Identity, SourceState};

fn file(name: &str) -> SourceFile {
    SourceFile {
        source: name.to_owned(),
        identity: Identity::default(),
        state: SourceState::default(),
    }
}

#[test]
fn one_process_writes_and_all_may_read() {
    let folder = tempfile::tempdir().unwrap();
    let directory = StateDirectory::at(folder.path().join("a/b"));
    assert!(directory.read_sources().unwrap().0.is_empty());
    let owned = directory.clone().own().unwrap();
    assert!(matches!(directory.clone().own(), Err(DirectoryError::InUse(_))));
    for name in ["two", "one", ".."] {
        owned.write_source(&file(name)).unwrap();
        assert_eq!(directory.read_source(name).unwrap(), Some(file(name)));
    }
    let names: Vec<String> =
        directory.read_sources().unwrap().0.into_iter().map(|file| file.source).collect();
    assert_eq!(names, ["..", "one", "two"]);
    owned.remove_source("one").unwrap();
    owned.remove_source("one").unwrap();
    assert_eq!(directory.read_source("one").unwrap(), None);
    drop(owned);
    directory.own().unwrap();
}

#[test]
fn a_directory_that_others_may_write_to_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
    let refused = StateDirectory::at(folder.path()).own();
    assert!(matches!(refused, Err(DirectoryError::Open(_))));
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    StateDirectory::at(folder.path()).own().unwrap();
}

#[test]
fn what_a_cut_off_run_left_goes() {
    let folder = tempfile::tempdir().unwrap();
    let directory = StateDirectory::at(folder.path());
    drop(directory.clone().own().unwrap());
    let left = folder.path().join("sources/.spfc-x1");
    fs::write(&left, "half").unwrap();
    drop(directory.clone().own().unwrap());
    assert!(!left.exists());
    fs::write(folder.path().join("sources/a.json"), "half").unwrap();
    assert!(matches!(directory.read_source("a"), Err(DirectoryError::Source { .. })));
}

#[test]
fn a_file_that_tells_nothing_hides_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let directory = StateDirectory::at(folder.path());
    let owned = directory.clone().own().unwrap();
    for name in ["two", "one", "th ree"] {
        owned.write_source(&file(name)).unwrap();
    }
    let whole = fs::read(folder.path().join("sources/th%20ree.json")).unwrap();
    fs::write(folder.path().join("sources/th%20ree.json"), &whole[..whole.len() / 2]).unwrap();
    fs::create_dir(folder.path().join("sources/a.json")).unwrap();
    let (sources, unread) = directory.read_sources().unwrap();
    let names: Vec<&str> = sources.iter().map(|file| file.source.as_str()).collect();
    assert_eq!(names, ["one", "two"]);
    let names: Vec<&str> = unread.iter().map(|file| file.source.as_str()).collect();
    assert_eq!(names, ["a", "th ree"]);
    assert!(unread.iter().all(|file| file.changed.is_some()));
    assert!(matches!(unread[0].error, DirectoryError::System { .. }));
    assert!(matches!(unread[1].error, DirectoryError::Source { .. }));
}

proptest! {
    #[test]
    fn the_name_of_a_file_says_its_source(name in any::<String>(), file in vec(any::<u8>(), 0..9)) {
        prop_assert_eq!(source_name(file_name(name.as_bytes()).as_bytes()), name);
        let _ = source_name(&file);
    }
}

#[test]
fn names_of_files_stay_in_their_folder() {
    assert_eq!(file_name(b"0/25.2.0.192.in-addr.arpa"), "0%2f25.2.0.192.in-addr.arpa");
    assert_eq!(file_name(b"a\\047\0"), "a%5c047%00");
}
