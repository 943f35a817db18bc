//! Files as sources of answers, on real records.

// What fails here is a failed test.
#![allow(clippy::unwrap_used)]

#[path = "support/shared.rs"]
mod shared;

use std::sync::Arc;

use spfc::dns::{DnsFile, Lookup, Question, RecordType, Recording, Reply, Source, Step};
use spfc::name::DomainName;

use shared::shared;

#[test]
fn a_corpus_survives_being_recorded() {
    let Some(path) = shared("corpus/zones.json") else { return };
    let text = std::fs::read(path).unwrap();
    let file = DnsFile::read(&text).unwrap();
    let DnsFile::ZoneMap(map) = &file else { panic!("a zone map was taken for a lock file") };
    let names: Vec<DomainName> = map.owners().map(|owner| owner.name.clone()).collect();
    assert!(names.len() > 1000);
    let questions: Vec<Question> = names
        .iter()
        .flat_map(|name| RecordType::ALL.map(|kind| Question::new(name.clone(), kind)))
        .collect();
    let mut source = Source::closed(file.clone());
    let voids = source
        .run(|lookup| {
            let answers = questions.iter().map(|question| lookup.lookup(question).unwrap());
            Step::Done(answers.filter(|answer| answer.is_void()).count())
        })
        .unwrap();
    assert_eq!(source.answers().len(), questions.len());
    assert!(voids < questions.len());

    let written = Recording::of_run("2026-11-23T12:00:00Z", names, source.answers()).to_string();
    let read = Recording::read(written.as_bytes()).unwrap();
    assert_eq!(read.to_string(), written);
    for question in &questions {
        let (before, after) = (file.lookup(question).unwrap(), read.lookup(question).unwrap());
        assert_eq!(before.octets(), after.octets(), "{question}");
        assert_eq!(before.is_void(), after.is_void(), "{question}");
        assert_eq!(sorted_texts(&before), sorted_texts(&after), "{question}");
    }
    let unknown = Question::new(DomainName::parse("none.invalid").unwrap(), RecordType::Txt);
    assert_eq!(file.lookup(&unknown).unwrap().reply, Reply::NoName);
    assert_eq!(read.lookup(&unknown), Err(unknown));
}

fn sorted_texts(answer: &Arc<spfc::dns::Answer>) -> Vec<Vec<u8>> {
    let mut texts: Vec<Vec<u8>> =
        answer.texts().iter().map(|text| text.joined().into_owned()).collect();
    texts.sort();
    texts
}

#[test]
fn the_zones_of_the_benches_are_zone_maps() {
    for path in ["bench/latency-zone.json", "bench/big.json"] {
        let Some(path) = shared(path) else { return };
        let text = std::fs::read(&path).unwrap();
        assert!(matches!(DnsFile::read(&text), Ok(DnsFile::ZoneMap(_))), "{}", path.display());
    }
}
