//! What of a message the proof of its question needs. The rest is taken out before
//! the message is validated: else its sender chooses how many names and zones the
//! validator looks at.

use std::sync::Arc;

use hickory_net::{DnsError, NetError};
use hickory_proto::dnssec::rdata::DNSSECRData;
use hickory_proto::op::Query;
use hickory_proto::rr::{RData, Record, RecordType};

use super::key_lookups::Outcome;

/// The answer to `query` with nothing but the records at the name and trees of
/// names (DNAME) above it, the start of authority and denials, and the signatures
/// of all these.
pub(super) fn only_relevant(query: &Query, outcome: Outcome) -> Outcome {
    match outcome {
        Ok(mut response) => {
            response.answers.retain(|record| answers(query, record));
            response.authorities.retain(denies);
            response.additionals.clear();
            Ok(response)
        }
        Err(NetError::Dns(DnsError::NoRecordsFound(mut negative))) => {
            let kept = negative.authorities.map(|records| {
                records.iter().filter(|it| denies(it)).cloned().collect::<Arc<[Record]>>()
            });
            negative.authorities = kept.filter(|records| !records.is_empty());
            Err(NetError::Dns(DnsError::NoRecordsFound(negative)))
        }
        Err(error) => Err(error),
    }
}

fn answers(query: &Query, record: &Record) -> bool {
    match covered(record) {
        RecordType::DNAME => record.name.zone_of(query.name()),
        covered => {
            [query.query_type, RecordType::CNAME].contains(&covered) && record.name == *query.name()
        }
    }
}

fn denies(record: &Record) -> bool {
    matches!(covered(record), RecordType::SOA | RecordType::NSEC | RecordType::NSEC3)
}

/// The type of a record, or that of the records it signs.
fn covered(record: &Record) -> RecordType {
    match &record.data {
        RData::DNSSEC(DNSSECRData::RRSIG(signature)) => signature.input().type_covered,
        data => data.record_type(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    use hickory_net::NoRecords;
    use hickory_proto::dnssec::Algorithm;
    use hickory_proto::dnssec::rdata::{RRSIG, SigInput};
    use hickory_proto::op::{DnsResponse, Message, ResponseCode};
    use hickory_proto::rr::rdata::{A, NS, NULL, SOA};
    use hickory_proto::rr::{Name, SerialNumber};

    fn name(text: &str) -> Name {
        Name::from_ascii(text).unwrap()
    }

    fn record(owner: &str, data: RData) -> Record {
        Record::from_rdata(name(owner), 300, data)
    }

    fn a(owner: &str) -> Record {
        record(owner, RData::A(A(Ipv4Addr::LOCALHOST)))
    }

    fn soa(owner: &str) -> Record {
        record(owner, RData::SOA(SOA::new(name("ns."), name("mail."), 1, 2, 3, 4, 5)))
    }

    fn dname(owner: &str) -> Record {
        let rdata = NULL::with(b"\x01b\x00".to_vec());
        record(owner, RData::Unknown { code: RecordType::DNAME, rdata })
    }

    fn signature(owner: &str, type_covered: RecordType) -> Record {
        let input = SigInput {
            type_covered,
            algorithm: Algorithm::ED25519,
            num_labels: 1,
            original_ttl: 300,
            sig_expiration: SerialNumber::new(0),
            sig_inception: SerialNumber::new(0),
            key_tag: 0,
            signer_name: name("zone."),
        };
        record(owner, RData::DNSSEC(DNSSECRData::RRSIG(RRSIG::from_sig(input, Vec::new()))))
    }

    #[test]
    fn other_names_and_zones_are_left_out() {
        let query = Query::query(name("a.zone."), RecordType::A);
        let ns = record("zone.", RData::NS(NS(name("ns.zone."))));
        let mut message = Message::query();
        let kept = [
            a("A.zone."),
            signature("a.zone.", RecordType::A),
            signature("a.zone.", RecordType::CNAME),
            dname("zone."),
            signature("zone.", RecordType::DNAME),
        ];
        let other = [
            a("b.zone."),
            signature("b.zone.", RecordType::A),
            signature("a.zone.", RecordType::TXT),
            dname("other."),
        ];
        message.insert_answers(kept.iter().chain(&other).cloned().collect());
        message.insert_authorities(vec![
            soa("zone."),
            ns.clone(),
            signature("zone.", RecordType::NS),
            signature("0.zone.", RecordType::NSEC),
        ]);
        message.insert_additionals(vec![a("ns.zone.")]);
        let response = DnsResponse::from_message(message.into_response()).unwrap();
        let relevant = only_relevant(&query, Ok(response)).unwrap();
        assert_eq!(relevant.answers, kept);
        assert_eq!(relevant.authorities, [soa("zone."), signature("0.zone.", RecordType::NSEC)]);
        assert!(relevant.additionals.is_empty());
    }

    #[test]
    fn negative_answers_keep_their_denials() {
        let query = Query::query(name("a.zone."), RecordType::A);
        let ns = || record("zone.", RData::NS(NS(name("ns.zone."))));
        let kept = |authorities: Vec<Record>| {
            let mut negative = NoRecords::new(query.clone(), ResponseCode::NoError);
            negative.authorities = Some(authorities.into());
            match only_relevant(&query, Err(NetError::Dns(DnsError::NoRecordsFound(negative)))) {
                Err(NetError::Dns(DnsError::NoRecordsFound(negative))) => negative.authorities,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(kept(vec![ns(), soa("zone.")]).unwrap().as_ref(), [soa("zone.")]);
        assert!(kept(vec![ns()]).is_none());
    }
}
