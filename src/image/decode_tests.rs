//! Tests of image files: that they read back, that damage is refused, and that
//! their format stays as it is.

use super::*;
use crate::addr::{AddressSet, RangeSet};
use crate::image::encode;
use proptest::prelude::*;

/// The octets with the checksum that they need.
fn checked(mut octets: Vec<u8>) -> Vec<u8> {
    let length = octets.len() as u64;
    if let Some(field) = octets.get_mut(12..20) {
        field.copy_from_slice(&length.to_le_bytes());
    }
    let checksum = xxh3_64(octets.get(CHECKED_FROM..).unwrap_or_default());
    if let Some(field) = octets.get_mut(20..CHECKED_FROM) {
        field.copy_from_slice(&checksum.to_le_bytes());
    }
    octets
}

fn set(ip4: &[(u32, u32)], ip6: &[(u128, u128)]) -> Arc<AddressIndex> {
    let ip4 = ip4.iter().map(|&(first, last)| Range { first, last }).collect();
    let ip6 = ip6.iter().map(|&(first, last)| Range { first, last }).collect();
    Arc::new(AddressIndex::new(&AddressSet { ip4, ip6 }))
}

fn small() -> ImageFile {
    let zone = DomainName::parse("z.example").unwrap();
    let layout = Layout::new(&zone, Order::Reversed, true).unwrap();
    let tree = |name: &str, set| Tree { name: DomainName::parse(name).unwrap(), set };
    let sets = vec![
        set(&[(0xc000_0200, 0xc000_02ff), (0xc633_6407, 0xc633_6407)], &[]),
        set(&[], &[(0x2001_0db8 << 96, (0x2001_0db9 << 96) - 1)]),
    ];
    let trees = [tree("", 0), tree("softfail1", 1)];
    let zone = ZoneImage::new(layout, ZoneMechanism::Exists, trees, sets).unwrap();
    ImageFile { zone, sources: vec![Some("a".into()), None], created: 0x6543_2100 }
}

/// The octets of [`small`] in format 1. Where this has to change, the format
/// has changed and needs another number.
#[rustfmt::skip]
const SMALL: &[u8] = &[
    0x89, b'S', b'P', b'F', b'C', b'\r', b'\n', 0x1a,
    1, 0, 0, 0,
    177, 0, 0, 0, 0, 0, 0, 0,
    133, 250, 176, 147, 51, 184, 167, 143,
    0x00, 0x21, 0x43, 0x65, 0, 0, 0, 0,
    0, 0, 1,
    1, b'z', 7, b'e', b'x', b'a', b'm', b'p', b'l', b'e', 0,
    2, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0,
    9, b's', b'o', b'f', b't', b'f', b'a', b'i', b'l', b'1', 0, 1, 0, 0, 0,
    2, 0, 0, 0, 0, 0, 0, 0,
    1, 1, 0, 0, 0, 0, 0, 0, 0, b'a',
    2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 2, 0, 192, 255, 2, 0, 192,
    7, 100, 51, 198, 7, 100, 51, 198,
    0,
    0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xb8, 0x0d, 0x01, 0x20,
    255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0xb8, 0x0d, 0x01, 0x20,
];

/// Where the fields of [`SMALL`] stand.
mod at {
    pub(super) const MECHANISM: usize = 36;
    pub(super) const ZONE: usize = 39;
    pub(super) const TREES: usize = 50;
    pub(super) const NAME: usize = 63;
    pub(super) const SETS: usize = 78;
    pub(super) const SOURCE: usize = 86;
    pub(super) const RANGES: usize = 96;
    pub(super) const RANGE: usize = 112;
    pub(super) const RANGE6: usize = 145;
}

#[test]
fn the_format_stays_as_it_is() {
    let octets = encode(&small());
    assert_eq!(octets, SMALL);
    assert_eq!(decode(SMALL), Ok(small()));
}

#[test]
fn every_flipped_bit_and_every_cut_is_refused() {
    for at in 0..SMALL.len() {
        for bit in 0..8 {
            let mut octets = SMALL.to_vec();
            octets[at] ^= 1 << bit;
            assert!(decode(&octets).is_err(), "{at} {bit}");
        }
        let cut = decode(&SMALL[..at]);
        assert!(matches!(cut, Err(ImageError::CutOff { .. })), "{at} {cut:?}");
        assert!(decode(&checked(SMALL[..at].to_vec())).is_err(), "{at}");
    }
    assert_eq!(decode(&[SMALL, b"\n"].concat()), Err(ImageError::Behind(1)));
    let more = checked([SMALL, b"\n"].concat());
    assert_eq!(decode(&more), Err(ImageError::Field { at: 177, fault: Fault::Behind }));
}

#[test]
fn says_what_is_wrong() {
    assert_eq!(decode(b"$TTL 300\n"), Err(ImageError::NoImage));
    assert_eq!(decode(b"\x89SPFC\n\x1a").unwrap_err(), ImageError::NoImage);
    let empty = decode(b"").unwrap_err();
    assert_eq!(empty.to_string(), "is cut off: 0 octets are there of 28");
    let mut newer = SMALL.to_vec();
    newer[8] = 2;
    let newer = decode(&newer).unwrap_err();
    assert!(newer.to_string().starts_with("has format 2, which another spfc wrote: "), "{newer}");
    let mut spoiled = SMALL.to_vec();
    spoiled[150] ^= 1;
    assert_eq!(decode(&spoiled), Err(ImageError::Checksum));
}

#[test]
fn fields_that_no_image_has_are_refused() {
    let cases: &[(usize, &[u8], usize, Fault)] = &[
        (at::MECHANISM, &[2], at::MECHANISM, Fault::Choice),
        (at::ZONE, b"\x01Z", at::ZONE, Fault::Capital),
        (at::ZONE, &[0x49], at::ZONE, Fault::Name),
        (at::ZONE, &[0xc0], at::ZONE, Fault::Name),
        (at::TREES, &[0xff; 8], at::TREES, Fault::End),
        (at::TREES, &[3], at::SETS, Fault::NameOrder),
        (at::NAME, b"\x09SOFTFAIL1", at::NAME, Fault::Capital),
        (at::SETS, &[0xff, 0xff, 0xff, 0xff, 0xff], at::SETS, Fault::End),
        (at::SOURCE, &[2], at::SOURCE, Fault::Choice),
        (at::SOURCE + 1, &[200], at::SOURCE + 1, Fault::End),
        (at::SOURCE + 9, &[0xff], at::SOURCE + 1, Fault::Text),
        (at::RANGES, &[0, 0, 0, 0, 1], at::RANGES, Fault::End),
        // Backwards; touching the next; and behind it.
        (at::RANGE, &[0, 3], at::RANGE, Fault::RangeOrder),
        (at::RANGE + 4, &[6, 100, 51, 198], at::RANGE + 8, Fault::RangeOrder),
        (at::RANGE, &[9, 100, 51, 198, 9, 100, 51, 198], at::RANGE + 8, Fault::RangeOrder),
        (at::RANGE6 + 12, &[0xb9], at::RANGE6, Fault::RangeOrder),
    ];
    for (number, (at, octets, fault_at, fault)) in cases.iter().enumerate() {
        let mut image = SMALL.to_vec();
        image[*at..*at + octets.len()].copy_from_slice(octets);
        let expected = ImageError::Field { at: *fault_at as u64, fault: *fault };
        assert_eq!(decode(&checked(image)), Err(expected), "{number}");
    }
    let mut no_set = SMALL.to_vec();
    no_set[at::NAME + 11] = 2;
    let no_set = decode(&checked(no_set));
    assert_eq!(no_set, Err(ImageError::Zone(ZoneImageError::NoSet(2))));
}

#[test]
fn ranges_may_reach_to_the_last_address_and_no_further() {
    let last = set(&[(9, 9), (u32::MAX, u32::MAX)], &[(u128::MAX, u128::MAX)]);
    let ImageFile { zone, .. } = small();
    let root = Tree { name: DomainName::root(), set: 0 };
    let zone = ZoneImage::new(zone.layout().clone(), ZoneMechanism::Include, [root], vec![last]);
    let file = ImageFile { zone: zone.unwrap(), sources: vec![None], created: u64::MAX };
    let octets = encode(&file);
    assert_eq!(decode(&octets), Ok(file));
    // Another range behind the last address, and one that begins at 0 again.
    for (first, fault) in [(u32::MAX, true), (0, true), (7, true), (u32::MAX - 1, false)] {
        let mut octets = octets.clone();
        let end = octets.len();
        octets[end - 40..end - 36].copy_from_slice(&first.to_le_bytes());
        if fault {
            octets[end - 48..end - 40].copy_from_slice(&[0xff; 8]);
        }
        assert_eq!(decode(&checked(octets)).is_err(), fault, "{first}");
    }
}

fn range_set<A: Address>(
    any: impl Strategy<Value = (A, u8)>,
    most: usize,
) -> impl Strategy<Value = RangeSet<A>> {
    let range = any.prop_map(|(address, length)| crate::addr::Prefix::new(address, length).range());
    proptest::collection::vec(range, 0..most).prop_map(|ranges| ranges.into_iter().collect())
}

fn files() -> impl Strategy<Value = ImageFile> {
    let ip4 = prop_oneof![
        range_set((any::<u32>(), 0..33_u8), 40),
        range_set((any::<u32>(), 20..33_u8), 900)
    ];
    let ip6 = range_set((any::<u128>(), 8..129_u8), 12);
    let set = (ip4, ip6).prop_map(|(ip4, ip6)| AddressIndex::new(&AddressSet { ip4, ip6 }));
    let sets = proptest::collection::vec((set, proptest::option::of(".{0,20}")), 1..4);
    let tree = ("[a-z0-9]{2,9}(\\.[_A-Z]{2,5}){0,2}", any::<proptest::sample::Index>());
    let trees = proptest::collection::vec(tree, 0..6);
    let flags = any::<(bool, bool, bool, u64)>();
    (sets, trees, flags).prop_filter_map("names stand twice", |(sets, trees, flags)| {
        let (include, forward, version, created) = flags;
        let zone = DomainName::parse("_spf.Example.com").ok()?;
        let order = if forward { Order::Forward } else { Order::Reversed };
        let layout = Layout::new(&zone, order, version).ok()?;
        let mechanism = if include { ZoneMechanism::Include } else { ZoneMechanism::Exists };
        let trees = trees.into_iter().filter_map(|(name, set)| {
            Some(Tree { name: DomainName::parse(name).ok()?, set: set.index(sets.len()) as u32 })
        });
        let trees: Vec<Tree> = trees.collect();
        let (sets, sources): (Vec<_>, _) =
            sets.into_iter().map(|(set, source)| (Arc::new(set), source)).unzip();
        let zone = ZoneImage::new(layout, mechanism, trees, sets).ok()?;
        Some(ImageFile { zone, sources, created })
    })
}

proptest! {
    #[test]
    fn images_read_back(file in files()) {
        prop_assert_eq!(decode(&encode(&file)), Ok(file));
    }

    #[test]
    fn damage_is_refused(file in files(), at: proptest::sample::Index, bit in 0..8_u8) {
        let mut octets = encode(&file);
        let at = at.index(octets.len());
        prop_assert!(decode(&octets[..at]).is_err());
        octets[at] ^= 1 << bit;
        prop_assert!(decode(&octets).is_err());
    }

    #[test]
    fn what_is_accepted_has_one_image(
        file in files(),
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 0..4),
        cut in proptest::option::of(any::<proptest::sample::Index>()),
    ) {
        let mut octets = encode(&file);
        for (at, octet) in changes {
            let at = at.index(octets.len());
            octets[at] = octet;
        }
        if let Some(cut) = cut {
            octets.truncate(cut.index(octets.len()));
        }
        let octets = checked(octets);
        if let Ok(read) = decode(&octets) {
            prop_assert_eq!(encode(&read), octets);
        }
    }

    #[test]
    fn small_changes_of_a_small_image_never_panic(
        changes in proptest::collection::vec((28..177_usize, any::<u8>()), 1..4),
    ) {
        let mut octets = SMALL.to_vec();
        for (at, octet) in changes {
            octets[at] = octet;
        }
        let octets = checked(octets);
        if let Ok(read) = decode(&octets) {
            prop_assert_eq!(encode(&read), octets);
        }
    }
}
