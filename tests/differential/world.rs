//! DNS for random policies, and the oracle run in it.

use std::collections::{BTreeSet, HashMap};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use proptest::prelude::*;
use spfc::addr::AddressSet;
use spfc::dns::{
    Answer, Lookup, MailExchange, Question, RecordType, Records, Reply, Step, Txt, ZoneFile,
};
use spfc::eval::{Message, Options, RecordStore, check_host};
use spfc::image::{Layout, ZoneMechanism};
use spfc::limits::Limits;
use spfc::name::DomainName;
use spfc::outcome::SpfResult;
use spfc::syntax::{Mechanism, parse_record};

use super::policy::RandomPolicy;

/// The names below which only the message decides, one for each bit of the
/// answers.
const DYNAMIC: [&str; 3] = ["d0.test", "d1.test", "d2.test"];

/// A closed world of records, zones, and answers of dynamic terms.
#[derive(Clone)]
pub(crate) struct World {
    records: HashMap<DomainName, String>,
    hosts: HashMap<Question, Reply>,
    sets: Vec<(Layout, ZoneMechanism, AddressSet)>,
    zone: Option<(DomainName, Arc<ZoneFile>)>,
    /// Which dynamic names have answers, a bit each; the last is for `ptr`.
    answers: u32,
    client: IpAddr,
    /// Whether some targets are left alone.
    kept: bool,
}

fn name(text: &str) -> DomainName {
    DomainName::parse(text).unwrap()
}

impl World {
    pub(crate) fn of(policy: &RandomPolicy) -> World {
        let records =
            policy.records.iter().map(|(owner, text)| (name(owner), text.clone())).collect();
        let mut hosts = HashMap::new();
        let mut host = |owner: &str, ip4: &[&str], ip6: &[&str]| {
            let ip4: Vec<Ipv4Addr> = ip4.iter().map(|ip| ip.parse().unwrap()).collect();
            let ip6: Vec<Ipv6Addr> = ip6.iter().map(|ip| ip.parse().unwrap()).collect();
            hosts.insert(Question::new(name(owner), RecordType::A), Records::A(ip4).into());
            hosts.insert(Question::new(name(owner), RecordType::Aaaa), Records::Aaaa(ip6).into());
        };
        host("h0.test", &["192.0.2.10", "192.0.3.1"], &["2001:db8::a"]);
        host("h1.test", &["192.0.2.77"], &[]);
        host("h2.test", &["10.0.0.3"], &["2001:db8:1::7"]);
        host("h3.test", &[], &["2001:db8::1", "::ffff:192.0.2.9"]);
        host("p.test", &["192.0.2.200"], &["2001:db8::c8"]);
        for (owner, exchanges) in [
            ("m0.test", &["h0.test", "h2.test"][..]),
            ("m1.test", &["h1.test", "h3.test"]),
            ("p.test", &["h2.test"]),
        ] {
            let exchange = |host: &&str| MailExchange { preference: 10, exchange: name(host) };
            let reply = Records::Mx(exchanges.iter().map(exchange).collect()).into();
            hosts.insert(Question::new(name(owner), RecordType::Mx), reply);
        }
        let client = IpAddr::from([0, 0, 0, 0]);
        World {
            records,
            hosts,
            sets: Vec::new(),
            zone: None,
            answers: 0,
            client,
            kept: !policy.keep.is_empty(),
        }
    }

    pub(crate) fn set_record(&mut self, owner: &DomainName, text: &str) {
        self.records.insert(owner.clone(), text.to_owned());
    }

    pub(crate) fn serve(&mut self, layout: Layout, mechanism: ZoneMechanism, set: AddressSet) {
        self.sets.push((layout, mechanism, set));
    }

    pub(crate) fn serve_zone(&mut self, apex: DomainName, zone: ZoneFile) {
        self.zone = Some((apex, Arc::new(zone)));
    }

    /// The answer below a dynamic name: the client, or nothing.
    fn dynamic(&self, question: &Question, bit: usize) -> Reply {
        let answered = self.answers & (1 << bit) != 0;
        match (question.record_type, self.client) {
            (RecordType::Txt, _) => {
                let record = if answered { "v=spf1 +all" } else { "v=spf1 ?all" };
                Records::Txt(vec![Txt::new([record])]).into()
            }
            (RecordType::A, IpAddr::V4(client)) if answered => Records::A(vec![client]).into(),
            (RecordType::A, _) if answered => Records::A(vec![Ipv4Addr::LOCALHOST]).into(),
            (RecordType::Aaaa, IpAddr::V6(client)) if answered => {
                Records::Aaaa(vec![client]).into()
            }
            (RecordType::Mx, _) => {
                let exchange = question.name.clone();
                Records::Mx(vec![MailExchange { preference: 1, exchange }]).into()
            }
            _ => Reply::NoName,
        }
    }

    fn reply(&self, question: &Question) -> Reply {
        let dynamic = DYNAMIC.iter().position(|below| question.name.is_at_or_below(&name(below)));
        if let Some(bit) = dynamic {
            return self.dynamic(question, bit);
        }
        if let (RecordType::Ptr, true) = (question.record_type, self.answers & 8 != 0) {
            return Records::Ptr(vec![name("client.p.test")]).into();
        }
        match (question.record_type, self.client) {
            (RecordType::A, IpAddr::V4(client)) if question.name == name("client.p.test") => {
                Records::A(vec![client]).into()
            }
            (RecordType::Aaaa, IpAddr::V6(client)) if question.name == name("client.p.test") => {
                Records::Aaaa(vec![client]).into()
            }
            (RecordType::Txt, _) => match self.records.get(&question.name) {
                Some(text) => Records::Txt(vec![Txt::new([text])]).into(),
                None => Reply::NoName,
            },
            _ => self.hosts.get(question).cloned().unwrap_or(Reply::NoName),
        }
    }

    fn texts(&self) -> impl Iterator<Item = &String> {
        self.records.values()
    }

    fn result(&mut self, store: &mut RecordStore, client: IpAddr, answers: u32) -> SpfResult {
        (self.client, self.answers) = (client, answers);
        let message = Message::mail_from(client, "helo.example", "someone-else@p.test");
        let options = Options { limits: Limits::UNLIMITED, trace: false };
        match check_host(&*self, store, &message, &options) {
            Step::Done(evaluation) => evaluation.result,
            Step::Need(questions) => panic!("a closed world needs {}", questions[0]),
        }
    }
}

impl Lookup for World {
    fn lookup(&self, question: &Question) -> Result<Arc<Answer>, Question> {
        if let Some((_, zone)) =
            self.zone.as_ref().filter(|(apex, _)| question.name.is_at_or_below(apex))
        {
            return zone.lookup(question);
        }
        let mut zones: Vec<_> = self
            .sets
            .iter()
            .filter(|(layout, ..)| question.name.is_at_or_below(layout.zone()))
            .collect();
        zones.sort_by_key(|(layout, ..)| layout.zone().label_count());
        if let Some((layout, mechanism, set)) = zones.pop() {
            let client = layout.client(&question.name);
            let hit = client.is_some_and(|client| set.contains(client));
            let reply = match (mechanism, client, question.record_type) {
                (ZoneMechanism::Exists, _, RecordType::A) if hit => {
                    Records::A(vec![Ipv4Addr::LOCALHOST]).into()
                }
                (ZoneMechanism::Include, Some(client), RecordType::Txt) => {
                    let family = if client.is_ipv4() { "ip4" } else { "ip6" };
                    let record = match hit {
                        true => format!("v=spf1 {family}:{client} -all"),
                        false => String::from("v=spf1 -all"),
                    };
                    Records::Txt(vec![Txt::new([record])]).into()
                }
                _ => Reply::NoName,
            };
            return Ok(Arc::new(Answer::new(reply)));
        }
        Ok(Arc::new(Answer::new(self.reply(question))))
    }
}

/// The ends of every range that a text of these worlds names, or a line
/// `first-last` of `ranges`, and the addresses next to them.
pub(crate) fn addresses(worlds: &[&World], ranges: &str) -> Vec<IpAddr> {
    let mut found = Edges::default();
    found.ip4_range(0, u32::MAX);
    found.ip6_range(0, u128::MAX);
    for text in worlds.iter().flat_map(|world| world.texts()) {
        for (_, directive) in parse_record(text.as_bytes()).record.directives() {
            match directive.mechanism {
                Mechanism::Ip4(it) => found.ip4(it.address, it.length.unwrap_or(32)),
                Mechanism::Ip6(it) => found.ip6(it.address, it.length.unwrap_or(128)),
                _ => {}
            }
        }
    }
    for reply in worlds.iter().flat_map(|world| world.hosts.values()) {
        match reply {
            Reply::Records(Records::A(list)) => {
                list.iter().for_each(|ip| {
                    [28, 30, 31, 32].iter().for_each(|length| found.ip4(*ip, *length))
                });
            }
            Reply::Records(Records::Aaaa(list)) => {
                list.iter().for_each(|ip| {
                    [64, 120, 126, 127, 128].iter().for_each(|length| found.ip6(*ip, *length))
                });
            }
            _ => {}
        }
    }
    for (first, last) in ranges.lines().filter_map(|line| line.split_once('-')) {
        match (first.parse().unwrap(), last.parse().unwrap()) {
            (IpAddr::V4(first), IpAddr::V4(last)) => {
                found.ip4_range(first.to_bits(), last.to_bits())
            }
            (IpAddr::V6(first), IpAddr::V6(last)) => {
                found.ip6_range(first.to_bits(), last.to_bits())
            }
            _ => panic!("{first}-{last}"),
        }
    }
    found.0.into_iter().collect()
}

#[derive(Default)]
struct Edges(BTreeSet<IpAddr>);

impl Edges {
    fn ip4(&mut self, address: Ipv4Addr, length: u8) {
        let host = u32::MAX.checked_shr(length.into()).unwrap_or(0);
        self.ip4_range(address.to_bits() & !host, address.to_bits() | host);
    }

    fn ip6(&mut self, address: Ipv6Addr, length: u8) {
        let host = u128::MAX.checked_shr(length.into()).unwrap_or(0);
        self.ip6_range(address.to_bits() & !host, address.to_bits() | host);
    }

    fn ip4_range(&mut self, first: u32, last: u32) {
        let edges = [first.checked_sub(1), Some(first), Some(last), last.checked_add(1)];
        self.0
            .extend(edges.into_iter().flatten().map(|bits| IpAddr::V4(Ipv4Addr::from_bits(bits))));
    }

    fn ip6_range(&mut self, first: u128, last: u128) {
        let edges = [first.checked_sub(1), Some(first), Some(last), last.checked_add(1)];
        self.0
            .extend(edges.into_iter().flatten().map(|bits| IpAddr::V6(Ipv6Addr::from_bits(bits))));
    }
}

/// The oracle gives the same in both worlds, whatever the dynamic terms answer.
pub(crate) fn agree(
    source: &World,
    output: &World,
    addresses: &[IpAddr],
) -> Result<(), TestCaseError> {
    let (mut source, mut output) = (source.clone(), output.clone());
    let (mut source_store, mut output_store) = (RecordStore::new(), RecordStore::new());
    for answers in 0..16 {
        for address in addresses {
            let wanted = source.result(&mut source_store, *address, answers);
            if wanted == SpfResult::Permerror && source.kept {
                // Errors of what is left alone are not part of the meaning.
                continue;
            }
            let got = output.result(&mut output_store, *address, answers);
            prop_assert_eq!(
                wanted,
                got,
                "{} under {:04b}: {:?}",
                address,
                answers,
                &output.records
            );
        }
    }
    Ok(())
}
