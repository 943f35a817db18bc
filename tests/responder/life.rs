//! Beginnings and ends.

use std::fs::File;
use std::io::Read;
use std::net::{Ipv4Addr, TcpListener, TcpStream, UdpSocket};
use std::os::unix::net::UnixDatagram;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;
use std::thread::{sleep, spawn};
use std::time::Duration;

use nix::sys::signal::Signal;

use crate::client::{Client, Load, passes_over_tcp, question, read};
use crate::programs::programs;
use crate::running::free_address;
use crate::server::{Folder, Server, arguments, refused, wait_until};

const CIDRS: &str = "192.0.2.0/24\n";

#[test]
fn a_port_that_is_taken_is_named() {
    let folder = Folder::new(CIDRS);
    let first = Server::start(&folder);
    let (status, said) = refused(&folder, first.address);
    assert_eq!(status, Some(2), "{said}");
    let named = format!("cannot listen at {} over TCP", first.address);
    assert!(said.contains(&named) && said.contains("ss -lunpt"), "{said}");
    // Only UDP is taken, by sockets that would share it.
    let over_udp = (0..10).any(|_| {
        let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let (status, said) = refused(&folder, udp.local_addr().unwrap());
        assert_eq!(status, Some(2), "{said}");
        // Somebody else's connection may have the same port.
        assert!(said.contains("over UDP") || said.contains("over TCP"), "{said}");
        said.contains("over UDP")
    });
    assert!(over_udp);
    // Who was there first goes on.
    assert!(Client::new(first.address).passes("192.0.2.1"));
}

#[test]
fn an_image_that_cannot_be_read_is_named() {
    let folder = Folder::new(CIDRS);
    std::fs::remove_file(folder.image(crate::server::ZONE)).unwrap();
    let (status, said) = refused(&folder, free_address());
    assert_eq!(status, Some(2), "{said}");
    assert!(said.contains("z.example.image") && said.contains("none of the zones"), "{said}");
}

#[test]
fn a_signal_to_end_lets_what_was_asked_be_answered() {
    let folder = Folder::new(CIDRS);
    let mut server = Server::start(&folder);
    let mut stream = TcpStream::connect(server.address).unwrap();
    assert!(passes_over_tcp(&mut stream, "192.0.2.1").unwrap());
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    socket.connect(server.address).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
    for id in 0..50 {
        socket.send(&question("192.0.2.7", id)).unwrap();
    }
    server.signal(Signal::SIGTERM);
    for id in 0..50 {
        let mut answer = [0; 512];
        let octets = socket.recv(&mut answer).unwrap();
        assert!(read(&question("192.0.2.7", id), &answer[..octets]));
    }
    let (status, took) = server.ended();
    assert_eq!(status.code(), Some(0), "{}", folder.log());
    assert!(took < Duration::from_secs(3), "{took:?}");
    assert_eq!(folder.logged("has answered what was asked"), 1, "{}", folder.log());
}

#[test]
fn questions_without_end_do_not_hold_up_the_end() {
    let folder = Folder::new(CIDRS);
    let mut server = Server::start(&folder);
    let load = Load::start(server.address, 4);
    load.wait_for(200);
    server.signal(Signal::SIGTERM);
    let (status, took) = server.ended();
    assert_eq!(status.code(), Some(0), "{}", folder.log());
    assert!(took < Duration::from_secs(3), "{took:?}");
    load.end();
}

#[test]
fn all_that_was_logged_before_the_end_is_written() {
    let folder = Folder::with(CIDRS, "log-one-in = 1", "");
    let mut server = Server::start(&folder);
    let mut client = Client::new(server.address);
    // As many as may wait for the log, which is written behind the answers.
    for _ in 0..1_000 {
        assert!(!client.passes("203.0.113.77"));
    }
    server.signal(Signal::SIGTERM);
    assert_eq!(server.ended().0.code(), Some(0));
    let log = folder.log();
    assert_eq!(log.matches("77.113.0.203.in-addr.z.example.").count(), 1_000);
    assert!(log.lines().last().unwrap().contains("has answered what was asked"), "{log}");
}

#[test]
fn questions_in_the_log_displace_nothing_else() {
    let folder = Folder::with(CIDRS, "log-one-in = 1", "");
    let log = folder.path("pipe");
    nix::unistd::mkfifo(&log, nix::sys::stat::Mode::S_IRWXU).unwrap();
    // A reader, so that the server can open it, and a writer, so that the reader can.
    let both = File::options().read(true).write(true).open(&log).unwrap();
    let mut reader = File::open(&log).unwrap();
    let mut server = Server::start_with_log(&folder, free_address(), &log);
    drop(both);
    // More than may wait anywhere, and nobody reads yet.
    let load = Load::start(server.address, 4);
    load.wait_for(12_000);
    server.signal(Signal::SIGUSR1);
    // Of two signals at once the system says which comes first.
    load.wait_for(24_000);
    server.signal(Signal::SIGTERM);
    let text = spawn(move || {
        sleep(Duration::from_millis(300));
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        text
    });
    assert_eq!(server.ended().0.code(), Some(0));
    load.end();
    let text = text.join().unwrap();
    for words in ["answers for 1 zone", "counters: udp=", "has answered what was asked"] {
        assert_eq!(text.matches(words).count(), 1, "{words}: {} lines", text.lines().count());
    }
}

#[test]
fn a_server_that_was_killed_serves_again_at_once() {
    let folder = Folder::new(CIDRS);
    let mut server = Server::start(&folder);
    for _ in 0..3 {
        let address = server.address;
        let mut stream = TcpStream::connect(address).unwrap();
        assert!(passes_over_tcp(&mut stream, "192.0.2.1").unwrap());
        server.signal(Signal::SIGKILL);
        let (status, _) = server.ended();
        // Told by `timeout`, which ends as its program did.
        assert!(status.signal() == Some(9) || status.code() == Some(137), "{status:?}");
        server = Server::start_at(&folder, address);
        let mut stream = TcpStream::connect(address).unwrap();
        assert!(passes_over_tcp(&mut stream, "192.0.2.1").unwrap());
    }
}

#[test]
fn a_log_that_cannot_be_written_stops_nothing() {
    let folder = Folder::with(CIDRS, "log-one-in = 1", "");
    let mut server = Server::start_with_log(&folder, free_address(), Path::new("/dev/full"));
    let mut client = Client::new(server.address);
    for _ in 0..20 {
        assert!(client.passes("192.0.2.1"));
    }
    folder.write_image(crate::server::ZONE, "198.51.100.0/24");
    server.signal(Signal::SIGHUP);
    server.signal(Signal::SIGUSR1);
    let address = server.address;
    wait_until("the new data is not served", || Client::new(address).passes("198.51.100.9"));
    assert!(!client.passes("192.0.2.1"));
    server.signal(Signal::SIGTERM);
    assert_eq!(server.ended().0.code(), Some(0));
}

#[test]
fn questions_and_counters_are_logged() {
    let folder = Folder::with(CIDRS, "log-one-in = 1\nlog-format = \"json\"", "");
    let server = Server::start(&folder);
    assert!(!Client::new(server.address).passes("203.0.113.77"));
    wait_until("the question is not logged", || {
        folder.logged("\"name\":\"77.113.0.203.in-addr.z.example.\"") == 1
    });
    server.signal(Signal::SIGUSR1);
    wait_until("the counters are not logged", || folder.logged("counters: udp=") == 1);
    for line in folder.log().lines() {
        assert!(line.starts_with('{') && line.ends_with('}'), "{line}");
    }
}

/// Sockets that systemd would hand over: they wait for the server before it is there.
const HAND_OVER: &str = "
import os, socket, sys
address = ('127.0.0.1', int(sys.argv[1]))
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind(address)
tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
tcp.bind(address)
tcp.listen()
a, b = os.dup(udp.fileno()), os.dup(tcp.fileno())
a, b = os.dup2(a, 20), os.dup2(b, 21)
os.dup2(20, 3), os.dup2(21, 4)
os.environ.update(LISTEN_FDS='2', LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[2], sys.argv[2:])
";

#[test]
fn sockets_of_systemd_are_served() {
    let Some([python, timeout]) = programs(["python3", "timeout"]) else { return };
    let folder = Folder::new(CIDRS);
    let address = free_address();
    let mut command = Command::new(timeout);
    command.args(["--kill-after=2", "60"]).arg(python).args(["-c", HAND_OVER]);
    command.arg(address.port().to_string()).arg(env!("CARGO_BIN_EXE_spfc"));
    // Other addresses are not bound beside those.
    let elsewhere = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    command.args(arguments(&folder, elsewhere.local_addr().unwrap()));
    let mut server = Server::started_by(&folder, command, address);
    let mut stream = TcpStream::connect(address).unwrap();
    assert!(passes_over_tcp(&mut stream, "192.0.2.1").unwrap());
    assert!(!Client::new(address).passes("203.0.113.1"));
    server.signal(Signal::SIGTERM);
    assert_eq!(server.ended().0.code(), Some(0), "{}", folder.log());
}

#[test]
fn root_becomes_the_user_for_good_and_reads_as_that_user() {
    let ours = "192.0.2.0/24\n";
    let folder = Folder::with(ours, "user = \"nobody\"", "");
    if !nix::unistd::geteuid().is_root() {
        // Others are not asked to become anybody: they go on, and are told so.
        let _server = Server::start(&folder);
        assert_eq!(folder.logged("cannot become 'nobody'"), 1, "{}", folder.log());
        return;
    }
    let allow = |path: &Path, mode| {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(mode);
        std::fs::set_permissions(path, mode).unwrap();
    };
    allow(&folder.path(""), 0o700);
    // What that user cannot read is found out at the start, not at the next reload.
    let (status, said) = refused(&folder, free_address());
    assert_eq!(status, Some(2), "{said}");
    assert!(said.contains("ermission denied"), "{said}");
    allow(&folder.path(""), 0o755);
    let server = Server::start(&folder);
    let nobody = nix::unistd::User::from_name("nobody").unwrap().unwrap();
    let four = |id: u32| vec![id.to_string(); 4].join("\t");
    assert_eq!(server.status("Uid"), four(nobody.uid.as_raw()));
    assert_eq!(server.status("Gid"), four(nobody.gid.as_raw()));
    assert_eq!(server.status("Groups").split_whitespace().filter(|group| *group == "0").count(), 0);
    assert_eq!(server.status("CapEff"), "0".repeat(16));
    folder.write_image(crate::server::ZONE, "192.0.2.0/24\n198.51.100.0/24\n");
    server.signal(Signal::SIGHUP);
    let address = server.address;
    wait_until("the new data is not served", || Client::new(address).passes("198.51.100.9"));
}

#[test]
fn the_service_manager_is_told() {
    let folder = Folder::new(CIDRS);
    let path = folder.path("notify");
    let manager = UnixDatagram::bind(&path).unwrap();
    manager.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let told = || {
        let mut octets = [0; 1024];
        let count = manager.recv(&mut octets).unwrap();
        String::from_utf8(octets[..count].to_vec()).unwrap()
    };
    let environment = [("NOTIFY_SOCKET", path.to_str().unwrap()), ("WATCHDOG_USEC", "300000")];
    let log = folder.path("log");
    let mut server = Server::start_in(&folder, free_address(), &log, &environment);
    // Who starts it hears that it is ready when it answers.
    let ready = told();
    assert!(ready.contains("READY=1\n") && ready.contains("STATUS=answers for 1 zone"), "{ready}");
    assert_eq!(told().trim_end(), "WATCHDOG=1");
    server.signal(Signal::SIGHUP);
    let next = || loop {
        let words = told();
        if words.trim_end() != "WATCHDOG=1" {
            return words;
        }
    };
    let reloading = next();
    assert!(reloading.starts_with("RELOADING=1\nMONOTONIC_USEC="), "{reloading}");
    assert!(next().contains("READY=1\n"));
    server.signal(Signal::SIGTERM);
    assert_eq!(next().trim_end(), "STOPPING=1");
    assert_eq!(server.ended().0.code(), Some(0));
}
