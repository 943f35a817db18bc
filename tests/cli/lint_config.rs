//! What `spfc.toml` says to `spfc lint`.

use std::fs;
use std::path::Path;

use crate::support::{Ran, spfc_in};

/// Lints a neutral policy in a folder.
fn lint(folder: &Path, more: &[&str]) -> Ran {
    spfc_in(folder, &[&["lint", "--offline", "v=spf1 ip4:140.17.3.9 ?all"], more].concat())
}

#[test]
fn the_file_of_the_folder_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let config = |text: &str| fs::write(folder.path().join("spfc.toml"), text).unwrap();
    assert_eq!(lint(folder.path(), &[]).status, 0);
    config("[lint]\ndeny = ['neutral-all']\n");
    assert_eq!(lint(folder.path(), &[]).status, 1);
    assert_eq!(lint(folder.path(), &["--no-config"]).status, 0);
    // Of equally long words on a rule the command line's counts, of others the longest.
    assert_eq!(lint(folder.path(), &["--allow", "SPF602"]).status, 0);
    assert_eq!(lint(folder.path(), &["--allow", "SPF6"]).status, 1);
    config("[lint]\nfail-on = 'warning'\n");
    assert_eq!(lint(folder.path(), &[]).status, 1);
    assert_eq!(lint(folder.path(), &["--fail-on", "error"]).status, 0);
    config("[lint]\nallow = ['SPF6']\nfail-on = 'note'\n");
    let ran = lint(folder.path(), &["-v"]);
    assert_eq!(ran.status, 0, "{}", ran.stdout);
    assert!(ran.stderr.contains("spfc.toml is the configuration"), "{}", ran.stderr);
}

#[test]
fn keys_do_what_their_flags_do() {
    let folder = tempfile::tempdir().unwrap();
    let ran = |text: &str, more: &[&str], target: &str| {
        fs::write(folder.path().join("spfc.toml"), text).unwrap();
        spfc_in(folder.path(), &[&["lint", target], more].concat())
    };
    // Without DNS, a domain has nothing to lint.
    assert_eq!(ran("[lint]\noffline = true\n", &[], "small.test").status, 2);
    let found = |text: &str, more: &[&str]| {
        let text = format!("[lint]\noffline = true\n{text}");
        ran(&text, more, "v=spf1 ip4:140.17.3.9 ~all").stdout.contains("[SPF606]")
    };
    let scuba = "profile = 'scuba'\n";
    assert!(!found("", &[]) && found("", &["--profile", "scuba"]));
    assert!(found(scuba, &[]) && !found(scuba, &["--profile", "dmarc"]));
    let idle = "profile = 'scuba'\nsending = 'no'\n";
    assert!(!found(idle, &[]) && found(idle, &["--sending", "yes"]));
    let zone = folder.path().join("z.test.zone");
    fs::write(&zone, "$ORIGIN z.test.\n$TTL 60\n$INCLUDE more\n@ TXT \"v=spf1 ~all\"\n").unwrap();
    fs::write(folder.path().join("more"), "a 60 A 140.17.3.9\n").unwrap();
    let zone = zone.to_str().unwrap();
    assert_eq!(ran("[lint]\noffline = true\n", &[], zone).status, 2);
    assert_eq!(ran("[lint]\noffline = true\nallow-include = true\n", &[], zone).status, 0);
}

#[test]
fn mistakes_name_their_place() {
    let folder = tempfile::tempdir().unwrap();
    for (text, said) in [
        (
            "[lint]\n  alow = []\n",
            "error: my.toml:2:3: [lint] has no key 'alow' (is 'allow' meant?)",
        ),
        ("[lint]\nwarn = ['SPF9x']\n", "error: my.toml:2:9: no rule has the code"),
        ("[\u{1b}]\n", "error: my.toml:1:2: "),
    ] {
        fs::write(folder.path().join("my.toml"), text).unwrap();
        let ran = lint(folder.path(), &["--config", "my.toml"]);
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""));
        assert!(ran.stderr.starts_with(said), "{}", ran.stderr);
        assert!(!ran.stderr.contains('\u{1b}'));
    }
    assert_eq!(lint(folder.path(), &["--config", "none.toml"]).status, 2);
    assert_eq!(lint(folder.path(), &["--config", "my.toml", "--no-config"]).status, 2);
    // Pages need no configuration.
    fs::write(folder.path().join("spfc.toml"), "x").unwrap();
    assert_eq!(spfc_in(folder.path(), &["lint", "--rules"]).status, 0);
}

#[test]
fn the_example_is_a_configuration() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/spfc.toml");
    let ran = lint(Path::new("/"), &["--config", example.to_str().unwrap()]);
    assert_eq!((ran.status, ran.stdout.as_str()), (0, "1 target: no findings\n"), "{}", ran.stderr);
}
