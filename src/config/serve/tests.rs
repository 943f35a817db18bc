//! What the tables of zones say, and what is wrong with others.

use std::fmt::Write;

use proptest::prelude::*;

use super::*;
use crate::config::Config;
use crate::image::ZoneMechanism;
use crate::name::DomainName;

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
    assert_eq!(one.terms.layout.domain_spec(), "%{ir}.%{v}._spf.example.com");
    assert_eq!(one.options.hostmaster, name("hostmaster.example.com"));
    assert_eq!(one.options.servers[1].addresses.len(), 2);
    assert_eq!((one.terms.by_domain, one.source.as_deref()), (false, Some("office")));
    assert_eq!((many.terms.by_domain, many.terms.mechanism), (true, ZoneMechanism::Include));
    assert_eq!(many.terms.zone(), &name("_spf.example.net"));
    assert_eq!(many.options.hostmaster, name("hostmaster._spf.example.net"));
    assert_eq!(many.tenants[&name("example.org")], "office");
    let crate::refresh::AddressSource::Policy(office) = &config.sources["office"] else {
        panic!("a policy")
    };
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

const ONE: &str = "'exists:%{ir}.%{v}.z.example'";
const MANY: &str = "'exists:%{ir}.%{v}.%{d}.z.example'";

/// A zone with a server that lies in it.
fn in_zone(host: &str) -> String {
    format!(
        "[[zone]]\nimage = 'i'\nns = ['{host}']\naddresses = {{ '{host}' = ['192.0.2.1'] }}\nrecord = {ONE}"
    )
}

fn all_are_wrong(all: &[(String, &str)]) {
    for (text, message) in all {
        assert!(wrong(text).starts_with(message), "{text}: {}", wrong(text));
    }
}

#[test]
fn mistakes_of_a_zones_servers_have_their_places() {
    all_are_wrong(&[
        (String::from("[[zone]]"), "line 1, column 1: 'record' is missing: what is published"),
        (format!("[[zone]]\nrecord = {ONE}"), "line 1, column 1: 'ns' is missing: the zone's"),
        (format!("[[zone]]\nns = []\nrecord = {ONE}"), "line 1, column 1: 'ns' is missing"),
        (
            format!("[[zone]]\nns = ['a.b', 'A.b.']\nrecord = {ONE}"),
            "line 2, column 14: a.b stands here twice",
        ),
        (
            format!("[[zone]]\nns = ['ns.z.example']\nrecord = {ONE}"),
            "line 2, column 7: ns.z.example lies in the zone: [zone.addresses] has to say",
        ),
        (
            format!("{ZONE}{ONE}\naddresses = {{ 'ns.example.net' = ['192.0.2.1'] }}"),
            "line 5, column 15: ns.example.net is no server in the zone: its addresses",
        ),
        (
            format!("{ZONE}{ONE}\n[zone.addresses]\n'ns.z.example' = ['192.0.2.1']"),
            "line 6, column 1: ns.z.example is no server in the zone",
        ),
        (
            format!("{ZONE}{ONE}\naddresses = {{ 'ns.example.net' = ['x'] }}"),
            "line 5, column 35: \"x\" is no IPv4 or IPv6 address",
        ),
    ]);
}

#[test]
fn servers_among_addresses_are_refused() {
    read(&in_zone("ns1.z.example"));
    read(&in_zone("a.1x.Z.example"));
    all_are_wrong(&[
        (in_zone("7.z.example"), "line 1, column 1: the server 7.z.example would stand where"),
        (in_zone("ns.255.z.example"), "line 1, column 1: the server ns.255.z.example would"),
        (in_zone("ns.F.z.example"), "line 1, column 1: the server ns.f.z.example would stand"),
        (in_zone("ns.in-addr.z.example"), "line 1, column 1: the server ns.in-addr.z.example"),
        (in_zone("IP6.z.example"), "line 1, column 1: the server ip6.z.example would stand"),
        (in_zone("z.example"), "line 1, column 1: the server z.example has the zone's own name"),
    ]);
}

#[test]
fn mistakes_of_a_zones_sources_have_their_places() {
    all_are_wrong(&[
        (
            format!("[[zone]]\nns = ['ns.example.net']\nrecord = {ONE}"),
            "line 1, column 1: the zone z.example has no addresses: 'source' names them, or",
        ),
        (
            format!("{ZONE}{ONE}\nsource = 'ofice'\n[source.office]\ncidrs = 'x'"),
            "line 5, column 10: there is no source \"ofice\" (is 'office' meant?)",
        ),
        (
            format!("{ZONE}{ONE}\ntenants = {{ 'a.b' = 'x' }}"),
            "line 5, column 13: 'tenants' is for records with %{d}, and the one of z.example",
        ),
        (
            format!("{ZONE}{ONE}\ntenants-file = 'x'"),
            "line 1, column 1: 'tenants-file' is for records with %{d}",
        ),
        (
            format!("{ZONE}{MANY}\nsource = 'x'\n[source.x]\ncidrs = 'x'"),
            "line 1, column 1: the record of z.example has %{d}: [zone.tenants] or",
        ),
        (
            format!(
                "{ZONE}{MANY}\n[zone.tenants]\n'a.b' = 'x'\n'A.b' = 'x'\n[source.x]\ncidrs='x'"
            ),
            "line 7, column 1: a.b stands here twice",
        ),
        (
            format!("{ZONE}{MANY}\n[zone.tenants]\n'IP6.b' = 'x'\n[source.x]\ncidrs = 'x'"),
            "line 6, column 1: ip6.b has the label 'in-addr' or 'ip6'",
        ),
        (
            format!("{ZONE}{MANY}\ntenants = {{ '{}' = 'x' }}", vec!["a".repeat(60); 3].join(".")),
            "line 5, column 13: the name of an address in the zone",
        ),
    ]);
}

#[test]
fn mistakes_of_a_zones_values_have_their_places() {
    all_are_wrong(&[
        (
            format!("{ZONE}{ONE}\nttl-hit = 604801"),
            "line 5, column 11: 604801 is not from 0 to 6048",
        ),
        (format!("{ZONE}{ONE}\ntxt = ['']"), "line 5, column 8: expected 1 to 255 octets, found 0"),
        (
            format!("{ZONE}{ONE}\ntxt = ['{0}', '{0}']", "x".repeat(255)),
            "line 1, column 1: the texts take 512 octets, and at most 400",
        ),
        (format!("{ZONE}{ONE}\naddress = '::1'"), "line 5, column 11: \"::1\" is no IPv4 address"),
        (format!("{ZONE}{ONE}\nttl = 3"), "line 5, column 1: [zone] has no key 'ttl'"),
        (format!("{ZONE}{ONE}\n{ZONE}{ONE}"), "line 8, column 10: the zone z.example stands here"),
        (
            format!("{ZONE}{ONE}\n{ZONE}'exists:%{{i}}.low.z.example'"),
            "line 8, column 10: one of the zones low.z.example and z.example lies in the other",
        ),
        (
            format!("{ZONE}{ONE}\n{ZONE}'exists:%{{i}}.y.example'"),
            "line 8, column 10: the zones z.example and y.example have the same 'image'",
        ),
        (
            format!("{ZONE}'exists:%{{h}}.%{{ir}}.y.example'"),
            "line 4, column 10: 'exists:%{h}.%{ir",
        ),
    ]);
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

#[test]
fn no_outcome_before_a_domain_stands_among_addresses() {
    for before in ["ip6", "a.IN-ADDR"] {
        let record = format!(
            "'v=spf1 exists:%{{ir}}.%{{v}}.%{{d}}.z.example \
             ~exists:%{{ir}}.%{{v}}.{before}.%{{d}}.z.example -all'"
        );
        let said = wrong(&format!("{ZONE}{record}"));
        assert!(said.contains("has the label 'in-addr' or 'ip6'"), "{said}");
    }
}

#[test]
fn no_name_stands_for_two_tenants() {
    let zone = |domain: &str| {
        format!(
            "{ZONE}'v=spf1 exists:%{{ir}}.%{{v}}.%{{d}}.z.example \
             ~exists:%{{ir}}.%{{v}}.softfail0.%{{d}}.z.example -all'\n\
             [zone.tenants]\n'example.org' = 's'\n'{domain}' = 's'\n[source.s]\ncidrs = 'x'"
        )
    };
    assert_eq!(
        wrong(&zone("softfail0.Example.org")),
        "line 7, column 1: the record asks softfail0.example.org for softfail0.example.org and for \
         example.org: one of them has to go"
    );
    let config = read(&zone("softfail0.softfail0.example.org"));
    let list = |text: &str| config.tenants(&config.zones[0], text.as_bytes());
    assert!(list("a.example.org s").is_ok());
    for (text, message) in [
        (
            "a.b s\nsoftfail0.a.b s",
            "line 2: the record asks softfail0.a.b for softfail0.a.b and for a.b:",
        ),
        (
            "softfail0.a.b s\na.b s",
            "line 2: the record asks softfail0.a.b for a.b and for softfail0.a.b:",
        ),
        (
            "softfail0.example.org s",
            "line 1: the record asks softfail0.example.org for softfail0.example.org and for example.org:",
        ),
    ] {
        assert_eq!(list(text).unwrap_err().to_string().get(..message.len()), Some(message));
    }
}

proptest! {
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
