//! Zone files as targets of `spfc lint`: the zone, where its records stand, and
//! the files that it may include.
//!
//! A zone file may come from a stranger. What it includes has to be allowed,
//! and lie in the folder of the file that was named, or below it.

use std::fs::{self, File as OpenFile};
use std::io::Read;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::super::usage::read_domain;
use crate::dns::{
    IncludeFault, Includes, Writing, ZoneFile, ZoneFileError, ZoneFileFault, ZoneText,
};
use crate::lint::{File, FileRecord, Unreadable};
use crate::name::DomainName;

/// The most octets of an included file; the zone as a whole has a bound too.
const MOST_OCTETS: u64 = 64 << 20;

/// How zone files are read.
#[derive(Clone, Copy, Debug)]
pub(super) struct ZoneOptions<'a> {
    /// What relative names are below, where a file does not say.
    pub(super) origin: Option<&'a DomainName>,
    /// `$INCLUDE` is followed.
    pub(super) allow_include: bool,
}

/// A zone with the files that it was read from.
pub(super) struct ReadZone {
    pub(super) zone: ZoneFile,
    pub(super) file: Arc<File>,
    /// The origin, where the name of the file gave it.
    pub(super) guessed: Option<DomainName>,
}

/// Reads the zone file at `path`, which is shown as `shown` and holds `text`.
///
/// # Errors
///
/// The place that cannot be read, in this file or one that it includes.
pub(super) fn read_zone(
    path: &Path,
    shown: &str,
    text: Vec<u8>,
    options: ZoneOptions<'_>,
) -> Result<ReadZone, Unreadable> {
    let text: Arc<[u8]> = text.into();
    let open = || Folder::new(path, shown, text.clone(), options.allow_include);
    let mut folder = open();
    let mut guessed = None;
    let mut read = ZoneFile::read_as_meant(&text, options.origin, &mut folder);
    let no_origin =
        |error: &ZoneFileError| error.file == 0 && error.fault == ZoneFileFault::NoOrigin;
    if options.origin.is_none() && read.as_ref().is_err_and(no_origin) {
        guessed = origin_of(path);
        folder = open();
        read = ZoneFile::read_as_meant(&text, guessed.as_ref(), &mut folder);
    }
    match read {
        Ok(zone) => {
            let file = Arc::new(folder.into_file(zone.texts()));
            Ok(ReadZone { zone, file, guessed })
        }
        Err(error) => Err(folder.unreadable(&error)),
    }
}

/// Reads the YAML of an OctoDNS zone at `path`, which is shown as `shown`.
///
/// # Errors
///
/// The place that cannot be read, or that the file is named after no zone.
pub(super) fn read_octodns(
    path: &Path,
    shown: &str,
    text: Vec<u8>,
    options: ZoneOptions<'_>,
) -> Result<ReadZone, Unreadable> {
    let folder = Folder::new(path, shown, text.into(), false);
    let Some(domain) = options.origin.cloned().or_else(|| octodns_zone(path)) else {
        let message = "is not named after a zone, as 'example.com.yaml' is; --origin names it";
        let (path, message) = (shown.into(), message.to_owned());
        return Err(Unreadable { path, place: None, message });
    };
    let text = folder.files.first().map(|file| file.text.clone()).unwrap_or_default();
    match ZoneFile::read_octodns(&text, &domain) {
        Ok(zone) => {
            let file = Arc::new(folder.into_file(zone.texts()));
            Ok(ReadZone { zone, file, guessed: None })
        }
        Err(error) => Err(folder.unreadable(&error)),
    }
}

/// What is wrong with a file that editors have marked as Unicode.
pub(super) fn byte_order_mark(text: &[u8]) -> Option<&'static str> {
    match text {
        [0xef, 0xbb, 0xbf, ..] => Some(
            "a byte order mark stands before the first line, of which servers make a part: \
             save the file without one",
        ),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
            Some("the file is UTF-16, which servers do not read: save it as UTF-8")
        }
        _ => None,
    }
}

/// The zone of an OctoDNS file: `example.com.yaml`, or any file in a folder
/// `example.com.`, where each name has its own.
fn octodns_zone(path: &Path) -> Option<DomainName> {
    let folder = path.parent().and_then(Path::file_name).and_then(|name| name.to_str());
    let zone = match folder.and_then(|name| name.strip_suffix('.')) {
        Some(zone) if !zone.is_empty() && zone != "." => zone,
        _ => path.file_stem()?.to_str()?,
    };
    read_domain(zone).ok().filter(|domain| domain.label_count() > 1)
}

/// The zone that a file is named after: `example.com.zone`, `example.com.db` or
/// `db.example.com`. A single label is no zone that anybody means.
fn origin_of(path: &Path) -> Option<DomainName> {
    let name = path.file_name()?.to_str()?;
    let zone = [".zone", ".db"]
        .iter()
        .find_map(|suffix| name.strip_suffix(suffix))
        .or_else(|| name.strip_prefix("db."))?;
    read_domain(zone).ok().filter(|domain| domain.label_count() > 1)
}

/// The files of a zone that were opened, the one that was named first.
struct Folder {
    /// The folder that files may come from; `None` where none may.
    root: Option<PathBuf>,
    files: Vec<Opened>,
}

struct Opened {
    /// As it is shown.
    shown: String,
    /// Where the files that it names are looked for.
    folder: PathBuf,
    /// The file itself, links followed; `None` for the one that was named.
    canonical: Option<PathBuf>,
    /// The number of the file that includes it.
    parent: usize,
    text: Arc<[u8]>,
}

impl Folder {
    fn new(path: &Path, shown: &str, text: Arc<[u8]>, allow_include: bool) -> Folder {
        let folder = match path.parent() {
            Some(folder) if folder != Path::new("") => folder.to_owned(),
            _ => PathBuf::from("."),
        };
        let root = allow_include.then(|| folder.canonicalize().ok()).flatten();
        let canonical = path.canonicalize().ok();
        let shown = shown.to_owned();
        Folder { root, files: vec![Opened { shown, folder, canonical, parent: 0, text }] }
    }

    /// Whether this file is being read: it is file `from`, or includes it.
    fn is_open(&self, mut from: usize, canonical: &Path) -> bool {
        loop {
            match self.files.get(from) {
                Some(file) if file.canonical.as_deref() == Some(canonical) => return true,
                Some(file) if from > 0 => from = file.parent,
                _ => return false,
            }
        }
    }

    /// The files with the records that stand in them.
    fn into_file(self, texts: &[ZoneText]) -> File {
        let mut records = vec![Vec::new(); self.files.len()];
        for text in texts {
            if let (Some(file), Some(records)) =
                (self.files.get(text.place.file), records.get_mut(text.place.file))
            {
                records.push(file_record(text, &file.text));
            }
        }
        let mut files =
            self.files.into_iter().zip(records).map(|(file, records)| file.with_records(records));
        let main = files.next();
        let included = files.map(Arc::new).collect();
        // The file that was named is always there.
        main.unwrap_or_else(|| File::new("", &b""[..], Vec::new())).including(included)
    }

    fn unreadable(self, error: &ZoneFileError) -> Unreadable {
        let message = match &error.fault {
            ZoneFileFault::Include(IncludeFault::Refused) => {
                "$INCLUDE is not followed without --allow-include".to_owned()
            }
            ZoneFileFault::NoOrigin => {
                format!("{}; --origin says it", error.fault)
            }
            fault => fault.to_string(),
        };
        let file = self.files.into_iter().nth(error.file);
        let file = file.map(|file| file.with_records(Vec::new()));
        let place = file.as_ref().map(|file| file.range_place(error.offset..error.offset));
        let path = file.map_or_else(|| Arc::from(""), |file| Arc::from(file.path()));
        Unreadable { path, place, message }
    }
}

impl Opened {
    fn with_records(self, records: Vec<FileRecord>) -> File {
        File::new(self.shown, &*self.text, records)
    }
}

impl Includes for Folder {
    fn open(&mut self, from: usize, path: &str) -> Result<Arc<[u8]>, IncludeFault> {
        let root = self.root.as_deref().ok_or(IncludeFault::Refused)?;
        let named = Path::new(path);
        let inside = |component| matches!(component, Component::Normal(_) | Component::CurDir);
        if path.is_empty() || !named.components().all(inside) {
            return Err(IncludeFault::Outside);
        }
        let unreadable = |error: std::io::Error| IncludeFault::Unreadable(error.kind());
        let folder = self.files.get(from).map(|file| file.folder.clone()).unwrap_or_default();
        let canonical = folder.join(named).canonicalize().map_err(unreadable)?;
        if !canonical.starts_with(root) {
            return Err(IncludeFault::Outside);
        }
        if !fs::metadata(&canonical).map_err(unreadable)?.is_file() {
            return Err(IncludeFault::NoFile);
        }
        if self.is_open(from, &canonical) {
            return Err(IncludeFault::Loop);
        }
        let mut text = Vec::new();
        let opened = OpenFile::open(&canonical).map_err(unreadable)?;
        opened.take(MOST_OCTETS + 1).read_to_end(&mut text).map_err(unreadable)?;
        let shown = folder.join(named);
        let below = shown.parent().map(Path::to_owned).unwrap_or_default();
        let shown = shown.strip_prefix(".").unwrap_or(&shown).to_string_lossy().into_owned();
        let text: Arc<[u8]> = text.into();
        self.files.push(Opened {
            shown,
            folder: below,
            canonical: Some(canonical),
            parent: from,
            text: text.clone(),
        });
        Ok(text)
    }
}

/// A TXT record with its place in this file.
pub(super) fn file_record(text: &ZoneText, file: &[u8]) -> FileRecord {
    // YAML keeps a record in one piece, whatever strings it is published in.
    let known = text.place.writing == Writing::ZoneFile;
    let strings = if known { text.text.given() } else { Vec::new() };
    FileRecord {
        owner: Some(text.owner.clone()),
        octets: text.text.joined().into(),
        strings,
        written: text.place.written(file, &text.text).unwrap_or_default(),
        entry: text.place.octets.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_after_zones() {
        let origin = |path: &str| origin_of(Path::new(path)).map(|name| name.to_string());
        assert_eq!(origin("zones/example.com.zone").as_deref(), Some("example.com"));
        assert_eq!(origin("db.example.com").as_deref(), Some("example.com"));
        assert_eq!(origin("example.com.db").as_deref(), Some("example.com"));
        for path in ["main.zone", "db.local", "example.com", "-", "a..b.zone", ".zone"] {
            assert_eq!(origin(path), None, "{path}");
        }
        let zone = |path: &str| octodns_zone(Path::new(path)).map(|name| name.to_string());
        assert_eq!(zone("config/example.com.yaml").as_deref(), Some("example.com"));
        assert_eq!(zone("config/example.com./$example.com.yaml").as_deref(), Some("example.com"));
        for path in ["production.yaml", "./production.yaml", "../x.yaml", "<stdin>"] {
            assert_eq!(zone(path), None, "{path}");
        }
    }
}
