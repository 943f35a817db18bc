//! Disks that are full, and state directories that cannot be used: what changes is
//! served all the same, and written when there is room.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use spfc::history::{History, HistoryError};
use spfc::refresh::SourceFile;

use crate::client::{Client, Said};
use crate::running::free_address;
use crate::server::Server;
use crate::site::{ONE_SOURCE, Site, ZONE, can_become_nobody};
use crate::support::dns_server;
use crate::support::zone::{Behaviour, Zone};

/// Octets that a disk gives at once.
const PAGE: usize = 4096;

/// A zone whose source is a file.
const A_FILE: &str = "
[source.mail]
cidrs = \"cidrs\"
[[zone]]
record = \"v=spf1 exists:%{ir}.%{v}.z.example -all\"
ns = [\"ns.example.net\"]
source = \"mail\"
";

/// A file system of one MiB; it is gone when this goes out of scope.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// None, and a word on stderr, where nothing can be mounted, which only root can.
    fn mount(path: PathBuf) -> Option<SmallDisk> {
        std::fs::create_dir(&path).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs"]).arg(&path);
        let mounted = mount.stderr(Stdio::null()).status().is_ok_and(|status| status.success());
        if !mounted {
            eprintln!("not run: a small disk cannot be mounted");
        }
        mounted.then_some(SmallDisk(path))
    }

    /// Fills it to the last octet.
    fn fill(&self) {
        let file = OpenOptions::new().append(true).create(true).open(self.filler());
        // A full disk may have no room for a name.
        let Ok(mut file) = file else { return };
        while file.write_all(&[0; PAGE]).is_ok() {}
        while file.write_all(&[0]).is_ok() {}
    }

    /// Gives so many pages back.
    fn free(&self, pages: usize) {
        let file = File::options().write(true).open(self.filler()).unwrap();
        let length = file.metadata().unwrap().len();
        file.set_len(length.saturating_sub((pages * PAGE) as u64)).unwrap();
    }

    fn clear(&self) {
        std::fs::remove_file(self.filler()).unwrap();
    }

    fn filler(&self) -> PathBuf {
        self.0.join("filler")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

/// A policy with a network that stays, and an address of this number.
fn policy(number: u8) -> Zone {
    let record = format!("v=spf1 ip4:192.0.2.0/24 ip4:10.0.0.{number} -all");
    Zone::default().with_ttl(1).txt("example.com", &[record.as_bytes()])
}

/// Waits until the address of this number passes.
fn is_served(site: &Site, client: &mut Client, number: u8) {
    let address = format!("10.0.0.{number}");
    site.wait_until("the change is not served", || client.ask(ZONE, &address) == Said::Passes);
}

/// What is in the file of the one source.
fn file(site: &Site) -> SourceFile {
    site.state().read_source("mail").unwrap().unwrap()
}

#[test]
fn a_full_disk_keeps_no_change_from_anybody_and_is_caught_up_with() {
    let dns = dns_server::Server::start(policy(0), Duration::ZERO);
    let site = Site::new(dns.address, ONE_SOURCE);
    let Some(disk) = SmallDisk::mount(site.path("state")) else { return };
    let mut server = Server::start(&site, ZONE);
    let mut client = Client::new(server.address);
    site.wait_for_status(0);
    // Whatever there is room for: nothing, a source, a part of the history, an image.
    for (number, pages) in (1..).zip([0, 1, 2, 3, 5, 8, 20]) {
        disk.fill();
        disk.free(pages);
        dns.change(policy(number));
        is_served(&site, &mut client, number);
        disk.fill();
        if pages == 0 {
            let said = site.wait_for_status(1);
            assert!(said.contains("the state cannot be written: "), "{said}");
        }
    }
    disk.clear();
    site.wait_for_status(0);
    let (begins, ends) =
        (site.logged("the state cannot be written"), site.logged("the state is written again"));
    assert!((1..=7).contains(&begins) && begins == ends, "{begins} {ends} {}", site.log());
    // Nothing is missing.
    let number = file(&site).state.good.unwrap().number;
    assert_eq!(number, 8);
    let versions = History::read_only(site.state().history()).unwrap().versions("mail").unwrap();
    let versions: Vec<u64> = versions.iter().map(|version| version.number).rev().collect();
    assert_eq!(versions, (1..=8).collect::<Vec<_>>(), "{}", site.log());
    dns.change(policy(7).behave_everywhere(Behaviour::Silent));
    server.restart(&site, ZONE, Signal::SIGKILL);
    assert_eq!(client.ask(ZONE, "10.0.0.7"), Said::Passes);
}

#[test]
fn a_kill_beside_a_full_disk_leaves_the_last_that_was_written() {
    let dns = dns_server::Server::start(policy(0), Duration::ZERO);
    let site = Site::new(dns.address, ONE_SOURCE);
    let Some(disk) = SmallDisk::mount(site.path("state")) else { return };
    let mut server = Server::start(&site, ZONE);
    site.wait_for_status(0);
    let mut last = 1;
    for (round, pages) in (1..).zip([0, 1, 2, 4, 9]) {
        disk.fill();
        disk.free(pages);
        dns.change(policy(round));
        is_served(&site, &mut Client::new(server.address), round);
        disk.fill();
        dns.change(policy(round).behave_everywhere(Behaviour::Silent));
        server.restart(&site, ZONE, Signal::SIGKILL);
        let mut client = Client::new(server.address);
        assert_eq!(client.ask(ZONE, "192.0.2.1"), Said::Passes);
        // What the file says is what is served, though a zone needs more room.
        let good = file(&site).state.good.unwrap();
        assert!(good.number >= last, "{} after {last}", good.number);
        last = good.number;
        let text = good.answers.unwrap().to_string();
        let own = (0..=round).find(|number| text.contains(&format!("10.0.0.{number} ")));
        let own = format!("10.0.0.{}", own.unwrap());
        let begun = Instant::now();
        while client.ask(ZONE, &own) != Said::Passes {
            assert!(begun.elapsed() < Duration::from_millis(500), "{}", site.log());
        }
        // The index beside it, which a restart begins anew, may lack room: then that is what
        // is said, and nothing is moved aside.
        match History::open(site.state().history()) {
            Ok((_, remark)) => assert_eq!(remark, None, "{}", site.log()),
            Err(HistoryError::Full) => {}
            Err(error) => panic!("{error}: {}", site.log()),
        }
        assert_eq!(site.logged("damaged"), 0, "{}", site.log());
        dns.change(policy(round));
        is_served(&site, &mut client, round);
    }
    disk.clear();
    site.wait_for_status(0);
    assert_eq!(site.logged("history lacks"), 0, "{}", site.log());
    // What was served last is what the history has last.
    let good = file(&site).state.good.unwrap();
    let mut history = History::read_only(site.state().history()).unwrap();
    let newest = history.latest_number("mail").unwrap().unwrap();
    assert_eq!(newest, good.number, "{}", site.log());
    let version = history.version("mail", newest).unwrap().unwrap();
    assert_eq!(version.lock, good.answers.map(|answers| answers.to_string()), "{}", site.log());
    assert_eq!(site.logged("history lacks"), 0, "{}", site.log());
}

#[test]
fn what_could_not_be_written_is_written_though_nothing_is_read() {
    let dns = dns_server::Server::start(policy(0), Duration::ZERO);
    let site = Site::new(dns.address, A_FILE);
    let Some(disk) = SmallDisk::mount(site.path("state")) else { return };
    let cidrs = |text: &str| std::fs::write(site.path("cidrs"), text).unwrap();
    cidrs("192.0.2.0/24\n");
    let server = Server::start(&site, ZONE);
    site.wait_for_status(0);
    disk.fill();
    cidrs("192.0.2.0/24\n10.0.0.1\n");
    server.signal(Signal::SIGHUP);
    is_served(&site, &mut Client::new(server.address), 1);
    site.wait_for_status(1);
    disk.clear();
    // A file is not read again by itself.
    site.wait_for_status(0);
    assert_eq!(file(&site).state.good.unwrap().number, 2);
}

#[test]
fn a_state_that_another_process_writes_is_refused() {
    let dns = dns_server::Server::start(policy(0), Duration::ZERO);
    let site = Site::new(dns.address, ONE_SOURCE);
    let server = Server::start(&site, ZONE);
    let mut second = Server::spawn(&site, free_address());
    assert_eq!(second.ended().code(), Some(2));
    assert_eq!(site.logged("is in use by another process"), 1, "{}", site.log());
    // Who was there first goes on, and takes orders.
    assert_eq!(Client::new(server.address).ask(ZONE, "192.0.2.1"), Said::Passes);
    site.wait_for_status(0);
}

#[test]
fn a_state_that_may_not_be_read_is_told_and_done_without() {
    if !can_become_nobody() {
        return;
    }
    let dns = dns_server::Server::start(policy(0), Duration::ZERO);
    let mut site = Site::new(dns.address, ONE_SOURCE);
    drop(Server::start(&site, ZONE));
    site.become_nobody();
    let server = Server::start(&site, ZONE);
    let mut client = Client::new(server.address);
    assert_eq!(client.ask(ZONE, "192.0.2.1"), Said::Passes);
    let told = "serves without its state, and keeps none";
    site.wait_for_log(told);
    assert_eq!(site.logged(told), 1, "{}", site.log());
    assert_eq!(site.logged("ermission denied"), 1, "{}", site.log());
    dns.change(policy(1));
    is_served(&site, &mut client, 1);
    // Without DNS it has nothing to begin with, and does not pretend to.
    drop(server);
    dns.change(policy(1).behave_everywhere(Behaviour::Silent));
    let mut server = Server::spawn(&site, free_address());
    assert_eq!(server.ended().code(), Some(4), "{}", site.log());
}

#[test]
fn a_file_that_is_torn_hides_no_other_source() {
    let dns = dns_server::Server::start(policy(0), Duration::ZERO);
    let other = A_FILE.replace("mail", "other").replace(ZONE, "y.example");
    let site = Site::new(dns.address, &format!("{ONE_SOURCE}{other}"));
    std::fs::write(site.path("cidrs"), "198.51.100.0/24\n").unwrap();
    let server = Server::start(&site, ZONE);
    site.wait_for_status(0);
    drop(server);
    let path = site.path("state/sources/mail.json");
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let said = site.run(&["status"]);
    assert_eq!(said.status, Some(3), "{said:?}");
    for words in
        ["mail  in error  ", "mail.json is no file of a source", "other  fine", "1 in error"]
    {
        assert!(said.stdout.contains(words), "{words}: {said:?}");
    }
    let said = site.run(&["status", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(said.status, Some(3), "{said:?}");
    let sources = document["sources"].as_array().unwrap();
    assert_eq!(sources.len(), 2);
    assert_eq!((&sources[0]["source"], &sources[0]["health"]), (&"mail".into(), &"broken".into()));
    let reason = sources[0]["failing"]["reason"].as_str().unwrap();
    assert!(reason.contains("mail.json is no file of a source"), "{reason}");
    assert_eq!((&sources[1]["source"], &sources[1]["health"]), (&"other".into(), &"fine".into()));
}

#[test]
fn files_of_another_hand_are_told_and_begun_anew() {
    let dns = dns_server::Server::start(policy(0), Duration::ZERO);
    let site = Site::new(dns.address, ONE_SOURCE);
    let mut server = Server::start(&site, ZONE);
    site.wait_for_status(0);
    let spoil = |path: &Path| std::fs::write(path, b"nonsense").unwrap();
    server.signal(Signal::SIGKILL);
    server.ended();
    spoil(&site.path("state/sources/mail.json"));
    spoil(&site.path("state/zones/z.example.image"));
    spoil(&site.path("state/history.db"));
    let server = Server::start(&site, ZONE);
    site.wait_for_status(0);
    for told in ["what was served is lost", "what was known of 'mail' is lost", "was damaged"] {
        site.wait_for_log(told);
        assert_eq!(site.logged(told), 1, "{told} {}", site.log());
    }
    assert_eq!(Client::new(server.address).ask(ZONE, "192.0.2.1"), Said::Passes);
    assert_eq!(file(&site).state.good.unwrap().number, 1);
}
