//! Zones from what was read of them: all that is new together, and the old where
//! the new is broken.
//!
//! Files are read elsewhere, and who answers from the zones is not known here.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::cli::exit::Exit;
use crate::image::ZoneImage;
use crate::name::DomainName;
use crate::responder::{Zone, ZoneError, ZoneOptions, Zones};

use super::faults::Faults;

/// A zone as it was read.
#[derive(Debug)]
pub(super) struct ReadZone {
    /// Its name.
    pub(super) name: DomainName,
    /// How it presents itself.
    pub(super) options: ZoneOptions,
    /// What it holds, or why that is not known.
    pub(super) image: Result<Arc<ZoneImage>, Unread>,
    /// Whether that is of another day: its sources give nothing.
    pub(super) stale: bool,
}

/// Why it is not known what a zone holds.
#[derive(Clone, Debug)]
pub(super) struct Unread {
    /// In one line.
    pub(super) reason: String,
    /// How a run ends that has this alone to tell.
    pub(super) exit: Exit,
}

/// Zones that can be served, and how many are not as they should be.
#[derive(Debug, Default)]
pub(super) struct Loaded {
    /// The zones.
    pub(super) zones: Zones,
    /// Zones with what was read.
    pub(super) fresh: usize,
    /// Zones with what they held before.
    pub(super) old: usize,
    /// Zones with what an image holds in place of their sources.
    pub(super) stale: usize,
    /// Zones that are not served: there is nothing to answer from.
    pub(super) missing: usize,
    /// How a run ends that serves none of them.
    pub(super) exit: Option<Exit>,
}

/// What zones hold, for when it cannot be read again.
#[derive(Debug, Default)]
pub(super) struct Loader {
    kept: BTreeMap<DomainName, Kept>,
}

#[derive(Debug)]
struct Kept {
    image: Arc<ZoneImage>,
    options: ZoneOptions,
}

impl Unread {
    pub(super) fn new(reason: String, exit: Exit) -> Unread {
        Unread { reason, exit }
    }
}

impl Loader {
    /// Whether the zone could go on with what it holds.
    pub(super) fn holds(&self, name: &DomainName) -> bool {
        self.kept.contains_key(name)
    }

    /// The zones to serve after these were read; none where they cannot stand
    /// together. Zones that are not among them are forgotten.
    pub(super) fn load(&mut self, read: Vec<ReadZone>, faults: &Faults) -> Option<Loaded> {
        let mut before = std::mem::take(&mut self.kept);
        let (mut zones, mut unready, mut loaded) = (Vec::new(), Vec::new(), Loaded::default());
        for ReadZone { name, options, image, stale } in read {
            let fresh = image.and_then(|image| {
                let unread = |error: ZoneError| Unread::new(error.to_string(), Exit::Usage);
                let zone = Zone::new(&image, &options).map_err(unread)?;
                Ok((zone, Kept { image, options }))
            });
            let (zone, kept) = match (fresh, before.remove(&name)) {
                (Ok(fresh), _) => {
                    *(if stale { &mut loaded.stale } else { &mut loaded.fresh }) += 1;
                    fresh
                }
                (Err(Unread { reason, exit }), None) => {
                    loaded.exit = loaded.exit.or(Some(exit));
                    faults.log(&format!("the zone {name} is not served: {reason}"));
                    loaded.missing += 1;
                    unready.push(name);
                    continue;
                }
                (Err(Unread { reason, .. }), Some(old)) => {
                    faults.log(&format!("the zone {name} goes on with its old data: {reason}"));
                    loaded.old += 1;
                    // It could be served before.
                    let Ok(zone) = Zone::new(&old.image, &old.options) else { continue };
                    (zone, old)
                }
            };
            zones.push(zone);
            self.kept.insert(name, kept);
        }
        match Zones::new(zones) {
            Ok(zones) => Some(Loaded { zones: zones.with_unready(unready), ..loaded }),
            Err(error) => {
                faults.log(&error.to_string());
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    use crate::image::{AddressIndex, Layout, Order, Tree, ZoneMechanism};
    use crate::responder::name::QuestionName;
    use crate::responder::{CLASS_IN, Rcode, Ttls, ZoneServer, answer, rtype};

    fn name(text: &str) -> DomainName {
        DomainName::parse(text).unwrap()
    }

    fn zone(zone: &str, image: Option<u8>) -> ReadZone {
        let options = ZoneOptions {
            servers: vec![ZoneServer { name: name("ns.example.net"), addresses: Vec::new() }],
            hostmaster: name("hostmaster.example.net"),
            address: Ipv4Addr::new(127, 0, 0, image.unwrap_or(1)),
            texts: Vec::new(),
            ttls: Ttls::default(),
            serial: 1,
        };
        let image = image.ok_or_else(|| Unread::new("torn".to_owned(), Exit::Usage)).map(|_| {
            let layout = Layout::new(&name(zone), Order::Reversed, true).unwrap();
            let tree = Tree { name: DomainName::root(), set: 0 };
            let sets = vec![Arc::new(AddressIndex::new(&Default::default()))];
            Arc::new(ZoneImage::new(layout, ZoneMechanism::Exists, [tree], sets).unwrap())
        });
        ReadZone { name: name(zone), options, image, stale: false }
    }

    /// The zones that are served, with the last octet of the address in each.
    fn served(loaded: &Loaded) -> Vec<(String, u8)> {
        let zones = loaded.zones.iter();
        let mut served: Vec<(String, u8)> =
            zones.map(|zone| (zone.name().to_string(), zone.address()[3])).collect();
        served.sort();
        served
    }

    #[test]
    fn broken_zones_keep_their_old_data_and_others_get_theirs() {
        let (mut loader, faults) = (Loader::default(), Faults::default());
        let first = vec![zone("a.example", Some(2)), zone("b.example", Some(2))];
        assert_eq!(loader.load(first, &faults).unwrap().fresh, 2);
        for _ in 0..2 {
            let second =
                vec![zone("a.example", None), zone("b.example", Some(3)), zone("c.example", None)];
            let loaded = loader.load(second, &faults).unwrap();
            assert_eq!((loaded.fresh, loaded.old, loaded.missing), (1, 1, 1));
            assert_eq!(served(&loaded), [("a.example".into(), 2), ("b.example".into(), 3)]);
        }
        let third = loader.load(vec![zone("a.example", Some(4))], &faults).unwrap();
        assert_eq!(served(&third), [("a.example".into(), 4)]);
        // What was left out is forgotten.
        let fourth = loader.load(vec![zone("b.example", None)], &faults).unwrap();
        assert_eq!((fourth.missing, served(&fourth).len()), (1, 0));
    }

    #[test]
    fn zones_that_cannot_be_served_are_broken() {
        let mut bare = zone("a.example", Some(2));
        bare.options.servers.clear();
        let loaded = Loader::default().load(vec![bare], &Faults::default()).unwrap();
        assert_eq!((loaded.fresh, loaded.missing), (0, 1));
        // Of a zone without data it is said that nothing is known, for now.
        let mut asked = QuestionName::default();
        asked.read(b"\x01a\x07example\0").unwrap();
        assert_eq!(answer(&loaded.zones, &asked, rtype::A, CLASS_IN).rcode, Rcode::ServFail);
    }
}
