//! Somebody between the program and the server: notes what is asked, and does with
//! the answers what a test wants.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use hickory_proto::op::Message;

/// What the server says to a question.
pub(crate) type Server<'s> = &'s dyn Fn(&Message) -> Message;

/// A relay over UDP; it ends when this goes out of scope.
pub(crate) struct Relay {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    ended: Arc<AtomicBool>,
}

impl Relay {
    /// A relay in front of `server`; `answer` makes the answer to each question,
    /// or none.
    pub(crate) fn start(
        server: SocketAddr,
        answer: impl Fn(&Message, Server) -> Option<Message> + Send + 'static,
    ) -> Relay {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        let address = socket.local_addr().unwrap();
        let (asked, ended): (Arc<Mutex<Vec<String>>>, Arc<AtomicBool>) = Default::default();
        let relay = Relay { address, asked: asked.clone(), ended: ended.clone() };
        thread::spawn(move || {
            let mut buffer = [0; 4_096];
            while !ended.load(Ordering::Relaxed) {
                let Ok((octets, client)) = socket.recv_from(&mut buffer) else { continue };
                let question = Message::from_vec(&buffer[..octets]).unwrap();
                let query = &question.queries[0];
                asked.lock().unwrap().push(format!("{} {}", query.name(), query.query_type()));
                if let Some(answer) = answer(&question, &|question| forward(server, question)) {
                    socket.send_to(&answer.to_vec().unwrap(), client).unwrap();
                }
            }
        });
        relay
    }

    /// How often the questions, as `name type`, were asked.
    pub(crate) fn times(&self, question: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|asked| *asked == question).count()
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
    }
}

fn forward(server: SocketAddr, question: &Message) -> Message {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    socket.send_to(&question.to_vec().unwrap(), server).unwrap();
    let mut buffer = [0; 4_096];
    let octets = socket.recv(&mut buffer).unwrap();
    Message::from_vec(&buffer[..octets]).unwrap()
}
