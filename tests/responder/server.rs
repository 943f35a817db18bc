//! `spfc serve` as a program with an end, on one port of the loopback.

use std::fs::File;
use std::net::SocketAddr;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use spfc::image::{ImageFile, Layout, Order, Tree, ZoneImage, ZoneMechanism, encode, read_cidrs};
use spfc::name::DomainName;
use tempfile::TempDir;

use crate::client::Client;
use crate::running::free_address;

/// Seconds after which a server is ended, whatever became of its test.
const MOST_SECONDS: &str = "60";
/// How long anything may take to happen.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often it is looked whether it has happened.
const LOOK: Duration = Duration::from_millis(5);

/// The zone that is served.
pub(crate) const ZONE: &str = "z.example";

/// A folder with a configuration and the image of its zone.
pub(crate) struct Folder {
    folder: TempDir,
}

impl Folder {
    /// A zone for which these addresses pass.
    pub(crate) fn new(cidrs: &str) -> Folder {
        Folder::with(cidrs, "", "")
    }

    /// The same with more keys of `[serve]`, and more zones.
    pub(crate) fn with(cidrs: &str, serve: &str, zones: &str) -> Folder {
        let folder = Folder { folder: tempfile::tempdir().unwrap() };
        folder.write_image(ZONE, cidrs);
        let config = format!("[serve]\n{serve}\n{}\n{zones}", zone_table(ZONE));
        std::fs::write(folder.path("spfc.toml"), config).unwrap();
        folder
    }

    /// A zone that is compiled from a file of addresses.
    pub(crate) fn of_source(cidrs: &str) -> Folder {
        let folder = Folder { folder: tempfile::tempdir().unwrap() };
        std::fs::write(folder.path("cidrs"), cidrs).unwrap();
        let table = zone_table(ZONE);
        let config = format!("[source.all]\ncidrs = \"cidrs\"\n{table}source = \"all\"\n");
        std::fs::write(folder.path("spfc.toml"), config).unwrap();
        folder
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Puts another image of a zone into its place, whole.
    pub(crate) fn write_image(&self, zone: &str, cidrs: &str) {
        self.write_image_at(zone, cidrs, &[""]);
    }

    /// The same with the addresses below each of these names in the zone.
    pub(crate) fn write_image_at(&self, zone: &str, cidrs: &str, names: &[&str]) {
        let new = self.path("new");
        std::fs::write(&new, image(zone, cidrs, names)).unwrap();
        std::fs::rename(new, self.image(zone)).unwrap();
    }

    /// Where the image of a zone is.
    pub(crate) fn image(&self, zone: &str) -> PathBuf {
        self.path(&format!("{zone}.image"))
    }

    /// What the server has logged.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.path("log")).unwrap()
    }

    /// How often the log has these words.
    pub(crate) fn logged(&self, words: &str) -> usize {
        self.log().matches(words).count()
    }
}

/// The table of a zone whose names are `%{ir}.%{v}.ZONE`.
pub(crate) fn zone_table(zone: &str) -> String {
    format!(
        "[[zone]]\nrecord = \"v=spf1 exists:%{{ir}}.%{{v}}.{zone} -all\"\n\
         ns = [\"ns.example.net\"]\nimage = \"{zone}.image\"\n"
    )
}

fn image(zone: &str, cidrs: &str, names: &[&str]) -> Vec<u8> {
    let name = DomainName::parse(zone).unwrap();
    let layout = Layout::new(&name, Order::Reversed, true).unwrap();
    let set = Arc::new(read_cidrs(cidrs.as_bytes()).unwrap());
    let trees = names.iter().map(|name| Tree { name: DomainName::parse(name).unwrap(), set: 0 });
    let zone = ZoneImage::new(layout, ZoneMechanism::Exists, trees, vec![set]).unwrap();
    encode(&ImageFile { zone, sources: Vec::new(), created: 1_700_000_000 })
}

/// A server that runs; it ends when this goes out of scope.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// Starts a server at a port that is free, and waits until it answers.
    pub(crate) fn start(folder: &Folder) -> Server {
        Server::start_at(folder, free_address())
    }

    /// The same at this address.
    pub(crate) fn start_at(folder: &Folder, address: SocketAddr) -> Server {
        Server::start_with_log(folder, address, &folder.path("log"))
    }

    /// The same with another place for the log.
    pub(crate) fn start_with_log(folder: &Folder, address: SocketAddr, log: &Path) -> Server {
        Server::start_in(folder, address, log, &[])
    }

    /// The same with more in its environment.
    pub(crate) fn start_in(
        folder: &Folder,
        address: SocketAddr,
        log: &Path,
        environment: &[(&str, &str)],
    ) -> Server {
        let log = File::options().create(true).append(true).open(log).unwrap();
        let mut command = Command::new("timeout");
        command.args(["--kill-after=2", MOST_SECONDS, env!("CARGO_BIN_EXE_spfc")]);
        command.args(arguments(folder, address)).envs(environment.iter().copied());
        let child = command.stdin(Stdio::null()).stderr(log).spawn().unwrap();
        let mut server = Server { child, address };
        server.wait_for_answers(folder);
        server
    }

    /// A server that another program starts, which gives it its sockets.
    pub(crate) fn started_by(folder: &Folder, mut command: Command, address: SocketAddr) -> Server {
        let log = File::create(folder.path("log")).unwrap();
        let child = command.stdin(Stdio::null()).stderr(log).spawn().unwrap();
        let mut server = Server { child, address };
        server.wait_for_answers(folder);
        server
    }

    fn wait_for_answers(&mut self, folder: &Folder) {
        let begun = Instant::now();
        let mut client = Client::new(self.address);
        while client.passes_within("192.0.2.1", Duration::from_millis(200)).is_none() {
            let ended = self.child.try_wait().unwrap();
            let waited = begun.elapsed();
            assert!(ended.is_none() && waited < PATIENCE, "{ended:?} {}", folder.log());
            sleep(LOOK);
        }
    }

    /// The number of the server's own process.
    pub(crate) fn id(&self) -> Pid {
        let outer = self.child.id();
        let children = format!("/proc/{outer}/task/{outer}/children");
        let children = std::fs::read_to_string(children).unwrap_or_default();
        let inner = children.split_whitespace().next().and_then(|id| id.parse().ok());
        Pid::from_raw(inner.unwrap_or(outer as i32))
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill(self.id(), signal).unwrap();
    }

    /// The line of the process's status that begins with this word.
    pub(crate) fn status(&self, word: &str) -> String {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(word));
        line.unwrap().trim_start_matches(':').trim().to_owned()
    }

    /// Kibioctets of memory that the server has.
    pub(crate) fn memory(&self) -> u64 {
        self.status("VmRSS").split_whitespace().next().unwrap().parse().unwrap()
    }

    /// How the server has ended, and how long it has taken.
    pub(crate) fn ended(&mut self) -> (ExitStatus, Duration) {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return (status, begun.elapsed());
            }
            assert!(begun.elapsed() < PATIENCE, "the server does not end");
            sleep(LOOK);
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = kill(self.id(), Signal::SIGKILL);
            let _ = self.child.wait();
        }
    }
}

/// The arguments of a server at this address.
pub(crate) fn arguments(folder: &Folder, address: SocketAddr) -> Vec<String> {
    let config = folder.path("spfc.toml").to_str().unwrap().to_owned();
    let mut words = vec!["serve", "--threads", "2", "--config", &config];
    if !folder.path("cidrs").exists() {
        words.push("--image-only");
    }
    let address = address.to_string();
    words.extend(["--listen", &address]);
    words.into_iter().map(str::to_owned).collect()
}

/// What a server says that does not start, and its exit status.
pub(crate) fn refused(folder: &Folder, address: SocketAddr) -> (Option<i32>, String) {
    let mut command = Command::new("timeout");
    command.args(["--kill-after=2", "20", env!("CARGO_BIN_EXE_spfc")]);
    let output = command.args(arguments(folder, address)).output().unwrap();
    assert_eq!(output.status.signal(), None);
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// Waits until it is so.
pub(crate) fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "{what}");
        sleep(LOOK);
    }
}
