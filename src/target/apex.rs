//! The start of a generated zone: its SOA and NS records.

use crate::name::DomainName;

use super::{ZoneData, ZoneRecord};

/// The start of a generated zone.
#[derive(Clone, Debug)]
pub struct ZoneApex {
    /// The zone.
    pub zone: DomainName,
    /// Its servers, at least one; the first is the primary.
    pub servers: Vec<DomainName>,
    /// The mailbox of who is responsible, as a name.
    pub mailbox: DomainName,
    /// The version of the zone.
    pub serial: u32,
    /// Seconds that answers may be cached.
    pub ttl: u32,
    /// Seconds that a negative answer may be cached.
    pub negative_ttl: u32,
}

impl ZoneApex {
    /// The SOA and NS records.
    pub fn records(&self) -> Vec<ZoneRecord> {
        let record = |data| ZoneRecord { name: self.zone.clone(), ttl: self.ttl, data };
        let primary = self.servers.first().unwrap_or(&self.zone).clone();
        let soa = ZoneData::Soa {
            primary,
            mailbox: self.mailbox.clone(),
            serial: self.serial,
            minimum: self.negative_ttl,
        };
        let servers = self.servers.iter().map(|server| ZoneData::Ns(server.clone()));
        std::iter::once(soa).chain(servers).map(record).collect()
    }
}
