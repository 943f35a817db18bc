//! Zone files: their contents, wildcards, places and mistakes.

use proptest::collection::vec;
use proptest::prelude::*;

use super::scan::scan;
use super::*;
use crate::dns::Records;

/// The zone of RFC 4592 section 2.2.1, with TXT and A in place of SRV.
const WILDCARDS: &str = r#"
$ORIGIN example.
$TTL 3600
@                 SOA  ns.example.com. admin 1 2h 5m 1w 60
                  NS   ns.example.com.
*                 TXT  "this is a wildcard"
                  MX   10 host1
sub.*             TXT  "this is not a wildcard"
host1             A    192.0.2.1
_ssh._tcp.host1   TXT  "service"
_ssh._tcp.host2   TXT  "service"
*.alias           CNAME host1
deep.*.empty      A    192.0.2.9
"#;

fn name(text: &str) -> DomainName {
    DomainName::parse(text).unwrap()
}

fn ask(zone: &ZoneFile, owner: &str, record_type: RecordType) -> Arc<Answer> {
    zone.lookup(&Question::new(name(owner), record_type)).unwrap()
}

fn read(text: &str) -> Result<ZoneFile, ZoneFileError> {
    ZoneFile::read(text.as_bytes(), None)
}

#[test]
fn wildcards_answer_as_rfc_4592_says() {
    let zone = read(WILDCARDS).unwrap();
    let exchange = name("host1.example");
    for (owner, record_type, synthesized) in [
        ("host3.example", RecordType::Mx, Reply::from(mx(&exchange))),
        ("host3.example", RecordType::A, Reply::NoData),
        ("foo.bar.example", RecordType::Txt, txt("this is a wildcard")),
        ("host1.example", RecordType::Mx, Reply::NoData),
        ("sub.*.example", RecordType::Mx, Reply::NoData),
        ("_telnet._tcp.host1.example", RecordType::Txt, Reply::NoName),
        ("host2.example", RecordType::Txt, Reply::NoData),
        ("ghost.*.example", RecordType::Mx, Reply::NoName),
        ("*.example", RecordType::Txt, txt("this is a wildcard")),
        ("x.empty.example", RecordType::A, Reply::NoData),
        ("deep.x.empty.example", RecordType::A, Reply::NoData),
        ("x.*.empty.example", RecordType::A, Reply::NoName),
        ("EXAMPLE", RecordType::A, Reply::NoData),
        ("alias.example", RecordType::A, Reply::NoData),
        ("other", RecordType::A, Reply::NoName),
        (".", RecordType::A, Reply::NoName),
    ] {
        let answer = ask(&zone, owner, record_type);
        assert_eq!(answer.reply, synthesized, "{owner} {record_type}");
        let outside = ["other", "."].contains(&owner);
        let ttl = if answer.is_void() { (!outside).then_some(60) } else { Some(3600) };
        assert_eq!(answer.ttl, ttl, "{owner} {record_type}");
    }
    let alias = ask(&zone, "x.y.alias.example", RecordType::A);
    assert_eq!(alias.aliases, [name("host1.example")]);
    assert_eq!(alias.ip4_addresses(), [std::net::Ipv4Addr::new(192, 0, 2, 1)]);
}

fn mx(exchange: &DomainName) -> Records {
    Records::Mx(vec![crate::dns::MailExchange { preference: 10, exchange: exchange.clone() }])
}

fn txt(text: &str) -> Reply {
    Reply::Records(Records::Txt(vec![Txt::new([text])]))
}

#[test]
fn reads_what_zone_files_hold() {
    let zone = ZoneFile::read(
        "\
@ 60 IN TXT ( \"v=spf1 \" ; the policy
      \"-all\" )
  TXT \"v=spf1 -all\" 
  120 TXT \"v=spf1 -all\"
b\\.c  IN 1h A 192.0.2.1 ; a dot in a label
      AAAA 2001:db8::1
$ORIGIN sub
d PTR e.test.
f TXT \"\\\"é\\200\\;\"
g TYPE65280 \\# 2 abcd"
            .as_bytes(),
        Some(&name("example.com")),
    )
    .unwrap();
    let texts = ask(&zone, "example.com", RecordType::Txt);
    assert_eq!(texts.texts(), [Txt::new(["v=spf1 ", "-all"]), Txt::new(["v=spf1 -all"])]);
    assert_eq!(texts.ttl, Some(60));
    let dotted = DomainName::from_labels([&b"b.c"[..], b"example", b"com"]).unwrap();
    let dotted = Question::new(dotted, RecordType::A);
    assert_eq!(zone.lookup(&dotted).unwrap().ttl, Some(3600));
    assert_eq!(ask(&zone, "d.sub.example.com", RecordType::Ptr).names(), [name("e.test")]);
    assert_eq!(
        ask(&zone, "f.sub.example.com", RecordType::Txt).texts(),
        [Txt::new([&b"\"\xc3\xa9\xc8;"[..]])]
    );
    assert_eq!(ask(&zone, "g.sub.example.com", RecordType::A).reply, Reply::NoData);
    assert_eq!(ask(&zone, "h.sub.example.com", RecordType::A).reply, Reply::NoName);
    assert_eq!(zone.owners().count(), 5);
    let lines: Vec<usize> = zone.spf_records().map(|text| text.place.line).collect();
    assert_eq!(lines, [1, 3, 4]);
    assert_eq!(zone.texts()[0].place.strings.len(), 2);
}

#[test]
fn the_obsolete_type_is_a_type_of_its_own() {
    let zone = ZoneFile::read(
        b"a.test. 60 SPF \"v=spf1 \" \"-all\"\na.test. TYPE99 \\# 2 0178\nb.test. TXT x\n",
        None,
    )
    .unwrap();
    let answer = ask(&zone, "a.test", RecordType::Spf);
    assert_eq!(answer.obsolete_texts(), [Txt::new(["v=spf1 ", "-all"]), Txt::new(["x"])]);
    assert_eq!(answer.ttl, Some(60));
    assert!(answer.texts().is_empty());
    assert_eq!(ask(&zone, "a.test", RecordType::Txt).reply, Reply::NoData);
    assert_eq!(ask(&zone, "b.test", RecordType::Spf).reply, Reply::NoData);
    assert_eq!(zone.texts().len(), 1);
}

#[test]
fn strings_that_are_too_long_are_refused_or_remembered() {
    let terms = "ip4:192.0.2.1 ".repeat(30);
    let text =
        format!("a.test. TXT x\nb.test. TXT \"v=spf1 {terms}\" \"-all\"\nb.test. TXT \"y\"\n");
    let refused = ZoneFile::read(text.as_bytes(), None).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "line 2: a character-string has 427 octets, more than the 255 that one can have"
    );
    let zone = ZoneFile::read_as_meant(text.as_bytes(), None, &mut NoIncludes).unwrap();
    let long = &zone.texts()[1];
    assert_eq!(long.text.given(), [427, 4]);
    assert_eq!(long.text.strings().map(<[u8]>::len).collect::<Vec<_>>(), [255, 172, 4]);
    assert_eq!(*long.text.joined(), *format!("v=spf1 {terms}-all").as_bytes());
    assert_eq!(long.place.strings.len(), 2);
    assert_eq!(ask(&zone, "b.test", RecordType::Txt).texts()[0].given(), [427, 4]);
}

#[test]
fn mistakes_name_the_line() {
    for (text, message) in [
        ("a.test. A 192.0.2.1\n\nb.test. A 192.0.2\n", "line 3: cannot be read"),
        ("a.test. A 192.0.2.1\n\n  \na. (\n A )\n", "line 4: cannot be read"),
        ("a.test. A 192.0.2.1\n\na. ( A", "line 3: a parenthesis is not closed"),
        ("$TTL x\na.test. A 192.0.2.1\n", "line 1: cannot be read"),
        ("; x\na A 192.0.2.1\n", "line 2: a name is relative, and no $ORIGIN says to what"),
        ("\n$INCLUDE x\n", "line 2: $INCLUDE is not followed; put the zone into one file"),
        ("$TTL 60\n\n$GENERATE 1-2 a$.test. A 192.0.2.$\n", "line 3: $GENERATE is not supported"),
        ("a.test. CH A 192.0.2.1\n", "line 1: cannot be read"),
        ("a. DNAME b.\n", "line 1: DNAME at a is not supported"),
        ("a. CNAME b.\na. A 192.0.2.1\n", "line 1: a has a CNAME beside other records"),
        ("a. CNAME b.\na. CNAME c.\n", "line 2: a has a CNAME beside other records"),
        (
            "a. SOA a. a. 1 1 1 1 1\nb. A 192.0.2.1\n",
            "line 2: b lies in no zone of the file: no SOA is at or above it",
        ),
    ] {
        let error = read(text).unwrap_err().to_string();
        assert!(error.starts_with(message), "{text:?}: {error}");
    }
    assert_eq!(read("").unwrap().owners().count(), 0);
}

/// Files by name.
struct Files(Vec<(&'static str, &'static str)>);

impl Includes for Files {
    fn open(&mut self, _: usize, path: &str) -> Result<Arc<[u8]>, IncludeFault> {
        let found = self.0.iter().find(|(name, _)| *name == path);
        found
            .map(|(_, text)| text.as_bytes().into())
            .ok_or(IncludeFault::Unreadable(std::io::ErrorKind::NotFound))
    }
}

#[test]
fn included_files_are_part_of_the_zone() {
    let mut files = Files(vec![
        ("one", "\n@ TXT one\n$ORIGIN deep\n$INCLUDE two\n"),
        ("two", "a TXT two"),
        ("bad", "\n a. TXT x ("),
        ("loop", "$INCLUDE loop\n"),
    ]);
    let text = b"$ORIGIN test.\nx TXT x\n$INCLUDE one sub\n  TXT y\n$INCLUDE one\n";
    let zone = ZoneFile::read_as_meant(text, None, &mut files).unwrap();
    let found: Vec<(String, usize, usize)> = zone
        .texts()
        .iter()
        .map(|text| (text.owner.to_string(), text.place.file, text.place.line))
        .collect();
    let expected = [
        ("x.test", 0, 2),
        ("sub.test", 1, 2),
        ("a.deep.sub.test", 2, 1),
        ("x.test", 0, 4),
        ("test", 3, 2),
        ("a.deep.test", 4, 1),
    ];
    assert_eq!(found, expected.map(|(name, file, line)| (name.to_owned(), file, line)));
    let mut error = |text: &str| {
        ZoneFile::read_as_meant(text.as_bytes(), Some(&name("test")), &mut files).unwrap_err()
    };
    let bad = error("a TXT b\n$INCLUDE bad\n");
    assert_eq!((bad.file, bad.line, bad.offset), (1, 2, 11));
    let missing = error("\n$INCLUDE none\n");
    assert_eq!((missing.file, missing.line), (0, 2));
    assert_eq!(error("$INCLUDE loop").fault, ZoneFileFault::Include(IncludeFault::TooDeep));
    let wide = "$INCLUDE two\n".repeat(1_000);
    assert_eq!(error(&wide).fault, ZoneFileFault::Include(IncludeFault::TooMany));
}

#[test]
fn long_labels_names_and_strings_are_errors() {
    for octets in [62, 63, 64, 65, 254, 255, 256, 257, 300, 70_000] {
        for piece in ["x", "\\120", "x.", "\\."] {
            let long = piece.repeat(octets);
            for text in [
                format!("{long} A 192.0.2.1"),
                format!("a. CNAME {long}"),
                format!("a. TXT {long}"),
                format!("a. TXT \"{long}\""),
                format!("$ORIGIN {long}\na TXT b"),
                format!("a. TXT {}", "\"abc\" ".repeat(octets)),
                format!("a. {long}"),
                long.clone(),
            ] {
                if let Ok(zone) = ZoneFile::read(text.as_bytes(), Some(&name("test"))) {
                    assert!(zone.owners().all(|owner| owner.name.octets() <= 253));
                    let strings = zone.texts().iter().flat_map(|text| text.text.strings());
                    assert!(strings.into_iter().all(|string| string.len() <= 255));
                }
            }
        }
    }
    let longest = "x".repeat(255);
    let zone = read(&format!("a. TXT {longest}")).unwrap();
    assert_eq!(zone.texts()[0].text, Txt::new([&longest]));
    assert!(read(&format!("a. TXT {longest}x")).is_err());
}

/// A record with the blanks, quotes, comments and lines of zone files.
fn any_entry() -> impl Strategy<Value = (String, usize)> {
    let blank = prop_oneof![Just(" "), Just("\t"), Just(" ( \n "), Just(" ;x\"(\n ")];
    let string = "[ -!#-\\[\\]-~]{0,8}";
    (vec(string, 1..4), blank, "[\n]{0,2}", any::<bool>()).prop_map(
        |(strings, blank, above, directive)| {
            // A line that goes on needs parentheses.
            let (open, close) = if blank.contains('\n') { ("(", ")") } else { ("", "") };
            let close = if blank.contains("( ") { "))" } else { close };
            let strings: Vec<String> = strings.iter().map(|text| format!("\"{text}\"")).collect();
            let directive = if directive { "$TTL 60 ; $TTL\n" } else { "" };
            let count = strings.len();
            let strings = strings.join(" ");
            (format!("{above}{directive}a.test. TXT {open}{blank}{strings} {close}\n"), count)
        },
    )
}

/// A character-string as people may write it, with the octets that it means.
fn any_written() -> impl Strategy<Value = (String, Vec<u8>)> {
    let octet = (any::<u8>(), 0u8..3).prop_map(|(octet, form)| {
        let special =
            matches!(octet, b'"' | b'\\' | b'\n' | b'\r' | b';' | b'(' | b')' | b' ' | b'\t');
        let plain = octet.is_ascii_graphic() && !special;
        let written = match (form, octet) {
            (0, octet) if plain => char::from(octet).to_string(),
            (1, octet) if octet.is_ascii_graphic() && !octet.is_ascii_digit() => {
                format!("\\{}", char::from(octet))
            }
            _ => format!("\\{octet:03}"),
        };
        (written, octet)
    });
    vec(octet, 1..12)
        .prop_map(|octets| octets.into_iter().unzip::<String, u8, Vec<_>, _>())
        .prop_map(|(written, octets)| (written.concat(), octets))
}

proptest! {
    #[test]
    fn each_octet_has_its_place(
        strings in vec((any_written(), any::<bool>()), 1..5), open in any::<bool>(), above in "[\n]{0,2}",
    ) {
        // The mark of generic data (RFC 3597), where it stands first.
        prop_assume!(strings[0].0.0 != "\\#" || strings[0].1);
        let (between, close) = if open { (" ; \"(\n\t", ")") } else { (" ", "") };
        let written: Vec<String> = strings
            .iter()
            .map(|((text, _), quoted)| if *quoted { format!("\"{text}\"") } else { text.clone() })
            .collect();
        let begin = if open { "(" } else { "" };
        let text = format!("{above}\u{e9}.test. 60 IN TXT {begin}{} {close} ; end\n", written.join(between));
        let zone = read(&text).unwrap();
        let found = &zone.texts()[0];
        let octets: Vec<u8> = strings.iter().flat_map(|((_, octets), _)| octets.clone()).collect();
        prop_assert_eq!(&*found.text.joined(), octets.as_slice());
        let places = found.place.written(text.as_bytes(), &found.text);
        prop_assert!(places.is_some(), "{:?}", text);
        let places = places.unwrap();
        prop_assert_eq!(places.len(), octets.len());
        prop_assert!(places.windows(2).all(|pair| pair[0].end <= pair[1].start));
        // Each place by itself means its octet.
        for (octet, place) in octets.iter().zip(&places) {
            let alone = format!("a. TXT \"{}\"", &text[place.clone()]);
            let alone = read(&alone).unwrap();
            prop_assert_eq!(&*alone.texts()[0].text.joined(), &[*octet][..]);
        }
    }

    #[test]
    fn scanner_and_reader_see_the_same_entries(entries in vec(any_entry(), 0..6)) {
        let text: String = entries.iter().map(|(entry, _)| entry.as_str()).collect();
        let zone = read(&text);
        prop_assert!(zone.is_ok(), "{:?}: {:?}", text, zone);
        let zone = zone.unwrap();
        prop_assert_eq!(zone.texts().len(), entries.len());
        for (read, (_, strings)) in zone.texts().iter().zip(&entries) {
            prop_assert_eq!(read.place.strings.len(), *strings);
            for (octets, range) in read.text.strings().zip(&read.place.strings) {
                prop_assert_eq!(octets, &text.as_bytes()[range.clone()]);
            }
            let above = &text.as_bytes()[..read.place.octets.start];
            let line = 1 + above.iter().filter(|octet| **octet == b'\n').count();
            prop_assert_eq!(read.place.line, line);
        }
    }

    #[test]
    fn whatever_is_read_has_its_place(
        text in "(a\\.|\\$TTL 60|\\$|@| |\t|\n|\r|\\(|\\)|;|\"|\\\\|1|é|IN|TXT|A|192\\.0\\.2\\.1){0,30}",
    ) {
        if let Ok(zone) = read(&text) {
            let entries = scan(text.as_bytes()).unwrap();
            let records = entries.iter().filter(|entry| !entry.is_directive(text.as_bytes()));
            prop_assert!(zone.texts().len() <= records.count());
            for read in zone.texts() {
                prop_assert!(entries.iter().any(|entry| entry.octets == read.place.octets));
            }
        }
    }

    #[test]
    fn no_type_makes_the_reader_panic(
        kind in "(A|AAAA|MX|TXT|PTR|CNAME|SOA|NS|DNAME|SRV|CAA|DS|CDS|DNSKEY|RRSIG|NSEC|NSEC3|NSEC3PARAM|\
                 TLSA|SSHFP|OPENPGPKEY|NAPTR|HINFO|MINFO|SVCB|HTTPS|ZONEMD|NULL|OPT|TSIG|TYPE16|TYPE65280)",
        tokens in vec("(a|a\\.|\\.|@|\\\\#|\\\\#1|1|0|255|65536|20261123120000|abcd|YWJj|=|\"\"|\"a\"|-|IN|\
                        alpn=h2|mandatory=|key1=\"x\"|\\\\1|\\\\256|\\\\065|\\\\)", 0..10),
        end in "(\n|)",
    ) {
        let _ = read(&format!("$ORIGIN x.test.\na {kind} {}{end}", tokens.join(" ")));
    }

    #[test]
    fn never_panics(octets in vec(any::<u8>(), 0..200)) {
        let _ = ZoneFile::read(&octets, Some(&name("example.com")));
    }
}
