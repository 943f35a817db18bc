//! Zones that are read again while the server answers.

use std::thread::sleep;
use std::time::Duration;

use hickory_proto::rr::{RData, RecordType};
use nix::sys::signal::Signal;

use crate::client::{Client, Load};
use crate::running::ask;
use crate::running::free_address;
use crate::server::{Folder, Server, ZONE, refused, wait_until, zone_table};

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
    // Many signals at once are few, and do no harm.
    for _ in 0..200 {
        server.signal(Signal::SIGHUP);
    }
    reload(&folder, &server, MORE, true);
    load.wait_for(1_000);
    assert_eq!(load.end(), 0);
    // Each time the data was another one; what is logged comes after it is served.
    wait_until("reloads are not logged", || folder.logged("zones were read: 1 anew") > 40);
    assert!(folder.logged("zones were read") < 40 + 200, "{}", folder.log());
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
fn an_image_of_other_names_leaves_the_old_data() {
    let folder = Folder::new(CIDRS);
    let server = Server::start(&folder);
    for names in [&["", "softfail1"][..], &["softfail1"], &["example.org"], &[]] {
        folder.write_image_at(ZONE, MORE, names);
        let before = folder.logged("zones were read");
        server.signal(Signal::SIGHUP);
        wait_until("zones are not read", || folder.logged("zones were read") == before + 1);
        let mut client = Client::new(server.address);
        assert!(client.passes("192.0.2.1") && !client.passes("198.51.100.1"), "{names:?}");
    }
    assert_eq!(folder.logged("z.example goes on with its old data"), 4, "{}", folder.log());
    let asked = "and the record asks the zone itself: 'spfc image' makes it anew";
    assert_eq!(folder.logged(asked), 4, "{}", folder.log());
    reload(&folder, &server, MORE, true);
    // Nor does a server begin with it.
    folder.write_image_at(ZONE, MORE, &["softfail1"]);
    let (status, said) = refused(&folder, free_address());
    assert_eq!(status, Some(2), "{said}");
    assert!(said.contains("has addresses at softfail1"), "{said}");
}

#[test]
fn data_that_is_the_same_keeps_its_serial_and_is_remarked_on_once() {
    let folder = Folder::of_source("# none\n");
    let server = Server::start(&folder);
    let serial = || {
        let answer = ask(server.address, ZONE, RecordType::SOA);
        match &answer.answers[0].data {
            RData::SOA(soa) => soa.serial,
            other => panic!("{other:?}"),
        }
    };
    let read = |cidrs: &str| {
        // The serial counts seconds.
        sleep(Duration::from_millis(1_100));
        std::fs::write(folder.path("cidrs"), cidrs).unwrap();
        let before = folder.logged("zones were read: 1 anew");
        server.signal(Signal::SIGHUP);
        wait_until("zones are not read", || folder.logged("zones were read: 1 anew") == before + 1);
        serial()
    };
    let first = serial();
    assert_eq!(read("# none, still\n"), first);
    assert_eq!(folder.logged("has no address, so nothing passes"), 1, "{}", folder.log());
    let second = read(CIDRS);
    assert!(second > first, "{second} {first}");
    assert_eq!(read(CIDRS), second);
}

#[test]
fn addresses_that_change_want_a_restart_and_say_so() {
    let folder = Folder::new(CIDRS);
    let server = Server::start(&folder);
    let config = std::fs::read_to_string(folder.path("spfc.toml")).unwrap();
    let config = config.replacen("[serve]", "[serve]\nlisten = [\"127.0.0.1:1\"]", 1);
    std::fs::write(folder.path("spfc.toml"), config).unwrap();
    reload(&folder, &server, MORE, true);
    wait_until("nothing is said", || folder.logged("want a restart") == 1);
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
    let fault = "'all': the file cannot be used, version 1 stays: ";
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
    let stands_in = "z.example answers from its image: source 'all'";
    wait_until("nothing stands in", || folder.logged(stands_in) == 1);
    std::fs::write(folder.path("cidrs"), MORE).unwrap();
    server.signal(Signal::SIGHUP);
    wait_until("zones are not read", || folder.logged("zones were read: 1 anew") == 1);
    assert!(Client::new(server.address).passes("198.51.100.1"));
}
