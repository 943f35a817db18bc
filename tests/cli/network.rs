//! Name servers that do not answer, and servers that answer garbage.

use std::net::UdpSocket;
use std::thread;
use std::time::{Duration, Instant};

use crate::folder::Folder;
use crate::servers::dns_server::Server;
use crate::servers::zone::Zone;
use crate::support::spfc;

/// The exit statuses of runs against a server, none of which writes anything.
fn fails(server: &str) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("spf.lock");
    let begun = Instant::now();
    let flags = ["--dns", server, "--timeout", "0.4"];
    for args in [
        &["tree", "example.com"][..],
        &["flatten", "example.com"],
        &["lock", "example.com", "-o", file.to_str().unwrap()],
    ] {
        let ran = spfc(&[&flags[..], args].concat());
        assert_eq!((ran.status, ran.stdout.as_str()), (4, ""), "{args:?}: {}", ran.stderr);
        assert!(ran.stderr.contains("example.com TXT"), "{}", ran.stderr);
        assert!(!ran.stderr.contains('\r'), "progress in a pipe: {:?}", ran.stderr);
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    let check = ["check", "example.com", "--ip", "192.0.2.1", "--expect", "temperror"];
    assert_eq!(spfc(&[&flags[..], &check].concat()).status, 0);
    assert!(begun.elapsed() < Duration::from_secs(30));
}

/// Policies of different depths, whose answers come in at different times.
fn policies(changed: bool) -> Server {
    let last = if changed { "192.0.2.0/26" } else { "192.0.2.0/25" };
    let zone = format!(
        r#"{{
        "a.test": {{"TXT": ["v=spf1 include:b.test -all"]}},
        "b.test": {{"TXT": ["v=spf1 include:c.test a:host.test -all"]}},
        "c.test": {{"TXT": ["v=spf1 ip4:{last} -all"]}},
        "d.test": {{"TXT": ["v=spf1 ip4:198.51.100.0/24 ~all"]}},
        "_dmarc.a.test": {{"TXT": ["v=DMARC1; p=reject"]}},
        "host.test": {{"A": ["203.0.113.1"]}}
    }}"#
    );
    Server::start(Zone::from_json(&zone), Duration::from_millis(5))
}

#[test]
fn recordings_of_the_network_are_compared_with_it() {
    let folder = Folder::new();
    let lock = folder.file("spf.lock");
    let server = policies(false);
    let on = |server: &Server, args: &[&str]| {
        spfc(&[&["--dns", &server.address.to_string()], args].concat())
    };
    let ran = on(&server, &["lock", "a.test", "d.test", "-o", &lock]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let text = std::fs::read_to_string(&lock).unwrap();
    assert!(text.contains("_dmarc.a.test") && text.contains("host.test"), "{text}");
    let mut asked: Vec<_> =
        server.asked().iter().map(|it| (it.name.to_lowercase(), it.record_type.clone())).collect();
    let all = asked.len();
    asked.sort();
    asked.dedup();
    assert_eq!(asked.len(), all);
    assert_eq!(on(&server, &["diff", "-f", &lock]).status, 0);
    assert_eq!(on(&server, &["lint", "--lock", &lock]).status, 0);
    let server = policies(true);
    assert_eq!(on(&server, &["diff", "-f", &lock]).status, 1);
    let ran = on(&server, &["lint", "--lock", &lock]);
    assert!(ran.status == 1 && ran.stdout.contains("SPF902"), "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn a_server_that_never_answers() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    fails(&socket.local_addr().unwrap().to_string());
}

#[test]
fn a_server_that_answers_garbage() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap().to_string();
    thread::spawn(move || {
        let mut packet = [0; 512];
        while let Ok((length, client)) = socket.recv_from(&mut packet) {
            // The question's own identifier, then nonsense.
            let mut answer = packet[..length.min(2)].to_vec();
            answer.extend([0xff; 40]);
            let _ = socket.send_to(&answer, client);
        }
    });
    fails(&address);
}
