//! Published records: what is wrong with those that are known to be broken,
//! and that errors are exactly what the oracle calls permerror.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::Value;
use spfc::addr::Prefix;
use spfc::dns::{Published, Step, ZoneMap};
use spfc::eval::{Message, Options, Problem, RecordStore, check_host};
use spfc::lint::{Consequence, LintOptions, Report, Severity, Subject};
use spfc::outcome::SpfResult;
use spfc::policy::{Graph, Meaning, WalkOptions, walk};

use super::case::{name, run};

/// A file beside the project; nothing where there is none, which continuous
/// integration does not allow.
pub(crate) fn shared(path: &str) -> Option<Vec<u8>> {
    let folder = std::env::var_os("SPFC_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let path = folder.join(path);
    match std::fs::read(&path) {
        Ok(text) => Some(text),
        Err(error) => {
            assert!(std::env::var_os("CI").is_none(), "{}: {error}", path.display());
            eprintln!("not tested on published records: {}: {error}", path.display());
            None
        }
    }
}

/// What finds the mistake of each broken record, and the octets that it shows.
const FOUND: &[(&str, &str, &str)] = &[
    ("brandfolder.co", "SPF009", "v=spf1"),
    ("hmctssurvey.justice.gov.uk", "SPF002", "nclude"),
    ("mondialrelay.fr", "SPF301", "include:amazonses.com"),
    ("r0025.corpus.test", "SPF301", "include:spf-a.hotmail.com"),
    ("r0104.corpus.test", "SPF301", "include:_netblocks.mimecast.com"),
    ("r0200.corpus.test", "SPF002", "allCOPY"),
    ("r0210.corpus.test", "SPF012", "include"),
    ("r0271.corpus.test", "SPF003", "spf.hosted.jaama.co.uk"),
    ("r0312.corpus.test", "SPF502", "ip4:10.64.16.8"),
    ("r0314.corpus.test", "SPF002", "ipv4"),
    ("spf-orig.spf-tools.eu.org", "SPF003", "2001:470:6f:200::/64"),
    ("u-cohaesio.corpus.test", "SPF004", "include: trustpilotservice.com"),
    (
        "u-include-include.corpus.test",
        "SPF410",
        "include:include:%{ir}.%{v}.%{d}.spf.has.pphosted.com",
    ),
    ("u-multi-ovh.corpus.test", "SPF102", ""),
    ("u-prairie.corpus.test", "SPF101", "v=spf1?all"),
    ("u-v-v.corpus.test", "SPF009", "v=spf1"),
    ("u-v-v.corpus.test", "SPF202", "redirect=spf.protection.outlook.com"),
    ("white.is-a.dev", "SPF401", "include:://improvmx.com"),
    ("white.is-a.dev", "SPF410", "include:://improvmx.com"),
];

#[test]
fn known_mistakes_are_found() {
    let (Some(broken), Some(zones)) = (shared("corpus/broken.json"), shared("corpus/zones.json"))
    else {
        return;
    };
    let broken: Vec<Value> = serde_json::from_slice(&broken).unwrap();
    let zones = ZoneMap::read(&zones).unwrap();
    for entry in &broken {
        let domain = entry["name"].as_str().unwrap();
        let texts = entry["records"].as_array().unwrap().iter();
        let records = texts.map(|text| (name(domain), text.as_str().unwrap().as_bytes().to_vec()));
        let world = Published::new(&zones, records);
        let report = run(&world, &Subject::domain(name(domain)), &LintOptions::default());
        let expected: Vec<_> = FOUND.iter().filter(|(known, ..)| *known == domain).collect();
        assert!(!expected.is_empty(), "nothing is said about {domain}");
        let shows = |found: &spfc::lint::Diagnostic| {
            let place = found.place.record.as_deref().zip(found.place.span);
            place.map_or_else(String::new, |(record, span)| {
                String::from_utf8_lossy(span.of(record)).into_owned()
            })
        };
        let found: Vec<_> =
            report.diagnostics.iter().map(|found| (found.rule.code, shows(found))).collect();
        for (_, code, under) in expected {
            assert!(found.contains(&(*code, (*under).to_owned())), "{domain}: {found:#?}");
        }
    }
    let named: BTreeSet<&str> = FOUND.iter().map(|(name, ..)| *name).collect();
    assert_eq!(broken.len(), named.len());
}

/// Clients that show what a policy does: strangers of both families, among them
/// the ends of all addresses, and the edges of its ranges on either side, a
/// fixed choice of them where they are many.
fn clients(graph: &Graph) -> Vec<IpAddr> {
    const EDGES: usize = 40;
    let strangers = [
        IpAddr::V4(Ipv4Addr::new(198, 51, 100, 77)),
        IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        IpAddr::V4(Ipv4Addr::BROADCAST),
        IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0x4d)),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        IpAddr::V6(Ipv6Addr::from_bits(u128::MAX)),
    ];
    let mut ip4 = BTreeSet::new();
    let mut ip6 = BTreeSet::new();
    let mut edges4 = |prefix: Prefix<u32>| {
        let (first, last) = (prefix.first(), prefix.last());
        ip4.extend([first, last, first.saturating_sub(1), last.saturating_add(1)]);
    };
    let mut edges6 = |prefix: Prefix<u128>| {
        let (first, last) = (prefix.first(), prefix.last());
        ip6.extend([first, last, first.saturating_sub(1), last.saturating_add(1)]);
    };
    let terms = graph.nodes.iter().filter_map(|node| node.record()).flat_map(|found| &found.terms);
    for term in terms {
        match &term.meaning {
            Meaning::Ip4(prefix) => edges4(*prefix),
            Meaning::Ip6(prefix) => edges6(*prefix),
            Meaning::Addresses(addresses) => {
                addresses.ip4.iter().for_each(|prefix| edges4(*prefix));
                addresses.ip6.iter().for_each(|prefix| edges6(*prefix));
            }
            _ => {}
        }
    }
    let some = |count: usize| count / EDGES + 1;
    let ip4 = ip4.iter().step_by(some(ip4.len())).map(|ip| Ipv4Addr::from_bits(*ip).into());
    let ip6 = ip6.iter().step_by(some(ip6.len())).map(|ip| Ipv6Addr::from_bits(*ip).into());
    strangers.into_iter().chain(ip4).chain(ip6).collect()
}

/// What the oracle says of each client's message, where it is permerror.
fn permerrors(zones: &ZoneMap, domain: &str, graph: &Graph) -> Vec<Problem> {
    let mut records = RecordStore::new();
    let sender = format!("someone@{domain}");
    let mut problems = Vec::new();
    for client in clients(graph) {
        let message = Message::mail_from(client, domain, &sender);
        let Step::Done(evaluation) = check_host(zones, &mut records, &message, &Options::default())
        else {
            panic!("{domain}: a closed world has all answers");
        };
        if evaluation.result == SpfResult::Permerror {
            problems.extend(evaluation.problem);
        }
    }
    problems
}

fn has(report: &Report, so: impl Fn(&spfc::lint::Diagnostic) -> bool) -> bool {
    report.diagnostics.iter().any(so)
}

/// The rules whose errors are no permerror: whoever publishes such a policy has
/// none, or lets everyone pass.
const BY_POLICY: [&str; 3] = ["SPF101", "SPF104", "SPF601"];

/// An error that receivers would call permerror is one, and the reverse.
/// Targets that only the message names cannot be foreseen.
fn agrees(report: &Report, problems: &[Problem]) -> Result<(), String> {
    let error = has(report, |found| {
        found.severity == Severity::Error && found.rule.consequence == Consequence::Permerror
    });
    let by_policy = report.diagnostics.iter().find(|found| {
        found.severity == Severity::Error
            && found.rule.consequence != Consequence::Permerror
            && !BY_POLICY.contains(&found.rule.code)
    });
    if let Some(found) = by_policy {
        return Err(format!("{} is an error by policy", found.rule.code));
    }
    if error && problems.is_empty() {
        return Err("an error, but no client gets permerror".to_owned());
    }
    for problem in problems {
        let told = match problem {
            Problem::VoidLookups { .. } => {
                error || has(report, |found| found.rule.code == "SPF302")
            }
            Problem::NoRecord { term, .. } if term.contains('%') => true,
            _ => error,
        };
        if !told {
            return Err(format!("no error, but: {problem}"));
        }
    }
    Ok(())
}

#[test]
fn errors_are_permerrors_on_published_policies() {
    let (Some(zones), Some(domains)) = (shared("corpus/zones.json"), shared("corpus/domains.txt"))
    else {
        return;
    };
    let zones = ZoneMap::read(&zones).unwrap();
    let domains = String::from_utf8(domains).unwrap();
    let mut disagreements = BTreeMap::new();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut linting = Duration::ZERO;
    for domain in domains.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let subject = Subject::domain(name(domain));
        let begin = Instant::now();
        let report = run(&zones, &subject, &LintOptions::default());
        linting += begin.elapsed();
        for found in &report.diagnostics {
            *counts.entry(found.rule.code).or_default() += 1;
        }
        let graph = walk(&zones, &name(domain), &WalkOptions::default()).unwrap();
        if let Err(why) = agrees(&report, &permerrors(&zones, domain, &graph)) {
            disagreements.insert(domain, why);
        }
    }
    eprintln!("linted in {linting:?}: {counts:?}");
    assert!(disagreements.is_empty(), "{disagreements:#?}");
    assert!(counts.values().sum::<usize>() > 400);
}
