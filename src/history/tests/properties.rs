//! A history against a plain map: any texts, in any order, pruned at any time.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::super::*;
use super::{place, quick};

/// Texts of few lines, so that versions share some, and any other text.
fn lock() -> impl Strategy<Value = Option<String>> {
    let lines = prop_oneof!["[a-c]{0,2}\n", "[a-c]", Just("\r\n".to_owned()), "\\PC{0,9}\n"];
    option::weighted(
        0.9,
        prop_oneof![vec(lines, 0..12).prop_map(|lines| lines.concat()), any::<String>()],
    )
}

fn why() -> impl Strategy<Value = Why> {
    prop_oneof![
        Just(Why::First),
        Just(Why::Changed),
        Just(Why::Configured),
        Just(Why::Accepted),
        (0..i64::MAX as u64).prop_map(|to| Why::RolledBack { to: to.max(1) }),
    ]
}

fn change() -> impl Strategy<Value = RangeChange> {
    let change = prop_oneof![Just(Change::Gained), Just(Change::Lost), Just(Change::Other)];
    let provider = prop_oneof!["[ab]", any::<String>()];
    (change, provider, any::<(bool, u128, u128)>()).prop_map(|(change, provider, range)| {
        let (ip4, one, other) = range;
        let address = |bits: u128| -> IpAddr {
            match ip4 {
                true => Ipv4Addr::from((bits >> 96) as u32).into(),
                false => Ipv6Addr::from(bits).into(),
            }
        };
        let (first, last) = (address(one.min(other)), address(one.max(other)));
        RangeChange { change, provider: provider.into(), first, last }
    })
}

fn source() -> impl Strategy<Value = String> {
    prop_oneof![Just("one".to_owned()), Just("two".to_owned()), any::<String>()]
}

fn version() -> impl Strategy<Value = Version> {
    let numbers = prop_oneof![1_u64..9, 1..=i64::MAX as u64];
    let times = prop_oneof![0_i64..20, any::<i64>()];
    let texts = any::<(String, Option<String>, String)>();
    let counts = any::<(u128, u128)>();
    (source(), numbers, times, texts, why(), lock(), counts, vec(change(), 0..6)).prop_map(
        |(source, number, time, (domain, record, sentence), why, lock, (ip4, ip6), changes)| {
            Version { source, number, time, domain, record, why, sentence, lock, ip4, ip6, changes }
        },
    )
}

fn event() -> impl Strategy<Value = Event> {
    let kind = (0..EventKind::ALL.len()).prop_map(|index| EventKind::ALL[index]);
    (source(), prop_oneof![0_i64..20, any::<i64>()], kind, any::<String>())
        .prop_map(|(source, time, kind, sentence)| Event { source, time, kind, sentence })
}

#[derive(Clone, Debug)]
enum Step {
    Add(Box<Version>),
    Event(Event),
    Prune(i64, usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => version().prop_map(|version| Step::Add(Box::new(version))),
        3 => event().prop_map(Step::Event),
        1 => (prop_oneof![0_i64..20, any::<i64>()], 0_usize..5)
            .prop_map(|(after, most)| Step::Prune(after, most)),
    ]
}

#[derive(Default)]
struct Model {
    versions: BTreeMap<(String, u64), Version>,
    events: BTreeMap<String, Vec<Event>>,
}

impl Model {
    fn prune(&mut self, after: i64, most: usize) {
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        let mut kept = BTreeMap::new();
        for ((source, number), version) in std::mem::take(&mut self.versions).into_iter().rev() {
            let place = places.entry(source.clone()).or_default();
            if *place == 0 || (*place < most && version.time >= after) {
                kept.insert((source, number), version);
            }
            *place += 1;
        }
        self.versions = kept;
        for events in self.events.values_mut() {
            events.retain(|event| event.time >= after);
        }
        self.events.retain(|_, events| !events.is_empty());
    }

    fn sources(&self) -> BTreeSet<String> {
        let versions = self.versions.keys().map(|(source, _)| source);
        versions.chain(self.events.keys()).cloned().collect()
    }

    fn compare(&self, history: &mut History) {
        let sources = self.sources();
        assert_eq!(history.sources().unwrap(), sources.iter().cloned().collect::<Vec<_>>());
        for source in &sources {
            let of_source: Vec<&Version> =
                self.versions.values().rev().filter(|version| version.source == *source).collect();
            let numbers: Vec<u64> = of_source.iter().map(|version| version.number).collect();
            let summaries = history.versions(source).unwrap();
            let found: Vec<u64> = summaries.iter().map(|summary| summary.number).collect();
            assert_eq!(found, numbers);
            assert_eq!(history.latest_number(source).unwrap(), numbers.first().copied());
            for (version, summary) in of_source.iter().zip(&summaries) {
                let found = history.version(source, version.number).unwrap().unwrap();
                assert_eq!(&found, *version);
                let counted: u64 = summary.counts.iter().map(|count| count.ranges).sum();
                assert_eq!(counted, version.changes.len() as u64);
                assert!(history.sources_of(&version.domain).unwrap().contains(source));
            }
            let mut events = history.events(source).unwrap();
            let mut expected = self.events.get(source).cloned().unwrap_or_default();
            let key = |event: &Event| (event.time, event.kind.word(), event.sentence.clone());
            events.sort_by_key(key);
            expected.sort_by_key(key);
            assert_eq!(events, expected);
        }
    }

    /// All lines of all lock files, each once for a source.
    fn lines(&self) -> usize {
        let lines: HashSet<(&str, &str)> = self
            .versions
            .values()
            .flat_map(|version| {
                let lock = version.lock.as_deref().unwrap_or("");
                lock.split_inclusive('\n').map(|line| (version.source.as_str(), line))
            })
            .collect();
        lines.len()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_history_is_a_map(steps in vec(step(), 1..25)) {
        let (_folder, path) = place();
        let mut history = quick(&path);
        let mut model = Model::default();
        for step in steps {
            match step {
                Step::Add(version) => {
                    let mut version = *version;
                    let key = (version.source.clone(), version.number);
                    let added = history.add(&version);
                    version.changes.sort_unstable();
                    match model.versions.get(&key) {
                        Some(there) if *there != version => {
                            let different = matches!(added, Err(HistoryError::Different { .. }));
                            prop_assert!(different);
                        }
                        _ => {
                            added.unwrap();
                            model.versions.insert(key, version);
                        }
                    }
                }
                Step::Event(event) => {
                    history.add_event(&event).unwrap();
                    let events = model.events.entry(event.source.clone()).or_default();
                    if !events.contains(&event) {
                        events.push(event);
                    }
                }
                Step::Prune(after, most) => {
                    history.prune(after, most).unwrap();
                    model.prune(after, most);
                }
            }
        }
        model.compare(&mut history);
        drop(history);
        model.compare(&mut History::read_only(&path).unwrap());

        let mut history = quick(&path);
        history.prune(10, 3).unwrap();
        model.prune(10, 3);
        model.compare(&mut history);
        let count = |history: &mut History, sql: &str| -> i64 {
            history.connection().unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
        };
        prop_assert_eq!(count(&mut history, "SELECT count(*) FROM line") as usize, model.lines());
        prop_assert_eq!(count(&mut history, "PRAGMA freelist_count"), 0);
    }
}
