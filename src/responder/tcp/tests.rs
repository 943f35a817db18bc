//! The server over the loopback, with an echo for what answers.

use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4, TcpListener, TcpStream};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use nix::sys::socket::{AddressFamily, SockFlag, SockType, SockaddrIn, bind, connect, socket};

use super::*;
use std::os::fd::AsRawFd;

const SHORT: Duration = Duration::from_millis(150);
const LONG: Duration = Duration::from_secs(60);

/// Answers with the question; nothing for what is shorter than a header.
fn echo(_: &mut [u8], length: usize, _: IpAddr) -> Option<usize> {
    (length >= 12).then_some(length)
}

fn options() -> TcpOptions {
    TcpOptions { connections: 200, per_client: 64, idle: LONG, total: LONG }
}

fn start(options: TcpOptions, respond: impl Respond + Send + 'static) -> (TcpServer, SocketAddr) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    (serve_tcp(vec![listener], respond, options).unwrap(), address)
}

fn client(server: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(server).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    stream
}

/// A client at another address of the loopback.
fn client_at(from: Ipv4Addr, server: SocketAddr) -> TcpStream {
    let SocketAddr::V4(server) = server else { panic!("{server}") };
    let descriptor =
        socket(AddressFamily::Inet, SockType::Stream, SockFlag::SOCK_CLOEXEC, None).unwrap();
    let from = SockaddrIn::from(SocketAddrV4::new(from, 0));
    bind(descriptor.as_raw_fd(), &from).unwrap();
    connect(descriptor.as_raw_fd(), &SockaddrIn::from(server)).unwrap();
    let stream = TcpStream::from(descriptor);
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    stream
}

fn question(number: u8) -> Vec<u8> {
    [&[0, 20][..], &[number; 20]].concat()
}

fn answer(stream: &mut TcpStream) -> Vec<u8> {
    let mut length = [0; 2];
    stream.read_exact(&mut length).unwrap();
    let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
    stream.read_exact(&mut message).unwrap();
    message
}

fn ask(stream: &mut TcpStream, number: u8) {
    stream.write_all(&question(number)).unwrap();
    assert_eq!(answer(stream), [number; 20]);
}

/// How long it takes until the server has closed the connection.
fn closed_after(stream: &mut TcpStream) -> Duration {
    let begun = Instant::now();
    loop {
        match stream.read(&mut [0; 4096]) {
            Ok(0) => return begun.elapsed(),
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::ConnectionReset => return begun.elapsed(),
            Err(error) => panic!("{error}"),
        }
    }
}

/// What the counters come to say.
fn wait_for(server: &TcpServer, wanted: impl Fn(TcpCounts) -> bool) {
    let begun = Instant::now();
    while !wanted(server.counts()) {
        assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", server.counts());
        sleep(Duration::from_millis(2));
    }
}

#[test]
fn questions_in_one_write_are_answered_in_their_order() {
    let (server, address) = start(options(), echo);
    let mut stream = client(address);
    stream.write_all(&[question(1), question(2), question(3)].concat()).unwrap();
    for number in 1..=3 {
        assert_eq!(answer(&mut stream), [number; 20]);
    }
    assert_eq!(server.counts().messages, 3);
    // A client that has no more to ask still gets its answers.
    stream.write_all(&question(4)).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    assert_eq!(answer(&mut stream), [4; 20]);
    closed_after(&mut stream);
    wait_for(&server, |counts| counts.open == 0 && counts.accepted == 1);
}

#[test]
fn a_question_may_come_octet_by_octet() {
    let (_server, address) = start(options(), echo);
    let mut stream = client(address);
    stream.set_nodelay(true).unwrap();
    for octet in [question(1), question(2)].concat() {
        stream.write_all(&[octet]).unwrap();
        sleep(Duration::from_millis(1));
    }
    assert_eq!(answer(&mut stream), [1; 20]);
    assert_eq!(answer(&mut stream), [2; 20]);
}

#[test]
fn thousands_of_questions_in_one_go_are_answered() {
    let (_server, address) = start(options(), echo);
    let mut stream = client(address);
    let mut writer = stream.try_clone().unwrap();
    let written = thread::spawn(move || {
        for number in 0..5_000_u32 {
            writer.write_all(&question((number % 251) as u8)).unwrap();
        }
    });
    for number in 0..5_000_u32 {
        assert_eq!(answer(&mut stream), [(number % 251) as u8; 20]);
    }
    written.join().unwrap();
}

#[test]
fn what_has_no_answer_ends_the_connection_behind_the_answers_before_it() {
    let (server, address) = start(options(), echo);
    for hopeless in [&[0, 0][..], &[0, 5, 1, 2, 3, 4, 5], &[0xff, 0xff]] {
        let mut stream = client(address);
        stream.write_all(&[&question(7), hopeless, &question(8)].concat()).unwrap();
        assert_eq!(answer(&mut stream), [7; 20]);
        assert_eq!(stream.read(&mut [0; 1]).unwrap(), 0);
    }
    wait_for(&server, |counts| counts.hopeless == 3 && counts.messages == 3);
}

#[test]
fn an_answer_may_be_as_long_as_its_length_can_say() {
    let long = |buffer: &mut [u8], _: usize, _: IpAddr| {
        buffer.fill(9);
        Some(buffer.len())
    };
    let (_server, address) = start(options(), long);
    let mut stream = client(address);
    stream.write_all(&question(1)).unwrap();
    assert_eq!(answer(&mut stream), vec![9; 65_535]);
}

#[test]
fn silence_and_octets_without_a_message_time_out() {
    let (server, address) = start(TcpOptions { idle: SHORT, ..options() }, echo);
    let mut silent = client(address);
    let mut slow = client(address);
    let mut writer = slow.try_clone().unwrap();
    let dripping = thread::spawn(move || {
        // An octet now and then does not keep the connection.
        let begun = Instant::now();
        for octet in question(1) {
            if writer.write_all(&[octet]).is_err() {
                break;
            }
            sleep(SHORT / 8);
        }
        begun.elapsed()
    });
    closed_after(&mut silent);
    closed_after(&mut slow);
    assert!(dripping.join().unwrap() < 4 * SHORT);
    wait_for(&server, |counts| counts.timed_out == 2 && counts.open == 0);
}

#[test]
fn questions_keep_a_connection_until_its_total_time() {
    let total = 4 * SHORT;
    let (server, address) = start(TcpOptions { idle: SHORT, total, ..options() }, echo);
    let mut stream = client(address);
    let begun = Instant::now();
    let mut asked = 0;
    while stream.write_all(&question(1)).is_ok() && stream.read_exact(&mut [0; 22]).is_ok() {
        asked += 1;
        sleep(SHORT / 4);
    }
    assert!(begun.elapsed() >= total && begun.elapsed() < 3 * total, "{:?}", begun.elapsed());
    assert!(asked > 4, "{asked}");
    wait_for(&server, |counts| counts.timed_out == 1);
}

#[test]
fn a_client_that_never_reads_is_dropped() {
    let (server, address) =
        start(TcpOptions { idle: SHORT, ..options() }, |buffer: &mut [u8], _, _| {
            Some(buffer.len())
        });
    let mut stream = client(address);
    stream.set_write_timeout(Some(Duration::from_secs(2))).unwrap();
    // More than what the system keeps for a reader.
    for _ in 0..1_000 {
        if stream.write_all(&question(1)).is_err() {
            break;
        }
    }
    wait_for(&server, |counts| counts.timed_out == 1 && counts.open == 0);
}

/// Asks over a connection, and over a new one where it was closed, as resolvers
/// do. Gives how many were closed.
fn ask_until_answered(stream: &mut TcpStream, server: SocketAddr) -> u32 {
    let mut closed = 0;
    let answered = |stream: &mut TcpStream| {
        stream.write_all(&question(1)).is_ok() && stream.read_exact(&mut [0; 22]).is_ok()
    };
    while !answered(stream) {
        closed += 1;
        *stream = client(server);
    }
    closed
}

#[test]
fn a_thousand_slow_clients_shut_nobody_out() {
    let (server, address) = start(TcpOptions { connections: 500, ..options() }, echo);
    let slow = thread::spawn(move || {
        let connect = |number: u16| {
            let mut slow = client_at(Ipv4Addr::new(127, 1, 0, 1 + (number % 100) as u8), address);
            let _ = slow.write_all(&[0]);
            sleep(Duration::from_micros(200));
            slow
        };
        (0..1_000).map(connect).collect::<Vec<TcpStream>>()
    });
    let mut steady = client(address);
    let (mut slowest, mut asked, mut closed) = (Duration::ZERO, 0_u32, 0);
    while asked < 200 || !slow.is_finished() {
        let begun = Instant::now();
        closed += ask_until_answered(&mut steady, address);
        closed += ask_until_answered(&mut client(address), address);
        slowest = slowest.max(begun.elapsed());
        asked += 2;
    }
    // The machine may stand still between a client's connection and its question.
    assert!(slowest < Duration::from_secs(1) && closed * 20 <= asked, "{slowest:?} {closed}");
    assert_eq!(slow.join().unwrap().len(), 1_000);
    wait_for(&server, |counts| counts.displaced >= 500 && counts.messages == u64::from(asked));
    assert!(server.counts().open <= 500);
}

#[test]
fn one_client_has_room_for_a_busy_resolver_and_takes_none_from_others() {
    let (server, address) = start(options(), echo);
    let mut other = client_at(Ipv4Addr::new(127, 1, 0, 2), address);
    ask(&mut other, 0);
    let mut busy: Vec<TcpStream> = (0..64).map(|_| client(address)).collect();
    for _ in 0..3 {
        busy.iter_mut().for_each(|stream| ask(stream, 1));
    }
    assert_eq!(server.counts().displaced, 0);
    // The 65th takes the place of the one that has been silent for longest.
    busy.iter_mut().skip(1).for_each(|stream| ask(stream, 2));
    ask(&mut client(address), 3);
    closed_after(&mut busy[0]);
    wait_for(&server, |counts| counts.displaced == 1);
    busy.iter_mut().skip(1).for_each(|stream| ask(stream, 4));
    ask(&mut other, 5);
}

#[test]
fn what_was_asked_before_the_end_is_answered() {
    let (server, address) = start(options(), echo);
    let idle = client(address);
    let mut half = client(address);
    half.write_all(&[0, 20, 1]).unwrap();
    let mut asking: Vec<TcpStream> = (0..50).map(|_| client(address)).collect();
    asking.iter_mut().for_each(|stream| ask(stream, 1));
    for stream in &mut asking {
        stream.write_all(&[question(2), question(3)].concat()).unwrap();
    }
    let begun = Instant::now();
    server.stop();
    for stream in &mut asking {
        assert_eq!(answer(stream), [2; 20]);
        assert_eq!(answer(stream), [3; 20]);
        assert_eq!(stream.read(&mut [0; 1]).unwrap(), 0);
    }
    drop(idle);
    closed_after(&mut half);
    drop((asking, half));
    server.join().unwrap();
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn hundreds_that_wait_at_the_end_are_answered() {
    const WAITING: usize = 300;
    let (reached, at_question) = std::sync::mpsc::channel();
    let (go_on, wait) = std::sync::mpsc::channel::<()>();
    // The first answer takes until all others wait and the end has been said.
    let slow = move |buffer: &mut [u8], length: usize, _: IpAddr| {
        if buffer[0] == 1 {
            reached.send(()).unwrap();
            wait.recv().unwrap();
        }
        Some(length)
    };
    let many = TcpOptions { connections: 2 * WAITING, per_client: 2 * WAITING, ..options() };
    let (server, address) = start(many, slow);
    let mut first = client(address);
    first.write_all(&question(1)).unwrap();
    at_question.recv().unwrap();
    let mut waiting: Vec<TcpStream> = (0..WAITING).map(|_| client(address)).collect();
    waiting.iter_mut().for_each(|stream| stream.write_all(&question(2)).unwrap());
    server.stop();
    go_on.send(()).unwrap();
    assert_eq!(answer(&mut first), [1; 20]);
    for stream in &mut waiting {
        assert_eq!(answer(stream), [2; 20]);
    }
    assert_eq!(server.counts().accepted, WAITING as u64 + 1);
}

#[test]
fn clients_that_do_not_let_go_do_not_hold_up_the_end() {
    let (server, address) = start(options(), echo);
    let mut stubborn: Vec<TcpStream> = (0..20).map(|_| client(address)).collect();
    stubborn.iter_mut().for_each(|stream| ask(stream, 1));
    let begun = Instant::now();
    server.stop();
    server.join().unwrap();
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
}

#[test]
fn a_server_that_is_dropped_ends() {
    let (server, address) = start(options(), echo);
    let mut stream = client(address);
    ask(&mut stream, 1);
    drop(server);
    closed_after(&mut stream);
}

#[test]
fn a_panic_of_an_answer_ends_its_connection_only() {
    let (_server, address) = start(options(), |buffer: &mut [u8], length, _| {
        assert!(buffer[0] != 13, "unlucky");
        Some(length)
    });
    let mut steady = client(address);
    ask(&mut steady, 1);
    let mut unlucky = client(address);
    unlucky.write_all(&question(13)).unwrap();
    closed_after(&mut unlucky);
    ask(&mut steady, 2);
}
