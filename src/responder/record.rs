//! Resource records of a zone, ready to be copied into replies.
//!
//! Names in them are compressed against the zone's name, which every question
//! that is answered from the zone holds.

use std::net::IpAddr;

use crate::name::DomainName;

/// Types of records (RFC 1035 section 3.2.2, RFC 3596).
pub mod rtype {
    /// An IPv4 address.
    pub const A: u16 = 1;
    /// A name server.
    pub const NS: u16 = 2;
    /// The start of a zone.
    pub const SOA: u16 = 6;
    /// Texts.
    pub const TXT: u16 = 16;
    /// An IPv6 address.
    pub const AAAA: u16 = 28;
    /// EDNS(0) (RFC 6891).
    pub const OPT: u16 = 41;
    /// Any type (RFC 8482).
    pub const ANY: u16 = 255;
}

/// A record without its owner and its time to live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its type.
    pub rtype: u16,
    /// Its data. Where a pointer into the zone's name belongs are two octets of
    /// room.
    rdata: Box<[u8]>,
    /// Where pointers belong, and the octet of the zone's name that each points
    /// to.
    pointers: Box<[(u16, u16)]>,
}

/// Builds the data of a record.
struct Rdata<'z> {
    zone: &'z DomainName,
    octets: Vec<u8>,
    pointers: Vec<(u16, u16)>,
}

impl Record {
    /// Name server of the zone.
    pub fn ns(zone: &DomainName, server: &DomainName) -> Record {
        let mut rdata = Rdata::new(zone);
        rdata.name(server);
        rdata.record(rtype::NS)
    }

    /// Start of the zone, with the times that secondary servers would go by.
    pub fn soa(
        zone: &DomainName,
        primary: &DomainName,
        hostmaster: &DomainName,
        serial: u32,
        minimum: u32,
    ) -> Record {
        let mut rdata = Rdata::new(zone);
        rdata.name(primary);
        rdata.name(hostmaster);
        let (refresh, retry, expire) = (3600, 600, 86_400_u32);
        for number in [serial, refresh, retry, expire, minimum] {
            rdata.octets.extend_from_slice(&number.to_be_bytes());
        }
        rdata.record(rtype::SOA)
    }

    /// Address of a host.
    pub fn address(zone: &DomainName, address: IpAddr) -> Record {
        let mut rdata = Rdata::new(zone);
        match address {
            IpAddr::V4(ip) => {
                rdata.octets.extend_from_slice(&ip.octets());
                rdata.record(rtype::A)
            }
            IpAddr::V6(ip) => {
                rdata.octets.extend_from_slice(&ip.octets());
                rdata.record(rtype::AAAA)
            }
        }
    }

    /// A text, cut into character-strings of 255 octets.
    pub fn txt(zone: &DomainName, text: &[u8]) -> Record {
        let mut rdata = Rdata::new(zone);
        let empty = text.is_empty().then_some(text);
        for string in text.chunks(255).chain(empty) {
            rdata.octets.push(string.len() as u8);
            rdata.octets.extend_from_slice(string);
        }
        rdata.record(rtype::TXT)
    }

    /// The octets of the data.
    pub fn rdata(&self) -> &[u8] {
        &self.rdata
    }

    /// Where pointers belong in the data, and the octet of the zone's name that
    /// each points to.
    pub fn pointers(&self) -> &[(u16, u16)] {
        &self.pointers
    }
}

impl<'z> Rdata<'z> {
    fn new(zone: &'z DomainName) -> Rdata<'z> {
        Rdata { zone, octets: Vec::new(), pointers: Vec::new() }
    }

    /// A name, compressed where it ends as the zone's does.
    fn name(&mut self, name: &DomainName) {
        let labels: Vec<&[u8]> = name.labels().collect();
        let zone: Vec<&[u8]> = self.zone.labels().collect();
        let alike = labels.iter().rev().zip(zone.iter().rev());
        let shared = alike.take_while(|(a, b)| a.eq_ignore_ascii_case(b)).count();
        for label in &labels[..labels.len() - shared] {
            self.octets.push(label.len() as u8);
            self.octets.extend_from_slice(label);
        }
        if shared == 0 {
            self.octets.push(0);
            return;
        }
        let before: usize = zone[..zone.len() - shared].iter().map(|label| label.len() + 1).sum();
        self.pointers.push((self.octets.len() as u16, before as u16));
        self.octets.extend_from_slice(&[0, 0]);
    }

    fn record(self, rtype: u16) -> Record {
        Record { rtype, rdata: self.octets.into(), pointers: self.pointers.into() }
    }
}
