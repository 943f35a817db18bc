//! A zone as it is asked: its trees by name, its records ready to be copied.
//!
//! What a question is answered with is decided in `answer`.

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::Arc;

use thiserror::Error;

use crate::image::{AddressIndex, Tree, ZoneImage, ZoneMechanism, is_address_label};
use crate::name::{DomainName, NameError};

use super::name::{QuestionName, at_and_above};
use super::reading::Form;
use super::record::Record;
use super::unready::Unready;
use super::{Ttls, ZoneOptions, ZoneServer};

/// Octets of data that the texts at a zone's own name may have together, so that
/// an answer has room in 512.
pub const MAX_APEX_TEXT_OCTETS: usize = 400;
/// The most name servers of a zone.
pub const MAX_SERVERS: usize = 13;

/// A zone that answers.
#[derive(Debug)]
pub struct Zone {
    name: DomainName,
    form: Form,
    mechanism: ZoneMechanism,
    sets: Box<[Arc<AddressIndex>]>,
    /// The set of the addresses directly below the zone's name.
    own: Option<u32>,
    /// Names below the zone that exist besides those of addresses, and those
    /// above them and above domains that have nothing yet.
    nodes: HashMap<Box<[u8]>, Node>,
    /// Domains that belong here, without anything to answer from.
    unready: Unready,
    address: [u8; 4],
    ttls: Ttls,
    soa: Record,
    servers: Box<[Record]>,
    texts: Box<[Record]>,
    hosts: Box<[Host]>,
}

/// What a name below the zone is besides the name of an address.
#[derive(Clone, Debug, Default)]
struct Node {
    tree: Option<u32>,
    /// Which of the hosts.
    host: Option<u32>,
}

/// A name server inside of the zone.
#[derive(Debug, PartialEq, Eq)]
pub struct Host {
    /// The labels of its name before the zone's.
    pub below: Box<[u8]>,
    /// Its addresses.
    pub addresses: Box<[Record]>,
}

/// Why a zone cannot be served. The fault lies with who configured it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ZoneError {
    /// A zone without a name server.
    #[error("the zone {0} has no name server")]
    NoServer(DomainName),
    /// More name servers than an answer has room for.
    #[error("the zone {zone} has {count} name servers, over {MAX_SERVERS}")]
    ManyServers {
        /// The zone.
        zone: DomainName,
        /// How many there are.
        count: usize,
    },
    /// A name server inside of the zone that nobody could find.
    #[error("the name server {server} lies in the zone {zone} and has no address")]
    NoAddress {
        /// The zone.
        zone: DomainName,
        /// The server.
        server: DomainName,
    },
    /// A name server where names of addresses stand.
    #[error("the name server {server} stands where the zone {zone} has names of addresses")]
    ServerAmongAddresses {
        /// The zone.
        zone: DomainName,
        /// The server.
        server: DomainName,
    },
    /// A name server that is the zone itself, which has no addresses of its own.
    #[error("the name server {0} has the zone's own name")]
    ServerAtApex(DomainName),
    /// More text than an answer has room for.
    #[error("the zone {zone} has {octets} octets of text, over {MAX_APEX_TEXT_OCTETS}")]
    LongTexts {
        /// The zone.
        zone: DomainName,
        /// Octets of all texts.
        octets: usize,
    },
    /// A name without room.
    #[error("a name of the zone {zone} {reason}")]
    Name {
        /// The zone.
        zone: DomainName,
        /// What is too long.
        reason: NameError,
    },
}

impl Zone {
    /// The zone of an image, presented as the options say. The image's sets are
    /// shared, not copied.
    ///
    /// # Errors
    ///
    /// Servers, texts or names that a zone cannot have.
    pub fn new(image: &ZoneImage, options: &ZoneOptions) -> Result<Zone, ZoneError> {
        let name = image.layout().zone().clone();
        let form = Form { order: image.layout().order(), version: image.layout().version() };
        let texts: Vec<Record> =
            options.texts.iter().map(|text| Record::txt(&name, text)).collect();
        let text_octets = texts.iter().map(|text| text.rdata().len()).sum();
        if text_octets > MAX_APEX_TEXT_OCTETS {
            return Err(ZoneError::LongTexts { zone: name, octets: text_octets });
        }
        if options.servers.len() > MAX_SERVERS {
            return Err(ZoneError::ManyServers { zone: name, count: options.servers.len() });
        }
        let Some(primary) = options.servers.first() else {
            return Err(ZoneError::NoServer(name));
        };
        let Ttls { miss, partial, .. } = options.ttls;
        let (hostmaster, minimum) = (&options.hostmaster, miss.max(partial));
        let soa = Record::soa(&name, &primary.name, hostmaster, options.serial, minimum);
        let servers = options.servers.iter().map(|server| Record::ns(&name, &server.name));
        let hosts = hosts(&name, form, image.trees(), &options.servers)?;
        let own = image.trees().iter().find(|tree| tree.name.is_root()).map(|tree| tree.set);
        Ok(Zone {
            form,
            mechanism: image.mechanism(),
            sets: image.sets().into(),
            own,
            nodes: nodes(image.trees(), &hosts),
            unready: Unready::default(),
            address: options.address.octets(),
            ttls: options.ttls,
            soa,
            servers: servers.collect(),
            texts: texts.into(),
            hosts,
            name,
        })
    }

    /// Adds domains that belong here and have nothing to answer from, by their names
    /// relative to the zone; the root stands for the zone itself. Of what lies at or
    /// below them it is not known whether it exists, which is another thing than that
    /// it does not. The names above them exist.
    pub fn with_unready(mut self, domains: impl IntoIterator<Item = DomainName>) -> Zone {
        let domains: Vec<DomainName> =
            domains.into_iter().map(|domain| domain.to_lowercase()).collect();
        for domain in &domains {
            add_node(&mut self.nodes, domain.wire(), None);
        }
        let below = self.nodes.iter().filter(|(_, node)| node.tree.is_some());
        let trees = below.map(|(name, _)| &**name).chain(self.own.map(|_| &[][..]));
        self.unready = Unready::new(domains.iter().map(DomainName::wire), trees);
        self
    }

    /// The zone's name, in lower case.
    pub fn name(&self) -> &DomainName {
        &self.name
    }

    /// How addresses are written.
    pub fn form(&self) -> Form {
        self.form
    }

    /// How names are asked for.
    pub fn mechanism(&self) -> ZoneMechanism {
        self.mechanism
    }

    /// How long answers may be kept.
    pub fn ttls(&self) -> Ttls {
        self.ttls
    }

    /// What an `exists:` is answered with.
    pub fn address(&self) -> [u8; 4] {
        self.address
    }

    /// The record of the zone's start.
    pub fn soa(&self) -> &Record {
        &self.soa
    }

    /// The records of its name servers.
    pub fn servers(&self) -> &[Record] {
        &self.servers
    }

    /// The texts at its own name.
    pub fn texts(&self) -> &[Record] {
        &self.texts
    }

    /// The name servers that lie in the zone.
    pub fn hosts(&self) -> &[Host] {
        &self.hosts
    }

    /// Whether only addresses, and no names of trees or hosts or above domains, are
    /// known below the zone's name.
    pub fn is_plain(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The set of the tree whose name is the labels from `first` up to the zone's.
    #[inline]
    pub fn tree(&self, name: &QuestionName, first: usize, zone: usize) -> Option<&AddressIndex> {
        let set = match first == zone {
            true => self.own,
            false => self.nodes.get(name.between(first, zone))?.tree,
        };
        self.sets.get(set? as usize).map(Arc::as_ref)
    }

    /// Whether the name exists whatever addresses there are, and the host that it
    /// is.
    pub fn node(&self, name: &QuestionName, zone: usize) -> Option<Option<&Host>> {
        let node = self.nodes.get(name.between(0, zone))?;
        Some(node.host.and_then(|host| self.hosts.get(host as usize)))
    }

    /// Whether a name that is nothing that is known lies in a domain that has nothing
    /// to answer from. Where domains lie in one another, the nearest counts.
    pub fn is_unready(&self, name: &QuestionName, zone: usize) -> bool {
        self.unready.holds(name, zone)
    }
}

/// The servers that lie in the zone.
fn hosts(
    zone: &DomainName,
    form: Form,
    trees: &[Tree],
    servers: &[ZoneServer],
) -> Result<Box<[Host]>, ZoneError> {
    let mut hosts: Vec<Host> = Vec::new();
    for server in servers.iter().filter(|server| server.name.is_at_or_below(zone)) {
        let (zone, name) = (zone.clone(), server.name.to_lowercase());
        if name == zone {
            return Err(ZoneError::ServerAtApex(name));
        }
        if server.addresses.is_empty() {
            return Err(ZoneError::NoAddress { zone, server: name });
        }
        let below = name.label_count() - zone.label_count();
        let labels = DomainName::from_labels(name.labels().take(below))
            .map_err(|reason| ZoneError::Name { zone: zone.clone(), reason })?;
        if is_among_addresses(&labels, form, trees) {
            return Err(ZoneError::ServerAmongAddresses { zone, server: name });
        }
        let addresses: BTreeSet<IpAddr> = server.addresses.iter().copied().collect();
        let addresses = addresses.into_iter().map(|ip| Record::address(&zone, ip)).collect();
        hosts.push(Host { below: labels.wire().into(), addresses });
    }
    Ok(hosts.into())
}

/// Whether a name below the zone is one of those that addresses have, or lies
/// below a tree, where only addresses do.
fn is_among_addresses(below: &DomainName, form: Form, trees: &[Tree]) -> bool {
    let Some(last) = below.labels().last() else { return false };
    let word = |word: &[u8]| last.eq_ignore_ascii_case(word);
    let own = trees.iter().any(|tree| tree.name.is_root());
    (own && (is_address_label(last) || form.version && (word(b"in-addr") || word(b"ip6"))))
        || trees.iter().any(|tree| !tree.name.is_root() && below.is_at_or_below(&tree.name))
}

/// Trees and hosts by their names, and all names above them.
fn nodes(trees: &[Tree], hosts: &[Host]) -> HashMap<Box<[u8]>, Node> {
    let mut nodes: HashMap<Box<[u8]>, Node> = HashMap::with_capacity(trees.len());
    for tree in trees {
        add_node(&mut nodes, tree.name.wire(), Some(Node { tree: Some(tree.set), host: None }));
    }
    for (number, host) in hosts.iter().enumerate() {
        let node = Node { tree: None, host: Some(number as u32) };
        add_node(&mut nodes, &host.below, Some(node));
    }
    nodes.shrink_to_fit();
    nodes
}

/// Adds the names above one, and the name itself where it is something.
fn add_node(nodes: &mut HashMap<Box<[u8]>, Node>, wire: &[u8], node: Option<Node>) {
    if let Some(node) = node.filter(|_| !wire.is_empty()) {
        let at = nodes.entry(wire.into()).or_default();
        (at.tree, at.host) = (node.tree.or(at.tree), node.host.or(at.host));
    }
    for above in at_and_above(wire).skip(1).filter(|above| !above.is_empty()) {
        if !nodes.contains_key(above) {
            nodes.insert(above.into(), Node::default());
        }
    }
}
