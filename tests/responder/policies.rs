//! Domains whose records ask a responder: one for each form that a zone can have,
//! with clients and what receivers have to decide about them. One server answers
//! for all of them, and one resolver knows their records.

use std::fmt::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use crate::resolver::strict_resolver_with;
use crate::running::Running;

/// What both families of most zones pass.
const CIDRS: &str = "192.0.2.0/24\n198.51.100.128/25\n2001:db8::/32\n";

/// A domain with a record that asks a zone.
pub(crate) struct Policy {
    pub(crate) domain: String,
    pub(crate) record: String,
    /// The zone; several domains may share one.
    pub(crate) zone: String,
    pub(crate) clients: Vec<Client>,
}

/// A client's address, its result, and how many of the questions are void.
#[derive(Clone, Copy)]
pub(crate) struct Client {
    pub(crate) ip: &'static str,
    pub(crate) result: &'static str,
    pub(crate) void: u64,
}

/// What is served, and who asks for it.
pub(crate) struct Scene {
    pub(crate) policies: Vec<Policy>,
    config: String,
}

fn client(ip: &'static str, result: &'static str, void: u64) -> Client {
    Client { ip, result, void }
}

impl Scene {
    /// Every mechanism, order and layout; tenants; outcomes other than pass; and
    /// zones in which a name is one of both families.
    pub(crate) fn new() -> Scene {
        let mut scene = Scene { policies: Vec::new(), config: String::new() };
        scene.sources();
        scene.forms();
        scene.families_together();
        scene.tenants();
        scene.softfail();
        scene
    }

    fn sources(&mut self) {
        for name in ["all", "north", "ip6", "ip4", "both"] {
            writeln!(self.config, "[source.{name}]\ncidrs = \"{name}.txt\"").unwrap();
        }
        // So many that they do not fit the record.
        let softfail: String =
            (0..120).map(|number| format!(" ~ip4:198.51.100.{}", number * 2)).collect();
        writeln!(
            self.config,
            "[source.mixed]\ndomain = \"softfail.example\"\nrecording = \"dns.json\"\n\
             record = \"v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32{softfail} ~ip6:2001:db9::/32 -all\""
        )
        .unwrap();
    }

    fn add(&mut self, domain: &str, zone: &str, record: String, clients: Vec<Client>) {
        let (domain, zone) = (domain.to_owned(), zone.to_owned());
        self.policies.push(Policy { domain, record, zone, clients });
    }

    fn add_zone(&mut self, record: &str, source: &str) {
        let text = format!("[[zone]]\nrecord = '{record}'\nns = ['ns.example.net']\n{source}\n");
        self.config.push_str(&text);
    }

    fn forms(&mut self) {
        let forms = ["%{ir}.%{v}", "%{i}.%{v}", "%{ir}", "%{i}"];
        for (mechanism, void) in [("exists", 1), ("include", 0)] {
            for (number, form) in forms.iter().enumerate() {
                let domain = format!("{mechanism}{number}.example");
                let zone = format!("_spf.{domain}");
                let (all, other) = if number % 2 == 0 { ("-", "fail") } else { ("~", "softfail") };
                let record = format!("v=spf1 {mechanism}:{form}.{zone} {all}all");
                self.add_zone(&record, "source = 'all'");
                // In forward order partial names are never void; those of whole
                // addresses are.
                let clients = vec![
                    client("192.0.2.7", "pass", 0),
                    client("2001:db8::7", "pass", 0),
                    client("203.0.113.9", other, void),
                    client("2001:db9::9", other, void),
                    client("198.51.100.5", other, void),
                    client("198.51.100.200", "pass", 0),
                ];
                self.add(&domain, &zone, record, clients);
            }
        }
    }

    /// `8.0.0.2` is the address 2.0.0.8 and stands above those of 2008::/16.
    fn families_together(&mut self) {
        let pass = |passes| if passes { "pass" } else { "fail" };
        for (mechanism, void) in [("exists", 1), ("include", 0)] {
            for (source, ip4, ip6) in
                [("ip6", false, true), ("ip4", true, false), ("both", true, true)]
            {
                let domain = format!("{source}-{mechanism}.example");
                let zone = format!("_spf.{domain}");
                let record = format!("v=spf1 {mechanism}:%{{ir}}.{zone} -all");
                self.add_zone(&record, &format!("source = '{source}'"));
                let clients = vec![
                    client("2.0.0.8", pass(ip4), if ip4 { 0 } else { void }),
                    client("2008::7", pass(ip6), if ip6 { 0 } else { void }),
                    client("2009::7", "fail", void),
                    client("2.0.0.9", "fail", void),
                ];
                self.add(&domain, &zone, record, clients);
            }
        }
    }

    fn tenants(&mut self) {
        for (mechanism, void) in [("exists", 1), ("include", 0)] {
            let zone = format!("_spf.{mechanism}-provider.example");
            let record = format!("v=spf1 {mechanism}:%{{ir}}.%{{v}}.%{{d}}.{zone} -all");
            let (shop, news) =
                (format!("{mechanism}-shop.example"), format!("news.{mechanism}-shop.example"));
            let tenants = format!("tenants = {{ '{shop}' = 'all', '{news}' = 'north' }}");
            self.add_zone(&record, &tenants);
            let of_shop = vec![
                client("192.0.2.7", "pass", 0),
                client("2001:db8::7", "pass", 0),
                client("203.0.113.9", "fail", void),
                client("2001:db9::9", "fail", void),
            ];
            self.add(&shop, &zone, record.clone(), of_shop);
            let of_news = vec![
                client("192.0.2.7", "fail", void),
                client("2001:db8::7", "fail", void),
                client("203.0.113.9", "pass", 0),
                client("2001:db9::9", "pass", 0),
            ];
            self.add(&news, &zone, record, of_news);
        }
    }

    fn softfail(&mut self) {
        let (domain, zone) = ("softfail.example", "_spf.softfail.example");
        let record = "v=spf1 exists:%{ir}.%{v}._spf.softfail.example \
                      ~exists:%{ir}.%{v}.softfail0._spf.softfail.example -all";
        self.add_zone(record, "source = 'mixed'");
        let clients = vec![
            client("192.0.2.7", "pass", 0),
            client("2001:db8::7", "pass", 0),
            client("198.51.100.8", "softfail", 1),
            client("2001:db9::9", "softfail", 1),
            client("198.51.100.7", "fail", 2),
            client("2001:dba::9", "fail", 2),
        ];
        self.add(domain, zone, record.to_owned(), clients);
    }

    /// The most clients that a policy has.
    pub(crate) fn most_clients(&self) -> usize {
        self.policies.iter().map(|policy| policy.clients.len()).max().unwrap()
    }

    /// The responder for all zones.
    pub(crate) fn serve(&self, folder: &Path) -> Running {
        let files = [
            ("all.txt", CIDRS),
            ("north.txt", "203.0.113.0/24\n2001:db9::/32\n"),
            ("ip6.txt", "2008::/16\n"),
            ("ip4.txt", "2.0.0.8\n"),
            ("both.txt", "2.0.0.8\n2008::/16\n"),
            ("dns.json", "{}"),
        ];
        for (name, text) in files {
            std::fs::write(folder.join(name), text).unwrap();
        }
        serve(folder, &self.config, &self.policies[0].zone)
    }

    /// A resolver that minimises names strictly, knows the records and asks the
    /// responder for the zones. Its cache is empty.
    pub(crate) fn resolver(&self, unbound: &Path, folder: &Path, server: SocketAddr) -> Running {
        let mut zones: Vec<&str> = self.policies.iter().map(|policy| &policy.zone[..]).collect();
        zones.dedup();
        let texts: Vec<(&str, &str)> =
            self.policies.iter().map(|policy| (&policy.domain[..], &policy.record[..])).collect();
        strict_resolver_with(unbound, folder, server, &zones, &texts)
    }
}

/// `spfc serve` with this configuration, in a folder that holds what it names;
/// `zone` is one of its zones.
pub(crate) fn serve(folder: &Path, config: &str, zone: &str) -> Running {
    serve_within(Duration::from_secs(10), folder, config, zone)
}

/// The same for one that may take this long to start.
pub(crate) fn serve_within(time: Duration, folder: &Path, config: &str, zone: &str) -> Running {
    let file = folder.join("spfc.toml");
    std::fs::write(&file, config).unwrap();
    let file = file.to_str().unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_spfc"));
    Running::start_within(time, program, folder, zone, |port| {
        let listen = format!("127.0.0.1:{port}");
        ["serve", "--threads", "2", "--config", file, "--listen", &listen].map(String::from).into()
    })
}
