//! Whether the zones above say of a zone what the configuration says.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::net::IpAddr;

use crate::cli::error::CliError;
use crate::cli::output::Session;
use crate::cli::style::{BAD, GOOD, paint};
use crate::config::{ServeConfig, ZoneConfig};
use crate::dns::{Delegation, Hickory, SourceError};
use crate::escape;
use crate::name::DomainName;

/// Asks the zones above.
pub(super) struct Parents {
    hickory: Hickory,
    runtime: tokio::runtime::Runtime,
}

impl Parents {
    /// Asks those whom the command line names, or else the configuration.
    ///
    /// # Errors
    ///
    /// No name server to ask.
    pub(super) fn open(config: &ServeConfig, session: &Session) -> Result<Parents, CliError> {
        let global = &session.global;
        let servers = if global.dns.is_empty() { &config.resolvers } else { &global.dns };
        let hickory = match servers.as_slice() {
            [] => Hickory::system(global.timeout)?,
            servers => Hickory::new(servers, global.timeout)?,
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(SourceError::Runtime)?;
        Ok(Parents { hickory, runtime })
    }

    /// Says how the zone is delegated; whether that is as it is configured.
    pub(super) fn compare(&self, text: &mut String, zone: &ZoneConfig) -> bool {
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
            let line = escape::message(line);
            let _ = writeln!(text, "  {} {line}", paint(BAD, "mend:"));
        }
        said.is_empty()
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
