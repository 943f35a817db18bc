//! BIND's server on the loopback, with zones that take signed updates.

use std::fmt::Write;
use std::path::Path;

use crate::running::Running;

/// The name of the key, as BIND's configuration has it.
pub(crate) const KEY_NAME: &str = "updates";
/// The key that updates are signed with, as `tsig-keygen` writes one.
pub(crate) const KEY: &str = "key \"updates\" {\n\talgorithm hmac-sha256;\n\t\
                              secret \"c3BmYyB0ZXN0cyBpdHMgdXBkYXRlcyB3aXRoIHRoaXM=\";\n};\n";

/// Starts `named` with these zones and their files' texts, in a folder that it
/// writes to; transfers are allowed.
pub(crate) fn bind(named: &Path, folder: &Path, zones: &[(String, String)]) -> Running {
    let path = |file: &str| folder.join(file).display().to_string();
    let mut served = String::new();
    for (number, (name, text)) in zones.iter().enumerate() {
        std::fs::write(folder.join(format!("{number}.zone")), text).unwrap();
        writeln!(
            served,
            "zone \"{name}\" {{ type primary; file \"{number}.zone\"; \
             allow-update {{ key \"{KEY_NAME}\"; }}; }};"
        )
        .unwrap();
    }
    Running::start(named, folder, &zones[0].0, |port| {
        let config = format!(
            "{KEY}options {{\n  directory \"{}\";\n  listen-on port {port} {{ 127.0.0.1; }};\n  \
             listen-on-v6 {{ none; }};\n  pid-file none;\n  session-keyfile \"{}\";\n  \
             recursion no;\n  notify no;\n  dnssec-validation no;\n  \
             allow-transfer {{ 127.0.0.1; }};\n}};\ncontrols {{ }};\n{served}",
            folder.display(),
            path("session.key"),
        );
        std::fs::write(folder.join("named.conf"), config).unwrap();
        ["-g", "-n", "1", "-c", &path("named.conf")].map(String::from).to_vec()
    })
}
