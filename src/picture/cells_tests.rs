//! Areas and markers against the ranges that they are drawn for.

use super::*;
use proptest::prelude::*;

fn prefix(text: &str) -> Prefix<u32> {
    let (address, length) = text.split_once('/').unwrap();
    let address: std::net::Ipv4Addr = address.parse().unwrap();
    Prefix::new(address.to_bits(), length.parse().unwrap())
}

fn part(text: &str, class: usize) -> Part {
    Part { range: prefix(text).range(), class }
}

fn holds(rectangle: Rectangle, point: Rectangle) -> bool {
    let Rectangle { x, y, width, height } = rectangle;
    (x..x + width).contains(&point.x) && (y..y + height).contains(&point.y)
}

#[test]
fn what_is_large_is_to_scale_and_what_is_small_gets_a_marker() {
    let view = View::new(prefix("0.0.0.0/0"));
    let parts = [part("9.0.0.0/9", 0), part("74.125.0.0/16", 1), part("192.0.2.1/32", 2)];
    let cells = Cells::new(&view, &parts, 16);
    let area = view.rectangle(prefix("9.0.0.0/9")).unwrap();
    assert_eq!(cells.areas, [(0, area)]);
    let marker = |text: &str, class| Marker {
        rectangle: view.rectangle(prefix(text)).unwrap(),
        classes: vec![class],
    };
    assert_eq!(cells.markers, [marker("74.112.0.0/12", 1), marker("192.0.0.0/12", 2)]);
    assert_eq!((cells.markers[0].rectangle.width, cells.markers[0].rectangle.height), (16, 16));
}

#[test]
fn a_marker_names_all_that_are_in_it_and_the_largest_first() {
    let view = View::new(prefix("10.0.0.0/8"));
    let parts = [part("10.1.0.0/32", 0), part("10.1.1.0/30", 1), part("10.1.2.0/32", 0)];
    let cells = Cells::new(&view, &parts, 16);
    assert_eq!(cells.markers.len(), 1);
    assert_eq!(cells.markers[0].classes, [1, 0]);
}

#[test]
fn a_single_address_can_fill_the_picture() {
    let view = View::new(prefix("192.0.2.1/32"));
    let cells = Cells::new(&view, &[part("192.0.2.1/32", 3)], 16);
    assert_eq!(
        cells,
        Cells { areas: vec![(3, Rectangle::new(0, 0, 1024, 1024))], markers: vec![] }
    );
    assert_eq!(Cells::new(&view, &[], 16), Cells::default());
}

/// Parts in rising order and apart from each other, near each other and anywhere.
fn parts() -> impl Strategy<Value = Vec<Part>> {
    let size = prop_oneof![0_u32..300, 0_u32..1 << 20, 0_u32..1 << 29];
    let gap = prop_oneof![0_u32..300, 0_u32..1 << 20, 0_u32..1 << 29];
    proptest::collection::vec((gap, size, 0_usize..4), 0..20).prop_map(|list| {
        let mut parts = Vec::new();
        let mut next = Some(0_u32);
        for (gap, size, class) in list {
            let Some(first) = next.and_then(|next| next.checked_add(gap)) else { break };
            let last = first.saturating_add(size);
            parts.push(Part { range: Range { first, last }, class });
            next = last.checked_add(1);
        }
        parts
    })
}

proptest! {
    #[test]
    fn every_address_is_seen_in_its_class(
        parts in parts(), address: u32, length in 0_u8..=24, inside: proptest::sample::Index,
    ) {
        // A view of where something is, and one anywhere.
        let near = if parts.is_empty() { address } else { inside.get(&parts).range.first };
        for looked_at in [address, near] {
            let view = View::new(Prefix::new(looked_at, length));
            let whole = view.prefix().range();
            let shown: Vec<Part> = parts
                .iter()
                .filter_map(|part| {
                    let first = part.range.first.max(whole.first);
                    let last = part.range.last.min(whole.last);
                    (first <= last).then_some(Part { range: Range { first, last }, ..*part })
                })
                .collect();
            let cells = Cells::new(&view, &shown, 16);
            for part in &shown {
                for address in [part.range.first, part.range.last] {
                    let point = view.rectangle(Prefix::new(address, 32)).unwrap();
                    let point = Rectangle::new(point.x, point.y, 1, 1);
                    let marker = cells.markers.iter().find(|it| holds(it.rectangle, point));
                    let area = cells.areas.iter().find(|(_, area)| holds(*area, point));
                    // The cell of the address as it is counted one by one.
                    let cell = Prefix::new(address, 32 - view.bits_of(1)).range();
                    let most = by_size(overlapping(&shown, cell), cell);
                    match (marker, area) {
                        (Some(marker), None) => prop_assert!(marker.classes.contains(&part.class)),
                        (None, Some((class, _))) => {
                            prop_assert_eq!(*class, most[0].0);
                            // Who has the whole cell has its colour.
                            if most.len() == 1 {
                                prop_assert_eq!(*class, part.class);
                            }
                        }
                        other => prop_assert!(false, "{} is drawn as {:?}", address, other),
                    }
                }
            }
        }
    }

    #[test]
    fn nothing_is_drawn_where_nothing_passes(parts in parts(), address: u32) {
        let view = View::new(Prefix::new(0, 0));
        let cells = Cells::new(&view, &parts, 16);
        let tile = Prefix::new(address, 32 - view.bits_of(16));
        let point = view.rectangle(Prefix::new(address, 32)).unwrap();
        if overlapping(&parts, tile.range()).is_empty() {
            prop_assert!(cells.markers.iter().all(|it| !holds(it.rectangle, point)));
            prop_assert!(cells.areas.iter().all(|(_, area)| !holds(*area, point)));
        }
    }
}
