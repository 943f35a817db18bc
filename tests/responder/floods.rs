//! Clients that mean ill, or know no better, beside those that ask.

use std::io::Write;
use std::net::{Ipv4Addr, TcpStream, UdpSocket};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{scope, sleep, spawn};
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use crate::client::{Client, Load, passes_over_tcp};
use crate::programs::programs;
use crate::server::{Folder, Server, ZONE, wait_until};

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
    let (mut slowest, mut asked) = (Duration::ZERO, 0);
    while asked < 20 || !slow.is_finished() {
        let begun = Instant::now();
        assert!(passes_over_new(&server, "192.0.2.1"));
        slowest = slowest.max(begun.elapsed());
        asked += 1;
    }
    // All of them are there, and others are answered beside them.
    let slow = slow.join().unwrap();
    load.wait_for(200);
    assert!(passes_over_new(&server, "192.0.2.1"));
    assert_eq!((slow.len(), load.end()), (1_000, 0));
    assert!(slowest < Duration::from_secs(1), "{slowest:?}");
}

#[test]
fn connections_give_way_where_descriptors_are_used_up() {
    let Some([prlimit]) = programs(["prlimit"]) else { return };
    let folder = Folder::new(CIDRS);
    let server = Server::start(&folder);
    let id = server.id().to_string();
    let open = std::fs::read_dir(format!("/proc/{id}/fd")).unwrap().count();
    let limit = format!("--nofile={}:", open + 4);
    assert!(Command::new(prlimit).args(["--pid", &id, &limit]).status().unwrap().success());
    let load = Load::start(server.address, 1);
    let silent: Vec<TcpStream> =
        (0..10).map(|_| TcpStream::connect(server.address).unwrap()).collect();
    for _ in 0..3 {
        assert!(passes_over_new(&server, "192.0.2.1"));
    }
    drop(silent);
    assert!(passes_over_new(&server, "192.0.2.1"));
    load.wait_for(20);
    assert_eq!(load.end(), 0);
    let fault = "no TCP connection can be accepted";
    assert_eq!(folder.logged(fault), 1, "{}", folder.log());
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
    const PACKETS: u64 = 10_000;
    let folder = Folder::new(CIDRS);
    let server = Server::start(&folder);
    let load = Load::start(server.address, 2);
    let (sent, answered) = (AtomicU64::new(0), AtomicBool::new(false));
    scope(|scope| {
        scope.spawn(|| {
            let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            socket.connect(server.address).unwrap();
            socket.set_nonblocking(true).unwrap();
            while sent.load(Ordering::Relaxed) < PACKETS || !answered.load(Ordering::Relaxed) {
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
        wait_until("no garbage is sent", || sent.load(Ordering::Relaxed) > 0);
        load.wait_for(200);
        answered.store(true, Ordering::Relaxed);
    });
    let asked = load.asked();
    assert_eq!(load.end(), 0, "of {asked}");
    assert!(Client::new(server.address).passes("192.0.2.1"));
    // What a slow server leaves in the system's buffers is lost, and is not all.
    let garbage = counted(&folder, &server, "dropped") + counted(&folder, &server, "formerr");
    assert!(garbage >= PACKETS / 10, "{garbage} of {}", sent.load(Ordering::Relaxed));
    assert_eq!(folder.logged("ERROR"), 0, "{}", folder.log());
}

/// One of the server's counters.
fn counted(folder: &Folder, server: &Server, name: &str) -> u64 {
    let before = folder.logged("counters: ");
    server.signal(Signal::SIGUSR1);
    wait_until("the counters are not logged", || folder.logged("tcp_faults=") > before);
    let log = folder.log();
    let words = log.lines().rfind(|line| line.contains("counters: ")).unwrap().split(' ');
    let mut counts = words.filter_map(|word| word.split_once('='));
    counts.find_map(|(own, count)| (own == name).then(|| count.parse().unwrap())).unwrap()
}

#[test]
fn memory_stays_as_it_is_while_data_comes_and_goes() {
    let cidrs: String = (0..20_000_u32)
        .map(|number| {
            format!("10.{}.{}.{}\n", number >> 15, (number >> 7) & 255, (number << 1) & 255)
        })
        .collect();
    let cidrs = [format!("{CIDRS}{cidrs}"), format!("{CIDRS}{cidrs}198.51.100.1\n")];
    let folder = Folder::new(&cidrs[0]);
    let server = Server::start(&folder);
    let mut client = Client::new(server.address);
    let mut reload = |times| {
        for round in 1..=times {
            // Data that is other than before, and signals that are not one.
            folder.write_image(ZONE, &cidrs[round % 2]);
            let before = folder.logged("zones were read: 1 anew");
            server.signal(Signal::SIGHUP);
            wait_until("zones are not read", || {
                folder.logged("zones were read: 1 anew") == before + 1
            });
            assert_eq!(client.passes("198.51.100.1"), round % 2 == 1);
        }
    };
    reload(10);
    let before = server.memory();
    reload(40);
    let after = server.memory();
    assert!(after < before + 4_096, "{before} to {after} KiB");
}
