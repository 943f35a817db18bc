//! What is taken and what is not, in either mode.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use spfc::dns::{
    Answer, Ask, AskerOptions, DnssecMode, Failure, Question, RecordType, Reply, TrustAnchors, Txt,
    open_asker,
};
use spfc::name::DomainName;

use crate::world::{NEGATIVE_TTL, POLICY, TTL, World};

pub(crate) fn question(owner: &str, record_type: RecordType) -> Question {
    Question::new(DomainName::parse(owner).unwrap(), record_type)
}

pub(crate) fn options(
    servers: &[SocketAddr],
    dnssec: DnssecMode,
    anchors: &TrustAnchors,
) -> AskerOptions {
    AskerOptions {
        servers: servers.to_vec(),
        timeout: Duration::from_secs(5),
        quorum: None,
        dnssec,
        anchors: Some(anchors.clone()),
    }
}

/// Asks all questions at once.
pub(crate) fn ask_all(options: &AskerOptions, questions: &[Question]) -> Vec<Answer> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let asker = open_asker(options).unwrap();
    let asked = questions.iter().map(|question| asker.ask(question.clone()));
    runtime.block_on(futures_util::future::join_all(asked))
}

/// `records`, `nodata`, `nxdomain`, or the failure.
pub(crate) fn kind(answer: &Answer) -> String {
    match &answer.reply {
        Reply::Records(_) => "records".to_owned(),
        Reply::NoData => "nodata".to_owned(),
        Reply::NoName => "nxdomain".to_owned(),
        Reply::Failure(failure) => format!("{failure:?}"),
    }
}

use RecordType::{A, Aaaa, Mx, Ptr, Spf, Txt as Text};

/// What is asked, and what the two modes say to it.
const CASES: &[(&str, RecordType, &str, &str)] = &[
    ("spf.signed", Text, "records", "records"),
    ("spf.signed", Spf, "records", "records"),
    ("mail.signed", A, "records", "records"),
    ("mail.signed", Aaaa, "records", "records"),
    ("mail.signed", Mx, "records", "records"),
    ("ptr.signed", Ptr, "records", "records"),
    ("spf.signed", Mx, "nodata", "nodata"),
    ("signed", Text, "nodata", "nodata"),
    ("between.signed", Text, "nodata", "nodata"),
    ("none.signed", Text, "nxdomain", "nxdomain"),
    ("a.b.none.signed", Text, "nxdomain", "nxdomain"),
    ("none", Text, "nxdomain", "nxdomain"),
    ("any.wild.signed", Text, "records", "records"),
    ("a.b.wild.signed", Text, "records", "records"),
    ("any.wild.signed", Mx, "nodata", "nodata"),
    ("spf.hashed", Text, "records", "records"),
    ("spf.hashed", Mx, "nodata", "nodata"),
    ("between.hashed", Text, "nodata", "nodata"),
    ("none.hashed", Text, "nxdomain", "nxdomain"),
    ("any.wild.hashed", Text, "records", "records"),
    ("any.wild.hashed", Mx, "nodata", "nodata"),
    // Aliases, in the zone, into another, and into what is not there.
    ("www.signed", Text, "records", "records"),
    ("far.signed", Text, "records", "records"),
    ("any.alias.signed", Text, "records", "records"),
    ("gone.signed", Text, "nxdomain", "nxdomain"),
    ("empty.signed", Text, "nodata", "nodata"),
    ("www.hashed", Text, "records", "records"),
    ("gone.hashed", Text, "nxdomain", "nxdomain"),
    ("spf.tree.signed", Text, "records", "records"),
    ("spf.tree.signed", Mx, "nodata", "nodata"),
    ("none.tree.signed", Text, "nxdomain", "nxdomain"),
    ("any.wild.tree.signed", Text, "records", "records"),
    // Unsigned, by a delegation without DS records and by opt-out.
    ("spf.plain", Text, "records", "Unsigned"),
    ("spf.plain", Mx, "nodata", "Unsigned"),
    ("none.plain", Text, "nxdomain", "Unsigned"),
    ("any.wild.plain", Text, "records", "Unsigned"),
    ("www.plain", Text, "records", "Unsigned"),
    ("back.plain", Text, "records", "Unsigned"),
    ("mixed.signed", Text, "records", "Unsigned"),
    ("spf.sub.hashed", Text, "records", "Unsigned"),
    ("none.sub.hashed", Text, "nxdomain", "Unsigned"),
    ("spf.deep.plain", Text, "records", "Unsigned"),
    ("spf.deep.plain", Mx, "nodata", "Unsigned"),
    ("none.deep.plain", Text, "nxdomain", "Unsigned"),
    ("spf.strange", Text, "records", "Unsigned"),
    ("none.strange", Text, "nxdomain", "Unsigned"),
    // Spoiled.
    ("spf.changed", Text, "Bogus", "Bogus"),
    ("to-bogus.signed", Text, "Bogus", "Bogus"),
    ("mail.changed", A, "records", "records"),
    ("spf.expired", Text, "Bogus", "Bogus"),
    ("none.expired", Text, "Bogus", "Bogus"),
    ("spf.expired", Mx, "Bogus", "Bogus"),
    ("spf.stripped", Text, "Bogus", "Bogus"),
    ("none.stripped", Text, "Bogus", "Bogus"),
    ("spf.stripped", Mx, "Bogus", "Bogus"),
];

#[test]
fn answers_are_taken_as_the_mode_says() {
    let folder = tempfile::tempdir().unwrap();
    let Some(world) = World::start(folder.path(), &[], 3_600) else { return };
    let questions: Vec<Question> =
        CASES.iter().map(|(owner, kind, _, _)| question(owner, *kind)).collect();
    let mut wrong = Vec::new();
    for server in world.servers() {
        for mode in [DnssecMode::Prefer, DnssecMode::Require] {
            let answers = ask_all(&options(&[server], mode, &world.anchors), &questions);
            for ((owner, asked, prefer, require), answer) in CASES.iter().zip(&answers) {
                let expected = if mode == DnssecMode::Prefer { prefer } else { require };
                if kind(answer) != *expected {
                    let front = server == world.servers()[1];
                    wrong.push(format!("{owner} {asked} {mode:?} {front}: {answer:?}"));
                }
                if *owner == "spf.signed" && *asked == Text {
                    assert_eq!(answer.texts(), [Txt::new([POLICY])]);
                    // A resolver counts down.
                    assert!(answer.ttl.is_some_and(|ttl| (TTL / 2..=TTL).contains(&ttl)));
                }
                if *owner == "none.signed" {
                    assert!(answer.ttl.is_some_and(|ttl| ttl <= NEGATIVE_TTL), "{answer:?}");
                }
                if *owner == "far.signed" {
                    assert_eq!(answer.aliases, [DomainName::parse("spf.hashed").unwrap()]);
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let unvalidated = options(&world.servers(), DnssecMode::Off, &world.anchors);
    let answers = ask_all(&unvalidated, &questions);
    assert!(answers.iter().all(|answer| answer.failure().is_none()), "all but validation is well");
    aliases_are_followed_no_further_than_ever(&world);
    other_anchors_prove_nothing(&world);
    quorums_ask_each_by_itself(&world);
}

fn aliases_are_followed_no_further_than_ever(world: &World) {
    let [authority, _] = world.servers();
    let asked = [question("round.signed", Text)];
    let answers = ask_all(&options(&[authority], DnssecMode::Require, &world.anchors), &asked);
    assert_eq!(answers[0].failure(), Some(Failure::Aliases));
}

fn other_anchors_prove_nothing(world: &World) {
    let asked = [question("spf.signed", Text), question("spf.plain", Text)];
    for anchors in [&world.others, &TrustAnchors::default()] {
        for answer in ask_all(&options(&world.servers(), DnssecMode::Prefer, anchors), &asked) {
            assert_eq!(answer.failure(), Some(Failure::Bogus));
        }
    }
}

fn quorums_ask_each_by_itself(world: &World) {
    let of = |quorum| AskerOptions {
        quorum: Some(quorum),
        ..options(&world.servers(), DnssecMode::Require, &world.anchors)
    };
    let asked = ["spf.signed", "none.signed", "spf.changed"].map(|owner| question(owner, Text));
    let kinds: Vec<String> = ask_all(&of(2), &asked).iter().map(kind).collect();
    assert_eq!(kinds, ["records", "nxdomain", "Bogus"]);
    assert!(open_asker(&of(3)).is_err());
}

/// One asker that lives on sees signatures end, whatever the TTLs say.
#[test]
fn signatures_are_looked_at_anew() {
    const SECONDS: u32 = 8;
    let folder = tempfile::tempdir().unwrap();
    let Some(world) = World::start(folder.path(), &["soon."], SECONDS) else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let [server, _] = world.servers();
    let asker = open_asker(&options(&[server], DnssecMode::Prefer, &world.anchors)).unwrap();
    let ask = || runtime.block_on(asker.ask(question("spf.soon", Text)));
    let begun = Instant::now();
    let mut last = ask();
    assert_eq!(kind(&last), "records");
    while begun.elapsed() < 2 * Duration::from_secs(SECONDS.into()) && kind(&last) == "records" {
        assert!(last.ttl.is_some_and(|ttl| ttl <= SECONDS), "{last:?}");
        std::thread::sleep(Duration::from_millis(250));
        last = ask();
    }
    assert_eq!(kind(&last), "Bogus");
}
