//! Which connections there are, and which of them gives way to a new one.
//!
//! No sockets and no clock: the order of messages is all that counts here.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::{IpAddr, Ipv6Addr};

/// A seat's place in the order of last messages: the smallest has been without
/// a message for the longest time.
pub(super) type Turn = u64;

/// Who a connection counts for.
///
/// An IPv4 address, or the /64 of an IPv6 address: that is what one host gets
/// (RFC 4291 section 2.5.1), so that counting addresses there would count nothing.
/// Resolvers that share a /64 share its connections, which they only need where
/// UDP was not enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Client(IpAddr);

impl From<IpAddr> for Client {
    fn from(address: IpAddr) -> Client {
        Client(match address.to_canonical() {
            IpAddr::V6(address) => {
                Ipv6Addr::from(u128::from(address) & !u128::from(u64::MAX)).into()
            }
            address => address,
        })
    }
}

/// The connections, with who sits there as `T`.
///
/// A new connection is never refused. Where there is no room, the connection
/// that has gone without a message for the longest time gives way: among those
/// of the same client where the client has all that one may have, else among all.
/// That is the idle timeout which shrinks as the server fills (RFC 7766 section
/// 6.2.3), without a guess at how far: clients that say nothing lose their
/// seats first, and a client that asks keeps its own.
#[derive(Debug)]
pub(super) struct Seats<T> {
    most: usize,
    most_of_one: usize,
    next: Turn,
    taken: BTreeMap<Turn, (Client, T)>,
    clients: HashMap<Client, BTreeSet<Turn>>,
}

impl<T> Seats<T> {
    /// Room for `most` connections, at most `most_of_one` of them of one client;
    /// there is room for one at least.
    pub(super) fn new(most: usize, most_of_one: usize) -> Seats<T> {
        Seats {
            most: most.max(1),
            most_of_one: most_of_one.max(1),
            next: 0,
            taken: BTreeMap::new(),
            clients: HashMap::new(),
        }
    }

    /// Takes a seat: its turn, and who had to give way for it.
    pub(super) fn take(&mut self, client: Client, who: T) -> (Turn, Option<T>) {
        let own = self.clients.get(&client).filter(|turns| turns.len() >= self.most_of_one);
        let oldest = match own {
            Some(turns) => turns.first().copied(),
            None if self.taken.len() >= self.most => self.taken.keys().next().copied(),
            None => None,
        };
        let displaced = oldest.and_then(|turn| self.leave(turn));
        (self.sit(client, who), displaced)
    }

    /// The longest idle one gives way, where there is one.
    pub(super) fn give_way(&mut self) -> Option<T> {
        let oldest = self.taken.keys().next().copied()?;
        self.leave(oldest)
    }

    /// A message has come: the seat is the last to give way. Nothing where the
    /// seat has been given away.
    pub(super) fn renew(&mut self, turn: Turn) -> Option<Turn> {
        let (client, _) = self.taken.get(&turn)?;
        let client = *client;
        let who = self.leave(turn)?;
        Some(self.sit(client, who))
    }

    /// Frees a seat; nothing where it has been given away before.
    pub(super) fn leave(&mut self, turn: Turn) -> Option<T> {
        let (client, who) = self.taken.remove(&turn)?;
        if let Some(turns) = self.clients.get_mut(&client) {
            turns.remove(&turn);
            if turns.is_empty() {
                self.clients.remove(&client);
            }
        }
        Some(who)
    }

    /// How many seats are taken.
    pub(super) fn len(&self) -> u64 {
        self.taken.len() as u64
    }

    fn sit(&mut self, client: Client, who: T) -> Turn {
        let turn = self.next;
        self.next += 1;
        self.taken.insert(turn, (client, who));
        self.clients.entry(client).or_default().insert(turn);
        turn
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn client(text: &str) -> Client {
        Client::from(text.parse::<IpAddr>().unwrap())
    }

    #[test]
    fn clients_are_addresses_and_networks() {
        assert_eq!(client("2001:db8::1"), client("2001:db8::ffff:0:0:1"));
        assert_ne!(client("2001:db8::1"), client("2001:db8:0:1::1"));
        assert_ne!(client("192.0.2.1"), client("192.0.2.2"));
        assert_eq!(client("::ffff:192.0.2.1"), client("192.0.2.1"));
    }

    #[test]
    fn the_longest_idle_gives_way() {
        let mut seats = Seats::new(2, 2);
        let (first, _) = seats.take(client("192.0.2.1"), "first");
        seats.take(client("192.0.2.2"), "second");
        seats.renew(first).unwrap();
        assert_eq!(seats.take(client("192.0.2.3"), "third").1, Some("second"));
        assert_eq!(seats.take(client("192.0.2.4"), "fourth").1, Some("first"));
    }

    #[test]
    fn a_client_with_many_connections_displaces_its_own() {
        let mut seats = Seats::new(10, 2);
        seats.take(client("192.0.2.9"), "other");
        for name in ["a", "b", "c", "d"] {
            let displaced = seats.take(client("192.0.2.1"), name).1;
            assert!(displaced != Some("other"));
        }
        assert_eq!(seats.len(), 3);
    }

    /// What happens at the seats.
    #[derive(Clone, Debug)]
    enum Event {
        Take(u8),
        Renew(usize),
        Leave(usize),
    }

    fn event() -> impl Strategy<Value = Event> {
        prop_oneof![
            (0..4_u8).prop_map(Event::Take),
            any::<usize>().prop_map(Event::Renew),
            any::<usize>().prop_map(Event::Leave),
        ]
    }

    proptest! {
        /// A list in the order of last messages does the same.
        #[test]
        fn seats_are_a_list(events in proptest::collection::vec(event(), 0..200)) {
            let mut seats = Seats::new(7, 3);
            let mut list: Vec<(Turn, u8, usize)> = Vec::new();
            for (number, event) in events.into_iter().enumerate() {
                match event {
                    Event::Take(octet) => {
                        let own = list.iter().filter(|it| it.1 == octet).count();
                        let gone = match (own >= 3, list.len() >= 7) {
                            (true, _) => list.iter().position(|it| it.1 == octet),
                            (false, true) => Some(0),
                            (false, false) => None,
                        };
                        let gone = gone.map(|at| list.remove(at).2);
                        let address = IpAddr::from([192, 0, 2, octet]);
                        let (turn, displaced) = seats.take(address.into(), number);
                        prop_assert_eq!(displaced, gone);
                        list.push((turn, octet, number));
                    }
                    Event::Renew(at) if !list.is_empty() => {
                        let (turn, octet, number) = list.remove(at % list.len());
                        list.push((seats.renew(turn).unwrap(), octet, number));
                        prop_assert_eq!(seats.renew(turn), None);
                    }
                    Event::Leave(at) if !list.is_empty() => {
                        let (turn, _, number) = list.remove(at % list.len());
                        prop_assert_eq!(seats.leave(turn), Some(number));
                        prop_assert_eq!(seats.leave(turn), None);
                    }
                    Event::Renew(_) | Event::Leave(_) => {}
                }
                prop_assert_eq!(seats.len(), list.len() as u64);
            }
        }
    }
}
