//! `spfc serve --check`: what a server would do with a configuration, and whether
//! the zones above say the same of its zones.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::net::{IpAddr, SocketAddr};

use super::{CompiledZone, Zones, listed, read_zone_image};
use crate::cli::describe::{counted, heading};
use crate::cli::error::{CliError, shown};
use crate::cli::exit::Exit;
use crate::cli::output::Session;
use crate::cli::style::{BAD, GOOD, paint};
use crate::config::{ServeConfig, ZoneConfig};
use crate::dns::{Delegation, DnssecMode, Hickory};
use crate::name::DomainName;
use crate::responder::Zone;

/// Says what a server would do with a configuration, whose paths are resolved, at
/// these addresses, and asks DNS how its zones are delegated; with `image_only`,
/// or answers from a file, that is not asked.
///
/// Gives [`Exit::No`] where a zone could not be served, or is delegated in another
/// way.
///
/// # Errors
///
/// No name server to ask, and standard output that is closed.
pub(in crate::cli) fn check(
    config: &ServeConfig,
    listen: &[SocketAddr],
    image_only: bool,
    session: &Session,
) -> Result<Exit, CliError> {
    session.print(&server(config, listen, image_only))?;
    let mut zones = Zones::new(config, session);
    let mut parents = match image_only || session.global.dns_file.is_some() {
        true => None,
        false => Some(Parents::open(config, session)?),
    };
    let mut sound = true;
    for zone in &config.zones {
        let compiled = match image_only {
            true => read_zone_image(zone).map(|file| CompiledZone {
                file,
                sources: Vec::new(),
                remarks: Vec::new(),
            }),
            false => zones.compile(zone),
        };
        let mut text = format!("{}\n", heading(zone.terms.zone()));
        sound &= holds(&mut text, zone, compiled);
        match &mut parents {
            Some(parents) => sound &= parents.compare(&mut text, zone)?,
            None => text.push_str("  the zone above was not asked how it delegates this one\n"),
        }
        session.print(&text)?;
    }
    Ok(if sound { Exit::Done } else { Exit::No })
}

fn server(config: &ServeConfig, listen: &[SocketAddr], image_only: bool) -> String {
    let listen: Vec<String> = listen.iter().map(ToString::to_string).collect();
    let mut text = match listen.is_empty() {
        true => {
            "listens at no address of the configuration: --listen or sockets of systemd give one\n"
                .to_owned()
        }
        false => format!("listens at {}\n", listen.join(", ")),
    };
    let _ = writeln!(
        text,
        "{}, {}",
        counted(config.zones.len(), "zone"),
        counted(config.sources.len(), "source")
    );
    match image_only {
        true => text.push_str("reads images alone: no source is followed\n"),
        false => text.push_str(&refresh(config)),
    }
    text.push('\n');
    text
}

/// How sources are kept up to date.
fn refresh(config: &ServeConfig) -> String {
    let (options, trust) = (&config.refresh, &config.trust);
    let mut text = format!(
        "reads sources again when their answers end, after {} to {} s; holds back what loses more than \
         {} %\n",
        options.least.as_secs(),
        options.most.as_secs(),
        options.max_shrink
    );
    let asked = match config.resolvers.as_slice() {
        [] => "the system's resolvers".to_owned(),
        some => counted(some.len(), "resolver"),
    };
    let believed = match trust.quorum {
        Some(needed) => format!("{needed} of which have to agree"),
        None => "one after the other".to_owned(),
    };
    let validated = match trust.dnssec {
        DnssecMode::Off => "without validation",
        DnssecMode::Prefer => "and refuses forged answers (DNSSEC)",
        DnssecMode::Require => "and refuses forged and unsigned answers (DNSSEC)",
    };
    let _ = writeln!(text, "asks {asked}, {believed}, {validated}");
    let _ = match &config.state {
        Some(path) => writeln!(text, "keeps its state in {}", shown(path)),
        None => writeln!(text, "keeps no state: a start without DNS would serve nothing"),
    };
    text
}

/// What the zone holds; whether it could be served.
fn holds(text: &mut String, zone: &ZoneConfig, compiled: Result<CompiledZone, CliError>) -> bool {
    let names: Vec<String> =
        zone.options.servers.iter().map(|server| server.name.to_string()).collect();
    let (mechanism, spec) = (zone.terms.mechanism.as_str(), zone.terms.layout.domain_spec());
    let domain = if zone.terms.by_domain { ", for many domains" } else { "" };
    let _ = writeln!(text, "  answers {mechanism}:{spec}{domain}");
    let _ = writeln!(text, "  servers {}", names.join(", "));
    let compiled = match compiled {
        Ok(compiled) => compiled,
        Err(error) => {
            for message in error.messages() {
                let _ = writeln!(text, "  {} {message}", paint(BAD, "error:"));
            }
            return false;
        }
    };
    let image = &compiled.file.zone;
    if let Err(error) = Zone::new(image, &zone.options) {
        let _ = writeln!(text, "  {} {error}", paint(BAD, "error:"));
        return false;
    }
    let from = match compiled.sources.as_slice() {
        [] => "its image".to_owned(),
        sources => listed(sources),
    };
    let (ip4, ip6) = image
        .sets()
        .iter()
        .map(|set| set.range_counts())
        .fold((0, 0), |(ip4, ip6), (own_ip4, own_ip6)| (ip4 + own_ip4, ip6 + own_ip6));
    let _ = writeln!(
        text,
        "  holds {} of {}: {}, {}, from {from}",
        counted(image.trees().len(), "name"),
        counted(image.sets().len(), "set"),
        counted(ip4, "IPv4 range"),
        counted(ip6, "IPv6 range"),
    );
    for remark in &compiled.remarks {
        let _ = writeln!(text, "  warning: {}", crate::cli::escape::message(remark));
    }
    true
}

/// Asks the zones above.
struct Parents {
    hickory: Hickory,
    runtime: tokio::runtime::Runtime,
}

impl Parents {
    fn open(config: &ServeConfig, session: &Session) -> Result<Parents, CliError> {
        let global = &session.global;
        let servers = if global.dns.is_empty() { &config.resolvers } else { &global.dns };
        let hickory = match servers.as_slice() {
            [] => Hickory::system(global.timeout)?,
            servers => Hickory::new(servers, global.timeout)?,
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(crate::dns::SourceError::Runtime)?;
        Ok(Parents { hickory, runtime })
    }

    /// Says how the zone is delegated; whether that is as it is configured.
    fn compare(&mut self, text: &mut String, zone: &ZoneConfig) -> Result<bool, CliError> {
        let name = zone.terms.zone();
        let said = match self.runtime.block_on(self.hickory.delegation(name)) {
            Ok(delegation) => differences(zone, &delegation),
            Err(error) => {
                vec![format!("it is not known how the zone above delegates {name}: {error}")]
            }
        };
        if said.is_empty() {
            let _ = writeln!(text, "  {} the zone above delegates it so", paint(GOOD, "ok:"));
        }
        for line in &said {
            let line = crate::cli::escape::message(line);
            let _ = writeln!(text, "  {} {line}", paint(BAD, "mend:"));
        }
        Ok(said.is_empty())
    }
}

/// What has to be mended so that the zone above and the configuration say the
/// same.
fn differences(zone: &ZoneConfig, delegation: &Delegation) -> Vec<String> {
    let (name, parent) = (zone.terms.zone(), &delegation.parent);
    let own: BTreeSet<&DomainName> =
        zone.options.servers.iter().map(|server| &server.name).collect();
    let theirs: BTreeSet<&DomainName> = delegation.servers.iter().collect();
    if theirs.is_empty() {
        let lines: Vec<String> = own.iter().map(|server| format!("{name}. NS {server}.")).collect();
        return vec![format!("{parent} does not delegate {name}: add there {}", lines.join(", "))];
    }
    let mut said = Vec::new();
    for server in own.difference(&theirs) {
        said.push(format!("{parent} lacks a server: add there {name}. NS {server}."));
    }
    for server in theirs.difference(&own) {
        said.push(format!(
            "{parent} has a server that 'ns' lacks: add {server} to 'ns', or remove there {name}. NS {server}."
        ));
    }
    for server in zone.options.servers.iter().filter(|server| theirs.contains(&server.name)) {
        let ours: BTreeSet<IpAddr> = server.addresses.iter().copied().collect();
        if ours.is_empty() {
            continue;
        }
        let glue = delegation.glue.iter().filter(|(host, _)| *host == server.name);
        let glue: BTreeSet<IpAddr> = glue.map(|(_, address)| *address).collect();
        for address in ours.difference(&glue) {
            said.push(format!("{parent} lacks an address of {}: add there {address}", server.name));
        }
        for address in glue.difference(&ours) {
            said.push(format!(
                "{parent} has an address of {} that [zone.addresses] lacks: {address}",
                server.name
            ));
        }
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn differences_name_what_to_mend() {
        let text = "[[zone]]\nrecord = 'exists:%{ir}.z.example'\nimage = 'i'\n\
                    ns = ['ns1.example.net', 'ns2.z.example']\n\
                    addresses = { 'ns2.z.example' = ['192.0.2.54', '2001:db8::54'] }\n";
        let zone = Config::read(text.as_bytes()).unwrap().serve.zones.remove(0);
        let name = |text: &str| DomainName::parse(text).unwrap();
        let delegation = |servers: &[&str], glue: &[&str]| Delegation {
            parent: name("example"),
            asked: "192.0.2.1:53".parse().unwrap(),
            servers: servers.iter().map(|server| name(server)).collect(),
            glue: glue.iter().map(|ip| (name("ns2.z.example"), ip.parse().unwrap())).collect(),
        };
        let said = |servers: &[&str], glue: &[&str]| differences(&zone, &delegation(servers, glue));
        let both = ["NS1.example.net", "ns2.z.example"];
        assert!(said(&both, &["2001:db8::54", "192.0.2.54"]).is_empty());
        assert_eq!(
            said(&both, &["192.0.2.54", "192.0.2.99"]),
            [
                "example lacks an address of ns2.z.example: add there 2001:db8::54",
                "example has an address of ns2.z.example that [zone.addresses] lacks: 192.0.2.99"
            ]
        );
        assert_eq!(
            said(&["ns1.example.net", "ns3.example.net"], &[]),
            [
                "example lacks a server: add there z.example. NS ns2.z.example.",
                "example has a server that 'ns' lacks: add ns3.example.net to 'ns', or remove there \
                 z.example. NS ns3.example.net."
            ]
        );
        let none = said(&[], &[]);
        assert!(
            none[0].starts_with("example does not delegate z.example: add there z.example. NS")
        );
    }
}
