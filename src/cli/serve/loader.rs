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
    /// Domains, relative to the zone, that belong to it and are not in the image:
    /// nothing is known of them yet.
    pub(super) unready: Vec<DomainName>,
    /// Where that comes from.
    pub(super) origin: Origin,
}

/// Where it comes from what a zone holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// Its sources. The serial number is the time at which they were read.
    Sources,
    /// Its image, which has the serial number.
    Image,
    /// Its image, of another day: its sources give nothing.
    Stale,
    /// What it holds: it was not read.
    Held,
    /// Its sources, as they were: some of them cannot be read.
    Old,
    /// Its sources, which can be read: what some of them say waits for a person.
    Waiting,
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
    /// Zones that were not read again.
    pub(super) held: usize,
    /// Zones that were read, and of which a change waits for a person.
    pub(super) waiting: usize,
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
    unready: Vec<DomainName>,
    stale: bool,
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

    /// A zone as it is held, which need not be tried again; none where there is
    /// nothing, or nothing but an image in place of its sources.
    pub(super) fn held(&self, name: &DomainName) -> Option<ReadZone> {
        let kept = self.kept.get(name).filter(|kept| !kept.stale)?;
        Some(ReadZone {
            name: name.clone(),
            options: kept.options.clone(),
            image: Ok(Arc::clone(&kept.image)),
            unready: kept.unready.clone(),
            origin: Origin::Held,
        })
    }

    /// The zones to serve after these were read; none where they cannot stand
    /// together. Zones that are not among them are forgotten.
    pub(super) fn load(&mut self, read: Vec<ReadZone>, faults: &Faults) -> Option<Loaded> {
        let mut before = std::mem::take(&mut self.kept);
        let (mut zones, mut missing, mut loaded) = (Vec::new(), Vec::new(), Loaded::default());
        for ReadZone { name, options, image, unready: domains, origin } in read {
            let old = before.remove(&name);
            let fresh = image.and_then(|image| {
                let unread = |error: ZoneError| Unread::new(error.to_string(), Exit::Usage);
                let stale = origin == Origin::Stale;
                let kept = Kept { image, options, unready: domains, stale };
                let kept = kept.behind(old.as_ref(), origin);
                Ok((kept.zone().map_err(unread)?, kept))
            });
            let (zone, kept) = match (fresh, old) {
                (Ok(fresh), _) => {
                    *loaded.count(origin) += 1;
                    fresh
                }
                (Err(Unread { reason, exit }), None) => {
                    loaded.exit = loaded.exit.or(Some(exit));
                    faults.log(&format!("the zone {name} is not served: {reason}"));
                    loaded.missing += 1;
                    missing.push(name);
                    continue;
                }
                (Err(Unread { reason, .. }), Some(old)) => {
                    faults.log(&format!("the zone {name} goes on with its old data: {reason}"));
                    *(if old.stale { &mut loaded.stale } else { &mut loaded.old }) += 1;
                    // It could be served before.
                    let Ok(zone) = old.zone() else { continue };
                    (zone, old)
                }
            };
            zones.push(zone);
            self.kept.insert(name, kept);
        }
        match Zones::new(zones) {
            Ok(zones) => Some(Loaded { zones: zones.with_unready(missing), ..loaded }),
            Err(error) => {
                faults.log(&error.to_string());
                None
            }
        }
    }
}

impl Loaded {
    /// How many zones are served.
    pub(super) fn served(&self) -> usize {
        self.fresh + self.old + self.stale + self.held + self.waiting
    }

    /// How many zones there are of this kind.
    fn count(&mut self, origin: Origin) -> &mut usize {
        match origin {
            Origin::Sources | Origin::Image => &mut self.fresh,
            Origin::Stale => &mut self.stale,
            Origin::Held => &mut self.held,
            Origin::Old => &mut self.old,
            Origin::Waiting => &mut self.waiting,
        }
    }
}

impl Kept {
    /// The zone as it answers.
    fn zone(&self) -> Result<Zone, ZoneError> {
        let zone = Zone::new(&self.image, &self.options)?;
        Ok(zone.with_unready(self.unready.iter().cloned()))
    }

    /// What is kept of a zone behind what was kept before. Data that was compiled again
    /// and is the same keeps its serial number, and its memory.
    fn behind(self, old: Option<&Kept>, origin: Origin) -> Kept {
        let Some(old) = old.filter(|old| old.image == self.image) else { return self };
        let mut options = self.options;
        // Servers that read the same image have its number, whenever they began.
        if matches!(origin, Origin::Sources | Origin::Old | Origin::Waiting) {
            let before = ZoneOptions { serial: options.serial, ..old.options.clone() };
            if before == options {
                options.serial = old.options.serial;
            }
        }
        Kept { image: Arc::clone(&old.image), options, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    use crate::addr::{AddressSet, Range};
    use crate::image::{AddressIndex, Layout, Order, Tree, ZoneMechanism};
    use crate::responder::name::QuestionName;
    use crate::responder::{CLASS_IN, Rcode, Record, Ttls, ZoneServer, answer, rtype};

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
        ReadZone { name: name(zone), options, image, unready: Vec::new(), origin: Origin::Image }
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
        assert_eq!(rcode(&loaded, "a.example"), Rcode::ServFail);
    }

    /// What a name is answered with.
    fn rcode(loaded: &Loaded, asked: &str) -> Rcode {
        let mut read = QuestionName::default();
        read.read(&[name(asked).wire(), b"\0"].concat()).unwrap();
        answer(&loaded.zones, &read, rtype::A, CLASS_IN).rcode
    }

    #[test]
    fn domains_of_which_nothing_is_known_stay_so_until_it_is() {
        let (mut loader, faults) = (Loader::default(), Faults::default());
        let first = ReadZone { unready: vec![name("b.test")], ..zone("a.example", Some(2)) };
        let read = |loader: &mut Loader, read| loader.load(vec![read], &faults).unwrap();
        let of = |loaded: &Loaded| {
            ["7.2.0.192.in-addr.b.test.a.example", "test.a.example", "x.test.a.example"]
                .map(|asked| rcode(loaded, asked))
        };
        let unready = [Rcode::ServFail, Rcode::NoError, Rcode::NxDomain];
        assert_eq!(of(&read(&mut loader, first)), unready);
        // Also where it was not read again, or could not be.
        let held = loader.held(&name("a.example")).unwrap();
        assert_eq!(of(&read(&mut loader, held)), unready);
        assert_eq!(of(&read(&mut loader, zone("a.example", None))), unready);
        // The image is the same, and the domain is no longer there.
        assert_eq!(of(&read(&mut loader, zone("a.example", Some(2)))), [Rcode::NxDomain; 3]);
    }

    /// A zone as it is read at this time, with this address.
    fn compiled(serial: u32, address: u32, origin: Origin) -> ReadZone {
        let mut read = zone("a.example", Some(2));
        read.options.serial = serial;
        read.origin = origin;
        let set = AddressSet {
            ip4: [Range { first: address, last: address }].into_iter().collect(),
            ..Default::default()
        };
        read.image = read.image.map(|image| {
            let sets = vec![Arc::new(AddressIndex::new(&set))];
            let (layout, trees) = (image.layout().clone(), image.trees().to_vec());
            Arc::new(ZoneImage::new(layout, image.mechanism(), trees, sets).unwrap())
        });
        read
    }

    /// The record of the start of a zone, which has its serial number.
    fn start(serial: u32) -> Record {
        let hostmaster = name("hostmaster.example.net");
        let ttls = Ttls::default();
        let minimum = ttls.miss.max(ttls.partial);
        Record::soa(&name("a.example"), &name("ns.example.net"), &hostmaster, serial, minimum)
    }

    #[test]
    fn the_serial_number_changes_with_the_data_alone() {
        let (mut loader, faults) = (Loader::default(), Faults::default());
        let mut serial = |read: ReadZone| {
            let loaded = loader.load(vec![read], &faults).unwrap();
            let soa = loaded.zones.iter().next().unwrap().soa().clone();
            (0..20).find(|serial| soa == start(*serial)).unwrap()
        };
        for (time, address, expected) in [(1, 7, 1), (2, 7, 1), (3, 8, 3), (4, 8, 3), (5, 7, 5)] {
            assert_eq!(serial(compiled(time, address, Origin::Sources)), expected);
        }
        // So it is where something waits for a person.
        assert_eq!(serial(compiled(6, 7, Origin::Waiting)), 5);
        // What is said about the zone belongs to it.
        let mut other = compiled(6, 7, Origin::Sources);
        other.options.texts.push(b"text".to_vec());
        assert_eq!(serial(other), 6);
        // An image has its own.
        assert_eq!(serial(compiled(9, 7, Origin::Image)), 9);
        assert_eq!(serial(compiled(8, 7, Origin::Stale)), 8);
    }

    #[test]
    fn only_what_is_missing_or_stale_is_tried_again() {
        let (mut loader, faults) = (Loader::default(), Faults::default());
        let stale = |image| ReadZone { origin: Origin::Stale, ..zone("b.example", image) };
        let first = vec![zone("a.example", Some(2)), stale(Some(2)), zone("c.example", None)];
        let loaded = loader.load(first, &faults).unwrap();
        assert_eq!((loaded.fresh, loaded.stale, loaded.missing), (1, 1, 1));
        for _ in 0..2 {
            assert!(loader.held(&name("b.example")).is_none());
            assert!(loader.held(&name("c.example")).is_none());
            let held = loader.held(&name("a.example")).unwrap();
            // What was stale and gives nothing again still has to be tried.
            let again = vec![held, zone("b.example", None), zone("c.example", None)];
            let loaded = loader.load(again, &faults).unwrap();
            assert_eq!((loaded.held, loaded.stale, loaded.missing), (1, 1, 1));
            assert_eq!((loaded.fresh, loaded.old), (0, 0));
            assert_eq!(served(&loaded), [("a.example".into(), 2), ("b.example".into(), 2)]);
        }
        let held = loader.held(&name("a.example")).unwrap();
        let last = vec![held, zone("b.example", Some(3)), zone("c.example", Some(3))];
        let loaded = loader.load(last, &faults).unwrap();
        assert_eq!((loaded.held, loaded.fresh, loaded.stale, loaded.missing), (1, 2, 0, 0));
        assert!(loader.held(&name("b.example")).is_some());
    }
}
