//! What no server's word may do: a validator's marks are given, the verdict is tried.

use std::net::Ipv4Addr;

use hickory_proto::dnssec::rdata::{NSEC, NSEC3, RRSIG, SigInput};
use hickory_proto::dnssec::{Algorithm, Nsec3HashAlgorithm};
use hickory_proto::op::Message;
use hickory_proto::rr::SerialNumber;
use hickory_proto::rr::rdata::{A, CNAME, SOA};

use super::*;

fn name(text: &str) -> Name {
    Name::from_ascii(text).unwrap()
}

fn query() -> Query {
    Query::query(name("a.zone.test."), WireType::A)
}

fn marked(owner: &str, data: RData, proof: Proof) -> Record {
    let mut record = Record::from_rdata(name(owner), 300, data);
    record.proof = proof;
    record
}

fn a(owner: &str, proof: Proof) -> Record {
    marked(owner, RData::A(A(Ipv4Addr::LOCALHOST)), proof)
}

fn soa(owner: &str, proof: Proof) -> Record {
    let soa = SOA::new(name("ns.test."), name("hostmaster.test."), 1, 2, 3, 4, 60);
    marked(owner, RData::SOA(soa), proof)
}

fn nsec(owner: &str, proof: Proof) -> Record {
    let nsec = NSEC::new(name("z.zone.test."), [WireType::TXT]);
    marked(owner, RData::DNSSEC(DNSSECRData::NSEC(nsec)), proof)
}

/// A signature of an A record that was made for a name of so many labels.
fn signature(owner: &str, labels: u8) -> Record {
    let input = SigInput {
        type_covered: WireType::A,
        algorithm: Algorithm::ECDSAP256SHA256,
        num_labels: labels,
        original_ttl: 300,
        sig_expiration: SerialNumber::new(0),
        sig_inception: SerialNumber::new(0),
        key_tag: 0,
        signer_name: name("zone.test."),
    };
    let signature = RRSIG::from_sig(input, Vec::new());
    marked(owner, RData::DNSSEC(DNSSECRData::RRSIG(signature)), Proof::Secure)
}

fn response(answers: Vec<Record>, authorities: Vec<Record>) -> DnsResponse {
    let mut message = Message::query();
    message.insert_answers(answers);
    message.insert_authorities(authorities);
    DnsResponse::from_message(message.into_response()).unwrap()
}

/// `secure`, `insecure`, `bogus`, `alias` or `failed`.
fn verdict(outcome: Result<DnsResponse, NetError>) -> &'static str {
    match judge(&query(), outcome) {
        Verdict::Secure(_) => "secure",
        Verdict::Insecure(_) => "insecure",
        Verdict::Bogus => "bogus",
        Verdict::AskAlias => "alias",
        Verdict::Failed(_) => "failed",
    }
}

#[test]
fn records_are_as_good_as_the_worst_of_them() {
    for (marks, expected) in [
        (&[Proof::Secure][..], "secure"),
        (&[Proof::Secure, Proof::Insecure], "insecure"),
        (&[Proof::Insecure, Proof::Bogus], "bogus"),
        (&[Proof::Secure, Proof::Indeterminate], "bogus"),
    ] {
        let records = marks.iter().map(|mark| a("A.zone.test.", *mark));
        let answers = records.chain([signature("a.zone.test.", 3)]).collect();
        assert_eq!(verdict(Ok(response(answers, Vec::new()))), expected, "{marks:?}");
    }
}

#[test]
fn a_wildcard_needs_the_denial_of_the_name() {
    let answers = || vec![a("a.zone.test.", Proof::Secure), signature("a.zone.test.", 2)];
    let elsewhere = || soa("unsigned.test.", Proof::Insecure);
    assert_eq!(verdict(Ok(response(answers(), vec![elsewhere()]))), "bogus");
    assert_eq!(verdict(Ok(response(answers(), Vec::new()))), "bogus");
    let denial = nsec("0.zone.test.", Proof::Secure);
    assert_eq!(verdict(Ok(response(answers(), vec![denial]))), "secure");
    let own = vec![a("a.zone.test.", Proof::Secure), signature("a.zone.test.", 3)];
    assert_eq!(verdict(Ok(response(own, Vec::new()))), "secure");
    let mixed = vec![
        a("a.zone.test.", Proof::Secure),
        signature("a.zone.test.", 1),
        signature("a.zone.test.", 2),
    ];
    let denial = nsec("0.zone.test.", Proof::Secure);
    assert_eq!(verdict(Ok(response(mixed, vec![denial]))), "bogus");
}

#[test]
fn denials_are_those_of_the_zone_itself() {
    for (authorities, expected) in [
        (vec![soa("zone.test.", Proof::Secure), nsec("0.zone.test.", Proof::Secure)], "secure"),
        (vec![soa("zone.test.", Proof::Secure)], "bogus"),
        (vec![soa("zone.test.", Proof::Secure), nsec("0.zone.test.", Proof::Bogus)], "bogus"),
        (vec![soa("zone.test.", Proof::Insecure)], "insecure"),
        (vec![soa("unsigned.test.", Proof::Insecure)], "bogus"),
        (vec![soa("b.a.zone.test.", Proof::Insecure)], "bogus"),
        (Vec::new(), "insecure"),
    ] {
        let outcome = Ok(response(Vec::new(), authorities.clone()));
        assert_eq!(verdict(outcome), expected, "{authorities:?}");
    }
    let other = vec![a("b.zone.test.", Proof::Secure)];
    let denial = vec![nsec("0.zone.test.", Proof::Secure)];
    assert_eq!(verdict(Ok(response(other, denial))), "bogus");
}

#[test]
fn costly_denials_are_those_of_zones_above() {
    let nsec3 = |owner: &str, proof| {
        let hash = Nsec3HashAlgorithm::SHA1;
        let nsec3 = NSEC3::new(hash, false, 200, Vec::new(), vec![0; 20], [WireType::A]);
        marked(owner, RData::DNSSEC(DNSSECRData::NSEC3(nsec3)), proof)
    };
    let hashed = "00000000000000000000000000000000";
    let costly = |answers: Vec<Record>, zone: &str, proof| {
        let denial = nsec3(&format!("{hashed}.{zone}"), proof);
        costly_denial(&query(), &response(answers, vec![denial]))
    };
    assert!(costly(Vec::new(), "zone.test.", Proof::Secure));
    assert!(costly(vec![a("a.zone.test.", Proof::Secure)], "zone.test.", Proof::Secure));
    assert!(!costly(vec![a("a.zone.test.", Proof::Bogus)], "zone.test.", Proof::Secure));
    assert!(!costly(Vec::new(), "other.test.", Proof::Secure));
    assert!(!costly(Vec::new(), "zone.test.", Proof::Bogus));
    assert!(!costly_denial(&query(), &response(Vec::new(), Vec::new())));
}

#[test]
fn failures_are_told_apart() {
    let bogus = DnsError::DnssecBogus;
    assert_eq!(verdict(Err(NetError::Dns(bogus))), "bogus");
    assert_eq!(verdict(Err(NetError::Timeout)), "failed");
    let refused = DnsError::ResponseCode(ResponseCode::Refused);
    assert!(matches!(
        judge(&query(), Err(NetError::Dns(refused))),
        Verdict::Failed(Failure::Refused)
    ));
}

#[test]
fn of_an_alias_only_the_alias_is_taken() {
    let alias = RData::CNAME(CNAME(name("b.zone.test.")));
    let answers = vec![
        marked("a.zone.test.", alias, Proof::Secure),
        signature("a.zone.test.", 3),
        a("b.zone.test.", Proof::Bogus),
    ];
    let Verdict::Secure(response) = judge(&query(), Ok(response(answers, Vec::new()))) else {
        panic!("the alias is secure");
    };
    assert!(response.has_records());
    assert!(!format!("{response:?}").contains("127.0.0.1"), "{response:?}");
}
