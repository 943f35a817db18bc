//! Clients that mean ill, or know no better, beside those that ask.

use std::io::Write;
use std::net::{Ipv4Addr, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{scope, sleep, spawn};
use std::time::{Duration, Instant};

use crate::client::{Client, Load, passes_over_tcp};
use crate::server::{Folder, Server};

const CIDRS: &str = "192.0.2.0/24\n";

/// A client asks over a new connection, and again where it was closed.
fn passes_over_new(server: &Server, address: &str) -> bool {
    for _ in 0..5 {
        let stream = TcpStream::connect(server.address);
        if let Ok(passes) = stream.and_then(|mut it| passes_over_tcp(&mut it, address)) {
            return passes;
        }
    }
    panic!("no answer over TCP");
}

#[test]
fn a_thousand_slow_connections_hold_up_nobody() {
    let serve = "tcp-connections = 300\ntcp-per-client = 300";
    let folder = Folder::with(CIDRS, serve, "");
    let server = Server::start(&folder);
    let load = Load::start(server.address, 2);
    let address = server.address;
    let slow = spawn(move || {
        let slow = (0..1_000).map(|_| {
            let mut slow = TcpStream::connect(address).unwrap();
            let _ = slow.write_all(&[0]);
            sleep(Duration::from_micros(500));
            slow
        });
        slow.collect::<Vec<_>>()
    });
    let mut slowest = Duration::ZERO;
    while !slow.is_finished() {
        let begun = Instant::now();
        assert!(passes_over_new(&server, "192.0.2.1"));
        slowest = slowest.max(begun.elapsed());
    }
    assert_eq!(slow.join().unwrap().len(), 1_000);
    let (asked, lost) = load.end();
    assert!(slowest < Duration::from_secs(1), "{slowest:?}");
    assert_eq!((asked > 200, lost), (true, 0), "{asked}");
}

/// Octets that come out different each time, and the same in each run.
fn garbage(seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let length = (next() % 120) as usize;
    let mut octets: Vec<u8> = (0..length).map(|_| next() as u8).collect();
    // Half of them look like questions to those who look only at the header.
    if seed.is_multiple_of(2) && length > 12 {
        octets[2..12].copy_from_slice(&[0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    }
    octets
}

#[test]
fn ten_thousand_garbage_packets_a_second_hold_up_nobody() {
    let folder = Folder::new(CIDRS);
    let server = Server::start(&folder);
    let load = Load::start(server.address, 2);
    let sent = AtomicU64::new(0);
    let second = Duration::from_secs(1);
    let begun = Instant::now();
    scope(|scope| {
        scope.spawn(|| {
            let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            socket.connect(server.address).unwrap();
            socket.set_nonblocking(true).unwrap();
            while begun.elapsed() < second {
                for _ in 0..100 {
                    let number = sent.fetch_add(1, Ordering::Relaxed);
                    let _ = socket.send(&garbage(number));
                    // Answers are read, or the system would tell the server of
                    // nothing but full buffers.
                    let _ = socket.recv(&mut [0; 512]);
                }
                sleep(Duration::from_millis(8));
            }
        });
    });
    let rate = sent.load(Ordering::Relaxed) as f64 / begun.elapsed().as_secs_f64();
    let (asked, lost) = load.end();
    assert_eq!((asked > 200, lost), (true, 0), "{asked}");
    assert!(Client::new(server.address).passes("192.0.2.1"));
    assert!(rate > 2_000.0, "{rate}");
    assert_eq!(folder.logged("ERROR"), 0, "{}", folder.log());
}

#[test]
fn memory_stays_as_it_is_while_data_comes_and_goes() {
    let cidrs: String = (0..20_000_u32)
        .map(|number| {
            format!("10.{}.{}.{}\n", number >> 15, (number >> 7) & 255, (number << 1) & 255)
        })
        .collect();
    let cidrs = format!("{CIDRS}{cidrs}");
    let folder = Folder::new(&cidrs);
    let server = Server::start(&folder);
    let reload = |times| {
        for _ in 0..times {
            server.signal(nix::sys::signal::Signal::SIGHUP);
            sleep(Duration::from_millis(20));
        }
    };
    reload(10);
    let before = server.memory();
    reload(40);
    let after = server.memory();
    assert!(after < before + 4_096, "{before} to {after} KiB");
}
