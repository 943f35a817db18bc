//! BIND's server on a free port of loopback, with zones that take updates.

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use spfc::name::DomainName;

use crate::bind::{KEY, bind};
use crate::model::{Labels, Zone, read_labels, read_strings};
use crate::programs::{fed, programs};
use crate::running::Running;

/// A server that ends with its owner.
pub(crate) struct Named {
    server: Running,
    folder: tempfile::TempDir,
}

impl Named {
    /// A server with these zones; `None` where BIND is not installed.
    pub(crate) fn start(zones: &[(DomainName, Zone)]) -> Option<Named> {
        let [named, ..] = programs(["named", "nsupdate", "dig"])?;
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("update.key"), KEY).unwrap();
        let zones: Vec<(String, String)> =
            zones.iter().map(|(name, zone)| (name.to_string(), zone_file(zone))).collect();
        let server = bind(&named, folder.path(), &zones);
        Some(Named { server, folder })
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    /// Sends a script; what nsupdate says, empty where all was done.
    pub(crate) fn update(&self, script: &str) -> String {
        let key = self.path("update.key").display().to_string();
        let script = format!("server 127.0.0.1 {}\n{script}", self.server.address.port());
        let (good, out, problems) = fed("nsupdate", &["-t", "10", "-k", &key], &script);
        assert_eq!(good, problems.is_empty(), "{problems}");
        format!("{out}{problems}")
    }

    /// The TXT records of a zone.
    pub(crate) fn zone(&self, zone: &DomainName) -> Zone {
        self.transfer(zone).unwrap_or_else(|| panic!("{zone} is not served"))
    }

    fn transfer(&self, zone: &DomainName) -> Option<Zone> {
        let (port, name) = (self.server.address.port().to_string(), format!("{zone}."));
        let args = ["@127.0.0.1", "-p", &port, "+noall", "+answer", "+time=2", "+tries=1"];
        let (good, out, _) = fed("dig", &[&args[..], &[&name, "AXFR"]].concat(), "");
        let records = out.lines().filter(|line| !line.starts_with(';') && !line.is_empty());
        let mut zone = Zone::new();
        let mut found = false;
        for line in records {
            found = true;
            let (owner, ttl, record_type, data) = fields(line);
            if record_type == "TXT" {
                let set = zone.entry(owner).or_insert((ttl, Default::default()));
                set.1.insert(read_strings(data, 10));
            }
        }
        (good && found).then_some(zone)
    }
}

/// Owner, TTL, type and data of a line that dig prints.
fn fields(line: &str) -> (Labels, u32, &str, &str) {
    let mut rest = line;
    let mut field = || {
        let (field, behind) = rest.split_once(|c: char| c.is_ascii_whitespace()).unwrap();
        rest = behind.trim_start();
        field
    };
    let (owner, ttl, _class, record_type) = (field(), field(), field(), field());
    (read_labels(owner, 10), ttl.parse().unwrap(), record_type, rest)
}

/// Every octet of names and texts as its number, so that nothing is given a meaning.
fn zone_file(zone: &Zone) -> String {
    let escaped =
        |octets: &[u8]| -> String { octets.iter().map(|octet| format!("\\{octet:03}")).collect() };
    let mut text = String::from(
        "@ 60 IN SOA ns.invalid. hostmaster.invalid. 1 3600 600 86400 60\n@ 60 IN NS ns.invalid.\n",
    );
    for (name, (ttl, records)) in zone {
        let name: String = name.iter().map(|label| format!("{}.", escaped(label))).collect();
        for strings in records {
            let strings: Vec<String> =
                strings.iter().map(|string| format!("\"{}\"", escaped(string))).collect();
            let _ = writeln!(text, "{name} {ttl} IN TXT {}", strings.join(" "));
        }
    }
    text
}
