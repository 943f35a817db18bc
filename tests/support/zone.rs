//! What the name server of the tests knows, and how it answers.

// Each test uses its own part.
#![allow(dead_code)]

use std::collections::HashMap;

use hickory_proto::op::{Edns, Message, MessageType, ResponseCode};
use hickory_proto::rr::rdata::{A, AAAA, CNAME, MX, NS, NULL, PTR, SOA, TXT};
use hickory_proto::rr::{Name, RData, Record, RecordType};
use serde_json::Value;

/// The TTL of all records, unless the zone has one.
pub(crate) const TTL: u32 = 300;
/// The TTL of negative answers: the SOA's minimum, shorter than its TTL.
pub(crate) const NEGATIVE_TTL: u32 = 30;

/// How a name is answered, if not as it should.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Behaviour {
    /// With this response code and nothing else.
    Code(ResponseCode),
    /// Not at all.
    Silent,
    /// With octets behind the header that are no message.
    Garbage,
    /// Truncated over UDP, whatever its size.
    Truncated,
    /// With the identifier of another question.
    WrongId,
    /// With the alias only, as a server that does not know its target.
    AliasOnly,
    /// By closing the TCP connection.
    CloseTcp,
    /// By sending whoever asks to the servers of the root, as a server does that
    /// was never told of the zone.
    Referral,
}

/// What the server knows.
#[derive(Clone, Default)]
pub(crate) struct Zone {
    names: HashMap<Name, Vec<RData>>,
    pub(crate) behaviours: HashMap<Name, Behaviour>,
    /// How all other names are answered, if not as they should.
    everywhere: Option<Behaviour>,
    /// The TTL of all records, in place of [`TTL`] and [`NEGATIVE_TTL`].
    ttl: Option<u32>,
}

impl Zone {
    /// Reads a zone map: TXT, A, AAAA, MX, PTR, SPF and CNAME.
    pub(crate) fn from_json(text: &str) -> Zone {
        let mut zone = Zone::default();
        let map: HashMap<String, HashMap<String, Value>> = serde_json::from_str(text).unwrap();
        for (owner, types) in map {
            for (record_type, values) in types {
                let values = match values {
                    Value::Array(values) => values,
                    value => vec![value],
                };
                for value in values {
                    zone = zone.with(&owner, rdata(&record_type, &value));
                }
            }
        }
        zone
    }

    pub(crate) fn with(mut self, owner: &str, record: RData) -> Zone {
        self.names.entry(name(owner)).or_default().push(record);
        self
    }

    pub(crate) fn txt(self, owner: &str, strings: &[&[u8]]) -> Zone {
        self.with(owner, RData::TXT(TXT::from_bytes(strings.to_vec())))
    }

    /// Texts at a name of any octets.
    pub(crate) fn txt_at(mut self, owner: Name, strings: &[&[u8]]) -> Zone {
        let record = RData::TXT(TXT::from_bytes(strings.to_vec()));
        self.names.entry(owner).or_default().push(record);
        self
    }

    pub(crate) fn a(self, owner: &str, address: [u8; 4]) -> Zone {
        self.with(owner, RData::A(A(address.into())))
    }

    pub(crate) fn cname(self, owner: &str, target: &str) -> Zone {
        self.with(owner, RData::CNAME(CNAME(name(target))))
    }

    pub(crate) fn behave(mut self, owner: &str, behaviour: Behaviour) -> Zone {
        self.behaviours.insert(name(owner), behaviour);
        self
    }

    /// The same for all names.
    pub(crate) fn behave_everywhere(mut self, behaviour: Behaviour) -> Zone {
        self.everywhere = Some(behaviour);
        self
    }

    /// All records with this TTL in seconds, negative answers too.
    pub(crate) fn with_ttl(mut self, seconds: u32) -> Zone {
        self.ttl = Some(seconds);
        self
    }

    /// How a name is answered, if not as it should.
    pub(crate) fn behaviour(&self, owner: &Name) -> Option<Behaviour> {
        self.behaviours.get(owner).copied().or(self.everywhere)
    }

    fn exists(&self, owner: &Name) -> bool {
        self.names.keys().any(|known| owner.zone_of(known))
    }

    /// The whole answer to a question, before a transport or [`Behaviour`] spoils it.
    pub(crate) fn answer(&self, question: &Message) -> Message {
        let mut answer = question.clone();
        answer.edns = None;
        answer.metadata.message_type = MessageType::Response;
        answer.metadata.recursion_available = true;
        answer.metadata.response_code = ResponseCode::NoError;
        let query = question.queries[0].clone();
        let behaviour = self.behaviour(query.name());
        let ttl = self.ttl.unwrap_or(TTL);
        match behaviour {
            Some(Behaviour::Code(code)) => {
                answer.metadata.response_code = code;
                if u16::from(code) > 15 {
                    answer.edns = Some(Edns::new());
                }
                return answer;
            }
            Some(Behaviour::Referral) => {
                let server = RData::NS(NS(name("a.root-servers.net")));
                answer.authorities.push(Record::from_rdata(Name::root(), ttl, server));
                answer.metadata.recursion_available = false;
                return answer;
            }
            _ => {}
        }
        let mut owner = query.name().clone();
        for _ in 0..16 {
            let records = self.names.get(&owner).map(Vec::as_slice).unwrap_or_default();
            let of = |record_type| records.iter().filter(move |r| r.record_type() == record_type);
            for record in of(query.query_type()) {
                answer.answers.push(Record::from_rdata(owner.clone(), ttl, record.clone()));
            }
            match of(RecordType::CNAME).next() {
                Some(alias @ RData::CNAME(target)) => {
                    answer.answers.push(Record::from_rdata(owner, ttl, alias.clone()));
                    owner = target.0.clone();
                }
                _ => break,
            }
            if matches!(behaviour, Some(Behaviour::AliasOnly)) {
                return answer;
            }
        }
        if answer.answers.iter().all(|record| record.record_type() != query.query_type()) {
            if !self.exists(&owner) {
                answer.metadata.response_code = ResponseCode::NXDomain;
            }
            let (host, negative) = (Name::root(), self.ttl.unwrap_or(NEGATIVE_TTL));
            let soa = SOA::new(host.clone(), host, 1, 3600, 600, 86_400, negative);
            answer.authorities.push(Record::from_rdata(Name::root(), ttl, RData::SOA(soa)));
        }
        answer
    }
}

/// A name of labels that are separated by dots.
pub(crate) fn name(text: &str) -> Name {
    let labels = text.split('.').filter(|label| !label.is_empty());
    Name::from_labels(labels.map(str::as_bytes)).unwrap()
}

fn rdata(record_type: &str, value: &Value) -> RData {
    let text = || value.as_str().unwrap();
    match record_type {
        "A" => RData::A(A(text().parse().unwrap())),
        "AAAA" => RData::AAAA(AAAA(text().parse().unwrap())),
        "PTR" => RData::PTR(PTR(name(text()))),
        "CNAME" => RData::CNAME(CNAME(name(text()))),
        // The obsolete type, its data as they are, length octets included.
        "SPF" => RData::Unknown {
            code: RecordType::Unknown(99),
            rdata: NULL::with(text().as_bytes().to_vec()),
        },
        "TXT" => {
            let strings: Vec<&[u8]> = match value {
                Value::Array(list) => list.iter().map(|s| s.as_str().unwrap().as_bytes()).collect(),
                _ if text().is_empty() => vec![b""],
                _ => text().as_bytes().chunks(255).collect(),
            };
            RData::TXT(TXT::from_bytes(strings))
        }
        "MX" => {
            let (preference, host) = match value {
                Value::Array(pair) => (pair[0].as_u64().unwrap(), pair[1].as_str().unwrap()),
                _ => {
                    let (preference, host) = text().split_once(' ').unwrap();
                    (preference.parse().unwrap(), host)
                }
            };
            RData::MX(MX::new(preference as u16, name(host)))
        }
        other => panic!("the test server has no records of type {other}"),
    }
}
