//! Answers that somebody on the way has changed, and what a run asks.

use std::time::Duration;

use hickory_proto::op::{Message, Query, ResponseCode};
use hickory_proto::rr::{Name, Record, RecordType as WireType};
use spfc::dns::{Ask, DnssecMode, RecordType, open_asker};

use crate::asking::{ask_all, kind, options, question};
use crate::relay::{Relay, Server};
use crate::world::World;

/// The answers behind a relay to questions for texts, `Prefer` being the mode that
/// takes more.
fn texts(world: &World, relay: &Relay, owners: &[&str]) -> Vec<String> {
    let questions: Vec<_> = owners.iter().map(|owner| question(owner, RecordType::Txt)).collect();
    let options = options(&[relay.address], DnssecMode::Prefer, &world.anchors);
    ask_all(&options, &questions).iter().map(kind).collect()
}

fn is(question: &Message, owner: &str) -> bool {
    let query = &question.queries[0];
    *query.name() == Name::from_ascii(owner).unwrap() && query.query_type() == WireType::TXT
}

/// The authority section of an unsigned zone: proven to be what it is, and no
/// proof of anything else.
fn unsigned_authority(question: &Message, server: Server) -> Vec<Record> {
    server(&asking(question, "none.plain.")).authorities
}

/// The same question for another name.
fn asking(question: &Message, owner: &str) -> Message {
    let mut other = question.clone();
    other.queries = vec![Query::query(Name::from_ascii(owner).unwrap(), WireType::TXT)];
    other
}

#[test]
fn nothing_that_was_meddled_with_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let zones = ["signed.", "hashed.", "plain."];
    let Some(world) = World::start(folder.path(), &zones, 3_600) else { return };
    let [server, _] = world.servers();
    signatures_are_left_out(&world);
    // A name is said not to be there, with the word of another zone.
    let denied = Relay::start(server, |question, server| {
        let mut answer = server(question);
        if is(question, "spf.signed.") {
            answer.metadata.response_code = ResponseCode::NXDomain;
            answer.answers.clear();
            answer.authorities = unsigned_authority(question, server);
        }
        Some(answer)
    });
    let owners = ["spf.signed", "none.plain", "spf.hashed"];
    assert_eq!(texts(&world, &denied, &owners), ["Bogus", "nxdomain", "records"]);
    // A wildcard's records in place of those that are at the name.
    let replayed = |with_authority: bool| {
        Relay::start(server, move |question, server| {
            let mut answer = server(question);
            if is(question, "exact.wild.signed.") {
                let other = server(&asking(question, "any.wild.signed."));
                answer.answers = other.answers;
                for record in &mut answer.answers {
                    record.name = question.queries[0].name().clone();
                }
                answer.authorities = match with_authority {
                    true => other.authorities,
                    false => unsigned_authority(question, server),
                };
            }
            Some(answer)
        })
    };
    for with_authority in [true, false] {
        let relay = replayed(with_authority);
        let given = texts(&world, &relay, &["exact.wild.signed", "any.wild.signed"]);
        assert_eq!(given, ["Bogus", "records"], "{with_authority}");
    }
}

fn signatures_are_left_out(world: &World) {
    let [server, _] = world.servers();
    let relay = Relay::start(server, |question, server| {
        let mut answer = server(question);
        let denial = [WireType::RRSIG, WireType::NSEC, WireType::NSEC3];
        answer.answers.retain(|record| !denial.contains(&record.record_type()));
        answer.authorities.retain(|record| !denial.contains(&record.record_type()));
        Some(answer)
    });
    let owners = ["spf.signed", "none.signed", "www.signed", "spf.hashed", "spf.plain"];
    assert_eq!(texts(world, &relay, &owners), ["Bogus"; 5]);
}

#[test]
fn keys_are_asked_for_once_and_their_failure_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let Some(world) = World::start(folder.path(), &["signed."], 3_600) else { return };
    let [server, _] = world.servers();
    let relay = Relay::start(server, |question, server| Some(server(question)));
    let mut options = options(&[relay.address], DnssecMode::Require, &world.anchors);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let asker = open_asker(&options).unwrap();
    for (owner, expected) in
        [("spf.signed", "records"), ("none.signed", "nxdomain"), ("any.wild.signed", "records")]
    {
        let answer = runtime.block_on(asker.ask(question(owner, RecordType::Txt)));
        assert_eq!(kind(&answer), expected, "{owner}");
    }
    for asked in [". DNSKEY", "signed. DNSKEY", "signed. DS", "spf.signed. TXT"] {
        assert_eq!(relay.times(asked), 1, "{asked}");
    }
    let silent = Relay::start(server, |question, server| {
        let keys = question.queries[0].query_type() == WireType::DNSKEY;
        (!keys).then(|| server(question))
    });
    options.servers = vec![silent.address];
    options.timeout = Duration::from_millis(300);
    let answers = ask_all(&options, &[question("spf.signed", RecordType::Txt)]);
    assert_eq!(kind(&answers[0]), "Timeout");
}
