//! The numbers of the blocks of the grid: each in a corner of its block where
//! it hides nothing.

use super::canvas::{Canvas, blocks};
use super::scene::{Anchor, Fill, LETTER, Text};
use super::view::Rectangle;

/// The sizes of numbers in large blocks and in others.
const SIZES: [u32; 2] = [24, 18];
/// Blocks up to this size are no large ones, in points.
const SMALL_BLOCK: u32 = 64;
/// Between a number and the edges of its block.
const GAP: u32 = 4;

impl Canvas {
    /// Writes the number of each block, last of all on the map. In a block that
    /// is all drawn over it gets a plate; where only markers leave no room it is
    /// left out.
    pub(super) fn numbers(&mut self, areas: &[Rectangle], markers: &[Rectangle]) {
        let octet = usize::from(self.view.prefix().length() / 8);
        for block in blocks(&self.view) {
            let octets = block.first().to_be_bytes();
            let (Some(number), Some(place)) = (octets.get(octet), self.view.rectangle(block))
            else {
                continue;
            };
            let place = self.placed(place);
            let inside = |list: &[Rectangle]| -> Vec<Rectangle> {
                list.iter().filter(|other| shared(place, **other) > 0).copied().collect()
            };
            let (areas, markers) = (inside(areas), inside(markers));
            let size = SIZES[usize::from(place.width.min(place.height) <= SMALL_BLOCK)];
            let number = number.to_string();
            let corners = corners(place, number.len() as u32 * size * LETTER / 1_000 + 1, size);
            let free = |corner: &Rectangle| {
                areas.iter().chain(&markers).all(|other| shared(*corner, *other) == 0)
            };
            let covered = |corner: &Rectangle| {
                let over: u32 = areas.iter().map(|area| shared(*corner, *area)).sum();
                over >= corner.width * corner.height
                    && markers.iter().all(|marker| shared(*corner, *marker) == 0)
            };
            if let Some(corner) = corners.iter().find(|corner| free(corner)) {
                self.number(*corner, size, number);
            } else if let Some(corner) = corners.iter().find(|corner| covered(corner)) {
                self.scene.fill(Fill::Solid(self.palette.ground), [*corner]);
                self.number(*corner, size, number);
            }
        }
    }

    fn number(&mut self, corner: Rectangle, size: u32, content: String) {
        self.scene.text(Text {
            x: corner.x + 1,
            // Digits are about three quarters of their size high.
            baseline: corner.y + corner.height - size / 8,
            size,
            anchor: Anchor::Start,
            colour: self.palette.number,
            content,
        });
    }
}

/// Where a text of this size can stand in a block, the upper left corner first:
/// on the right a number is soon read as that of the next block.
fn corners(block: Rectangle, width: u32, height: u32) -> [Rectangle; 4] {
    let right = (block.x + block.width).saturating_sub(width + GAP);
    let below = (block.y + block.height).saturating_sub(height + GAP);
    let (left, above) = (block.x + GAP, block.y + GAP);
    [(left, above), (left, below), (right, above), (right, below)]
        .map(|(x, y)| Rectangle::new(x, y, width, height))
}

/// How many points two rectangles share.
fn shared(one: Rectangle, other: Rectangle) -> u32 {
    let along = |from: u32, length: u32, start: u32, extent: u32| {
        (from + length).min(start + extent).saturating_sub(from.max(start))
    };
    along(one.x, one.width, other.x, other.width) * along(one.y, one.height, other.y, other.height)
}

#[cfg(test)]
mod tests {
    use super::super::Style;
    use super::super::scene::Shape;
    use super::*;

    fn written(areas: &[Rectangle], markers: &[Rectangle]) -> Vec<Text> {
        let mut canvas = Canvas::new(&Style::default(), "", "");
        canvas.scene.shapes.clear();
        let placed = |list: &[Rectangle]| -> Vec<Rectangle> {
            list.iter().map(|area| canvas.placed(*area)).collect()
        };
        let (areas, markers) = (placed(areas), placed(markers));
        canvas.numbers(&areas, &markers);
        let texts = canvas.scene.shapes.into_iter().filter_map(|shape| match shape {
            Shape::Text(text) => Some(text),
            Shape::Area { .. } => None,
        });
        texts.collect()
    }

    #[test]
    fn numbers_give_way_to_what_is_drawn() {
        let free = written(&[], &[]);
        assert_eq!(free.len(), 256);
        assert_eq!(free[0].content, "0");
        let marker = Rectangle::new(0, 0, 16, 16);
        let moved = written(&[], &[marker]);
        assert!(moved[0].x == free[0].x && moved[0].baseline > free[0].baseline);
        // Areas get a plate, markers none.
        let whole = Rectangle::new(0, 0, 64, 64);
        assert_eq!(written(&[whole], &[])[0], free[0]);
        assert_eq!(written(&[], &[whole]).len(), 255);
    }
}
