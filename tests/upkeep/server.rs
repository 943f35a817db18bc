//! `spfc serve` at a site, as a process that can be ended in any way.

use std::fs::File;
use std::net::SocketAddr;
use std::process::{Child, ExitStatus};
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::client::Client;
use crate::running::free_address;
use crate::site::Site;

/// How long a server may take to begin or to end.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often it is looked.
const LOOK: Duration = Duration::from_millis(2);

/// A server that runs; it ends when this goes out of scope.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    /// From its start until it answered.
    pub(crate) start: Duration,
}

impl Server {
    /// Starts a server at a port that is free, and waits until it answers for the
    /// zone.
    pub(crate) fn start(site: &Site, zone: &str) -> Server {
        Server::start_at(site, zone, free_address())
    }

    /// The same at this address.
    pub(crate) fn start_at(site: &Site, zone: &str, address: SocketAddr) -> Server {
        let begun = Instant::now();
        let mut server = Server::spawn(site, address);
        let mut client = Client::new(address);
        while client.ask_within(zone, "192.0.2.1", Duration::from_millis(100)).is_none() {
            let (ended, waited) = (server.child.try_wait().unwrap(), begun.elapsed());
            assert!(ended.is_none() && waited < PATIENCE, "{ended:?} {}", site.log());
            sleep(LOOK);
        }
        server.start = begun.elapsed();
        server
    }

    /// Starts a server and does not wait for it.
    pub(crate) fn spawn(site: &Site, address: SocketAddr) -> Server {
        let log = File::options().create(true).append(true).open(site.path("log")).unwrap();
        let mut command = site.program();
        command.args(["serve", "--threads", "1", "--timeout", "1", "--config"]);
        command.arg(site.path("spfc.toml")).args(["--listen", &address.to_string()]);
        let child = command.stderr(log).spawn().unwrap();
        Server { child, address, start: Duration::ZERO }
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id() as i32), signal).unwrap();
    }

    /// Ends it with this signal, and starts another one in its place.
    pub(crate) fn restart(&mut self, site: &Site, zone: &str, signal: Signal) {
        self.signal(signal);
        self.ended();
        *self = Server::start_at(site, zone, self.address);
    }

    /// How the server has ended.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(begun.elapsed() < PATIENCE, "the server does not end");
            sleep(LOOK);
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // What has ended already is as it should be.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
