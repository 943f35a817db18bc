//! What the zone above says of a zone: its name servers and their addresses.
//!
//! Servers that resolve are asked which zone stands above and who serves it; one
//! of those is then asked itself, for only it knows what it tells others.

use std::net::{IpAddr, SocketAddr};

use hickory_net::xfer::{DnsHandle, FirstAnswer};
use hickory_net::{DnsError, NetError};
use hickory_proto::op::Query;
use hickory_proto::rr::{Name, RData, Record, RecordType as WireType};
use thiserror::Error;

use super::message::{domain_name, failure};
use super::{Ask, Hickory, ServersError, request_options};
use crate::dns::{Answer, DNS_PORT, Failure, Question, RecordType};
use crate::name::DomainName;

/// Servers of the zone above that are tried at most.
const TRIED: usize = 4;

/// How the zone above delegates a zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delegation {
    /// The zone above.
    pub parent: DomainName,
    /// Its server that was asked.
    pub asked: SocketAddr,
    /// The zone's name servers, sorted; none where the zone is not delegated.
    pub servers: Vec<DomainName>,
    /// Addresses that came along with them, sorted.
    pub glue: Vec<(DomainName, IpAddr)>,
}

/// Why it is not known how a zone is delegated.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DelegationError {
    /// No answer which zone stands above.
    #[error("{0} NS: {1}")]
    Unanswered(DomainName, Failure),
    /// No zone above.
    #[error("no zone above {0} has name servers")]
    NoParent(DomainName),
    /// The servers of the zone above do not answer.
    #[error("no server of {0} answers")]
    Silent(DomainName),
    /// The client cannot be set up.
    #[error(transparent)]
    Servers(#[from] ServersError),
}

impl Hickory {
    /// Asks how the zone above delegates `zone`.
    ///
    /// # Errors
    ///
    /// [`DelegationError`] where DNS does not say.
    pub async fn delegation(&self, zone: &DomainName) -> Result<Delegation, DelegationError> {
        let mut above = zone.parent();
        while let Some(parent) = above {
            let unanswered = |failure| DelegationError::Unanswered(parent.clone(), failure);
            let found = self.name_servers(&parent, true).await.map_err(unanswered)?;
            if !found.servers.is_empty() {
                return self.ask_parent(zone, parent, found.servers).await;
            }
            above = parent.parent();
        }
        Err(DelegationError::NoParent(zone.clone()))
    }

    async fn ask_parent(
        &self,
        zone: &DomainName,
        parent: DomainName,
        servers: Vec<DomainName>,
    ) -> Result<Delegation, DelegationError> {
        for server in servers.into_iter().take(TRIED) {
            for address in self.addresses(server).await {
                let asked = SocketAddr::new(address, DNS_PORT);
                let direct = Hickory::new(&[asked], self.servers.timeout)?;
                if let Ok(found) = direct.name_servers(zone, false).await {
                    let NameServers { servers, glue } = found;
                    return Ok(Delegation { parent, asked, servers, glue });
                }
            }
        }
        Err(DelegationError::Silent(parent))
    }

    async fn addresses(&self, host: DomainName) -> Vec<IpAddr> {
        let ask = |record_type| self.ask(Question::new(host.clone(), record_type));
        let (ip4, ip6): (Answer, Answer) = (ask(RecordType::A).await, ask(RecordType::Aaaa).await);
        let ip4 = ip4.ip4_addresses().iter().copied().map(IpAddr::V4);
        ip4.chain(ip6.ip6_addresses().iter().copied().map(IpAddr::V6)).collect()
    }

    /// The name servers that an answer or a referral names for exactly this zone.
    async fn name_servers(
        &self,
        zone: &DomainName,
        recursive: bool,
    ) -> Result<NameServers, Failure> {
        let name = Name::from_labels(zone.labels()).map_err(|_| Failure::Malformed)?;
        let query = Query::query(name, WireType::NS);
        let mut options = request_options();
        options.recursion_desired = recursive;
        let mut first_failure = None;
        for pool in &self.servers.pools {
            let asked = pool.lookup(query.clone(), options).first_answer();
            let timeout = self.servers.timeout;
            let outcome = tokio::time::timeout(timeout, asked).await;
            match outcome.map_err(|_| Failure::Timeout) {
                Ok(Ok(response)) => {
                    let message = response.into_message();
                    let own = message.answers.iter().chain(&message.authorities);
                    return Ok(NameServers::read(zone, own, &message.additionals));
                }
                Ok(Err(NetError::Dns(DnsError::NoRecordsFound(negative)))) => {
                    let referral = negative.ns.as_deref().unwrap_or_default();
                    let glue: Vec<Record> =
                        referral.iter().flat_map(|it| it.glue.iter().cloned()).collect();
                    return Ok(NameServers::read(zone, referral.iter().map(|it| &it.ns), &glue));
                }
                Ok(Err(error)) => first_failure.get_or_insert(failure(&error)),
                Err(error) => first_failure.get_or_insert(error),
            };
        }
        Err(first_failure.unwrap_or(Failure::Unreachable))
    }
}

/// Name servers with the addresses that came along.
struct NameServers {
    servers: Vec<DomainName>,
    glue: Vec<(DomainName, IpAddr)>,
}

impl NameServers {
    fn read<'r>(
        zone: &DomainName,
        records: impl Iterator<Item = &'r Record>,
        additional: &[Record],
    ) -> NameServers {
        let own = records.filter(|record| domain_name(&record.name).as_ref() == Some(zone));
        let mut servers: Vec<DomainName> = own
            .filter_map(|record| match &record.data {
                RData::NS(host) => domain_name(&host.0),
                _ => None,
            })
            .collect();
        servers.sort();
        servers.dedup();
        let mut glue: Vec<(DomainName, IpAddr)> = additional
            .iter()
            .filter_map(|record| {
                let address = match &record.data {
                    RData::A(address) => IpAddr::V4(address.0),
                    RData::AAAA(address) => IpAddr::V6(address.0),
                    _ => return None,
                };
                Some((domain_name(&record.name)?, address))
            })
            .filter(|(host, _)| servers.contains(host))
            .collect();
        glue.sort();
        glue.dedup();
        NameServers { servers, glue }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    use hickory_proto::rr::rdata::{A, NS};

    fn name(text: &str) -> DomainName {
        DomainName::parse(text).unwrap()
    }

    #[test]
    fn only_what_is_said_of_the_zone_itself_counts() {
        let wire = |text: &str| Name::from_ascii(text).unwrap();
        let ns =
            |zone: &str, host: &str| Record::from_rdata(wire(zone), 300, RData::NS(NS(wire(host))));
        let a = |host: &str| {
            Record::from_rdata(wire(host), 300, RData::A(A(Ipv4Addr::new(192, 0, 2, 54))))
        };
        let records = [
            ns("Z.example.", "ns2.z.example."),
            ns("z.example.", "ns1.example."),
            ns("example.", "x."),
        ];
        let additional = [a("ns2.z.example."), a("x."), a("NS2.z.example.")];
        let found = NameServers::read(&name("z.example"), records.iter(), &additional);
        assert_eq!(found.servers, [name("ns1.example"), name("ns2.z.example")]);
        assert_eq!(found.glue, [(name("ns2.z.example"), IpAddr::from([192, 0, 2, 54]))]);
    }
}
