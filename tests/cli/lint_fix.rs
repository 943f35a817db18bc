//! `spfc lint --fix`.

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use spfc::dns::ZoneFile;
use spfc::name::DomainName;

use crate::support::{keys, offline, spfc, spfc_with_input};

/// A record with terms that nobody reaches, and without them.
const LONG: &str = "v=spf1 ip4:140.17.3.1 ~all mx redirect=small.test";
const SHORT: &str = "v=spf1 ip4:140.17.3.1 ~all";

fn fix(args: &[&str]) -> crate::support::Ran {
    spfc(&[&["lint", "--offline", "--fix"], args].concat())
}

/// A file in a folder of its own.
fn file(folder: &tempfile::TempDir, name: &str, text: impl AsRef<[u8]>) -> (PathBuf, String) {
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    (path.clone(), path.to_str().unwrap().to_owned())
}

#[test]
fn one_record_is_printed_as_it_is() {
    let ran = fix(&[LONG]);
    assert_eq!((ran.status, ran.stdout), (0, format!("{SHORT}\n")));
    assert!(ran.stderr.contains("fixed SPF201 unreachable-term"), "{}", ran.stderr);
    assert_eq!(fix(&[SHORT]).stdout, format!("{SHORT}\n"));
    let ran = offline(&["lint", "--fix", "small.test", "--record", LONG]);
    assert_eq!((ran.status, ran.stdout), (0, format!("{SHORT}\n")));
    let quiet = fix(&["-q", LONG]);
    assert_eq!((quiet.stdout, quiet.stderr.as_str()), (format!("{SHORT}\n"), ""));
    // What stands in no sound record is not written raw.
    assert_eq!(fix(&["v=spf1 \u{1b}[2J"]).stdout, "v=spf1 \\027[2J\n");
    assert_eq!(offline(&["lint", "--fix", "nowhere.test"]).stdout, "");
}

#[test]
fn several_records_stand_behind_their_names() {
    let ran = offline(&["lint", "--fix", "child.test", LONG]);
    let child = "child.test\tv=spf1 -ip4:198.51.100.7 ip4:198.51.100.0/24 ~all";
    assert_eq!(ran.stdout, format!("{child}\n{SHORT}\n"));
    let list = spfc_with_input(&["lint", "--offline", "--fix", "-"], &format!("{LONG}\n{SHORT}\n"));
    assert_eq!(list.stdout, format!("{SHORT}\n{SHORT}\n"));
}

#[test]
fn what_is_left_decides_the_status() {
    assert_eq!(fix(&["v=spf1 a +all mx"]).status, 1);
    assert_eq!(fix(&["--fail-on", "note", LONG]).status, 0);
    let ran = fix(&["--fail-on", "warning", "v=spf1 ip4:140.17.3.1 ?all mx"]);
    assert_eq!((ran.status, ran.stdout.as_str()), (1, "v=spf1 ip4:140.17.3.1 ?all\n"));
    assert!(ran.stderr.contains("[SPF602]") && !ran.stderr.contains("warning[SPF201]"));
}

#[test]
fn the_keys_of_the_document_are_a_contract() {
    let ran = fix(&["--format", "json", LONG]);
    let target = &ran.json()["targets"][0];
    assert_eq!(keys(target), ["diagnostics", "fixed", "lookups", "record", "target"]);
    let fixed = &target["fixed"];
    assert_eq!(keys(fixed), ["applied", "record", "refused", "written"]);
    assert_eq!((fixed["record"].as_str(), fixed["written"].as_bool()), (Some(SHORT), Some(false)));
    let mut applied: Vec<&str> =
        fixed["applied"].as_array().unwrap().iter().map(|code| code.as_str().unwrap()).collect();
    applied.sort_unstable();
    assert_eq!(applied, ["SPF201", "SPF202"]);
    assert_eq!(ran.stderr, "");
}

#[test]
fn only_files_are_written() {
    for args in [
        &["--fix", "--write", LONG][..],
        &["--fix", "--write", "small.test"],
        &["--fix", "--write", "-"],
        &["--fix", "--write", "--file", "-"],
        &["--write", "./a.zone"],
        &["--fix", "--rules"],
    ] {
        let ran = offline(&[&["lint"], args].concat());
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{args:?}: {}", ran.stderr);
    }
}

#[test]
fn zone_files_are_written_in_place() {
    let folder = tempfile::tempdir().unwrap();
    let zone = "\u{feff}".replace('\u{feff}', "; \"mail ( \u{e9}\r\n")
        + "$ORIGIN z.test.\r\n$TTL 300\r\n\
        @ SOA ns.z.test. host.z.test. ( 7 ; serial\r\n 7200 1800 1209600 60 )\r\n\
        @ TXT ( \"v=spf1 ip4:140.17.3.1\" ; ours\r\n  \" ~all\" ; end\r\n  \" mx\" ) ; all\r\n\
        @ TXT \"v=other ~all mx; \\\" x\"\r\n\
        a\\\"\\;b 60 IN TXT v=spf1\\032~all\" mx\"\r\n\
        www CNAME z.test.\r\n\
        \\200 TXT \"v=spf1 ip4:140.17.3.1 ~all redirect=\" z.test";
    let (path, name) = file(&folder, "z.zone", &zone);
    let link = folder.path().join("link.zone");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
    }
    let named = if cfg!(unix) { link.to_str().unwrap() } else { &name };
    // Without --write nothing is written.
    assert_eq!(fix(&[named]).stdout.lines().count(), 3);
    assert_eq!(fs::read_to_string(&path).unwrap(), zone);
    let ran = fix(&["--write", named]);
    assert_eq!((ran.status, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
    assert!(ran.stderr.contains("the serial number is as it was"), "{}", ran.stderr);
    let expected = zone
        .replace(
            "\"v=spf1 ip4:140.17.3.1\" ; ours\r\n  \" ~all\" ; end\r\n  \" mx\"",
            "\"v=spf1 ip4:140.17.3.1 ~all\"",
        )
        .replace("v=spf1\\032~all\" mx\"", "\"v=spf1 ~all\"")
        .replace(
            "\"v=spf1 ip4:140.17.3.1 ~all redirect=\" z.test",
            "\"v=spf1 ip4:140.17.3.1 ~all\"",
        );
    assert_eq!(fs::read_to_string(&path).unwrap(), expected);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    }
    // Again, there is nothing to do.
    assert!(!fix(&["--write", named]).stderr.contains("fixed"));
    assert_eq!(fs::read_to_string(&path).unwrap(), expected);
}

#[test]
fn records_of_a_zone_are_fixed_together() {
    let folder = tempfile::tempdir().unwrap();
    let zone = "$ORIGIN z.test.\n$TTL 60\n@ TXT \"v=spf1 include:_a.z.test ~all mx\"\n_a TXT \"v=spf1 ip4:140.17.3.1 ~all mx\"\n@ TXT \"v=spf10\"\n";
    let (path, name) = file(&folder, "z.zone", zone);
    let ran = offline(&["lint", "--fix", "--write", &name, "--format", "json"]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let targets = ran.json()["targets"].clone();
    for target in targets.as_array().unwrap() {
        assert_eq!(target["fixed"]["written"], true);
        assert_eq!(target["fixed"]["applied"], serde_json::json!(["SPF201"]));
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), zone.replace(" mx\"", "\""));
}

#[test]
fn lists_are_written_line_by_line() {
    let folder = tempfile::tempdir().unwrap();
    let text = format!("# ours\r\n  {LONG} \r\nchild.test\n\n{LONG}\n{SHORT}\n{LONG}");
    let (path, name) = file(&folder, "list", &text);
    let ran = offline(&["lint", "--fix", "--write", "--file", &name]);
    assert_eq!((ran.status, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
    assert_eq!(fs::read_to_string(&path).unwrap(), text.replace(LONG, SHORT));
}

#[test]
fn a_file_that_is_named_twice_is_written_once() {
    let folder = tempfile::tempdir().unwrap();
    let zone = "$ORIGIN z.test.\n$TTL 60\n@ TXT \"v=spf1 ~all mx\"\n@ TXT \"v=spf1 ~all mx\"\n";
    let (zone_path, zone_name) = file(&folder, "z.zone", zone);
    let (list_path, list_name) = file(&folder, "list", format!("{LONG}\n{LONG}\n"));
    let args = ["--write", &zone_name, "--file", &list_name, "--file", &zone_name];
    let args = [&args[..], &["--file", &list_name, "--format", "json"]].concat();
    let ran = fix(&args);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    for target in ran.json()["targets"].as_array().unwrap() {
        assert_eq!(target["fixed"]["written"], true);
    }
    assert_eq!(fs::read_to_string(&zone_path).unwrap(), zone.replace(" mx", ""));
    assert_eq!(fs::read_to_string(&list_path).unwrap(), format!("{SHORT}\n{SHORT}\n"));
}

#[test]
fn yaml_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let text = format!("'':\n  type: TXT\n  value: {LONG}\n");
    let (path, name) = file(&folder, "z.test.yaml", &text);
    let ran = fix(&["--write", &name]);
    assert!(ran.stderr.contains("YAML is not written"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("fixed SPF201"), "{}", ran.stderr);
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    // What is not written is still to be found.
    assert_eq!(fix(&["--write", "--fail-on", "warning", &name]).status, 1);
    assert_eq!(fix(&["--fail-on", "warning", &name]).status, 0);
    assert_eq!(fix(&[&name]).stdout, format!("{SHORT}\n"));
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_written_is_as_it_was() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let (path, name) = file(&folder, "list", LONG);
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o500)).unwrap();
    let root = fs::write(folder.path().join("probe"), "").is_ok();
    let ran = fix(&["--write", "--file", &name]);
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
    // Whoever may write anywhere, such as root, is not kept from it.
    let expected = if root { (0, SHORT) } else { (2, LONG) };
    assert_eq!(
        (ran.status, fs::read_to_string(&path).unwrap().as_str()),
        expected,
        "{}",
        ran.stderr
    );
}

/// The TXT records of a zone file, by owner.
fn texts(path: &Path) -> Vec<(String, Vec<u8>)> {
    let origin = DomainName::parse("z.test").unwrap();
    let zone = ZoneFile::read(&fs::read(path).unwrap(), Some(&origin)).unwrap();
    let text =
        |text: &spfc::dns::ZoneText| (text.owner.to_string(), text.text.joined().into_owned());
    zone.texts().iter().map(text).collect()
}

proptest! {
    // Each case is a run of the program.
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// Records with terms behind `all`, cut into strings anywhere, among others.
    #[test]
    fn written_zones_hold_the_mended_records(
        records in proptest::collection::vec(
            ("[a-c]{1,3}", 0usize..3, proptest::collection::vec("( [a-z]{1,3}=[a-z;\"(]{0,9}| mx| a:b\\.test)", 0..4), any::<[proptest::sample::Index; 2]>(), any::<bool>()),
            1..4,
        ),
        crlf in any::<bool>(), last in any::<bool>(),
    ) {
        let mut seen = std::collections::HashSet::new();
        let mut zone = vec!["$TTL 60".to_owned()];
        let mut expected = Vec::new();
        for (owner, terms, behind, cuts, open) in &records {
            if !seen.insert(owner.clone()) {
                continue;
            }
            let sound = format!("v=spf1{} ~all", " ip4:140.17.3.1".repeat((*terms).min(1)));
            let kept: String = behind.iter().filter(|term| term.contains('=')).cloned().collect();
            let record = format!("{sound}{}", behind.concat());
            let mut ends: Vec<usize> = cuts.iter().map(|cut| cut.index(record.len())).collect();
            ends.sort_unstable();
            let strings = [&record[..ends[0]], &record[ends[0]..ends[1]], &record[ends[1]..]];
            let quoted = strings.map(|string| {
                format!("\"{}\"", string.replace('\\', "\\\\").replace('"', "\\\""))
            });
            zone.push(match open {
                true => format!("{owner} TXT ( {} ; x \"\n {}\n ) ; (", quoted[..2].join("\t"), quoted[2]),
                false => format!("{owner} IN TXT {}", quoted.join(" ")),
            });
            zone.push(format!("{owner} TXT \"not spf {owner}\""));
            expected.push((format!("{owner}.z.test"), sound, kept));
        }
        let mut text = zone.join("\n");
        if last {
            text.push('\n');
        }
        if crlf {
            text = text.replace('\n', "\r\n");
        }
        let folder = tempfile::tempdir().unwrap();
        let (path, name) = file(&folder, "z.test.zone", &text);
        let before = texts(&path);
        fix(&["--write", "--no-config", &name]);
        let after = texts(&path);
        prop_assert_eq!(before.len(), after.len());
        for ((old_owner, old), (owner, new)) in before.iter().zip(&after) {
            prop_assert_eq!(old_owner, owner);
            let new = String::from_utf8(new.clone()).unwrap();
            if !old.starts_with(b"v=spf1") {
                prop_assert_eq!(old, new.as_bytes());
                continue;
            }
            let (_, sound, kept) = expected.iter().find(|(name, ..)| name == owner).unwrap();
            // Modifiers may have mistakes, and then nothing is unreachable; those
            // that nobody knows may go.
            if new.as_bytes() != old || kept.is_empty() {
                let rest = new.strip_prefix(sound.as_str());
                prop_assert!(rest.is_some(), "{new}");
                for term in rest.unwrap_or_default().split(' ').filter(|term| !term.is_empty()) {
                    prop_assert!(kept.split(' ').any(|known| known == term), "{new}: {term}");
                }
            }
        }
    }
}
