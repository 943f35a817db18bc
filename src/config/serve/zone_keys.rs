//! The tables `[[zone]]`.
//!
//! A new key is a field, a line of `ZONE_KEYS`, an arm of `set`, and a paragraph
//! of `examples/spfc.toml`.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

use crate::config::value::{Value, array, number, string, table};
use crate::config::{ConfigFault, Misplaced, in_order, unknown_key};
use crate::name::DomainName;
use crate::responder::{Ttls, ZoneOptions, ZoneServer};

use super::server::path;
use super::source::{domain, read_domain};
use super::tenants::TenantNames;
use super::terms::read_zone_terms;
use super::zone::MOST_ADDRESSES;
use super::{ServeFault, ZoneConfig};
use crate::responder::MAX_SERVERS;

/// The keys of the tables.
pub const ZONE_KEYS: &[&str] = &[
    "record",
    "name",
    "ns",
    "addresses",
    "hostmaster",
    "address",
    "txt",
    "ttl-hit",
    "ttl-miss",
    "ttl-partial",
    "ttl-apex",
    "source",
    "image",
    "tenants",
    "tenants-file",
];

/// Seconds that answers may be kept at most: a week.
const MOST_TTL: u32 = 7 * 86_400;
/// Octets of a character-string (RFC 1035 section 3.3).
const STRING_OCTETS: usize = 255;

/// A zone as read, with the places that are judged later.
pub(super) struct Read {
    pub(super) zone: ZoneConfig,
    /// Where its record stands.
    pub(super) begin: usize,
    /// The sources that it names.
    pub(super) named: Vec<(usize, String)>,
}

/// A value with the octet where it stands.
type Placed<T> = (usize, T);

/// A server with its addresses.
type ServerAddresses = Placed<(DomainName, Vec<IpAddr>)>;
/// A domain with its source.
type TenantSource = Placed<(DomainName, Placed<String>)>;

/// What the keys say, as they come.
#[derive(Default)]
struct Keys {
    record: Option<Placed<String>>,
    name: Option<DomainName>,
    ns: Option<Vec<Placed<DomainName>>>,
    addresses: Vec<ServerAddresses>,
    hostmaster: Option<DomainName>,
    address: Option<Ipv4Addr>,
    texts: Vec<Vec<u8>>,
    ttls: Ttls,
    source: Option<Placed<String>>,
    image: Option<PathBuf>,
    tenants: Vec<TenantSource>,
    tenants_file: Option<PathBuf>,
}

/// Reads one zone.
pub(super) fn read(value: &Value<'_>) -> Result<Read, Misplaced> {
    let table = table(value)?;
    let mut keys = Keys::default();
    for (key, value) in in_order(table) {
        if !(keys.set(key.get_ref(), value)? || keys.set_ttl(key.get_ref(), value)?) {
            return Err(unknown_key("zone", key, ZONE_KEYS));
        }
    }
    keys.zone(value.span().start)
}

impl Keys {
    /// Takes the value of a key; `false` for a key that is none of these.
    fn set(&mut self, key: &str, value: &Value<'_>) -> Result<bool, Misplaced> {
        let start = value.span().start;
        match key {
            "record" => self.record = Some((start, string(value)?.to_owned())),
            "name" => self.name = Some(read_domain(value)?),
            "ns" => self.ns = Some(servers(value)?),
            "addresses" => self.addresses = addresses(value)?,
            "hostmaster" => self.hostmaster = Some(mailbox(value)?),
            "address" => self.address = Some(ip4(value)?),
            "txt" => self.texts = texts(value)?,
            "source" => self.source = Some((start, string(value)?.to_owned())),
            "image" => self.image = Some(path(value)?),
            "tenants" => self.tenants = tenants(value)?,
            "tenants-file" => self.tenants_file = Some(path(value)?),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The same for times to live.
    fn set_ttl(&mut self, key: &str, value: &Value<'_>) -> Result<bool, Misplaced> {
        let ttl = match key {
            "ttl-hit" => &mut self.ttls.hit,
            "ttl-miss" => &mut self.ttls.miss,
            "ttl-partial" => &mut self.ttls.partial,
            "ttl-apex" => &mut self.ttls.apex,
            _ => return Ok(false),
        };
        *ttl = number(value, 0, MOST_TTL)?;
        Ok(true)
    }

    /// The zone, if its keys go together. `begin` is where it stands.
    fn zone(self, begin: usize) -> Result<Read, Misplaced> {
        let missing = |key, more| (begin, ServeFault::Missing(key, more).into());
        let Some((at_record, record)) = self.record else {
            return Err(missing("record", ": what is published tells the zone and its names"));
        };
        let terms = read_zone_terms(&record, self.name.as_ref())
            .map_err(|fault| (at_record, ServeFault::from(fault).into()))?;
        let zone = terms.zone().clone();
        let servers = match self.ns {
            Some(list) if !list.is_empty() => with_addresses(&zone, list, self.addresses)?,
            _ => return Err(missing("ns", ": the zone's servers, as its parent zone has them")),
        };
        let default = || zone.child(b"hostmaster");
        let hostmaster = self.hostmaster.map_or_else(default, Ok).map_err(|reason| {
            (begin, ServeFault::Name { text: format!("hostmaster.{zone}"), reason }.into())
        })?;
        let options = ZoneOptions {
            servers,
            hostmaster,
            address: self.address.unwrap_or(Ipv4Addr::new(127, 0, 0, 2)),
            texts: self.texts,
            ttls: self.ttls,
            serial: 0,
        };
        let mut zone = ZoneConfig {
            record,
            terms,
            options,
            source: self.source.as_ref().map(|(_, name)| name.clone()),
            tenants: BTreeMap::new(),
            tenants_file: self.tenants_file,
            image: self.image,
        };
        let mut named: Vec<Placed<String>> = self.source.into_iter().collect();
        let mut names = TenantNames::default();
        for (at, (domain, source)) in self.tenants {
            let refuse = |fault: ServeFault| (at, ConfigFault::from(fault));
            if !zone.terms.by_domain {
                return Err(refuse(ServeFault::NoTenants("tenants", zone.terms.zone().clone())));
            }
            zone.admit(&domain).map_err(refuse)?;
            if zone.tenants.insert(domain.clone(), source.1.clone()).is_some() {
                return Err(refuse(ServeFault::Twice(domain.to_string())));
            }
            names.add(&zone, &domain).map_err(refuse)?;
            named.push(source);
        }
        zone.check().map_err(|fault| (begin, fault.into()))?;
        Ok(Read { zone, begin: at_record, named })
    }
}

/// The servers with the addresses of those in the zone.
fn with_addresses(
    zone: &DomainName,
    servers: Vec<Placed<DomainName>>,
    mut addresses: Vec<ServerAddresses>,
) -> Result<Vec<ZoneServer>, Misplaced> {
    let mut list = Vec::new();
    for (at, name) in servers {
        let own = addresses.iter().position(|(_, (host, _))| *host == name);
        let own = own.map(|place| addresses.swap_remove(place));
        match (name.is_at_or_below(zone), own) {
            (true, Some((_, (_, addresses)))) => list.push(ZoneServer { name, addresses }),
            (false, None) => list.push(ZoneServer { name, addresses: Vec::new() }),
            (true, None) => return Err((at, ServeFault::NoAddresses(name).into())),
            (false, Some((at, _))) => return Err((at, ServeFault::OtherAddresses(name).into())),
        }
    }
    match addresses.into_iter().next() {
        Some((at, (host, _))) => Err((at, ServeFault::OtherAddresses(host).into())),
        None => Ok(list),
    }
}

/// Refuses more values than there may be.
fn at_most<'t, 'i>(value: &'t Value<'i>, most: usize) -> Result<&'t [Value<'i>], Misplaced> {
    let list = array(value, "an array of strings")?;
    match list.len() {
        count if count > most => Err((value.span().start, ServeFault::Many { count, most }.into())),
        _ => Ok(list),
    }
}

fn servers(value: &Value<'_>) -> Result<Vec<Placed<DomainName>>, Misplaced> {
    let mut list: Vec<Placed<DomainName>> = Vec::new();
    for value in at_most(value, MAX_SERVERS)? {
        let (at, name) = (value.span().start, read_domain(value)?);
        if list.iter().any(|(_, other)| *other == name) {
            return Err((at, ServeFault::Twice(name.to_string()).into()));
        }
        list.push((at, name));
    }
    Ok(list)
}

fn addresses(value: &Value<'_>) -> Result<Vec<ServerAddresses>, Misplaced> {
    let mut list: Vec<ServerAddresses> = Vec::new();
    for (key, value) in in_order(table(value)?) {
        let at = key.span().start;
        let host = domain(key.get_ref()).map_err(|fault| (at, fault.into()))?;
        if list.iter().any(|(_, (other, _))| *other == host) {
            return Err((at, ServeFault::Twice(host.to_string()).into()));
        }
        let mut own: Vec<IpAddr> = Vec::new();
        for value in at_most(value, MOST_ADDRESSES)? {
            let (at, text) = (value.span().start, string(value)?);
            let fault = || ServeFault::Address(text.to_owned(), "4 or IPv6");
            let address: IpAddr = text.parse().map_err(|_| (at, fault().into()))?;
            if own.contains(&address) {
                return Err((at, ServeFault::Twice(address.to_string()).into()));
            }
            own.push(address);
        }
        if own.is_empty() {
            return Err((at, ServeFault::NoAddresses(host).into()));
        }
        list.push((at, (host, own)));
    }
    Ok(list)
}

/// A mailbox as a name (RFC 1035 section 3.3.13); an address of mail is read as
/// one.
fn mailbox(value: &Value<'_>) -> Result<DomainName, Misplaced> {
    let text = string(value)?;
    let at = |fault: ServeFault| (value.span().start, fault.into());
    let Some((local_part, host)) = text.rsplit_once('@') else { return read_domain(value) };
    let name = domain(host).map_err(at)?.child(local_part.as_bytes());
    name.map_err(|reason| at(ServeFault::Name { text: text.to_owned(), reason }))
}

fn ip4(value: &Value<'_>) -> Result<Ipv4Addr, Misplaced> {
    let text = string(value)?;
    let fault = || ServeFault::Address(text.to_owned(), "4");
    text.parse().map_err(|_| (value.span().start, fault().into()))
}

fn texts(value: &Value<'_>) -> Result<Vec<Vec<u8>>, Misplaced> {
    let text = |value| {
        let text = string(value)?.as_bytes();
        match text.len() {
            octets @ (0 | 256..) => {
                let fault = ServeFault::Octets { octets, most: STRING_OCTETS };
                Err((value.span().start, fault.into()))
            }
            _ => Ok(text.to_vec()),
        }
    };
    array(value, "an array of strings")?.iter().map(text).collect()
}

fn tenants(value: &Value<'_>) -> Result<Vec<TenantSource>, Misplaced> {
    let tenant = |(key, value): (&toml::Spanned<toml::de::DeString<'_>>, &Value<'_>)| {
        let at = key.span().start;
        let domain = domain(key.get_ref()).map_err(|fault| (at, fault.into()))?;
        let source = (value.span().start, string(value)?.to_owned());
        Ok((at, (domain.to_lowercase(), source)))
    };
    in_order(table(value)?).into_iter().map(tenant).collect()
}
