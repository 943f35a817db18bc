//! A policy with ranges of every kind, and what each target makes of it.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde_json::json;
use spfc::compile::{
    CoverChoice, FlattenOptions, InlineOptions, MacroOptions, MacroStyle, Publication,
    RecordOptions, SourceOptions, compile_macro, flatten,
};
use spfc::dns::ZoneMap;
use spfc::name::DomainName;
use spfc::target::{OutputRecord, ZoneRecord, zone_file};

/// A zone for a server.
pub(crate) struct Zone {
    pub(crate) name: String,
    pub(crate) text: String,
}

/// What a target makes of the policy.
pub(crate) struct Output {
    /// The domain of the policy.
    pub(crate) domain: String,
    /// The domain's own zone, and the zone of the macro record where there is one.
    pub(crate) zones: Vec<Zone>,
}

/// The styles of macro records that need no responder.
fn static_styles() -> Vec<(&'static str, MacroStyle)> {
    let servers = || vec![name("ns.example.net")];
    vec![
        ("exists-static", MacroStyle::ExistsStatic { servers: servers(), serial: 1 }),
        ("shard", MacroStyle::Shard { servers: servers(), serial: 1 }),
    ]
}

/// Every target whose output an ordinary server serves.
pub(crate) fn outputs() -> Vec<Output> {
    let mut outputs = vec![
        flat("flat.example", CoverChoice::Disjoint),
        flat("ordered.example", CoverChoice::Ordered),
    ];
    for (style, options) in static_styles() {
        outputs.push(zoned(&format!("{style}.example"), options.clone(), 0));
        outputs.push(zoned(&format!("hybrid.{style}.example"), options, 4));
    }
    outputs
}

/// A static zone with this label below a domain.
pub(crate) fn static_zone(domain: &str, label: &str) -> Zone {
    let style = MacroStyle::ExistsStatic { servers: vec![name("ns.example.net")], serial: 1 };
    let zone = name(&format!("{label}.{domain}"));
    let options = MacroOptions { zone, ..macros(domain, style, 0) };
    let written = compile_macro(&source(domain), &options).unwrap();
    Zone { name: options.zone.to_string(), text: zone_file(&written.zone_records) }
}

/// An output whose zone lacks a wildcard: that of 192.0.0.0/16.
pub(crate) fn spoiled() -> Output {
    let style = MacroStyle::ExistsStatic { servers: vec![name("ns.example.net")], serial: 1 };
    let mut output = zoned("spoiled.example", style, 0);
    let zone = &mut output.zones[1];
    let lines = zone.text.split_inclusive('\n');
    let kept: String = lines.filter(|line| !line.starts_with("*.0.192.in-addr.")).collect();
    assert!(kept.len() < zone.text.len(), "{}", zone.text);
    zone.text = kept;
    output
}

fn name(text: &str) -> DomainName {
    DomainName::parse(text).unwrap()
}

fn flat(domain: &str, cover: CoverChoice) -> Output {
    let options = FlattenOptions {
        source: SourceOptions::new(name(domain)),
        records: RecordOptions::default(),
        qualifier: None,
        publication: PUBLICATION,
        cover,
    };
    let records = flatten(&source(domain), &options).unwrap().compiled.records;
    assert!(records.len() > 1, "{records:?}");
    let zones = vec![own_zone(domain, &records, None)];
    Output { domain: domain.to_owned(), zones }
}

const PUBLICATION: Publication = Publication { check: true, overwrite: false };

/// A macro record, and its zone if it has one.
pub(crate) fn macros(domain: &str, style: MacroStyle, ranges: usize) -> MacroOptions {
    MacroOptions {
        source: SourceOptions::new(name(domain)),
        records: RecordOptions::default(),
        qualifier: None,
        publication: PUBLICATION,
        zone: name(&format!("_spf.{domain}")),
        style,
        inline: InlineOptions { ranges, ..InlineOptions::default() },
    }
}

fn zoned(domain: &str, style: MacroStyle, ranges: usize) -> Output {
    let options = macros(domain, style, ranges);
    let written = compile_macro(&source(domain), &options).unwrap();
    assert_eq!(written.inlined.chosen, ranges);
    let (zone, records) = (options.zone.to_string(), &written.compiled.records);
    let text = zone_file(&written.zone_records);
    let zones = vec![own_zone(domain, records, Some(&zone)), Zone { name: zone, text }];
    Output { domain: domain.to_owned(), zones }
}

/// The zone of the domain itself, which delegates the zone of the macro record.
fn own_zone(domain: &str, records: &[OutputRecord], below: Option<&str>) -> Zone {
    let mut text = format!(
        "$TTL 300\n{domain}. IN SOA ns.{domain}. hostmaster.{domain}. 1 7200 1800 1209600 300\n\
         {domain}. IN NS ns.{domain}.\nns.{domain}. IN A 127.0.0.1\n"
    );
    if let Some(below) = below {
        writeln!(text, "{below}. IN NS ns.example.net.").unwrap();
    }
    let records: Vec<ZoneRecord> = records.iter().map(ZoneRecord::from).collect();
    text.push_str(&zone_file(&records));
    Zone { name: domain.to_owned(), text }
}

/// The policy's ranges: at the ends of both spaces, in and beside each other, at
/// and between the boundaries of octets and nibbles.
fn ranges() -> (Vec<String>, Vec<String>) {
    let mut ip4: Vec<String> =
        ["0.0.0.0/31", "255.255.255.255", "192.0.0.0/16", "192.0.2.7", "192.1.0.0/17"]
            .map(str::to_owned)
            .into();
    let mut ip6: Vec<String> =
        ["::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8::/32", "2001:db8:7::7"]
            .map(str::to_owned)
            .into();
    let mut random = Random(7208);
    for _ in 0..40 {
        let length = 14 + random.below(19);
        let address = Ipv4Addr::from_bits(0x0a00_0000 | random.below(1 << 24));
        ip4.push(format!("{address}/{length}"));
        let length = 26 + random.below(103);
        let low = u128::from(random.next()) << 32 | u128::from(random.next());
        let address = Ipv6Addr::from_bits(0x2a00 << 112 | low << 16 & u128::MAX >> 16);
        ip6.push(format!("{address}/{length}"));
    }
    (ip4, ip6)
}

/// The policy at a domain, as a zone map.
pub(crate) fn source_text(domain: &str) -> String {
    let (ip4, ip6) = ranges();
    let terms = |version: &str, ranges: &[String]| -> String {
        ranges.iter().map(|range| format!(" {version}:{range}")).collect()
    };
    let own = "v=spf1 -ip4:10.77.0.0/20 ?ip6:2001:db8:9::/48 include:_a.provider.example \
               include:_b.provider.example ip4:203.0.113.0/24 ~all";
    json!({
        domain: { "TXT": [own] },
        "_a.provider.example": { "TXT": [format!("v=spf1{} -all", terms("ip4", &ip4))] },
        "_b.provider.example": { "TXT": [format!("v=spf1{} ~all", terms("ip6", &ip6))] },
    })
    .to_string()
}

pub(crate) fn source(domain: &str) -> ZoneMap {
    ZoneMap::read(source_text(domain).as_bytes()).unwrap()
}

/// The ends of every range and the addresses beside them, and some others.
pub(crate) fn addresses() -> BTreeSet<IpAddr> {
    let (ip4, ip6) = ranges();
    let mut found = BTreeSet::new();
    let mut ip4_edges = |first: u32, last: u32| {
        let edges = [first.checked_sub(1), Some(first), Some(last), last.checked_add(1)];
        found.extend(edges.into_iter().flatten().map(|bits| IpAddr::V4(bits.into())));
    };
    for range in ip4.iter().map(String::as_str).chain(["10.77.0.0/20", "203.0.113.0/24"]) {
        let net = match range.parse::<ipnet::Ipv4Net>() {
            Ok(net) => net,
            Err(_) => range.parse::<Ipv4Addr>().unwrap().into(),
        };
        ip4_edges(net.network().to_bits(), net.broadcast().to_bits());
    }
    for range in ip6.iter().map(String::as_str).chain(["2001:db8:9::/48"]) {
        let net = match range.parse::<ipnet::Ipv6Net>() {
            Ok(net) => net,
            Err(_) => range.parse::<Ipv6Addr>().unwrap().into(),
        };
        let (first, last) = (net.network().to_bits(), net.broadcast().to_bits());
        let edges = [first.checked_sub(1), Some(first), Some(last), last.checked_add(1)];
        found.extend(edges.into_iter().flatten().map(|bits| IpAddr::V6(bits.into())));
    }
    let mut random = Random(1035);
    for _ in 0..40 {
        found.insert(IpAddr::V4(random.next().into()));
        found.insert(IpAddr::V4((0x0a00_0000 | random.next() >> 8).into()));
        found.insert(IpAddr::V6((0x2a00 << 112 | u128::from(random.next()) << 80).into()));
    }
    found
}

/// Numbers without an order that are the same in every run (Knuth's constants).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u32 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 32) as u32
    }

    fn below(&mut self, bound: u32) -> u32 {
        self.next() % bound
    }
}
