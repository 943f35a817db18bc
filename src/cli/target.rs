//! What an argument names: a record, a file or a domain.

use std::path::{Path, PathBuf};

use crate::syntax::is_spf_record;

/// Endings of names that are files.
const SUFFIXES: [&str; 5] = [".zone", ".db", ".txt", ".json", ".yaml"];

/// What an argument names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// A record, as text.
    Record(Vec<u8>),
    /// A file, and the domain in it that is meant.
    File(PathBuf, Option<String>),
    /// A domain.
    Domain(String),
}

impl Target {
    /// What `text` names: a text that begins with the version is a record; one
    /// with a slash or a known ending is a file, `#` and a domain behind it;
    /// anything else is a domain, never a file of that name.
    pub(super) fn read(text: &str) -> Target {
        let beginning = text.trim_start().as_bytes();
        let version = beginning.len().min("v=spf1".len());
        if is_spf_record(text.trim().as_bytes())
            || beginning[..version].eq_ignore_ascii_case(b"v=spf1")
        {
            return Target::Record(text.trim().as_bytes().to_vec());
        }
        let (path, domain) = match text.split_once('#') {
            Some((path, domain)) => (path, Some(domain.to_owned())),
            None => (text, None),
        };
        let known = SUFFIXES.iter().any(|suffix| path.to_ascii_lowercase().ends_with(suffix));
        match known || path.contains('/') || path == "-" {
            true => Target::File(Path::new(path).to_owned(), domain),
            false => Target::Domain(text.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_records_files_and_domains_apart() {
        let file = |path: &str, domain: Option<&str>| {
            Target::File(PathBuf::from(path), domain.map(str::to_owned))
        };
        assert_eq!(Target::read("V=SPF1 -all"), Target::Record(b"V=SPF1 -all".to_vec()));
        assert_eq!(Target::read("v=spf1?all"), Target::Record(b"v=spf1?all".to_vec()));
        assert_eq!(Target::read("out.zone#example.com"), file("out.zone", Some("example.com")));
        assert_eq!(Target::read("./example.com"), file("./example.com", None));
        assert_eq!(Target::read("./spf.lock#a.test"), file("./spf.lock", Some("a.test")));
        assert_eq!(Target::read("spf.lock"), Target::Domain("spf.lock".to_owned()));
        assert_eq!(Target::read("example.com"), Target::Domain("example.com".to_owned()));
    }
}
