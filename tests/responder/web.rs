//! The HTTP side beside DNS: whatever comes there, DNS goes on as ever.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use crate::client::Load;
use crate::running::free_address;
use crate::server::{Folder, Server, refused};

const CIDRS: &str = "192.0.2.0/24\n";
/// How long the slowest client may keep others waiting: the head of a request has five
/// seconds.
const PATIENCE: Duration = Duration::from_secs(12);

fn folder(http: SocketAddr, more: &str) -> Folder {
    Folder::with(CIDRS, "", &format!("[http]\nlisten = [\"{http}\"]\n{more}"))
}

/// What is said to a request that is written like this; nothing where nobody answers.
fn said(address: SocketAddr, request: &str) -> String {
    let mut text = Vec::new();
    let Ok(mut stream) = TcpStream::connect(address) else { return String::new() };
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let _ = stream.write_all(request.as_bytes());
    let _ = stream.read_to_end(&mut text);
    String::from_utf8_lossy(&text).into_owned()
}

fn get(address: SocketAddr, path: &str) -> String {
    said(address, &format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"))
}

#[test]
fn the_server_says_how_it_does() {
    let http = free_address();
    let server = Server::start(&folder(http, ""));
    assert!(get(http, "/readyz").starts_with("HTTP/1.1 200"));
    let metrics = get(http, "/metrics");
    let hits = metrics.lines().find_map(|line| line.strip_prefix("spfc_hit_total "));
    assert!(hits.unwrap().parse::<u64>().unwrap() > 0, "{metrics}");
    // Images have no sources.
    assert!(get(http, "/api/v1/domains").starts_with("HTTP/1.1 404"));
    drop(server);
}

#[test]
fn addresses_that_others_reach_need_a_word_about_them() {
    let open = "0.0.0.0:8380".parse().unwrap();
    let (status, said) = refused(&folder(open, ""), free_address());
    assert_eq!(status, Some(2), "{said}");
    assert!(said.contains("0.0.0.0:8380 is open to others: name a 'token-file'"), "{said}");
    let short = folder(free_address(), "token-file = 'token'\n");
    std::fs::write(short.path("token"), "short").unwrap();
    let (status, said) = refused(&short, free_address());
    assert_eq!(status, Some(2), "{said}");
    assert!(said.contains("a token has 16 to 512 octets, and this one has 5"), "{said}");
}

#[test]
fn no_client_of_http_holds_up_dns() {
    let http = free_address();
    let folder = folder(http, "");
    let mut server = Server::start(&folder);
    let load = Load::start(server.address, 2);
    // More than there are seats, and all of them slow.
    let mut idle: Vec<TcpStream> = Vec::new();
    for number in 0..300 {
        let mut stream = TcpStream::connect_timeout(&http, PATIENCE).unwrap();
        let head = format!("POST /api/v1/check HTTP/1.1\r\nHost: {http}\r\nX: ");
        let _ = stream.write_all(head.as_bytes().get(..number % head.len()).unwrap_or_default());
        idle.push(stream);
    }
    load.wait_for(2_000);
    let large = "x".repeat(1 << 20);
    let shapes = [
        "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\u{fc}\u{3}\u{3}".to_owned(),
        format!("GET /{large} HTTP/1.1\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: {http}\r\nX: {large}\r\n\r\n"),
        format!(
            "POST /api/v1/lint HTTP/1.1\r\nHost: {http}\r\nContent-Type: application/json\r\nContent-Length: 999999999\r\nConnection: close\r\n\r\n{large}"
        ),
        format!(
            "POST /api/v1/lint HTTP/1.1\r\nHost: {http}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nffffffffffffffff\r\n{large}"
        ),
        format!("{}GET / HTTP/1.1\r\n\r\n", "\r\n".repeat(10_000)),
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(),
    ];
    for shape in &shapes {
        said(http, shape);
    }
    load.wait_for(2_000);
    // Those who were slow are sent away, and others come in.
    let begun = Instant::now();
    while !get(http, "/healthz").starts_with("HTTP/1.1 200") {
        assert!(begun.elapsed() < PATIENCE, "{}", folder.log());
        sleep(Duration::from_millis(50));
    }
    assert_eq!(load.end(), 0);
    for stream in idle.iter_mut().take(200) {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let ended = stream.read_to_end(&mut Vec::new());
        let waits = ended.is_err_and(|error| error.kind() == ErrorKind::WouldBlock);
        assert!(!waits, "a slow client stays");
    }
    server.signal(Signal::SIGTERM);
    assert_eq!(server.ended().0.code(), Some(0), "{}", folder.log());
    assert_eq!(folder.logged("panicked"), 0, "{}", folder.log());
}
