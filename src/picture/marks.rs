//! How things look in a picture: markers of what is smaller than they are, and
//! what is gained and lost, which differ in pattern and sign as well as in
//! colour.

use super::canvas::Canvas;
use super::scene::{Fill, Hatch};
use super::view::Rectangle;

/// The side of markers, in points.
pub(super) const MARKER: u32 = 16;
/// How thick the bars of signs and the edges of areas are.
const BAR: u32 = 2;

/// The upright stripes that a rectangle is cut into.
pub(super) fn stripes(whole: Rectangle, count: usize) -> impl Iterator<Item = Rectangle> {
    // A stripe is a point wide at least: more of them than that are left out.
    let count = (count as u32).clamp(1, whole.width.max(1));
    (0..count).map(move |index| {
        let (from, to) = (whole.width * index / count, whole.width * (index + 1) / count);
        Rectangle::new(whole.x + from, whole.y, to - from, whole.height)
    })
}

impl Canvas {
    /// Markers of providers, by rank: framed, with a stripe for each.
    pub(super) fn framed(&mut self, marker: Rectangle, ranks: &[usize]) {
        self.scene.fill(Fill::Solid(self.palette.ink), [marker]);
        for (stripe, rank) in stripes(marker.within(2), ranks.len()).zip(ranks) {
            self.scene.fill(Fill::Solid(self.palette.provider(*rank)), [stripe]);
        }
    }

    /// Markers of what is gained: full, with a plus.
    pub(super) fn gained_marker(&mut self, marker: Rectangle) {
        self.scene.fill(Fill::Solid(self.palette.gained), [marker]);
        let (level, upright) = bars(marker);
        self.scene.fill(Fill::Solid(self.palette.on_gained), [level, upright]);
    }

    /// Markers of what is lost: empty, with a minus.
    pub(super) fn lost_marker(&mut self, marker: Rectangle) {
        self.scene.fill(Fill::Solid(self.palette.ground), [marker]);
        let bars = marker.frame(BAR).into_iter().chain([bars(marker).0]);
        self.scene.fill(Fill::Solid(self.palette.lost), bars);
    }

    /// Areas of what is gained: full, with rising lines.
    pub(super) fn gained_areas(&mut self, areas: &[Rectangle]) {
        self.scene.fill(Fill::Solid(self.palette.gained), areas.iter().copied());
        self.scene.fill(Fill::Lines(Hatch::Rising, self.palette.on_gained), areas.iter().copied());
    }

    /// Areas of what is lost: empty, with falling lines and an edge.
    pub(super) fn lost_areas(&mut self, areas: &[Rectangle]) {
        self.scene.fill(Fill::Solid(self.palette.ground), areas.iter().copied());
        self.scene.fill(Fill::Lines(Hatch::Falling, self.palette.lost), areas.iter().copied());
        self.scene.fill(Fill::Solid(self.palette.lost), edges(areas));
    }
}

/// The level and the upright bar of a sign.
fn bars(marker: Rectangle) -> (Rectangle, Rectangle) {
    let Rectangle { x, y, width, height } = marker;
    let (right, down) = ((width / 2).saturating_sub(BAR / 2), (height / 2).saturating_sub(BAR / 2));
    let (long, tall) = (width * 5 / 8, height * 5 / 8);
    let level = Rectangle::new(x + (width - long) / 2, y + down, long, BAR);
    (level, Rectangle::new(x + right, y + (height - tall) / 2, BAR, tall))
}

/// The edges of areas that together are one or several figures: where two areas
/// touch there is none.
fn edges(areas: &[Rectangle]) -> Vec<Rectangle> {
    let right = areas.iter().map(|area| area.x + area.width).max().unwrap_or(0);
    let below = areas.iter().map(|area| area.y + area.height).max().unwrap_or(0);
    // A border of nothing on each side spares the questions at the edges.
    let row = right as usize + 2;
    let mut inside = vec![false; row * (below as usize + 2)];
    let place = |x: u32, y: u32| (y as usize + 1) * row + x as usize + 1;
    for area in areas {
        for y in area.y..area.y + area.height {
            let from = place(area.x, y);
            inside[from..from + area.width as usize].fill(true);
        }
    }
    let mut found = Vec::new();
    // Lines along rows above and below, then along columns left and right.
    for y in 0..below {
        for (beside, top) in [(row, 0), (0, BAR - 1)] {
            let at = |x: u32| {
                let here = place(x, y);
                // `beside` says which neighbour: the row above, or the one below.
                let other = if beside > 0 { here - row } else { here + row };
                inside[here] && !inside[other]
            };
            let line = |from, to| Rectangle::new(from, y.saturating_sub(top), to - from, BAR);
            found.extend(runs(right, at).into_iter().map(|(from, to)| line(from, to)));
        }
    }
    for x in 0..right {
        for (before, left) in [(true, 0), (false, BAR - 1)] {
            let at = |y: u32| {
                let here = place(x, y);
                let other = if before { here - 1 } else { here + 1 };
                inside[here] && !inside[other]
            };
            let line = |from, to| Rectangle::new(x.saturating_sub(left), from, BAR, to - from);
            found.extend(runs(below, at).into_iter().map(|(from, to)| line(from, to)));
        }
    }
    found
}

/// Where something holds, from and up to which place.
fn runs(count: u32, holds: impl Fn(u32) -> bool) -> Vec<(u32, u32)> {
    let mut found: Vec<(u32, u32)> = Vec::new();
    for place in (0..count).filter(|place| holds(*place)) {
        match found.last_mut() {
            Some((_, to)) if *to == place => *to += 1,
            _ => found.push((place, place + 1)),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_that_touch_have_one_edge_around_them() {
        let areas = [Rectangle::new(10, 10, 4, 4), Rectangle::new(14, 10, 4, 4)];
        let mut found = edges(&areas);
        found.sort();
        let mut expected = [
            Rectangle::new(10, 10, 8, 2),
            Rectangle::new(10, 12, 8, 2),
            Rectangle::new(10, 10, 2, 4),
            Rectangle::new(16, 10, 2, 4),
        ];
        expected.sort();
        assert_eq!(found, expected);
        assert!(edges(&[]).is_empty());
    }

    #[test]
    fn stripes_fill_a_marker() {
        for count in 1..9 {
            let cut: Vec<Rectangle> = stripes(Rectangle::new(3, 4, 6, 6), count).collect();
            assert_eq!(cut.len(), count.min(6));
            assert_eq!(cut.iter().map(|stripe| stripe.width).sum::<u32>(), 6);
            assert!(cut.iter().all(|stripe| stripe.width > 0));
        }
    }
}
