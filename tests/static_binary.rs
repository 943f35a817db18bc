//! The static binary as a container has it: alone in a read-only tree, as a user
//! that owns nothing there. `.ci/static` builds it and runs these tests.
//!
//! No container engine takes part: a mount namespace, a tmpfs and chroot do.

// What the tests prepare is there.
#![allow(clippy::unwrap_used)]
#![cfg(target_os = "linux")]

mod support;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use support::dns_server::Server;
use support::zone::Zone;

/// The environment variable that names the binary.
const BINARY: &str = "SPFC_STATIC";
const ZONES: &str = r#"{"example.com":{"TXT":["v=spf1 include:_spf.example.com -all"]},
    "_spf.example.com":{"TXT":["v=spf1 ip4:192.0.2.0/24 a ~all"],"A":["198.51.100.7"]}}"#;
const ZONE_FILE: &str = "$ORIGIN example.com.\n$TTL 300\n\
    @ IN SOA ns.example.com. hostmaster.example.com. 1 7200 3600 1209600 300\n\
    @ IN TXT \"v=spf1 ip4:192.0.2.1 -all\"\n";

/// Makes the tree in a tmpfs, seals it, and runs the binary in it with nothing of
/// the environment. `$1` is the binary, `$2` a folder of files to put beside it.
const ENTER: &str = r#"
set -eu
binary=$1 files=$2
shift 2
mount -t tmpfs -o mode=755 none /mnt
mkdir /mnt/work /mnt/etc
install -m 755 "$binary" /mnt/spfc
cp -r "$files"/. /mnt/work
if [ -e /mnt/work/resolv.conf ]; then mv /mnt/work/resolv.conf /mnt/etc; fi
mount -o remount,ro none /mnt
exec env -i /usr/sbin/chroot $DROP /mnt /spfc "$@"
"#;

struct Ran {
    status: i32,
    stdout: String,
    stderr: String,
}

fn binary() -> PathBuf {
    let named = std::env::var_os(BINARY);
    PathBuf::from(named.unwrap_or_else(|| panic!("{BINARY} names no binary; .ci/static does")))
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().unwrap();
    output.stdout == b"0\n"
}

/// Runs the binary alone with these files in `/work`, but `resolv.conf` in `/etc`.
fn alone(files: &[(&str, &str)], args: &[&str]) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let mut command = Command::new("unshare");
    if is_root() {
        command.args(["--mount", "--propagation", "private"]);
        command.env("DROP", "--userspec=65534:65534 --groups=");
    } else {
        // A user that is mapped to 65534, with the rights to mount in its own namespace.
        command.args(["--user", "--map-user=65534", "--map-group=65534", "--keep-caps"]);
        command.arg("--mount").env("DROP", "");
    }
    let output = command
        .args(["sh", "-c", ENTER, "sh"])
        .arg(binary())
        .arg(folder.path())
        .args(args)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    Ran {
        status: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
#[ignore = "needs the static binary: .ci/static"]
fn it_needs_no_loader() {
    let octets = std::fs::read(binary()).unwrap();
    assert!(octets.starts_with(b"\x7fELF"));
    let listed = Command::new("ldd").arg(binary()).output().unwrap();
    let said = String::from_utf8([listed.stdout, listed.stderr].concat()).unwrap();
    assert!(said.contains("statically linked") || said.contains("not a dynamic"), "{said}");
}

#[test]
#[ignore = "needs the static binary: .ci/static"]
fn it_lints_a_zone_file() {
    let files = [("good.zone", ZONE_FILE), ("bad.zone", &ZONE_FILE.replace("ip4", "ipv4"))];
    let ran = alone(&files, &["lint", "--offline", "/work/good.zone"]);
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{}", ran.stdout);
    let ran = alone(&files, &["lint", "--offline", "/work/bad.zone"]);
    assert_eq!(ran.status, 1, "{}", ran.stderr);
    assert!(ran.stdout.contains("SPF002"), "{}", ran.stdout);
}

#[test]
#[ignore = "needs the static binary: .ci/static"]
fn it_compiles_from_a_file() {
    let args = ["flatten", "example.com", "--dns-file", "/work/zones.json"];
    let ran = alone(&[("zones.json", ZONES)], &args);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let record = "v=spf1 ip4:192.0.2.0/24 ip4:198.51.100.7 -all";
    assert!(ran.stdout.contains(record), "{}", ran.stdout);
}

#[test]
#[ignore = "needs the static binary: .ci/static"]
fn it_asks_a_server() {
    let server = Server::start(Zone::from_json(ZONES), Duration::ZERO);
    let ran = alone(&[], &["tree", "example.com", "--dns", &server.address.to_string()]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("include:_spf.example.com"), "{}", ran.stdout);
    assert!(!server.asked().is_empty());
}

/// The servers of the system are those of `/etc/resolv.conf`, which a container's
/// engine writes; there are none without it.
#[test]
#[ignore = "needs the static binary: .ci/static"]
fn it_asks_the_servers_of_the_system() {
    let ran = alone(&[], &["tree", "example.com"]);
    assert_eq!((ran.status, ran.stdout.as_str()), (2, ""));
    let said = "error: cannot read the system's name servers: ";
    assert!(ran.stderr.starts_with(said), "{}", ran.stderr);
    if !is_root() {
        assert!(std::env::var_os("CI").is_none(), "CI needs root to serve at port 53");
        eprintln!("not run: only root can serve at port 53");
        return;
    }
    let address = SocketAddr::from((Ipv4Addr::new(127, 72, 8, 1), 53));
    let server = Server::start_at(Zone::from_json(ZONES), Duration::ZERO, address);
    let configured = [("resolv.conf", "nameserver 127.72.8.1\n")];
    let ran = alone(&configured, &["tree", "example.com"]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(!server.asked().is_empty());
}

#[test]
#[ignore = "needs the static binary: .ci/static"]
fn it_can_write_nothing() {
    let args = ["lock", "example.com", "--dns-file", "/work/zones.json", "-o", "/work/spf.lock"];
    let ran = alone(&[("zones.json", ZONES)], &args);
    assert_eq!((ran.status, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.contains("cannot write /work/spf.lock"), "{}", ran.stderr);
}
