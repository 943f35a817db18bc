//! Zones that are read again while the server answers.

use std::thread::sleep;
use std::time::Duration;

use nix::sys::signal::Signal;

use crate::client::{Client, Load};
use crate::server::{Folder, Server, ZONE, free_address, refused, wait_until, zone_table};

const CIDRS: &str = "192.0.2.0/24\n";
const MORE: &str = "192.0.2.0/24\n198.51.100.0/24\n";

/// Changes the data and tells the server, and waits until that is served.
fn reload(folder: &Folder, server: &Server, cidrs: &str, passes: bool) {
    folder.write_image(ZONE, cidrs);
    server.signal(Signal::SIGHUP);
    let mut client = Client::new(server.address);
    let mut as_wanted = || client.passes("198.51.100.1") == passes;
    for _ in 0..2_000 {
        if as_wanted() {
            return;
        }
        sleep(Duration::from_millis(2));
    }
    panic!("the new data is not served: {}", folder.log());
}

#[test]
fn new_data_under_load_loses_no_answer() {
    let folder = Folder::new(CIDRS);
    let server = Server::start(&folder);
    let load = Load::start(server.address, 4);
    for _ in 0..20 {
        reload(&folder, &server, MORE, true);
        reload(&folder, &server, CIDRS, false);
    }
    // Many signals at once are one, and do no harm.
    for _ in 0..200 {
        server.signal(Signal::SIGHUP);
    }
    sleep(Duration::from_millis(100));
    let (asked, lost) = load.end();
    assert!(asked > 1_000, "{asked}");
    assert_eq!(lost, 0, "of {asked}");
    assert!(folder.logged("zones were read") <= 120, "{}", folder.log());
}

#[test]
fn data_that_cannot_be_read_leaves_the_old_and_is_logged_once() {
    let other = "other.example";
    let folder = Folder::with(CIDRS, "", &zone_table(other));
    folder.write_image(other, CIDRS);
    let server = Server::start(&folder);
    let mut client = Client::new(server.address);
    let whole = std::fs::read(folder.image(ZONE)).unwrap();
    let config = std::fs::read_to_string(folder.path("spfc.toml")).unwrap();
    let rounds = std::cell::Cell::new(0);
    let told = || {
        server.signal(Signal::SIGHUP);
        rounds.set(rounds.get() + 1);
        wait_until("zones are not read", || {
            folder.logged("zones were read") + folder.logged("goes on with the zones as they were")
                == rounds.get()
        });
    };
    for _ in 0..3 {
        // Torn: the write of somebody else has stopped in the middle.
        std::fs::write(folder.image(ZONE), &whole[..whole.len() / 2]).unwrap();
        told();
        assert!(client.passes("192.0.2.1"));
    }
    assert_eq!(folder.logged("z.example goes on with its old data"), 1, "{}", folder.log());
    std::fs::remove_file(folder.image(ZONE)).unwrap();
    told();
    assert!(client.passes("192.0.2.1"));
    assert_eq!(folder.logged("z.example goes on with its old data"), 2, "{}", folder.log());
    for _ in 0..3 {
        std::fs::write(folder.path("spfc.toml"), format!("{config}\nnonsense")).unwrap();
        told();
        assert!(client.passes("192.0.2.1"));
    }
    // Emptied, or cut off before its zones: nobody has said to take them away.
    for text in ["", config.split("[[zone]]").next().unwrap()] {
        std::fs::write(folder.path("spfc.toml"), text).unwrap();
        told();
        assert!(client.passes("192.0.2.1"));
    }
    assert_eq!(folder.logged("ERROR"), 4, "{}", folder.log());
    assert_eq!(folder.logged("1 anew, 1 with old data, 0 not served"), 4, "{}", folder.log());
    std::fs::write(folder.path("spfc.toml"), config).unwrap();
    reload(&folder, &server, MORE, true);
}

#[test]
fn addresses_that_change_want_a_restart_and_say_so() {
    let folder = Folder::new(CIDRS);
    let server = Server::start(&folder);
    let config = std::fs::read_to_string(folder.path("spfc.toml")).unwrap();
    let config = config.replacen("[serve]", "[serve]\nlisten = [\"127.0.0.1:1\"]", 1);
    std::fs::write(folder.path("spfc.toml"), config).unwrap();
    reload(&folder, &server, MORE, true);
    assert_eq!(folder.logged("want a restart"), 1, "{}", folder.log());
}

#[test]
fn a_source_that_gives_nothing_leaves_the_old_data() {
    let folder = Folder::of_source(CIDRS);
    let server = Server::start(&folder);
    let mut client = Client::new(server.address);
    assert!(!client.passes("198.51.100.1"));
    for (cidrs, new) in [("192.0.2.0/24\nnonsense\n", false), (MORE, true)] {
        std::fs::write(folder.path("cidrs"), cidrs).unwrap();
        server.signal(Signal::SIGHUP);
        let anew = format!("zones were read: {} anew", u8::from(new));
        wait_until("zones are not read", || folder.logged(&anew) == 1);
        assert!(client.passes("192.0.2.1"));
        assert_eq!(client.passes("198.51.100.1"), new);
    }
    let fault = "goes on with its old data: source 'all': ";
    assert_eq!(folder.logged(fault), 1, "{}", folder.log());
}

#[test]
fn an_image_stands_in_for_sources_at_the_start() {
    let folder = Folder::of_source("nonsense\n");
    let (status, said) = refused(&folder, free_address());
    assert_eq!(status, Some(2));
    assert!(said.contains("z.example is not served: source 'all'"), "{said}");
    folder.write_image(ZONE, CIDRS);
    let server = Server::start(&folder);
    assert_eq!(folder.logged("z.example answers from its image: source 'all'"), 1);
    std::fs::write(folder.path("cidrs"), MORE).unwrap();
    server.signal(Signal::SIGHUP);
    wait_until("zones are not read", || folder.logged("zones were read: 1 anew") == 1);
    assert!(Client::new(server.address).passes("198.51.100.1"));
}
