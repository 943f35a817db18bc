//! Where addresses lie: the IPv4 space along a Hilbert curve, and the part of
//! it that a picture shows.
//!
//! On the curve neighbours stay neighbours, and every prefix is a square, or
//! two squares side by side where its length is odd. What is drawn there is for
//! others to say.

use crate::addr::{Prefix, Range};

/// Points of the picture along its longer side.
const SIDE: u32 = 1024;
/// Bits of a coordinate: the space is as wide as it is high.
const ORDER: u8 = 16;

/// A rectangle in points, from the upper left corner of the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rectangle {
    /// Points from the left.
    pub x: u32,
    /// Points from above.
    pub y: u32,
    /// Points to the right.
    pub width: u32,
    /// Points down.
    pub height: u32,
}

impl Rectangle {
    /// A rectangle.
    pub const fn new(x: u32, y: u32, width: u32, height: u32) -> Rectangle {
        Rectangle { x, y, width, height }
    }

    /// The same elsewhere.
    pub fn moved(self, right: u32, down: u32) -> Rectangle {
        Rectangle { x: self.x + right, y: self.y + down, ..self }
    }

    /// The same without a margin of so many points on each side.
    pub fn within(self, margin: u32) -> Rectangle {
        Rectangle {
            x: self.x + margin,
            y: self.y + margin,
            width: self.width.saturating_sub(2 * margin),
            height: self.height.saturating_sub(2 * margin),
        }
    }

    /// The four bars along the inside of the edges.
    pub fn frame(self, thickness: u32) -> [Rectangle; 4] {
        let Rectangle { x, y, width, height } = self;
        let (right, below) =
            (x + width.saturating_sub(thickness), y + height.saturating_sub(thickness));
        [
            Rectangle::new(x, y, width, thickness),
            Rectangle::new(x, below, width, thickness),
            Rectangle::new(x, y, thickness, height),
            Rectangle::new(right, y, thickness, height),
        ]
    }
}

/// The part of the space that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    prefix: Prefix<u32>,
    /// The corner of the prefix, in addresses.
    corner: (u32, u32),
    /// Its sides, in addresses, each a power of two.
    sides: (u32, u32),
}

impl View {
    /// A view of a prefix, which fills the picture.
    pub fn new(prefix: Prefix<u32>) -> View {
        let (corner, sides) = place(prefix);
        View { prefix, corner, sides }
    }

    /// The prefix that is shown.
    pub fn prefix(&self) -> Prefix<u32> {
        self.prefix
    }

    /// Whether the whole space is shown.
    pub fn is_whole(&self) -> bool {
        self.prefix.length() == 0
    }

    /// How wide the picture of the prefix is, in points.
    pub fn width(&self) -> u32 {
        self.points(self.sides.0)
    }

    /// How high it is.
    pub fn height(&self) -> u32 {
        self.points(self.sides.1)
    }

    /// Host bits of the prefixes that are squares of `points` points or, where
    /// one address takes more than that, of single addresses.
    pub fn bits_of(&self, points: u32) -> u8 {
        let addresses = u64::from(self.side()) * u64::from(points.max(1)) / u64::from(SIDE);
        // At most 16 bits a side.
        2 * addresses.max(1).ilog2() as u8
    }

    /// Where the addresses of a prefix lie, as far as they are shown: a point
    /// at least. `None` where none is.
    pub fn rectangle(&self, prefix: Prefix<u32>) -> Option<Rectangle> {
        let shown = self.prefix.range();
        if prefix.length() <= self.prefix.length() && prefix.range().contains(shown.first) {
            return Some(Rectangle::new(0, 0, self.width(), self.height()));
        }
        if !shown.contains(prefix.first()) {
            return None;
        }
        let ((x, y), (width, height)) = place(prefix);
        let (right, down) = (x - self.corner.0, y - self.corner.1);
        let points = |addresses| self.points(addresses).max(1);
        let (x, y) = (self.points(right), self.points(down));
        Some(Rectangle::new(x, y, points(width), points(height)))
    }

    /// The rectangles of a range, as few as there are prefixes in it.
    pub fn rectangles(&self, range: Range<u32>) -> impl Iterator<Item = Rectangle> {
        range.prefixes().filter_map(|prefix| self.rectangle(prefix))
    }

    /// The longer side in addresses.
    fn side(&self) -> u32 {
        self.sides.0.max(self.sides.1)
    }

    fn points(&self, addresses: u32) -> u32 {
        // At most as many addresses as the side has, so at most `SIDE` points.
        (u64::from(addresses) * u64::from(SIDE) / u64::from(self.side())) as u32
    }
}

/// Where an address lies, from the left and from above. The first address is at
/// the upper left and the last one at the upper right, as maps of the address
/// space have them.
fn point(address: u32) -> (u32, u32) {
    let (x, y) = fast_hilbert::h2xy::<u16>(address, ORDER);
    (u32::from(x), u32::from(y))
}

/// The upper left corner and the sides of a prefix.
fn place(prefix: Prefix<u32>) -> ((u32, u32), (u32, u32)) {
    let bits = 32 - prefix.length();
    let side = 1_u32 << (bits / 2);
    let corner = |address| {
        let (x, y) = point(address);
        (x & !(side - 1), y & !(side - 1))
    };
    let (first, last) = (corner(prefix.first()), corner(prefix.last()));
    let upper_left = (first.0.min(last.0), first.1.min(last.1));
    match bits % 2 {
        0 => (upper_left, (side, side)),
        _ if first.0 == last.0 => (upper_left, (side, 2 * side)),
        _ => (upper_left, (2 * side, side)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn prefix(text: &str) -> Prefix<u32> {
        let (address, length) = text.split_once('/').unwrap();
        let address: std::net::Ipv4Addr = address.parse().unwrap();
        Prefix::new(address.to_bits(), length.parse().unwrap())
    }

    #[test]
    fn blocks_lie_where_maps_of_the_address_space_have_them() {
        let whole = View::new(prefix("0.0.0.0/0"));
        let block = |text: &str| {
            let Rectangle { x, y, width, height } = whole.rectangle(prefix(text)).unwrap();
            (x / 64, y / 64, width, height)
        };
        assert_eq!(block("0.0.0.0/8"), (0, 0, 64, 64));
        assert_eq!(block("1.0.0.0/8"), (1, 0, 64, 64));
        assert_eq!(block("3.0.0.0/8"), (0, 1, 64, 64));
        assert_eq!(block("64.0.0.0/8"), (0, 8, 64, 64));
        assert_eq!(block("128.0.0.0/2"), (8, 8, 512, 512));
        assert_eq!(block("255.0.0.0/8"), (15, 0, 64, 64));
        let address = whole.rectangle(prefix("255.255.255.255/32")).unwrap();
        assert_eq!(address, Rectangle::new(1023, 0, 1, 1));
    }

    #[test]
    fn the_points_of_the_space_are_taken_once() {
        let mut seen = vec![false; 1 << 16];
        for block in 0..1_u32 << 16 {
            let (x, y) = point(block << 16);
            let place = (x >> 8) << 8 | y >> 8;
            assert!(!std::mem::replace(&mut seen[place as usize], true));
        }
    }

    proptest! {
        #[test]
        fn neighbours_are_side_by_side(address in 0..u32::MAX) {
            let ((x, y), (right, down)) = (point(address), point(address + 1));
            prop_assert_eq!(x.abs_diff(right) + y.abs_diff(down), 1);
        }

        #[test]
        fn addresses_and_points_are_one_to_one(address: u32) {
            let (x, y) = point(address);
            prop_assert_eq!(fast_hilbert::xy2h(x as u16, y as u16, ORDER), address);
        }

        #[test]
        fn a_prefix_is_a_square_or_two(address: u32, length in 0_u8..=32, inside: u32) {
            let prefix = Prefix::new(address, length);
            let ((x, y), (width, height)) = place(prefix);
            prop_assert_eq!(u64::from(width) * u64::from(height), 1_u64 << (32 - length));
            let (longer, shorter) = (width.max(height), width.min(height));
            prop_assert_eq!(longer / shorter, 1 + u32::from(length % 2));
            let within = prefix.first() | (inside & (prefix.last() - prefix.first()));
            let (right, down) = point(within);
            prop_assert!((x..=x + (width - 1)).contains(&right));
            prop_assert!((y..=y + (height - 1)).contains(&down));
        }

        #[test]
        fn what_is_shown_lies_in_the_picture(
            address: u32, length in 0_u8..=32, other: u32, more in 0_u8..=32,
        ) {
            let view = View::new(Prefix::new(address, length));
            prop_assert_eq!(view.width().max(view.height()), SIDE);
            let near = view.prefix().first() | (other & (view.prefix().last() - view.prefix().first()));
            for address in [other, near] {
                let prefix = Prefix::new(address, more);
                let meets = view.prefix().range().contains(prefix.first())
                    || prefix.range().contains(view.prefix().first());
                let found = view.rectangle(prefix);
                prop_assert_eq!(found.is_some(), meets);
                if let Some(Rectangle { x, y, width, height }) = found {
                    prop_assert!(width > 0 && x + width <= view.width());
                    prop_assert!(height > 0 && y + height <= view.height());
                }
            }
        }
    }
}
