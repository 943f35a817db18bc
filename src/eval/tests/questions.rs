//! What is asked, when, and what is asked no more.

use std::net::IpAddr;

use super::*;

#[test]
fn asks_for_all_that_is_known_the_needed_first() {
    let mut dns = Cache::default();
    assert_eq!(needed(run(&dns, "192.0.2.1", Limits::RFC7208)), ["example.com TXT"]);
    let record = "v=spf1 a:h1.example include:inner.example mx:m.example exists:%{p}.example \
                  -all exp=why.example";
    dns.insert(question("example.com", RecordType::Txt), Answer::new(txt(record)));
    assert_eq!(
        needed(run(&dns, "192.0.2.1", Limits::RFC7208)),
        [
            "h1.example A",
            "inner.example TXT",
            "m.example MX",
            "1.2.0.192.in-addr.arpa PTR",
            "why.example TXT"
        ]
    );
    let hosts = mx(&["m1.example", "m2.example"]);
    dns.insert(question("m.example", RecordType::Mx), Answer::new(hosts));
    dns.insert(question("h1.example", RecordType::A), Answer::new(a(&["192.0.2.9"])));
    assert_eq!(
        needed(run(&dns, "192.0.2.1", Limits::RFC7208)),
        [
            "inner.example TXT",
            "m1.example A",
            "m2.example A",
            "1.2.0.192.in-addr.arpa PTR",
            "why.example TXT"
        ]
    );
}

#[test]
fn asks_nothing_behind_a_match() {
    let dns = cache(
        &[("example.com", "v=spf1 a:h1.example ip4:192.0.2.1 a:h2.example include:x.example")],
        &[],
    );
    assert_eq!(needed(run(&dns, "192.0.2.1", Limits::RFC7208)), ["h1.example A"]);
}

#[test]
fn a_verdict_waits_for_what_is_missing_in_an_include() {
    let dns = cache(
        &[
            ("example.com", "v=spf1 include:b.example -all"),
            ("b.example", "v=spf1 a:h.example ?all"),
        ],
        &[],
    );
    assert_eq!(needed(run(&dns, "192.0.2.1", Limits::RFC7208)), ["h.example A"]);
}

#[test]
fn overlaid_questions_are_asked_where_they_are_read() {
    let dns = crate::dns::SourceAs::new(Cache::default(), name("example.com"), name("src.example"));
    assert_eq!(needed(run(&dns, "192.0.2.1", Limits::RFC7208)), ["src.example TXT"]);
}

#[test]
fn the_obsolete_type_is_neither_asked_for_nor_used() {
    let record = "v=spf1 include:x.example +all";
    let Reply::Records(Records::Txt(texts)) = txt(record) else { panic!("no texts") };
    let obsolete = Reply::Records(Records::Spf(texts));
    let none = Reply::NoData;
    let dns = cache(
        &[],
        &[("example.com", RecordType::Spf, obsolete), ("example.com", RecordType::Txt, none)],
    );
    assert_eq!(done(run(&dns, "192.0.2.1", Limits::RFC7208)).result, SpfResult::None);
    assert_eq!(needed(run(&Cache::default(), "192.0.2.1", Limits::RFC7208)), ["example.com TXT"]);
}

#[test]
fn malformed_domains_ask_nothing() {
    let message = Message::mail_from("192.0.2.1".parse().unwrap(), "h", "a@[192.0.2.1]");
    let step =
        check_host(&Cache::default(), &mut RecordStore::new(), &message, &Options::default());
    let evaluation = done(step);
    assert_eq!(evaluation.result, SpfResult::None);
    assert_eq!(evaluation.lookups, Lookups::default());
}

#[test]
fn one_store_serves_many_addresses_and_sources() {
    let mut records = RecordStore::new();
    let options = Options::default();
    let mut message = message("192.0.2.1");
    for (record, inside) in
        [("v=spf1 ip4:192.0.2.0/25 -all", 128), ("v=spf1 ip4:192.0.2.0/26 -all", 64)]
    {
        let dns = cache(&[("example.com", record)], &[]);
        let mut passes = 0;
        for last in 0..=255 {
            message.set_ip(IpAddr::from([192, 0, 2, last]));
            let evaluation = done(check_host(&dns, &mut records, &message, &options));
            passes += usize::from(evaluation.result == SpfResult::Pass);
        }
        assert_eq!(passes, inside);
    }
}

#[test]
fn the_ten_names_of_ptr_stay_without_limits() {
    let hosts: Vec<DomainName> =
        (0..11).map(|host| name(&format!("h{host}.example.com"))).collect();
    let mut dns = cache(&[("example.com", "v=spf1 ptr -all")], &[]);
    let names = Reply::from(Records::Ptr(hosts.clone()));
    dns.insert(question("1.2.0.192.in-addr.arpa", RecordType::Ptr), Answer::new(names));
    assert_eq!(needed(run(&dns, "192.0.2.1", Limits::UNLIMITED)).len(), 10);
    for host in &hosts[..10] {
        dns.insert(Question::new(host.clone(), RecordType::A), Answer::new(a(&["192.0.2.7"])));
    }
    assert_eq!(done(run(&dns, "192.0.2.1", Limits::UNLIMITED)).result, SpfResult::Fail);
}
