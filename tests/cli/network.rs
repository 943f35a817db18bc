//! Name servers that do not answer, and servers that answer garbage.

use std::net::UdpSocket;
use std::thread;
use std::time::{Duration, Instant};

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
