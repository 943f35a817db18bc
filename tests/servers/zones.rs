//! Zone files load without a warning in NSD, Knot and BIND.

use std::path::Path;

use tempfile::tempdir;

use crate::outputs::{Zone, outputs, static_zone};
use crate::programs::programs;
use crate::running::said;

/// Panics where a program has more to say of a zone than that it is well.
fn check(zone: &Zone, file: &Path, nsd: &Path, knot: &Path, bind: &Path) {
    let (name, file) = (zone.name.as_str(), file.to_str().unwrap());
    let words = |program: &Path, args: &[&str]| {
        let (good, words) = said(program, args);
        assert!(good, "{}: {words}\n{}", program.display(), zone.text);
        words
    };
    assert_eq!(words(nsd, &[name, file]).trim(), format!("zone {name} is ok"), "{}", zone.text);
    assert_eq!(words(knot, &["-o", name, file]).trim(), "", "{}", zone.text);
    // The names of other zones are not asked for.
    let bind = words(bind, &["-i", "local", name, file]);
    let loaded = format!("zone {name}/IN: loaded serial 1");
    assert_eq!(bind.lines().collect::<Vec<_>>(), [loaded.as_str(), "OK"], "{}", zone.text);
}

#[test]
fn zone_files_load_without_a_warning() {
    let checkers = ["nsd-checkzone", "kzonecheck", "named-checkzone"];
    let Some([nsd, knot, bind]) = programs(checkers) else { return };
    let folder = tempdir().unwrap();
    for zone in outputs().iter().flat_map(|output| &output.zones) {
        let file = folder.path().join(&zone.name);
        std::fs::write(&file, &zone.text).unwrap();
        check(zone, &file, &nsd, &knot, &bind);
    }
}

/// What `spfc macro` says of such zones.
#[test]
fn bind_wants_underscores_below_spf() {
    let Some([bind]) = programs(["named-checkzone"]) else { return };
    let folder = tempdir().unwrap();
    let file = folder.path().join("zone");
    for (label, well) in [("_spf", true), ("a._spf_rate", true), ("_policy", false)] {
        let zone = static_zone("underscores.example", label);
        std::fs::write(&file, &zone.text).unwrap();
        let (good, words) = said(&bind, &["-i", "local", &zone.name, file.to_str().unwrap()]);
        assert!(good && words.contains("bad owner name (check-names)") != well, "{label}: {words}");
    }
}

#[test]
fn a_spoiled_zone_file_is_told() {
    let Some([nsd, knot, bind]) = programs(["nsd-checkzone", "kzonecheck", "named-checkzone"])
    else {
        return;
    };
    let folder = tempdir().unwrap();
    let file = folder.path().join("zone");
    let zone = &outputs()[0].zones[0];
    std::fs::write(&file, format!("{}outside.test. 300 IN A\n", zone.text)).unwrap();
    let (name, path) = (zone.name.as_str(), file.to_str().unwrap());
    assert!(!said(&nsd, &[name, path]).0);
    assert!(!said(&knot, &["-o", name, path]).0);
    assert!(!said(&bind, &["-i", "local", name, path]).0);
}
