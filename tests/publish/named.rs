//! BIND's server on a free port of loopback, with zones that take updates.

use std::fmt::Write;
use std::fs;
use std::net::{TcpListener, UdpSocket};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use spfc::name::DomainName;

use crate::model::{Labels, Zone, read_labels, read_strings};
use crate::programs::{fed, runs};

/// What signs updates, as nsupdate reads it from a file.
const KEY: &str = "key \"updates\" {\n  algorithm hmac-sha256;\n  \
                   secret \"c3BmYyB0ZXN0cyBpdHMgdXBkYXRlcyB3aXRoIHRoaXM=\";\n};\n";

/// How long the server may take to begin.
const PATIENCE: Duration = Duration::from_secs(20);

/// A server that ends with its owner.
pub(crate) struct Named {
    child: Child,
    folder: tempfile::TempDir,
    port: u16,
}

impl Named {
    /// A server with these zones; `None` where BIND is not installed.
    pub(crate) fn start(zones: &[(DomainName, Zone)]) -> Option<Named> {
        if !(runs("named", &["-v"]) && runs("nsupdate", &["-V"]) && runs("dig", &["-v"])) {
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let path = |file: &str| folder.path().join(file).display().to_string();
        let mut config = format!(
            "{KEY}options {{\n  directory \"{}\";\n  listen-on port {port} {{ 127.0.0.1; }};\n  \
             listen-on-v6 {{ none; }};\n  pid-file none;\n  session-keyfile \"{}\";\n  \
             recursion no;\n  notify no;\n  dnssec-validation no;\n  \
             allow-transfer {{ 127.0.0.1; }};\n}};\ncontrols {{ }};\n",
            folder.path().display(),
            path("session.key"),
        );
        for (number, (name, zone)) in zones.iter().enumerate() {
            fs::write(folder.path().join(format!("{number}.zone")), zone_file(zone)).unwrap();
            let _ = writeln!(
                config,
                "zone \"{name}\" {{\n  type primary;\n  file \"{number}.zone\";\n  \
                 allow-update {{ key \"updates\"; }};\n}};"
            );
        }
        fs::write(path("named.conf"), config).unwrap();
        fs::write(path("update.key"), KEY).unwrap();
        let log = fs::File::create(path("log")).unwrap();
        let child = Command::new("named")
            .args(["-g", "-n", "1", "-c", &path("named.conf")])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let named = Named { child, folder, port };
        named.wait(&zones[0].0);
        Some(named)
    }

    fn wait(&self, zone: &DomainName) {
        let end = Instant::now() + PATIENCE;
        while self.transfer(zone).is_none() {
            let log = || fs::read_to_string(self.path("log")).unwrap();
            assert!(Instant::now() < end, "named does not answer:\n{}", log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    /// Sends a script; what nsupdate says, empty where all was done.
    pub(crate) fn update(&self, script: &str) -> String {
        let key = self.path("update.key").display().to_string();
        let script = format!("server 127.0.0.1 {}\n{script}", self.port);
        let (good, out, problems) = fed("nsupdate", &["-t", "10", "-k", &key], &script);
        assert_eq!(good, problems.is_empty(), "{problems}");
        format!("{out}{problems}")
    }

    /// The TXT records of a zone.
    pub(crate) fn zone(&self, zone: &DomainName) -> Zone {
        self.transfer(zone).unwrap_or_else(|| panic!("{zone} is not served"))
    }

    fn transfer(&self, zone: &DomainName) -> Option<Zone> {
        let (port, name) = (self.port.to_string(), format!("{zone}."));
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

impl Drop for Named {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
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

fn free_port() -> u16 {
    loop {
        let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = tcp.local_addr().unwrap().port();
        if UdpSocket::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
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
