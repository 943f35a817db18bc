//! Zone files and lists, written back and read again.

use proptest::prelude::*;

use super::*;
use crate::dns::ZoneFile;
use crate::name::DomainName;

/// The text as a zone file below `example.test`, with all its TXT records.
fn zone(text: &[u8]) -> (ZoneFile, File) {
    let origin = DomainName::parse("example.test").unwrap();
    let zone = ZoneFile::read(text, Some(&origin)).unwrap();
    let record = |text_record: &crate::dns::ZoneText| FileRecord {
        owner: Some(text_record.owner.clone()),
        octets: text_record.text.joined().into(),
        strings: text_record.text.strings().map(<[u8]>::len).collect(),
        written: text_record.place.written(text, &text_record.text).unwrap_or_default(),
        entry: text_record.place.octets.clone(),
    };
    let records = zone.texts().iter().map(record).collect();
    (zone, File::new("example.test.zone", text, records))
}

/// The file with other octets for its TXT record at this place.
fn rewritten(text: &str, index: usize, octets: &str) -> String {
    let (_, file) = zone(text.as_bytes());
    let written = rewrite(&file, &[(&file.records()[index], octets.as_bytes())]).unwrap();
    String::from_utf8(written).unwrap()
}

#[test]
fn edits_inside_a_string_are_made_in_place() {
    assert_eq!(
        rewritten("@ 60 TXT \"v=spf1 a a\" \" -all\" ; mail\r\n", 0, "v=spf1 a -all"),
        "@ 60 TXT \"v=spf1 a\" \" -all\" ; mail\r\n"
    );
    assert_eq!(
        rewritten("@ 60 TXT v=spf1\\ ip4:192.0.2.1/24", 0, "v=spf1 ip4:192.0.2.0/24"),
        "@ 60 TXT v=spf1\\ ip4:192.0.2.0/24"
    );
    assert_eq!(
        rewritten("@ 60 TXT \"v=spf1 \\097 x=\\\"\\\\ -al\"\n", 0, "v=spf1 a x=\"\\ -all"),
        "@ 60 TXT \"v=spf1 \\097 x=\\\"\\\\ -all\"\n"
    );
}

#[test]
fn edits_over_strings_write_all_strings_anew() {
    assert_eq!(
        rewritten("@ 60 TXT \"v=spf1 a m\" ; one\n", 0, "v=spf1 a \"mx\" -all"),
        "@ 60 TXT \"v=spf1 a \\\"mx\\\" -all\" ; one\n"
    );
    assert_eq!(
        rewritten("@ 60 TXT ( \"v=spf1 a\" ; one\n \"aa\" ; two\n ) ; end\n", 0, "v=spf1 -all"),
        "@ 60 TXT ( \"v=spf1 -all\" ; two\n ) ; end\n"
    );
    assert_eq!(
        rewritten("@ 60 TXT v=spf1\\ a(\"aa\" \n)\" b\" ( \"c\"\n)\n", 0, "v=spf1 b"),
        "@ 60 TXT ( \"v=spf1 b\"\n)\n"
    );
    assert_eq!(rewritten("@ 60 TXT v=spf1\n", 0, "v=spf1 -all"), "@ 60 TXT \"v=spf1 -all\"\n");
    // An empty string would be left.
    assert_eq!(
        rewritten("@ 60 TXT \"v=spf1\" \" a\" \" -all\"\n", 0, "v=spf1 -all"),
        "@ 60 TXT \"v=spf1 -all\"\n"
    );
}

#[test]
fn strings_stay_within_255_octets() {
    let long = format!("v=spf1 {}a", "ip4:192.0.2.1 ".repeat(17));
    let text = format!("@ 60 TXT \"{long}\"\n");
    let mended = format!("{long} {}-all", "mx ".repeat(5));
    let written = rewritten(&text, 0, &mended);
    let (zone, _) = zone(written.as_bytes());
    let txt = &zone.texts()[0].text;
    assert_eq!(txt.joined(), mended.as_bytes());
    assert_eq!(txt.strings().count(), 2);
    assert!(txt.strings().all(|string| string.len() <= 255));
    assert!(txt.strings().nth(1).unwrap().starts_with(b" "));
}

#[test]
fn lines_are_replaced() {
    let text = b"# ours\r\n v=spf1 a a \r\nv=spf1 mx";
    let records = vec![FileRecord::plain(None, text, 9..19), FileRecord::plain(None, text, 22..31)];
    let file = File::new("records", &text[..], records);
    let [first, second] = file.records() else { panic!("two records") };
    let changes: [(&FileRecord, &[u8]); 2] = [(second, b"v=spf1 mx ~all"), (first, b"v=spf1 a")];
    assert_eq!(rewrite(&file, &changes).unwrap(), b"# ours\r\n v=spf1 a \r\nv=spf1 mx ~all");
    for octets in [&b"v=spf1\n"[..], b"v=spf1 ", b"", b"v=spf1\r x"] {
        assert_eq!(rewrite(&file, &[(first, octets)]), Err(Unwritable::NoLine));
    }
}

#[test]
fn what_is_not_told_to_the_octet_is_not_written() {
    let (_, file) = zone(b"@ 60 TXT \"v=spf1 a\"\n");
    let blind = FileRecord { written: Vec::new(), ..file.records()[0].clone() };
    assert_eq!(rewrite(&file, &[(&blind, b"v=spf1")]), Err(Unwritable::NotExact));
}

/// A character-string as a zone file may write it.
fn string() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("a".to_owned()),
        Just(" ".to_owned()),
        Just("\\\"".to_owned()),
        Just("\\\\".to_owned()),
        Just("\\032".to_owned()),
        Just("\\200".to_owned()),
        Just("\\;".to_owned()),
        Just(";".to_owned()),
        Just("(".to_owned()),
        "[b-f:/=.]{1,90}",
    ];
    let quoted = proptest::collection::vec(part, 0..5)
        .prop_map(|parts| parts.concat())
        .prop_filter("strings have at most 255 octets", |string| string.len() <= 255)
        .prop_map(|string| format!("\"{string}\""));
    let plain = prop_oneof!["[a-f:=./]{1,9}", Just("a\\ b\\\"\\(".to_owned())];
    prop_oneof![3 => quoted, 1 => plain]
}

/// What may stand between two strings, between parentheses or not.
fn gap(open: bool) -> impl Strategy<Value = &'static str> {
    prop_oneof![
        3 => Just(" "),
        1 => Just("\t "),
        1 => Just(if open { "\n  " } else { " " }),
        1 => Just(if open { " ; \"no ( \" string\r\n" } else { "  " }),
        1 => Just(if open { " ) ( " } else { " ( ) " }),
    ]
}

/// An entry of a zone file; `open` puts parentheses around the strings.
fn entry() -> impl Strategy<Value = String> {
    let strings = proptest::collection::vec(string(), 1..4);
    (any::<bool>(), strings).prop_flat_map(|(open, strings)| {
        let gaps: Vec<_> = strings.iter().map(|_| gap(open)).collect();
        gaps.prop_map(move |gaps| {
            let parts: String =
                strings.iter().zip(gaps).map(|(string, gap)| format!("{gap}{string}")).collect();
            match open {
                true => format!("a 60 IN TXT ({parts} ; end \"\n )"),
                false => format!("a 60 IN TXT{parts} ; end ("),
            }
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_written_file_reads_as_it_should(
        entries in proptest::collection::vec(entry(), 1..4),
        which in any::<proptest::sample::Index>(),
        cut in (any::<proptest::sample::Index>(), any::<proptest::sample::Index>()),
        put in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..20),
            "( [a-f\";()\\\\]{1,60}){0,6}".prop_map(String::into_bytes),
        ],
        ends in prop_oneof![Just("\n"), Just("\r\n")],
        last in any::<bool>(),
    ) {
        let mut text = format!("; \u{e9} (\n$TTL 60{ends}{}", entries.join(ends));
        if last {
            text.push_str(ends);
        }
        let (before, file) = zone(text.as_bytes());
        let index = which.index(file.records().len());
        let record = &file.records()[index];
        prop_assume!(record.is_exact() && !record.octets.is_empty());
        let mut octets = record.octets.to_vec();
        let (from, to) = (cut.0.index(octets.len()), cut.1.index(octets.len()));
        octets.splice(from.min(to)..from.max(to), put);
        let written = rewrite(&file, &[(record, &octets)]).unwrap();
        let (after, _) = zone(&written);
        prop_assert_eq!(after.texts().len(), before.texts().len());
        for (at, (old, new)) in before.texts().iter().zip(after.texts()).enumerate() {
            prop_assert_eq!(&old.owner, &new.owner);
            if at == index {
                prop_assert_eq!(new.text.joined(), &octets[..]);
            } else {
                prop_assert_eq!(&old.text, &new.text);
            }
        }
        // Around the entry nothing has changed.
        let behind = text.len() - record.entry.end;
        prop_assert_eq!(&written[..record.entry.start], &text.as_bytes()[..record.entry.start]);
        prop_assert_eq!(&written[written.len() - behind..], &text.as_bytes()[record.entry.end..]);
    }
}
