//! All zones of a server, and which of them a name belongs to.

use std::collections::HashMap;

use thiserror::Error;

use crate::name::DomainName;

use super::Zone;
use super::name::QuestionName;

/// So many zones are searched one by one.
const FEW_ZONES: usize = 4;

/// The zones of a server.
#[derive(Debug, Default)]
pub struct Zones {
    /// Those with the most labels first.
    zones: Vec<Zone>,
    /// Where there are many: the numbers of labels that they have, the largest
    /// first, and each one's place by its name.
    label_counts: Vec<usize>,
    places: HashMap<Box<[u8]>, usize>,
    /// Zones that belong here, without anything to answer from.
    unready: Vec<DomainName>,
}

/// Zones that share names. The fault lies with who configured them.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ZonesError {
    /// The same zone twice.
    #[error("the zone {0} stands twice")]
    Twice(DomainName),
    /// A zone inside of another, which would have to refer to it.
    #[error("the zone {zone} lies in the zone {above}")]
    Nested {
        /// The zone.
        zone: DomainName,
        /// The one that it lies in.
        above: DomainName,
    },
}

impl Zones {
    /// The zones together.
    ///
    /// # Errors
    ///
    /// A zone that stands twice, or inside of another.
    pub fn new(zones: impl IntoIterator<Item = Zone>) -> Result<Zones, ZonesError> {
        let mut zones: Vec<Zone> = zones.into_iter().collect();
        zones.sort_by_key(|zone| std::cmp::Reverse(zone.name().label_count()));
        let mut label_counts: Vec<usize> =
            zones.iter().map(|zone| zone.name().label_count()).collect();
        label_counts.dedup();
        let mut places = HashMap::new();
        for (place, zone) in zones.iter().enumerate() {
            if places.insert(Box::from(zone.name().wire()), place).is_some() {
                return Err(ZonesError::Twice(zone.name().clone()));
            }
        }
        for zone in zones.iter().map(Zone::name) {
            let above = std::iter::successors(zone.parent(), DomainName::parent);
            if let Some(above) = above.into_iter().find(|above| places.contains_key(above.wire())) {
                return Err(ZonesError::Nested { zone: zone.clone(), above });
            }
        }
        Ok(Zones { zones, label_counts, places, unready: Vec::new() })
    }

    /// Adds the names of zones that belong here and have nothing to answer from: of
    /// them it is not known what they hold, which is another thing than that they
    /// are somebody else's.
    pub fn with_unready(self, unready: Vec<DomainName>) -> Zones {
        Zones { unready, ..self }
    }

    /// Whether a name that [`Zones::find`] does not find lies in a zone that has
    /// nothing to answer from.
    pub fn is_unready(&self, name: &QuestionName) -> bool {
        self.unready.iter().any(|zone| name.suffix(zone.wire(), zone.label_count()).is_some())
    }

    /// The zones, those with the most labels first.
    pub fn iter(&self) -> impl Iterator<Item = &Zone> {
        self.zones.iter()
    }

    /// The zone at or above a name, of which there is one at most, and the label of the name at which
    /// the zone's name begins.
    #[inline]
    pub fn find(&self, name: &QuestionName) -> Option<(&Zone, usize)> {
        if self.zones.len() <= FEW_ZONES {
            return self.zones.iter().find_map(|zone| {
                let first = name.suffix(zone.name().wire(), zone.name().label_count())?;
                Some((zone, first))
            });
        }
        self.label_counts.iter().find_map(|labels| {
            let first = name.label_count().checked_sub(*labels)?;
            let place = self.places.get(name.between(first, name.label_count()))?;
            Some((self.zones.get(*place)?, first))
        })
    }
}
