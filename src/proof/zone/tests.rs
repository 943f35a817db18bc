//! Zones that are known, read by both halves alike.

use super::*;
use crate::dns::{Lookup, Question, RecordType, Reply, ZoneFile};

const START: &str = "z.example.\t300\tIN\tSOA\tns.example. hostmaster.z.example. 1 7200 1800 1209600 300\n\
     z.example.\t300\tIN\tNS\tns.example.\n";

fn name(text: &str) -> DomainName {
    DomainName::parse(text).unwrap()
}

fn zone(lines: &[&str]) -> String {
    let mut text = START.to_owned();
    for line in lines {
        let (owner, rest) = line.split_once(' ').unwrap();
        let (kind, data) = rest.split_once(' ').unwrap();
        text.push_str(&format!("{owner}.z.example.\t300\tIN\t{kind}\t{data}\n"));
    }
    text
}

/// What both readers say of the zone, which is the same.
fn read(lines: &[&str], mechanism: ZoneMechanism) -> Result<String, ZoneFault> {
    let text = zone(lines);
    let printed = PrintedZone::read(text.lines()).unwrap();
    let own = printed.clients(&name("z.example"), mechanism);
    let file = ZoneFile::read(text.as_bytes(), None).unwrap();
    let others = zone_clients(file.owners(), &name("z.example"), mechanism);
    assert_eq!(
        own.as_ref().map(|reading| &reading.addresses).ok(),
        others.as_ref().map(|reading| &reading.addresses).ok()
    );
    own.map(|reading| {
        let ip4 = reading.addresses.ip4.ranges().iter().map(ToString::to_string);
        let ip6 = reading.addresses.ip6.ranges().iter().map(ToString::to_string);
        ip4.chain(ip6).collect::<Vec<_>>().join(" ")
    })
}

#[test]
fn a_wildcard_ends_at_names_that_exist() {
    let lines = ["*.10.in-addr A 127.0.0.2", "7.1.10.in-addr TXT \"hides\"", "*.ip6 A 127.0.0.2"];
    assert_eq!(
        read(&lines, ZoneMechanism::Exists).unwrap(),
        "10.0.0.0-10.0.255.255 10.2.0.0-10.255.255.255 ::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"
    );
}

#[test]
fn policies_decide_for_their_own_region_alone() {
    let lines = [
        "*.in-addr TXT \"v=spf1 ip4:10.0.0.0/7 ip6:::/0 -all\"",
        "*.10.in-addr TXT \"v=spf1 -ip4:10.1.0.0/16 ip4:10.0.0.0/15\" \" ip4:10.9.9.9 ip4:192.0.2.0/24 -all\"",
        "*.9.10.in-addr TXT \"v=spf1 ip4:10.9.0.0/24 ?all\"",
        "*.ip6 TXT \"v=spf1 ip4:10.0.0.0/8 -all\"",
    ];
    assert_eq!(
        read(&lines, ZoneMechanism::Include).unwrap(),
        "10.0.0.0-10.0.255.255 10.9.0.0-10.9.0.255 11.0.0.0-11.255.255.255"
    );
}

#[test]
fn clients_without_exactly_one_sound_policy_are_a_fault() {
    let both = ["*.in-addr TXT \"v=spf1 -all\"", "*.ip6 TXT \"v=spf1 -all\""];
    let fault = |line: &str| {
        let lines = [&both[..], &[line]].concat();
        read(&lines, ZoneMechanism::Include).unwrap_err().to_string()
    };
    assert_eq!(read(&both, ZoneMechanism::Include).unwrap(), "");
    assert!(fault("*.77.in-addr A 127.0.0.2").contains("77.0.0.0-77.255.255.255"));
    assert!(fault("5.77.in-addr TXT \"v=spf1 -all\"").contains("77.0.0.0-77.4.255.255"));
    assert!(fault("7.2.0.192.in-addr TXT \"no policy\"").contains("192.1.0.0-"));
    assert!(fault("*.in-addr TXT \"v=spf1 +all\"").starts_with("2 policies"));
    assert!(fault("*.9.in-addr TXT \"v=spf1 ip4:x -all\"").contains("broken"));
    assert!(fault("*.9.in-addr TXT \"v=spf1 a:h.example -all\"").contains("asks DNS"));
    assert!(fault("*.9.in-addr TXT \"v=spf1 redirect=h.example\"").contains("asks DNS"));
    assert!(fault("x.*.9.in-addr TXT \"v=spf1 -all\"").contains("9.0.0.0-9.255.255.255"));
    let missing = |lines: &[&str]| read(lines, ZoneMechanism::Include).unwrap_err().to_string();
    assert!(missing(&both[..1]).contains("::-::fffe:ffff:ffff"));
    assert!(missing(&both[1..]).contains("0.0.0.0-255.255.255.255"));
}

#[test]
fn answers_are_those_of_a_zone_file() {
    let text = zone(&[
        "*.10.in-addr TXT \"v=spf1 ip4:10.0.0.0/15 -all\"",
        "*.9.10.in-addr TXT \"a\\\"b\\\\c\\200\" \" d\"",
        "7.8.9.10.in-addr A 127.0.0.2",
        "*.ip6 A 127.0.0.2",
    ]);
    let printed = PrintedZone::read(text.lines()).unwrap();
    let file = ZoneFile::read(text.as_bytes(), None).unwrap();
    for below in [
        "7.8.9.10.in-addr.",
        "8.8.9.10.in-addr.",
        "8.9.10.in-addr.",
        "9.10.in-addr.",
        "1.2.3.10.in-addr.",
        "10.in-addr.",
        "11.in-addr.",
        "in-addr.",
        "IP6.",
        "x.IP6.",
        "f.f.ip6.",
        "*.ip6.",
        "a.*.ip6.",
        "www.",
        "",
    ] {
        for record_type in [RecordType::A, RecordType::Txt, RecordType::Aaaa] {
            let question = Question::new(name(&format!("{below}z.example")), record_type);
            let expected = file.lookup(&question).unwrap().reply.clone();
            let texts = |reply: &Reply| format!("{reply:?}").replace("\", \"", "");
            let reply = printed.reply(&question).unwrap();
            assert_eq!(texts(&reply), texts(&expected), "{below} {record_type:?}");
        }
    }
    assert_eq!(printed.reply(&Question::new(name("example"), RecordType::A)), None);
}

#[test]
fn lines_of_another_form_are_refused() {
    let refused = |text: &str| PrintedZone::read(text.lines()).unwrap_err().to_string();
    let with = |line: &str| refused(&format!("{START}{line}\n"));
    assert!(refused("").contains("start of a zone"));
    assert!(refused("z.example.\t300\tIN\tNS\tns.example.").contains("start of a zone"));
    for line in [
        "x.z.example. 300 IN A 127.0.0.2",
        "x.z.example.\t300\tCH\tA\t127.0.0.2",
        "x.z.example.\tsoon\tIN\tA\t127.0.0.2",
        "x.z.example\t300\tIN\tA\t127.0.0.2",
        "x..z.example.\t300\tIN\tA\t127.0.0.2",
        "x.y.example.\t300\tIN\tA\t127.0.0.2",
        "x.z.example.\t300\tIN\tA\t127.0.0",
        "x.z.example.\t300\tIN\tAAAA\t::1",
        "x.z.example.\t300\tIN\tNS\tns.example.",
        "x.z.example.\t300\tIN\tTXT\tv=spf1",
        "x.z.example.\t300\tIN\tTXT\t\"v=spf1",
        "x.z.example.\t300\tIN\tTXT\t\"v=spf1\"  \"x\"",
    ] {
        assert!(with(line).starts_with("line 3 "), "{line}: {}", with(line));
    }
}
