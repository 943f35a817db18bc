//! What packing has to hold: every term once, records that fit, few of them,
//! and little that moves.

use proptest::prelude::*;

use super::*;
use crate::name::DomainName;
use crate::optimize::rdata_octets;
use crate::optimize::unit::{GroupCover, Unit};
use crate::outcome::Qualifier;

/// A layout whose chunks change their letter when their text does.
struct Names {
    most: usize,
    published: PublishedTerms,
}

impl Layout for Names {
    fn apex(&self) -> MessageSize {
        MessageSize::new(&DomainName::parse("example.com").unwrap(), &[])
    }

    fn chunk(&self, number: usize) -> MessageSize {
        MessageSize::new(&DomainName::parse(self.chunk_name(number, "")).unwrap(), &[])
    }

    fn chunk_name(&self, number: usize, _: &str) -> String {
        format!("_spf{number}a.example.com")
    }

    fn most(&self) -> usize {
        self.most
    }

    fn published(&self) -> &PublishedTerms {
        &self.published
    }
}

fn group(outcome: Qualifier, terms: &[String]) -> GroupCover {
    let own = |term: &String| vec![format!("{}{term}", outcome.prefix())];
    let unit = |term: &String| Unit { own: Some(own(term)), chunk: vec![term.clone()] };
    GroupCover { outcome, units: terms.iter().map(unit).collect() }
}

fn packing(groups: Vec<GroupCover>) -> Packing {
    let units = groups.iter().flat_map(|group| &group.units);
    let joint = units.filter_map(|unit| unit.own.clone()).collect();
    let positions = vec![PositionCover { position: 0, joint, groups }];
    Packing { positions, dynamic: Vec::new(), end: vec![String::from("~all")] }
}

fn passing(terms: &[String]) -> Packing {
    packing(vec![group(Qualifier::Pass, terms)])
}

/// Distinct terms whose lengths are these, plus eight.
fn terms(lengths: &[usize]) -> Vec<String> {
    lengths
        .iter()
        .enumerate()
        .map(|(at, length)| format!("ip4:{at:04}{}", "x".repeat(*length)))
        .collect()
}

/// Every term once, in records that fit; the own record includes each chunk.
fn is_sound(terms: &[String], records: &[PackedRecord], names: &Names) -> bool {
    let chunks = &records[1..];
    let size = |record: &PackedRecord| match record.chunk {
        None => names.apex(),
        Some(number) => names.chunk(number),
    };
    let includes = |record: &PackedRecord| {
        let name = names.chunk_name(record.chunk.unwrap(), "");
        records[0].text.split(' ').filter(|term| term.ends_with(&format!("include:{name}"))).count()
            == 1
    };
    let mut found: Vec<&str> = records.iter().flat_map(|record| record.text.split(' ')).collect();
    found.retain(|term| term.contains("ip4:"));
    let plain = |term: &str| term.trim_start_matches(['~', '-', '?']).to_owned();
    let mut found: Vec<String> = found.into_iter().map(plain).collect();
    let mut wanted = terms.to_vec();
    found.sort();
    wanted.sort();
    found == wanted
        && records
            .iter()
            .all(|record| size(record).octets(rdata_octets(&record.text)) <= names.most)
        && chunks.iter().all(includes)
        && chunks.iter().all(|record| record.text.ends_with(" -all"))
}

#[test]
fn what_fits_stays_in_the_own_record() {
    let names = Names { most: 512, published: PublishedTerms::default() };
    let terms = terms(&[10; 15]);
    let records = pack(&passing(&terms), &names).unwrap();
    assert_eq!(records.len(), 1);
    assert!(is_sound(&terms, &records, &names));
}

#[test]
fn the_smaller_group_stays() {
    let names = Names { most: 512, published: PublishedTerms::default() };
    let all = terms(&[10; 40]);
    let groups = vec![group(Qualifier::Softfail, &all[..4]), group(Qualifier::Pass, &all[4..])];
    let records = pack(&packing(groups), &names).unwrap();
    assert!(is_sound(&all, &records, &names));
    assert!(records[0].text.starts_with("v=spf1 ~ip4:"), "{}", records[0].text);
}

#[test]
fn a_tight_fit_is_found() {
    // Six terms that fill two chunks to the last octet in one way only: best
    // fit, of any order, opens a third.
    let most = 160;
    let names = Names { most, published: PublishedTerms::default() };
    let room = bins::capacity(names.chunk(1).room(most));
    let thirds = |a: usize, b: usize| [a - 9, b - 9, room - a - b - 9];
    let lengths = [thirds(34, 29), thirds(32, 25)].concat();
    let all = terms(&lengths);
    let records = pack(&passing(&all), &names).unwrap();
    assert!(is_sound(&all, &records, &names), "{records:?}");
    assert_eq!(records.len(), 3);
}

#[test]
fn a_term_that_fits_nowhere_is_an_error() {
    let names = Names { most: 160, published: PublishedTerms::default() };
    let error = pack(&passing(&terms(&[140])), &names).unwrap_err();
    assert!(matches!(error, PackError::TermTooLong { most: 160, .. }));
}

#[test]
fn far_too_many_terms_are_counted_all_the_same() {
    let names = Names { most: 512, published: PublishedTerms::default() };
    let all = terms(&vec![10; 5_000]);
    let records = pack(&passing(&all), &names).unwrap();
    assert!(records.len() > 200);
    assert!(records[0].text.len() > 512);
}

#[test]
fn a_unit_of_the_most_octets_fits_wherever_strings_break() {
    for room in [100, 440, 453, 1_170, 4_037, 65_000] {
        let octets = unit_octets(room);
        assert!(octets + 60 + room / 100 > room, "{room}: {octets}");
        for length in [7, 20, 33, 48] {
            let terms = vec!["x".repeat(length); octets / (length + 1)];
            assert!(bins::chunk_record(&terms).rdata_octets() <= room, "{room} {length}");
        }
    }
}

proptest! {
    #[test]
    fn records_hold_every_term_and_fit(
        lengths in proptest::collection::vec(0usize..30, 0..90),
        softfail in 0usize..90,
        most in 300usize..700,
    ) {
        let names = Names { most, published: PublishedTerms::default() };
        let all = terms(&lengths);
        let (first, second) = all.split_at(softfail.min(all.len()));
        let groups = vec![group(Qualifier::Softfail, first), group(Qualifier::Pass, second)];
        let packing = packing(groups.into_iter().filter(|group| !group.units.is_empty()).collect());
        let records = pack(&packing, &names).unwrap();
        let own = names.apex().octets(rdata_octets(&records[0].text));
        prop_assert!(own > most || is_sound(&all, &records, &names), "{:?}", records);
        // No fewer chunks could hold the octets that are there.
        let octets: usize = all.iter().map(|term| 1 + term.len()).sum();
        let each = bins::capacity(names.chunk(1).room(most));
        prop_assert!(records.len() - 1 <= octets.div_ceil(each) + 2);
        prop_assert_eq!(&pack(&packing, &names).unwrap(), &records);
        // Once they are published nothing changes.
        let published = Names { most, published: PublishedTerms::of(&records) };
        prop_assert_eq!(pack(&packing, &published).unwrap(), records);
    }

    #[test]
    fn a_small_change_moves_few_terms(
        lengths in proptest::collection::vec(0usize..30, 40..90),
        gone in 0usize..40,
        added in 0usize..30,
    ) {
        let most = 512;
        let mut all = terms(&lengths);
        let before = pack(&passing(&all), &Names { most, published: PublishedTerms::default() }).unwrap();
        all.remove(gone);
        all.insert(gone / 2, format!("ip4:new{}", "x".repeat(added)));
        let names = Names { most, published: PublishedTerms::of(&before) };
        let after = pack(&passing(&all), &names).unwrap();
        prop_assert!(is_sound(&all, &after, &names), "{:?}", after);
        let fresh = pack(&passing(&all), &Names { most, published: PublishedTerms::default() }).unwrap();
        prop_assert_eq!(after.len(), fresh.len());
        let place = |records: &[PackedRecord], term: &str| {
            let holds = |record: &&PackedRecord| record.text.split(' ').any(|it| it == term);
            records.iter().find(holds).map(|record| record.chunk)
        };
        let moved = all.iter().filter(|term| {
            place(&before, term).is_some_and(|old| place(&after, term) != Some(old))
        });
        // With as many chunks as before only a full house makes others move.
        if after.len() == before.len() {
            let slack = octets_left(&before, &names);
            prop_assert!(slack < 60 || moved.count() == 0);
        }
    }
}

/// The most room that is left in one chunk.
fn octets_left(records: &[PackedRecord], names: &Names) -> usize {
    let left = |record: &PackedRecord| {
        let size = names.chunk(record.chunk.unwrap());
        names.most - size.octets(rdata_octets(&record.text))
    };
    records[1..].iter().map(left).max().unwrap_or(0)
}
