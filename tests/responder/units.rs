//! The units for systemd in `examples/`.

use std::process::Command;

/// Where the units have the program.
const INSTALLED: &str = "/usr/bin/spfc";

#[test]
fn systemd_has_nothing_to_say_about_the_units() {
    let folder = tempfile::tempdir().unwrap();
    let mut paths = Vec::new();
    for name in ["spfc.service", "spfc.socket"] {
        let unit = format!("{}/examples/{name}", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(unit).unwrap();
        let text = text.replace(INSTALLED, env!("CARGO_BIN_EXE_spfc"));
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        paths.push(path);
    }
    let Ok(output) = Command::new("systemd-analyze").arg("verify").args(&paths).output() else {
        eprintln!("not run: there is no systemd-analyze");
        return;
    };
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success() && said.is_empty(), "{said}");
}
