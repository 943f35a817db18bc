//! OctoDNS zones: contents, places, mistakes.

use proptest::prelude::*;

use super::*;
use crate::dns::{Answer, Lookup, Question, RecordType, Reply};
use std::sync::Arc;

const ZONE: &str = "\
---
? ''
: - type: MX
    values:
      - {exchange: mx1.example.net., preference: 10}
      - value: mx2.example.net.
        priority: '20'
  - octodns: {lenient: true}
    ttl: 60
    type: TXT
    values:
      - v=spf1 include:_a.example.com ~all
      - 'v=DMARC1\\; p=none'
      - \"v=spf1 \\x2dall\"
      - '\"one \" \"two\"'
  - type: ALIAS
    value: elsewhere.example.net.
_a:
  type: TXT
  value: >-
    v=spf1
    -all
1:
  type: A
  value: 192.0.2.1
www:
  type: CNAME
  value: example.com.
www6: &six
  type: AAAA
  values: [2001:db8::1]
  dynamic: {pools: {one: {values: [{value: 2001:db8::2}]}}}
more:
  <<: *six
  ttl: 30
old:
  type: SPF
  values: [v=spf1 mx -all, 'v=spf1\\; -all']
nothing:
  type: CAA
  value: {flags: 0, tag: issue, value: ca.example.net}
x-template: &unused 5
";

fn name(text: &str) -> DomainName {
    DomainName::parse(text).unwrap()
}

fn read_zone(text: &str) -> Result<ZoneFile, ZoneFileError> {
    read(text.as_bytes(), &name("example.com"))
}

fn ask(zone: &ZoneFile, owner: &str, record_type: RecordType) -> Arc<Answer> {
    zone.lookup(&Question::new(name(owner), record_type)).unwrap()
}

#[test]
fn reads_what_octodns_writes() {
    let zone = read_zone(ZONE).unwrap();
    let texts = ask(&zone, "example.com", RecordType::Txt);
    assert_eq!(texts.ttl, Some(60));
    let texts: Vec<_> = texts.texts().iter().map(|text| text.joined().into_owned()).collect();
    let expected: [&[u8]; 4] =
        [b"v=spf1 include:_a.example.com ~all", b"v=DMARC1; p=none", b"v=spf1 -all", b"one two"];
    assert_eq!(texts, expected);
    let obsolete = ask(&zone, "old.example.com", RecordType::Spf);
    let texts = [Txt::new([b"v=spf1 mx -all"]), Txt::new([b"v=spf1; -all"])];
    assert_eq!(obsolete.reply, Reply::Records(Records::Spf(texts.to_vec())));
    assert_eq!(ask(&zone, "old.example.com", RecordType::Txt).reply, Reply::NoData);
    assert!(zone.texts().iter().all(|text| text.owner != name("old.example.com")));
    let exchanges = ask(&zone, "example.com", RecordType::Mx);
    let preferences: Vec<u16> =
        exchanges.mail_exchanges().iter().map(|exchange| exchange.preference).collect();
    assert_eq!(preferences, [10, 20]);
    assert_eq!(ask(&zone, "1.example.com", RecordType::A).ip4_addresses().len(), 1);
    assert_eq!(ask(&zone, "www.example.com", RecordType::Mx).mail_exchanges().len(), 2);
    let more = ask(&zone, "more.example.com", RecordType::Aaaa);
    assert_eq!((more.ttl, more.is_void()), (Some(30), false));
    assert_eq!(ask(&zone, "nothing.example.com", RecordType::Txt).reply, Reply::NoData);
    let asked =
        |owner: &str, record_type| zone.answers_for(&Question::new(name(owner), record_type));
    assert!(asked("example.com", RecordType::Txt) && asked("nothing.example.com", RecordType::Txt));
    assert!(!asked("example.com", RecordType::A), "where the apex is an alias, DNS knows");
    assert!(
        !asked("other.example.com", RecordType::A)
            && !asked("x-template.example.com", RecordType::A)
    );
}

#[test]
fn scalars_on_one_line_are_told_to_the_octet() {
    let zone = read_zone(ZONE).unwrap();
    let written: Vec<Option<Vec<&str>>> = zone
        .texts()
        .iter()
        .map(|text| {
            let places = text.place.written(ZONE.as_bytes(), &text.text)?;
            Some(places.into_iter().map(|place| &ZONE[place]).collect())
        })
        .collect();
    assert_eq!(written[0].as_ref().unwrap().concat(), "v=spf1 include:_a.example.com ~all");
    assert_eq!(written[1].as_ref().unwrap()[8], "\\;");
    assert_eq!(written[2].as_ref().unwrap()[7], "\\x2d");
    assert_eq!(written[3].as_ref().unwrap().concat(), "one two");
    assert_eq!(written[4], None);
    let folded = &zone.texts()[4];
    assert_eq!((folded.place.line, &*folded.text.joined()), (21, &b"v=spf1 -all"[..]));
}

#[test]
fn mistakes_name_the_line() {
    for (text, message) in [
        ("- a\n", "line 1: expected the zone's names, each with its records"),
        ("a: b\n  c: d\n", "line 2: YAML cannot be read ("),
        ("\na..b: {type: A, value: 192.0.2.1}\n", "line 2: the name \"a..b\" has an empty label"),
        ("a:\n  type: A\n  value: 192.0.2\n", "line 3: expected a value of type A"),
        ("a:\n  type: MX\n  values: [x.]\n", "line 3: expected a value of type MX"),
        ("a:\n  type: TXT\n  values: [[x]]\n", "line 3: expected a value of type TXT"),
        ("a:\n  type: TXT\n", "line 2: a record of type TXT has no value"),
        ("a: !include b.yaml\n", "line 1: !include is not followed"),
        ("a:\n  type: TXT\n  values: [!include b.yaml]\n", "line 3: !include is not followed"),
        ("a: &x {type: A, value: 192.0.2.1}\n---\n", "line 2: a file of one zone has one"),
    ] {
        let error = read_zone(text).unwrap_err().to_string();
        assert!(error.starts_with(message), "{text:?}: {error}");
    }
    for empty in ["", "---\n", "# nothing\n", "~: 5\n", "a:\n", "1: 2\ntrue: [x, {}]\n"] {
        assert_eq!(read_zone(empty).map(|zone| zone.texts().len()), Ok(0), "{empty:?}");
    }
}

#[test]
fn links_do_not_multiply() {
    let many = "{type: TXT, value: x}, ".repeat(4_000);
    let links = (0..4_000).map(|n| format!("n{n}: *many\n")).collect::<String>();
    let error = read_zone(&format!("many: &many [{many}]\n{links}")).unwrap_err();
    assert_eq!(error.fault, ZoneFileFault::Octodns(YamlFault::TooLarge.into()));
    let merges: String = (1..14)
        .map(|n| format!("m{n}: &m{n} {{<<: [{}]}}\n", vec![format!("*m{}", n - 1); 9].join(", ")))
        .collect();
    let error = read_zone(&format!("m0: &m0 {{a: b}}\n{merges}")).unwrap_err();
    assert_eq!(error.fault, ZoneFileFault::Octodns(YamlFault::TooLarge.into()));
    assert!(read_zone("a: &a {<<: *a}\n").is_ok());
}

proptest! {
    #[test]
    fn each_octet_has_its_place(value in "[ -~]{1,60}", style in 0u8..3) {
        let value = value.replace('\\', "/");
        let written = match style {
            0 => format!("'{}'", value.replace('\'', "''")),
            1 => format!("\"{}\"", value.replace('"', "\\\"").replace('a', "\\x61")),
            _ => format!("v={}", value.replace([':', '#', ' '], "")),
        };
        let text = format!("\u{e9}x:\n  type: TXT\n  value: {written}\n");
        let zone = read_zone(&text).unwrap();
        let found = &zone.texts()[0];
        let places = found.place.written(text.as_bytes(), &found.text);
        prop_assert!(places.is_some(), "{:?}", text);
        let octets = found.text.joined();
        for (octet, place) in octets.iter().zip(places.unwrap()) {
            let shown = match &text[place] {
                "''" => "'",
                "\\\"" => "\"",
                "\\x61" => "a",
                shown => shown,
            };
            prop_assert_eq!(shown.as_bytes(), &[*octet][..]);
        }
    }

    #[test]
    fn never_panics(
        text in "(a|'':|type: TXT|value: |values: |- |\n|  |&a |\\*a|<<: |\\[|\\]|\\{|\\}|,|'|\"|\\\\|\\||>|!include |é|1){0,40}",
    ) {
        let _ = read_zone(&text);
    }
}
