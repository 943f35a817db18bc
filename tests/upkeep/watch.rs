//! Somebody who asks all the time whether addresses pass that have to.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{JoinHandle, sleep, spawn};
use std::time::Duration;

use crate::client::{Client, Said};

/// Between two questions.
const PAUSE: Duration = Duration::from_millis(5);
/// How long an answer may take until it counts as lost.
const LOST: Duration = Duration::from_secs(1);

/// A client that goes on until it is asked what it saw.
pub(crate) struct Watch {
    shared: Arc<Shared>,
    thread: JoinHandle<()>,
}

#[derive(Default)]
struct Shared {
    stop: AtomicBool,
    /// Odd while the server may be away.
    epoch: AtomicUsize,
    right: AtomicUsize,
    wrong: Mutex<Vec<String>>,
}

impl Watch {
    /// Asks for these addresses in a zone, all of which pass.
    pub(crate) fn start(server: SocketAddr, zone: &str, addresses: &[&str]) -> Watch {
        let shared = Arc::<Shared>::default();
        let (own, zone) = (Arc::clone(&shared), zone.to_owned());
        let addresses: Vec<String> = addresses.iter().map(|it| (*it).to_owned()).collect();
        let thread = spawn(move || {
            let mut client = Client::new(server);
            while !own.stop.load(Ordering::SeqCst) {
                for address in &addresses {
                    own.look(&mut client, &zone, address);
                }
                sleep(PAUSE);
            }
        });
        Watch { shared, thread }
    }

    /// Lets the server be away meanwhile.
    pub(crate) fn away(&self, meanwhile: impl FnOnce()) {
        self.shared.epoch.fetch_add(1, Ordering::SeqCst);
        meanwhile();
        self.shared.epoch.fetch_add(1, Ordering::SeqCst);
    }

    /// Ends; says how many answers were right, and what was not.
    pub(crate) fn end(self) -> (usize, Vec<String>) {
        self.shared.stop.store(true, Ordering::SeqCst);
        self.thread.join().unwrap();
        let wrong = std::mem::take(&mut *self.shared.wrong.lock().unwrap());
        (self.shared.right.load(Ordering::SeqCst), wrong)
    }
}

impl Shared {
    fn look(&self, client: &mut Client, zone: &str, address: &str) {
        let before = self.epoch.load(Ordering::SeqCst);
        let said = client.ask_within(zone, address, LOST);
        let after = self.epoch.load(Ordering::SeqCst);
        match said {
            Some(Said::Passes) => drop(self.right.fetch_add(1, Ordering::SeqCst)),
            None if before != after || before % 2 == 1 => {}
            other => self.wrong.lock().unwrap().push(format!("{address}: {other:?}")),
        }
    }
}
