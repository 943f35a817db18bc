//! All that one zone of a responder holds: its layout, its trees of names, and
//! the sets of addresses that they share.
//!
//! Neither the servers of the zone nor times to live are here: they belong to
//! the server that it is loaded into.

use std::sync::Arc;

use thiserror::Error;

use crate::addr::Family;
use crate::name::{DomainName, NameError};

use super::layout::is_address_label;
use super::{AddressIndex, Layout, LayoutError, ZoneMechanism, family_label};

/// Client addresses that stand below one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    /// The name relative to the zone, in lower case: the root for the zone
    /// itself, `softfail1` for another outcome of its policy, or a tenant's
    /// domain.
    pub name: DomainName,
    /// Which of the sets, from 0.
    pub set: u32,
}

/// One zone and what it answers from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneImage {
    layout: Layout,
    mechanism: ZoneMechanism,
    trees: Box<[Tree]>,
    sets: Box<[Arc<AddressIndex>]>,
}

/// Why trees make no zone.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ZoneImageError {
    /// A name of an address below a tree has no room.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// The tree's name and the zone's together have no room.
    #[error("the name {name} below the zone {zone} {reason}")]
    Long {
        /// The tree's name.
        name: DomainName,
        /// The zone.
        zone: DomainName,
        /// What is too long.
        reason: NameError,
    },
    /// A name that begins as the names of addresses end.
    #[error("the name {0} begins with a label that names of addresses have too")]
    Ambiguous(DomainName),
    /// The same name twice.
    #[error("the name {0} stands twice in the zone")]
    Twice(DomainName),
    /// A set that is not there.
    #[error("there is no set {0}")]
    NoSet(u32),
}

impl ZoneImage {
    /// A zone with these trees. The names may come in any order and case; they
    /// are kept sorted.
    ///
    /// # Errors
    ///
    /// A name that could be confused with another tree's names of addresses, that
    /// stands twice, or that leaves an address no room within 253 octets; and a
    /// set that is not there.
    pub fn new(
        layout: Layout,
        mechanism: ZoneMechanism,
        trees: impl IntoIterator<Item = Tree>,
        sets: impl Into<Box<[Arc<AddressIndex>]>>,
    ) -> Result<ZoneImage, ZoneImageError> {
        let sets = sets.into();
        let mut trees: Vec<Tree> = trees
            .into_iter()
            .map(|tree| Tree { name: tree.name.to_lowercase(), set: tree.set })
            .collect();
        trees.sort_by(|a, b| a.name.cmp(&b.name));
        for (number, tree) in trees.iter().enumerate() {
            if number > 0 && trees[number - 1].name == tree.name {
                return Err(ZoneImageError::Twice(tree.name.clone()));
            }
            if sets.get(tree.set as usize).is_none() {
                return Err(ZoneImageError::NoSet(tree.set));
            }
            tree.check(&layout)?;
        }
        Ok(ZoneImage { layout, mechanism, trees: trees.into(), sets })
    }

    /// How addresses become names of the zone.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// How the names are asked for.
    pub fn mechanism(&self) -> ZoneMechanism {
        self.mechanism
    }

    /// The trees, sorted by their names.
    pub fn trees(&self) -> &[Tree] {
        &self.trees
    }

    /// The sets that trees refer to.
    pub fn sets(&self) -> &[Arc<AddressIndex>] {
        &self.sets
    }
}

impl Tree {
    /// Whether the tree can stand in a zone of this layout.
    fn check(&self, layout: &Layout) -> Result<(), ZoneImageError> {
        let zone = layout.zone();
        let labels = self.name.labels().chain(zone.labels());
        let below = DomainName::from_labels(labels).map_err(|reason| ZoneImageError::Long {
            name: self.name.clone(),
            zone: zone.clone(),
            reason,
        })?;
        Layout::new(&below, layout.order(), layout.version())?;
        let Some(first) = self.name.labels().next() else { return Ok(()) };
        let ambiguous = match layout.version() {
            true => [Family::Ip4, Family::Ip6]
                .iter()
                .any(|family| first.eq_ignore_ascii_case(family_label(*family).as_bytes())),
            false => is_address_label(first),
        };
        match ambiguous {
            true => Err(ZoneImageError::Ambiguous(self.name.clone())),
            false => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::Order;

    fn image(version: bool, names: &[&str]) -> Result<ZoneImage, ZoneImageError> {
        let zone = DomainName::parse("z.example").unwrap();
        let layout = Layout::new(&zone, Order::Reversed, version).unwrap();
        let trees =
            names.iter().map(|name| Tree { name: DomainName::parse(name).unwrap(), set: 0 });
        let sets = vec![Arc::new(AddressIndex::new(&Default::default()))];
        ZoneImage::new(layout, ZoneMechanism::Exists, trees, sets)
    }

    #[test]
    fn names_that_could_be_confused_are_refused() {
        for name in ["in-addr.example", "IP6.example"] {
            assert!(matches!(image(true, &[name]), Err(ZoneImageError::Ambiguous(_))), "{name}");
        }
        for name in ["1.example", "f", "255"] {
            assert!(matches!(image(false, &[name]), Err(ZoneImageError::Ambiguous(_))), "{name}");
            assert!(image(true, &[name]).is_ok(), "{name}");
        }
        assert!(image(false, &["", "softfail1"]).is_ok());
    }

    #[test]
    fn names_stand_once_and_have_room() {
        let twice = image(true, &["a.example", "A.example"]);
        assert!(matches!(twice, Err(ZoneImageError::Twice(_))));
        let long = format!("{}.example", vec!["a".repeat(60); 3].join("."));
        assert!(matches!(image(true, &[&long]), Err(ZoneImageError::Layout(_))));
        let longer = format!("{}.example", vec!["a".repeat(60); 4].join("."));
        assert!(image(true, &[&longer]).is_err());
    }

    #[test]
    fn sets_are_there() {
        let zone = DomainName::parse("z.example").unwrap();
        let layout = Layout::new(&zone, Order::Reversed, true).unwrap();
        let tree = Tree { name: DomainName::root(), set: 0 };
        let none = ZoneImage::new(layout, ZoneMechanism::Exists, [tree], Vec::new());
        assert_eq!(none, Err(ZoneImageError::NoSet(0)));
    }
}
