//! What the tables of zones say, and what is wrong with others.

use std::fmt::Write;

use proptest::prelude::*;

use super::*;
use crate::config::Config;
use crate::image::{Layout, Order, ZoneMechanism};
use crate::name::DomainName;
use crate::outcome::Qualifier;
use crate::syntax::{MacroValues, Mechanism, TermKind, parse_record, target_name};

const ZONE: &str = "[[zone]]\nns = ['ns.example.net']\nimage = 'i'\nrecord = ";

fn read(text: &str) -> ServeConfig {
    Config::read(text.as_bytes()).unwrap().serve
}

fn wrong(text: &str) -> String {
    Config::read(text.as_bytes()).unwrap_err().to_string()
}

fn name(text: &str) -> DomainName {
    DomainName::parse(text).unwrap()
}

fn terms(record: &str) -> ZoneTerms {
    read_zone_terms(record, None).unwrap()
}

fn refused(record: &str) -> String {
    read_zone_terms(record, None).unwrap_err().to_string()
}

#[test]
fn the_example_says_all_of_it() {
    let config = read(include_str!("../../../examples/spfc.toml"));
    let server = &config.server;
    let listen: Vec<String> = server.listen.iter().map(ToString::to_string).collect();
    assert_eq!(listen, ["192.0.2.53:53", "[2001:db8::53]:53"]);
    assert_eq!(server.rate.per_second, RateOptions::default().per_second);
    let loopback = ("127.0.0.0".parse().unwrap(), 8);
    assert_eq!(server.rate.allow, [loopback, ("::1".parse().unwrap(), 128)]);
    assert_eq!(server.tcp, TcpOptions::default());
    assert_eq!((server.udp.threads, server.udp.receive_buffer), (2, 4 << 20));
    assert_eq!((server.nsid.as_deref(), server.cookie_secret), (Some(&b"ns1"[..]), None));
    assert_eq!(config.user.as_deref(), Some("spfc"));
    assert_eq!(config.resolvers.len(), 2);
    let [one, many] = config.zones.as_slice() else { panic!("two zones") };
    assert_eq!(one.layout.domain_spec(), "%{ir}.%{v}._spf.example.com");
    assert_eq!(one.options.hostmaster, name("hostmaster.example.com"));
    assert_eq!(one.options.servers[1].addresses.len(), 2);
    assert_eq!((one.by_domain, one.source.as_deref()), (false, Some("office")));
    assert_eq!((many.by_domain, many.mechanism), (true, ZoneMechanism::Include));
    assert_eq!(many.layout.zone(), &name("_spf.example.net"));
    assert_eq!(many.options.hostmaster, name("hostmaster._spf.example.net"));
    assert_eq!(many.tenants[&name("example.org")], "office");
    let SourceConfig::Policy(office) = &config.sources["office"] else { panic!("a policy") };
    assert_eq!(office.source, Some(name("_source.example.com")));
}

#[test]
fn paths_belong_to_the_folder() {
    let mut config = read(include_str!("../../../examples/spfc.toml"));
    config.resolve(Path::new("/etc/spfc"));
    let folder = Path::new("/etc/spfc");
    assert_eq!(config.zones[0].image.as_deref(), Some(&*folder.join("example.com.image")));
    assert_eq!(config.zones[1].tenants_file.as_deref(), Some(&*folder.join("tenants.txt")));
    assert_eq!(config.sources["networks"].path(), Some(&folder.join("networks.txt")));
    assert_eq!(config.cookie_secret_file.as_deref(), Some(&*folder.join("cookie.secret")));
}

#[test]
fn a_record_tells_its_zone() {
    for (record, order, version, by_domain) in [
        ("v=spf1 exists:%{ir}.%{v}.Z.Example -all", Order::Reversed, true, false),
        ("exists:%{i}.z.example", Order::Forward, false, false),
        ("?exists:%{IR}.z.example", Order::Reversed, false, false),
        ("V=SPF1 mx exists:%{iR}.%{v}.%{d}.z.example -all", Order::Reversed, true, true),
        (" EXISTS:%{i}.%{v}.z.example. ", Order::Forward, true, false),
    ] {
        let read = read_zone_terms(record, None);
        if record.contains("%{IR}") {
            assert!(read.unwrap_err().to_string().contains("exactly %{ir} or %{i}"));
            continue;
        }
        let terms = read.unwrap_or_else(|error| panic!("{record}: {error}"));
        assert_eq!(terms.layout, Layout::new(&name("z.example"), order, version).unwrap());
        assert_eq!((terms.mechanism, terms.by_domain), (ZoneMechanism::Exists, by_domain));
        assert!(terms.outcomes[0].name.is_root());
    }
    let several = terms(
        "v=spf1 ~exists:%{ir}.%{v}.softfail1.z.example ip4:192.0.2.1 exists:%{ir}.%{v}.z.example -all",
    );
    let outcomes: Vec<_> =
        several.outcomes.iter().map(|it| (it.name.to_string(), it.qualifier)).collect();
    let softfail = ("softfail1".to_owned(), Qualifier::Softfail);
    assert_eq!(outcomes, [(".".to_owned(), Qualifier::Pass), softfail]);
    assert_eq!(several.layout.zone(), &name("z.example"));
    let of_domains = terms("-exists:%{ir}.%{v}.fail1.%{d}.z.example");
    assert_eq!(of_domains.outcomes[0].name, name("fail1"));
}

#[test]
fn one_of_several_zones_is_named() {
    let record = "v=spf1 exists:%{ir}.%{v}.a.example exists:%{ir}.list.example.net -all";
    assert!(refused(record).contains("'name' says which is meant"), "{}", refused(record));
    let named = |zone: &str| read_zone_terms(record, Some(&name(zone)));
    assert!(named("A.example").unwrap().layout.version());
    assert!(!named("list.example.net").unwrap().layout.version());
    let error = |zone: &str| named(zone).unwrap_err();
    assert_eq!(error("b.example"), RecordFault::NotAsked(name("b.example")));
    assert!(matches!(error("example.net"), RecordFault::OtherZone { .. }));
}

#[test]
fn records_that_cannot_be_served_are_refused() {
    for (record, reason) in [
        ("v=spf1 exists:%{ir}.%{v} -all", "is none of %{ir}.ZONE"),
        ("v=spf1 exists:%{ir}%{v}.z.example -all", "is none of %{ir}.ZONE"),
        ("v=spf1 exists:a.%{ir}.%{v}.z.example -all", "is none of %{ir}.ZONE"),
        ("v=spf1 exists:%{v}.%{ir}.z.example -all", "is none of %{ir}.ZONE"),
        ("v=spf1 exists:%{ir}.x.%{v}.z.example -all", "is none of %{ir}.ZONE"),
        ("v=spf1 exists:%{ir}.%{v}.%{d}%{d}.z.example -all", "is none of %{ir}.ZONE"),
        ("v=spf1 exists:%{ir}.%%.%{v}.z.example -all", "is none of %{ir}.ZONE"),
        ("v=spf1 exists:%{ir}.%{v}z.example -all", "is none of %{ir}.ZONE"),
        ("exists:%{ir4}.%{v}.z.example", "the record has a mistake: bad macro transformer"),
        ("exists:%{i4r}.%{v}.z.example", "has %{i4r}, where zones are served for exactly"),
        ("exists:%{ir-}.z.example", "has %{ir-}, where"),
        ("exists:%{IR}.z.example", "has %{IR}, where"),
        ("exists:%{ir}.%{vr}.z.example", "for exactly %{v}"),
        ("exists:%{ir}.%{v}.%{d2}.z.example", "for exactly %{d}"),
        ("exists:%{ir}.%{d}.z.example", "has %{d} without %{v}"),
        ("exists:%{ir}.%{v}.example", "less than two labels"),
        ("exists:%{ir}.%{v}.a!b.example", "other characters"),
        ("exists:%{ir}.%{v}..example", "has an empty label"),
        ("v=spf1 mx -all", "asks for a name with the client's address"),
        ("v=spf1 exists:%{ir -all", "the record has a mistake"),
        ("v=spf1 a:%{ir}.%{v}.z.example -all", "asks for a name with the client's address"),
        (
            "v=spf1 exists:%{ir}.%{v}.z.example include:%{ir}.%{v}.b.z.example -all",
            "differ in mechanism",
        ),
        ("v=spf1 exists:%{ir}.%{v}.z.example exists:%{i}.%{v}.b.z.example", "differ in mechanism"),
        ("v=spf1 exists:%{ir}.%{v}.z.example ~exists:%{ir}.%{v}.z.example", "twice"),
        ("v=spf1 exists:%{ir}.%{v}.z.example include:x.z.example -all", "does not hold"),
        ("v=spf1 exists:%{ir}.%{v}.z.example redirect=x.z.example", "does not hold"),
        ("v=spf1 exists:%{ir}.%{v}.z.example a:%{d}.z.example -all", "does not hold"),
    ] {
        assert!(refused(record).contains(reason), "{record}: {}", refused(record));
    }
    // A server of the zone may send mail.
    terms("v=spf1 exists:%{ir}.%{v}.z.example a:ns1.z.example exists:%{h}.example.net -all");
    let long = vec!["a".repeat(60); 3].join(".");
    assert!(refused(&format!("exists:%{{ir}}.{long}.example")).contains("is over 253 octets"));
}

/// The name that a term of a record asks for.
fn asked(record: &str, client: &str, helo: &str) -> DomainName {
    let parse = parse_record(record.as_bytes());
    let TermKind::Directive(directive) = parse.record.terms()[0].kind else { panic!("a term") };
    let Mechanism::Exists(spec) = directive.mechanism else { panic!("an exists") };
    let values = MacroValues {
        local_part: b"postmaster",
        sender_domain: b"example.com",
        domain: b"example.com",
        ip: client.parse().unwrap(),
        helo: helo.as_bytes(),
        validated_name: b"unknown",
        receiver: b"unknown",
        time: 0,
    };
    let mut expanded = Vec::new();
    values.expand(parse.record.text(), parse.record.parts(&spec.0), &mut expanded);
    target_name(&expanded).unwrap()
}

/// Why no macro that the sender chooses is served.
#[test]
fn a_helo_of_217_octets_puts_a_listed_address_in_place_of_the_own() {
    let zone = "macros.spf.mail-senders.example.com";
    let record = format!("v=spf1 exists:%{{ir}}.%{{v}}.%{{h}}.{zone} -all");
    let padding = format!("{0}.{0}.{0}.{1}", "x".repeat(63), "x".repeat(7));
    let helo = format!("7.2.0.192.in-addr.{padding}");
    assert_eq!(helo.len(), 217);
    let stranger = asked(&record, "198.51.100.1", &helo);
    assert_eq!(stranger, asked(&record, "192.0.2.7", &padding));
    let said = refused(&record);
    assert!(said.contains("has %{h} in its name: names over 253 octets lose labels"), "{said}");
    for letter in ["h", "l", "s", "o", "p", "H", "l1r-"] {
        for text in [
            format!("exists:%{{ir}}.%{{v}}.%{{{letter}}}.{zone}"),
            format!("include:%{{{letter}}}.%{{ir}}.%{{v}}.{zone}"),
            format!("v=spf1 exists:%{{ir}}.%{{v}}.{zone} exists:%{{{letter}}}.{zone} -all"),
            format!("v=spf1 exists:%{{ir}}.%{{v}}.{zone} exp=%{{{letter}}}.{zone} -all"),
        ] {
            assert!(refused(&text).contains("lose labels from the left"), "{text}");
        }
    }
    // Without it, the name of any client fits, whatever the HELO.
    let record = format!("v=spf1 exists:%{{ir}}.%{{v}}.{zone} -all");
    let layout = terms(&record).layout;
    for client in ["198.51.100.1", "2001:db8::1"] {
        assert_eq!(asked(&record, client, &helo), layout.owner(client.parse().unwrap()).unwrap());
    }
}

#[test]
fn mistakes_of_servers_have_their_places() {
    for (text, message) in [
        (
            "[serve]\nlisen = []",
            "line 2, column 1: [serve] has no key 'lisen' (is 'listen' meant?)",
        ),
        ("listen = []", "line 1, column 1: 'listen' belongs into the table [serve]"),
        ("[serve]\nlisten = ['ns1']", "line 2, column 11: \"ns1\" is no address"),
        ("[serve]\nlisten = ['::1', '[::1]:53']", "line 2, column 18: [::1]:53 stands here twice"),
        ("[serve]\nresolvers = ['::1', '1.1.1.1:0']", "line 2, column 21: \"1.1.1.1:0\" is no"),
        ("[serve]\nthreads = 0", "line 2, column 11: 0 is not from 1 to 1024"),
        ("[serve]\nrate-limit = -1", "line 2, column 14: -1 is not from 0 to 4294967295"),
        (
            "[serve]\nrate-allow = ['10.0.0.0/33']",
            "line 2, column 15: \"10.0.0.0/33\" is no network",
        ),
        ("[serve]\ncookie-secret = 'abc'", "line 2, column 17: a secret of cookies is 32 hex"),
        (
            "[serve]\ncookie-secret = '0123456789abcdef0123456789ABCDEF'\ncookie-secret-file = 'x'",
            "line 3, column 1: 'cookie-secret' and 'cookie-secret-file' exclude each other",
        ),
        ("[serve]\ntcp-idle = 60\ntcp-total = 59", "line 2, column 1: 'tcp-total' is less than"),
        ("[serve]\nnsid = ''", "line 2, column 8: expected 1 to 128 octets, found 0"),
        ("[serve]\nlog-format = 'xml'", "line 2, column 14: 'xml' is none of 'text', 'json'"),
        ("[source.a]", "line 1, column 9: a source is the policy of a 'domain', or"),
        ("[source.'a b']\ncidrs = 'x'", "line 1, column 9: \"a b\" cannot name a source"),
        (
            "[source.a]\ncidr = 'x'",
            "line 2, column 1: [source] has no key 'cidr' (is 'cidrs' meant?)",
        ),
        ("[source.a]\ncidrs = 'x'\nrecord = 'v=spf1'", "line 3, column 1: 'record' goes with 'dom"),
        ("[source.a]\ncidrs = 'x'\ndomain = 'a.b'", "line 1, column 9: 'domain' and 'cidrs' excl"),
        (
            "[source.a]\ndomain = 'a.b'\nsource = 'c.d'\nrecord = 'v=spf1'",
            "line 1, column 9: 'source' and 'record' exclude each other",
        ),
        ("[source.a]\ndomain = 'a..b'", "line 2, column 10: \"a..b\" has an empty label"),
        ("[source.a]\ndomain = '.'", "line 2, column 10: \".\" names no domain"),
        (
            "[source.a]\ndomain = 'a.b'\nrecord = '-all'",
            "line 3, column 10: \"-all\" is no SPF rec",
        ),
        ("source = 'a'", "line 1, column 10: expected a table, found a string"),
        ("[zone]\nns = []", "line 1, column 1: expected an array of tables, each headed [[zone]]"),
    ] {
        assert!(wrong(text).starts_with(message), "{text:?}: {}", wrong(text));
    }
    let secret = "[serve]\ncookie-secret = '000102030405060708090a0B0c0d0e0f'";
    let expected: [u8; 16] = std::array::from_fn(|octet| octet as u8);
    assert_eq!(read(secret).server.cookie_secret, Some(expected));
    assert_eq!(read_cookie_secret(b" 000102030405060708090a0b0c0d0e0f\n"), Some(expected));
    assert_eq!(read_cookie_secret(b"+00102030405060708090a0b0c0d0e0f"), None);
}

#[test]
fn mistakes_of_zones_have_their_places() {
    let one = "'exists:%{ir}.%{v}.z.example'";
    let many = "'exists:%{ir}.%{v}.%{d}.z.example'";
    let in_zone = |host: &str| {
        format!(
            "[[zone]]\nimage = 'i'\nns = ['{host}']\naddresses = {{ '{host}' = ['192.0.2.1'] }}\nrecord = {one}"
        )
    };
    read(&in_zone("ns1.z.example"));
    read(&in_zone("a.1x.Z.example"));
    let all = [
        (String::from("[[zone]]"), "line 1, column 1: 'record' is missing: what is published"),
        (format!("[[zone]]\nrecord = {one}"), "line 1, column 1: 'ns' is missing: the zone's"),
        (format!("[[zone]]\nns = []\nrecord = {one}"), "line 1, column 1: 'ns' is missing"),
        (
            format!("[[zone]]\nns = ['a.b', 'A.b.']\nrecord = {one}"),
            "line 2, column 14: a.b stands here twice",
        ),
        (
            format!("[[zone]]\nns = ['ns.z.example']\nrecord = {one}"),
            "line 2, column 7: ns.z.example lies in the zone: [zone.addresses] has to say",
        ),
        (
            format!("{ZONE}{one}\naddresses = {{ 'ns.example.net' = ['192.0.2.1'] }}"),
            "line 5, column 15: ns.example.net is no server in the zone: its addresses",
        ),
        (
            format!("{ZONE}{one}\n[zone.addresses]\n'ns.z.example' = ['192.0.2.1']"),
            "line 6, column 1: ns.z.example is no server in the zone",
        ),
        (
            format!("{ZONE}{one}\naddresses = {{ 'ns.example.net' = ['x'] }}"),
            "line 5, column 35: \"x\" is no IPv4 or IPv6 address",
        ),
        (in_zone("7.z.example"), "line 1, column 1: the server 7.z.example would stand where"),
        (in_zone("ns.255.z.example"), "line 1, column 1: the server ns.255.z.example would"),
        (in_zone("ns.F.z.example"), "line 1, column 1: the server ns.f.z.example would stand"),
        (in_zone("ns.in-addr.z.example"), "line 1, column 1: the server ns.in-addr.z.example"),
        (in_zone("IP6.z.example"), "line 1, column 1: the server ip6.z.example would stand"),
        (in_zone("z.example"), "line 1, column 1: the server z.example has the zone's own name"),
        (
            format!("[[zone]]\nns = ['ns.example.net']\nrecord = {one}"),
            "line 1, column 1: the zone z.example has no addresses: 'source' names them, or",
        ),
        (
            format!("{ZONE}{one}\nsource = 'ofice'\n[source.office]\ncidrs = 'x'"),
            "line 5, column 10: there is no source \"ofice\" (is 'office' meant?)",
        ),
        (
            format!("{ZONE}{one}\ntenants = {{ 'a.b' = 'x' }}"),
            "line 5, column 13: 'tenants' is for records with %{d}, and the one of z.example",
        ),
        (
            format!("{ZONE}{one}\ntenants-file = 'x'"),
            "line 1, column 1: 'tenants-file' is for records with %{d}",
        ),
        (
            format!("{ZONE}{many}\nsource = 'x'\n[source.x]\ncidrs = 'x'"),
            "line 1, column 1: the record of z.example has %{d}: [zone.tenants] or",
        ),
        (
            format!(
                "{ZONE}{many}\n[zone.tenants]\n'a.b' = 'x'\n'A.b' = 'x'\n[source.x]\ncidrs='x'"
            ),
            "line 7, column 1: a.b stands here twice",
        ),
        (
            format!("{ZONE}{many}\n[zone.tenants]\n'IP6.b' = 'x'\n[source.x]\ncidrs = 'x'"),
            "line 6, column 1: ip6.b has the label 'in-addr' or 'ip6'",
        ),
        (
            format!("{ZONE}{many}\ntenants = {{ '{}' = 'x' }}", vec!["a".repeat(60); 3].join(".")),
            "line 5, column 13: the name of an address in the zone",
        ),
        (
            format!("{ZONE}{one}\nttl-hit = 604801"),
            "line 5, column 11: 604801 is not from 0 to 6048",
        ),
        (format!("{ZONE}{one}\ntxt = ['']"), "line 5, column 8: expected 1 to 255 octets, found 0"),
        (
            format!("{ZONE}{one}\ntxt = ['{0}', '{0}']", "x".repeat(255)),
            "line 1, column 1: the texts take 512 octets, and at most 400",
        ),
        (format!("{ZONE}{one}\naddress = '::1'"), "line 5, column 11: \"::1\" is no IPv4 address"),
        (format!("{ZONE}{one}\nttl = 3"), "line 5, column 1: [zone] has no key 'ttl'"),
        (format!("{ZONE}{one}\n{ZONE}{one}"), "line 8, column 10: the zone z.example stands here"),
        (
            format!("{ZONE}{one}\n{ZONE}'exists:%{{i}}.y.example'"),
            "line 8, column 10: the zones z.example and y.example have the same 'image'",
        ),
        (
            format!("{ZONE}'exists:%{{h}}.%{{ir}}.y.example'"),
            "line 4, column 10: 'exists:%{h}.%{ir",
        ),
    ];
    for (text, message) in &all {
        assert!(wrong(text).starts_with(message), "{text}: {}", wrong(text));
    }
}

#[test]
fn no_server_stands_in_a_tenants_names() {
    let zone = |host: &str| {
        format!(
            "[[zone]]\nns = ['{host}']\naddresses = {{ '{host}' = ['::1'] }}\nrecord = 'include:%{{ir}}.%{{v}}.%{{d}}.z.example'\n\
             tenants = {{ 'example.org' = 's' }}\n[source.s]\ncidrs = 'x'"
        )
    };
    for host in ["example.org.z.example", "ns.Example.org.z.example"] {
        assert!(wrong(&zone(host)).contains("stands at or below the names of example.org"));
    }
    let config = read(&zone("ns.z.example"));
    let config_zone = &config.zones[0];
    assert!(config_zone.admit(&name("ns")).is_err());
    let list = |text: &str| config.tenants(config_zone, text.as_bytes());
    let all = list("# ours\n\nExample.NET  s\r\n a.example.org\ts # x").unwrap_err();
    assert_eq!(
        all.to_string(),
        "line 4: expected a domain and the name of a source, found 4 words"
    );
    let all = list("# ours\n\nExample.NET  s\r\n a.example.org\ts").unwrap();
    let domains: Vec<String> = all.keys().map(ToString::to_string).collect();
    assert_eq!(domains, ["example.net", "example.org", "a.example.org"]);
    for (text, message) in [
        ("example.org s", "line 1: example.org stands in [zone.tenants] already"),
        ("a.b s\nA.b s", "line 2: a.b stands in line 1 already"),
        ("a.b t", "line 1: there is no source \"t\""),
        ("a.b", "line 1: expected a domain and the name of a source, found 1 words"),
        ("x.in-addr.arpa s", "line 1: x.in-addr.arpa has the label 'in-addr' or 'ip6'"),
        ("\na..b s", "line 2: \"a..b\" has an empty label"),
    ] {
        assert_eq!(list(text).unwrap_err().to_string().get(..message.len()), Some(message));
    }
    assert_eq!(read_tenants(b"\xff s").unwrap_err().fault, TenantsFault::NoUtf8);
}

proptest! {
    #[test]
    fn what_a_layout_asks_reads_back(
        labels in proptest::collection::vec("[a-z_][a-z0-9-]{0,9}", 2..5),
        forward: bool,
        version: bool,
        include: bool,
    ) {
        let order = if forward { Order::Forward } else { Order::Reversed };
        let layout = Layout::new(&name(&labels.join(".")), order, version).unwrap();
        let mechanism = if include { ZoneMechanism::Include } else { ZoneMechanism::Exists };
        let term = format!("{}:{}", mechanism.as_str(), layout.domain_spec());
        for text in [term.clone(), format!("v=spf1 a {term} -all")] {
            // A name may end in no top label.
            if let Ok(terms) = read_zone_terms(&text, None) {
                prop_assert_eq!(&terms.layout, &layout);
                prop_assert_eq!(terms.mechanism, mechanism);
            } else {
                prop_assert!(!layout.zone().labels().last().unwrap()[0].is_ascii_alphabetic()
                    || layout.zone().labels().last().unwrap().ends_with(b"-"));
            }
        }
    }

    #[test]
    fn no_record_makes_it_panic(text in "(v=spf1 )?([~-]?(exists|include|a):(%\\{[a-z]{1,2}[0-9]?[.-]?\\}|[a-z0-9.%]{0,3}){0,6} ?){0,3}") {
        let _ = read_zone_terms(&text, None);
        let _ = read_zone_terms(&text, Some(&name("z.example")));
    }

    #[test]
    fn no_list_makes_it_panic(octets in proptest::collection::vec(any::<u8>(), 0..80), text in "([a-z.#]{0,9} ?\t?[a-z]{0,3}\n){0,4}") {
        let _ = read_tenants(&octets);
        if let Ok(tenants) = read_tenants(text.as_bytes()) {
            let mut written = String::new();
            for tenant in &tenants {
                let _ = writeln!(written, "{} {}", tenant.domain, tenant.source);
            }
            let again = read_tenants(written.as_bytes()).unwrap();
            prop_assert_eq!(again.len(), tenants.len());
        }
    }
}
