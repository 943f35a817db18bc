//! Programs with an end: name servers that run on the loopback as long as a test,
//! and tools that are stopped where they do not stop by themselves.

// Each test uses its own part.
#![allow(dead_code)]

use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use hickory_proto::op::{Message, Query};
use hickory_proto::rr::{Name, RecordType};

/// Seconds after which a program is ended, whatever became of its test.
const MOST_SECONDS: &str = "60";
/// How long a server may take until it answers.
const START: Duration = Duration::from_secs(10);
/// How long one answer may take.
const ANSWER: Duration = Duration::from_secs(5);

fn command(program: &Path, args: &[&str]) -> Command {
    let mut command = Command::new("timeout");
    command.args(["--kill-after=2", MOST_SECONDS]).arg(program).args(args).stdin(Stdio::null());
    command
}

/// What a program says on both streams, and whether it ends well.
pub(crate) fn said(program: &Path, args: &[&str]) -> (bool, String) {
    let Output { status, stdout, stderr } = command(program, args).output().unwrap();
    (status.success(), String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned())
}

/// A server that runs; it ends when this goes out of scope.
pub(crate) struct Running {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Running {
    /// Starts a server that `arguments` tells its port, in a folder for what it
    /// says, and waits until it answers for `zone`.
    pub(crate) fn start(
        program: &Path,
        folder: &Path,
        zone: &str,
        arguments: impl Fn(u16) -> Vec<String>,
    ) -> Running {
        Running::start_within(START, program, folder, zone, arguments)
    }

    /// The same for a server that may take this long.
    pub(crate) fn start_within(
        time: Duration,
        program: &Path,
        folder: &Path,
        zone: &str,
        arguments: impl Fn(u16) -> Vec<String>,
    ) -> Running {
        let log = folder.join("log");
        for _ in 0..3 {
            let address = free_address();
            let arguments = arguments(address.port());
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            let output = std::fs::File::create(&log).unwrap();
            let child = command(program, &arguments)
                .stdout(output.try_clone().unwrap())
                .stderr(output)
                .spawn()
                .unwrap();
            let mut running = Running { child, address };
            if running.answers_within(time, zone) {
                return running;
            }
            // Another program may have taken the port in between.
        }
        panic!("{}: {}", program.display(), std::fs::read_to_string(log).unwrap());
    }

    /// The number of the server's own process, which `timeout` has started.
    pub(crate) fn inner_id(&self) -> u32 {
        let outer = self.child.id();
        let children = std::fs::read_to_string(format!("/proc/{outer}/task/{outer}/children"));
        children.unwrap().split_whitespace().next().unwrap().parse().unwrap()
    }

    fn answers_within(&mut self, time: Duration, zone: &str) -> bool {
        let begun = Instant::now();
        while begun.elapsed() < time && self.child.try_wait().unwrap().is_none() {
            if ask_within(self.address, zone, RecordType::SOA, Duration::from_millis(200)).is_some()
            {
                return true;
            }
            thread::sleep(Duration::from_millis(20));
        }
        false
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !matches!(self.child.try_wait(), Ok(None)) {
            return;
        }
        // `timeout` passes the signal on to the server and what that has started.
        let id = self.child.id().to_string();
        let _ = Command::new("sh").args(["-c", "kill -TERM \"$0\"", &id]).status();
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(3) {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An address of the loopback that is free for UDP and TCP.
pub(crate) fn free_address() -> SocketAddr {
    for _ in 0..100 {
        let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = udp.local_addr().unwrap();
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
    panic!("no port is free for both UDP and TCP");
}

/// The answer of a server over UDP.
pub(crate) fn ask(server: SocketAddr, owner: &str, record_type: RecordType) -> Message {
    let answer = ask_within(server, owner, record_type, ANSWER);
    answer.unwrap_or_else(|| panic!("no answer for {owner} {record_type}"))
}

fn ask_within(
    server: SocketAddr,
    owner: &str,
    record_type: RecordType,
    time: Duration,
) -> Option<Message> {
    let mut question = Message::query();
    question.metadata.recursion_desired = true;
    let mut name = Name::from_ascii(owner).unwrap();
    name.set_fqdn(true);
    question.add_query(Query::query(name, record_type));
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    socket.set_read_timeout(Some(time)).unwrap();
    socket.send_to(&question.to_vec().unwrap(), server).ok()?;
    let mut buffer = [0; 4_096];
    let octets = socket.recv(&mut buffer).ok()?;
    Some(Message::from_vec(&buffer[..octets]).unwrap())
}
