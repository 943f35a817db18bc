//! Outcomes other than pass, while their policy changes: what the zone held for them
//! is not lost as long as the published record asks for it.

use std::path::Path;

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::RecordType;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::tempdir;

use crate::policies::serve;
use crate::running::{Running, ask};
use crate::server::wait_until;

const ZONE: &str = "_spf.softfail.example";

/// A policy in which this many addresses, every second one, get softfail.
fn config(softfail: usize) -> String {
    let softfail: String =
        (0..softfail).map(|number| format!(" ~ip4:198.51.100.{}", number * 2)).collect();
    format!(
        "[source.mixed]\ndomain = 'softfail.example'\nrecording = 'dns.json'\n\
         record = 'v=spf1 ip4:192.0.2.0/24{softfail} -all'\n[[zone]]\nns = ['ns.example.net']\n\
         source = 'mixed'\nrecord = 'v=spf1 exists:%{{ir}}.%{{v}}.{ZONE} \
         ~exists:%{{ir}}.%{{v}}.softfail0.{ZONE} -all'\n"
    )
}

/// Has the server read everything again, and says what it logged since it began.
fn reloaded(server: &Running, folder: &Path, times: usize) -> String {
    let log = || std::fs::read_to_string(folder.join("log")).unwrap();
    kill(Pid::from_raw(server.inner_id() as i32), Signal::SIGHUP).unwrap();
    wait_until("zones are not read", || log().matches("zones were read").count() == times);
    log()
}

/// Whether the address with this last octet gets softfail.
fn softfails(server: &Running, octet: usize) -> bool {
    let owner = format!("{octet}.100.51.198.in-addr.softfail0.{ZONE}");
    ask(server.address, &owner, RecordType::A).metadata.response_code == ResponseCode::NoError
}

#[test]
fn addresses_that_move_into_the_record_stay_in_the_zone_until_it_is_published() {
    let folder = tempdir().unwrap();
    std::fs::write(folder.path().join("dns.json"), "{}").unwrap();
    let server = serve(folder.path(), &config(120), ZONE);
    assert!(softfails(&server, 8) && softfails(&server, 238) && !softfails(&server, 7));
    // So few that they fit the record, which is not published yet.
    std::fs::write(folder.path().join("spfc.toml"), config(5)).unwrap();
    let log = reloaded(&server, folder.path(), 1);
    assert!(softfails(&server, 8) && softfails(&server, 238), "{log}");
    assert!(log.contains("now has addresses with softfail in its record"), "{log}");
    // None at all: nobody gets softfail any more, and none does.
    std::fs::write(folder.path().join("spfc.toml"), config(0)).unwrap();
    let log = reloaded(&server, folder.path(), 2);
    assert!(!softfails(&server, 8), "{log}");
    let more = config(121);
    std::fs::write(folder.path().join("spfc.toml"), more).unwrap();
    let log = reloaded(&server, folder.path(), 3);
    assert!(softfails(&server, 8) && softfails(&server, 240), "{log}");
}
