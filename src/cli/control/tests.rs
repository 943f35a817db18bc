//! Both ends, with each other and with strangers.

use super::*;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::sync::Arc;

/// Says what it was told.
struct Echo;

impl Controlled for Echo {
    fn follow(&self, order: Order) -> Reply {
        Reply::Done { said: format!("{order:?}") }
    }
}

#[test]
fn orders_reach_the_server_and_replies_the_person() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("control.sock");
    let order = Order::RollBack { source: "a\"b\n\u{1b}".to_owned(), version: 7 };
    assert!(matches!(ask(&socket, &order).unwrap(), Contact::Nobody));
    // A socket that nobody listens at any more.
    drop(std::os::unix::net::UnixListener::bind(&socket).unwrap());
    assert!(matches!(ask(&socket, &order).unwrap(), Contact::Nobody));
    listen(socket.clone(), Arc::new(Echo)).unwrap();
    let mode = std::fs::metadata(&socket).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    for _ in 0..3 {
        let Contact::Answered(reply) = ask(&socket, &order).unwrap() else { panic!("nobody") };
        assert_eq!(reply, Reply::Done { said: format!("{order:?}") });
    }
}

#[test]
fn strange_lines_are_refused_and_harm_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("control.sock");
    listen(socket.clone(), Arc::new(Echo)).unwrap();
    let garbage = vec![b'x'; 100_000];
    for line in [&b"\n"[..], b"{}\n", b"{\"order\":\"dance\"}\n", b"\xff\xfe\n", &garbage] {
        let mut stream = UnixStream::connect(&socket).unwrap();
        // The server need not listen to the end.
        let _ = stream.write_all(line);
        let mut said = String::new();
        let _ = stream.read_to_string(&mut said);
        assert!(said.is_empty() || said.contains("\"answer\":\"refused\""), "{said}");
    }
    let Contact::Answered(_) = ask(&socket, &Order::Status).unwrap() else { panic!("nobody") };
}
