//! Spoiled zones of policies: those that a responder answers with, and shards.

use super::*;

use spfc::addr::AddressSet;

const ZONE: &str = "z.example";
const TERM: &str = "include:%{ir}.%{v}.z.example";

#[test]
fn spoiled_policies_of_a_responder_are_convicted() {
    for (order, version) in [(Order::Reversed, true), (Order::Forward, false)] {
        let (texts, sets, _) = compiled("w.test", MacroStyle::Include { order, version });
        judge_sets(&texts, &sets).into_iter().for_each(|verdict| verdict.unwrap());
        let mut spoiled = sets.clone();
        assert_eq!(spoiled[0].ip4[1], "192.0.2.0-192.0.2.255");
        spoiled[0].ip4[1] = "192.0.2.0-192.0.2.254".to_owned();
        convicted("set short of its last address", judge_sets(&texts, &spoiled));
        for (what, from, to) in [
            ("outcome of the record", " include:", " ?include:"),
            ("another mechanism", " include:", " exists:"),
            ("lost term", " include:", " exists:x.test include:_other."),
        ] {
            let spoiled = spoil(&texts, from, to);
            assert!(judge_sets(&spoiled, &sets)[0].is_err(), "{what}");
        }
    }
}

/// What is published for `s.test` as shards of 160 octets a message, and the
/// zone: deep enough for every kind of record.
fn shards() -> (Texts, String) {
    let style = MacroStyle::Shard { servers: vec![name("ns.example.net")], serial: 1 };
    let mut options = MacroOptions::new(name("s.test"), name(ZONE), style);
    options.records.max_message = 160;
    let output = compile_macro(&source(), &options).unwrap();
    let records = output.compiled.records.into_iter();
    let texts = records.map(|record| (record.name, record.text)).collect();
    (texts, zone_file(&output.zone_records))
}

/// The verdicts on a zone of policies. Where it has no sound policy for some
/// clients, the symbolic half has nothing to compare and says so; the other
/// one runs all the same.
fn judge_shards(texts: &Texts, zone: &str) -> [Result<(), String>; 3] {
    let printed = PrintedZone::read(zone.lines()).unwrap();
    let reading = printed.clients(&name(ZONE), ZoneMechanism::Include);
    let fault = reading.as_ref().err().map(ToString::to_string);
    // Owners are read alike for both mechanisms, and of addresses a zone may
    // have none.
    let owners = || printed.clients(&name(ZONE), ZoneMechanism::Exists).unwrap();
    let reading = reading.unwrap_or_else(|_| owners());
    let output = published(Printed::new(printed, source()), texts);
    let [whole, symbolic, independent] = judge("s.test", &output, &read_back(TERM, reading));
    match fault {
        None => [whole, symbolic, independent],
        Some(fault) => [Err(fault.clone()), Err(fault), independent],
    }
}

fn without(zone: &str, owner: &str) -> String {
    let kept = zone.lines().filter(|line| !line.starts_with(&format!("{owner}.z.example.\t")));
    let text: String = kept.map(|line| format!("{line}\n")).collect();
    assert_ne!(text, zone, "no {owner} in {zone}");
    text
}

fn replaced(zone: &str, from: &str, to: &str) -> String {
    assert!(zone.contains(from), "no {from} in {zone}");
    zone.replacen(from, to, 1)
}

#[test]
fn sound_shards_are_proven() {
    let (texts, zone) = shards();
    assert_eq!(texts[0].1, format!("v=spf1 {TERM} ~all"));
    judge_shards(&texts, &zone).into_iter().for_each(|verdict| verdict.unwrap());
    let owners: Vec<&str> =
        zone.lines().skip(2).filter_map(|line| line.split('\t').next()).collect();
    assert_eq!(
        owners,
        [
            "*.in-addr.z.example.",
            "*.203.in-addr.z.example.",
            "*.0.203.in-addr.z.example.",
            "*.113.0.203.in-addr.z.example.",
            "9.113.0.203.in-addr.z.example.",
            "*.ip6.z.example."
        ]
    );
}

#[test]
fn spoiled_shards_are_convicted() {
    let (texts, zone) = shards();
    let policy = |owner: &str, text: &str| {
        format!("{zone}{owner}.z.example.\t300\tIN\tTXT\t\"v=spf1{text} -all\"\n")
    };
    let cases = [
        ("narrowed term", replaced(&zone, "ip4:10.0.0.0/8", "ip4:10.0.0.0/9")),
        ("widened term", replaced(&zone, "ip4:192.0.2.0/24", "ip4:192.0.2.0/23")),
        ("lost term", replaced(&zone, " ip6:2001:db8::/32", "")),
        ("policy that passes everybody", replaced(&zone, " -all", " +all")),
        ("policy of another outcome", replaced(&zone, " ip4:192.0.2.0/24", " -ip4:192.0.2.0/24")),
        (
            "hole in a term",
            replaced(&zone, " ip4:192.0.2.0/24", " -ip4:192.0.2.9 ip4:192.0.2.0/24"),
        ),
        ("syntax error", replaced(&zone, "ip4:192.0.2.0/24", "ip4:192.0.2.0/33")),
        ("lost family", without(&zone, "*.ip6")),
        ("the other lost family", without(&zone, "*.in-addr")),
        ("stray wildcard", policy("*.77.in-addr", " ip4:77.0.0.0/8")),
        ("stray name", policy("9.8.7.77.in-addr", "")),
        ("wildcard that hides another", policy("*.2.0.192.in-addr", "")),
        ("two policies", policy("*.in-addr", "")),
    ];
    for (what, spoiled) in cases {
        convicted(what, judge_shards(&texts, &spoiled));
    }
}

/// Every wildcard and every address of a deep zone counts.
#[test]
fn no_record_of_a_deep_zone_can_be_left_out() {
    let (mut lines, set) = deep();
    let known = |zone: &str| {
        let printed = PrintedZone::read(zone.lines()).unwrap();
        printed.clients(&name(ZONE), ZoneMechanism::Include).map(|reading| reading.addresses)
    };
    assert_eq!(known(&lines).unwrap(), set);
    let owners: Vec<String> =
        lines.lines().skip(2).map(|line| line.split('\t').next().unwrap().to_owned()).collect();
    assert!(owners.len() > 20, "{owners:?}");
    for owner in owners {
        let less = without(&lines, owner.strip_suffix(".z.example.").unwrap());
        assert_ne!(known(&less).ok().as_ref(), Some(&set), "{owner}");
    }
    lines.push_str("*.77.in-addr.z.example.\t300\tIN\tTXT\t\"v=spf1 ip4:77.1.2.3 -all\"\n");
    assert_ne!(known(&lines).unwrap(), set);
}

/// A zone of addresses two apart, deep down in two networks.
fn deep() -> (String, AddressSet) {
    use spfc::addr::Range;
    use spfc::target::{ShardLimits, ZoneApex, shard};
    fn single<A: Copy>(first: A) -> Range<A> {
        Range { first, last: first }
    }
    let set = AddressSet {
        ip4: (0..60).map(|place| single(0x0a01_0200 + 2 * place)).collect(),
        ip6: (0..12u128).map(|place| single((0x2001_0db8 << 96) + 2 * place)).collect(),
    };
    let zone = name(ZONE);
    let (mailbox, servers) = (name("hostmaster.z.example"), vec![name("ns.example.net")]);
    let apex = ZoneApex { zone, servers, mailbox, serial: 1, ttl: 300, negative_ttl: 300 };
    let mut records = apex.records();
    records.extend(
        shard(&name(ZONE), &set, 300, ShardLimits { message: 512, records: 1_000 })
            .unwrap()
            .records,
    );
    (zone_file(&records), set)
}

#[test]
fn the_term_is_known_wherever_it_stands() {
    let (_, zone) = shards();
    let record = |domain: &str, text: &str| (name(domain), text.to_owned());
    let within = vec![
        record("s.test", "v=spf1 include:in.test ~all"),
        record("in.test", &format!("v=spf1 {TERM} ?all")),
    ];
    judge_shards(&within, &zone).into_iter().for_each(|verdict| verdict.unwrap());
    let redirected = vec![
        record("s.test", "v=spf1 redirect=in.test"),
        record("in.test", &format!("v=spf1 {TERM} ~all")),
    ];
    judge_shards(&redirected, &zone).into_iter().for_each(|verdict| verdict.unwrap());
    for outcome in ["-", "~", "?"] {
        let outcome = vec![record("s.test", &format!("v=spf1 {outcome}{TERM} ~all"))];
        convicted("another outcome", judge_shards(&outcome, &zone));
    }
    let within_fails = vec![
        record("s.test", "v=spf1 include:in.test ~all"),
        record("in.test", &format!("v=spf1 -{TERM} +all")),
    ];
    convicted("passes the others", judge_shards(&within_fails, &zone));
}
