//! The paper of all pictures: title, ground, blocks of a special use, the grid,
//! and where the legend goes.

use super::Style;
use super::legend::Row;
use super::palette::Palette;
use super::scene::{Anchor, Fill, Hatch, Scene, Text, letters, shortened, wrapped};
use super::view::{Rectangle, View};
use crate::addr::{Prefix, Range};

/// Around everything.
const MARGIN: u32 = 28;
/// How wide what is within the margins is, which is what the map can be.
const WIDTH: u32 = 1024;
const TITLE: u32 = 36;
const LETTERS: u32 = 26;
/// From one line of text to the next.
const LINE: u32 = 38;
/// How large the sign before a line of the legend is.
const SIGN: u32 = 24;

/// A picture while it is drawn.
pub(super) struct Canvas {
    pub(super) scene: Scene,
    pub(super) palette: Palette,
    pub(super) view: View,
    /// The upper left corner of the map.
    corner: (u32, u32),
    /// How far down the picture is written.
    filled: u32,
}

impl Canvas {
    /// The paper with what lies below everything else.
    pub(super) fn new(style: &Style, title: &str, subtitle: &str) -> Canvas {
        let (palette, view) = (Palette::of(style.theme), style.view);
        let scene = Scene {
            width: WIDTH + 2 * MARGIN,
            height: 0,
            background: palette.background,
            title: title.to_owned(),
            shapes: Vec::new(),
        };
        let mut canvas = Canvas { scene, palette, view, corner: (0, 0), filled: MARGIN };
        canvas.heading(title, subtitle);
        canvas.corner = (MARGIN + (WIDTH - view.width()) / 2, canvas.filled);
        canvas.filled += view.height() + MARGIN;
        let map = canvas.placed(Rectangle::new(0, 0, view.width(), view.height()));
        canvas.scene.fill(Fill::Solid(palette.ground), [map]);
        let special: Vec<Rectangle> =
            special(&view).into_iter().map(|area| canvas.placed(area)).collect();
        canvas.scene.fill(Fill::Lines(Hatch::Rising, palette.special), special);
        canvas
    }

    fn heading(&mut self, title: &str, subtitle: &str) {
        for (text, size, colour) in
            [(title, TITLE, self.palette.ink), (subtitle, LETTERS, self.palette.quiet)]
        {
            let content = shortened(text, letters(WIDTH, size));
            self.filled += size;
            let baseline = self.filled;
            let anchor = Anchor::Start;
            self.scene.text(Text { x: MARGIN, baseline, size, anchor, colour, content });
            self.filled += size / 2;
        }
        self.filled += MARGIN / 4;
    }

    /// A rectangle of the map in the picture.
    pub(super) fn placed(&self, rectangle: Rectangle) -> Rectangle {
        rectangle.moved(self.corner.0, self.corner.1)
    }

    /// Lines between the blocks of the grid, over what is drawn.
    pub(super) fn grid(&mut self) {
        let map = Rectangle::new(0, 0, self.view.width(), self.view.height());
        let mut lines: Vec<Rectangle> = Vec::new();
        if let Some(first) = blocks(&self.view).next().and_then(|block| self.view.rectangle(block))
        {
            lines.extend(
                (0..map.width)
                    .step_by(first.width as usize)
                    .map(|x| self.placed(Rectangle::new(x, 0, 1, map.height))),
            );
            lines.extend(
                (0..map.height)
                    .step_by(first.height as usize)
                    .map(|y| self.placed(Rectangle::new(0, y, map.width, 1))),
            );
        }
        lines.extend(self.placed(map).frame(1));
        self.scene.fill(Fill::Solid(self.palette.grid), lines);
    }

    /// Writes the legend: rows with their signs, then remarks.
    pub(super) fn legend(&mut self, rows: &[Row], remarks: &[String]) {
        for row in rows {
            let sign = Rectangle::new(MARGIN, self.filled + (LINE - SIGN) / 2, SIGN, SIGN);
            if let Some(drawn) = row.sign {
                drawn.draw(sign, self);
            }
            let indent = MARGIN + SIGN + MARGIN / 2 + if row.part { MARGIN } else { 0 };
            let taken = row.count.chars().count() + 1;
            let most = letters(WIDTH + MARGIN - indent, LETTERS).saturating_sub(taken);
            let colour = if row.part { self.palette.quiet } else { self.palette.ink };
            let baseline = self.filled + LINE - 10;
            self.write(indent, baseline, Anchor::Start, colour, shortened(&row.name, most));
            self.write(WIDTH + MARGIN, baseline, Anchor::End, colour, row.count.clone());
            self.filled += LINE;
        }
        self.filled += MARGIN / 2;
        let colour = self.palette.quiet;
        for line in remarks.iter().flat_map(|text| wrapped(text, letters(WIDTH, LETTERS))) {
            let baseline = self.filled + LINE - 10;
            self.write(MARGIN, baseline, Anchor::Start, colour, line);
            self.filled += LINE;
        }
        self.scene.height = self.filled + MARGIN;
    }

    fn write(
        &mut self,
        x: u32,
        baseline: u32,
        anchor: Anchor,
        colour: super::scene::Colour,
        content: String,
    ) {
        if !content.is_empty() {
            self.scene.text(Text { x, baseline, size: LETTERS, anchor, colour, content });
        }
    }
}

/// The length of the prefixes of the grid: one octet more than is common to all.
pub(super) fn grid_length(view: &View) -> u8 {
    (view.prefix().length() / 8 + 1) * 8
}

/// The blocks of the grid; none where an address alone is shown.
pub(super) fn blocks(view: &View) -> impl Iterator<Item = Prefix<u32>> + use<> {
    let (shown, length) = (view.prefix(), grid_length(view));
    let many = length.saturating_sub(shown.length()).min(8);
    let count = if length <= 32 { 1_u32 << many } else { 0 };
    (0..count).map(move |index| {
        // At most eight bits behind the prefix, where it has none itself.
        Prefix::new(shown.first() | index << (32 - length), length)
    })
}

/// The areas of a special use that are no smaller than the least marker.
fn special(view: &View) -> Vec<Rectangle> {
    let blocks = Prefix::special_blocks().map(|(block, _)| block);
    let shown = view.prefix();
    let large = |block: &Prefix<u32>| {
        block.length() <= shown.length().saturating_add(14).min(32)
            || block.range().contains(shown.first())
    };
    let outer = |block: &Prefix<u32>| {
        !Prefix::special_blocks().any(|(other, _)| {
            other.length() < block.length() && other.range().contains(block.first())
        })
    };
    blocks.filter(large).filter(outer).filter_map(|block| view.rectangle(block)).collect()
}

/// Whether some of the areas of a special use are shown.
pub(super) fn shows_special(view: &View) -> bool {
    !special(view).is_empty()
}

/// `all of IPv4`, or the prefix that is shown.
pub(super) fn shown(view: &View) -> String {
    if view.is_whole() { "all of IPv4".to_owned() } else { view.prefix().to_string() }
}

/// The addresses of a range that are shown.
pub(super) fn clipped(range: Range<u32>, view: &View) -> Option<Range<u32>> {
    let whole = view.prefix().range();
    let (first, last) = (range.first.max(whole.first), range.last.min(whole.last));
    (first <= last).then_some(Range { first, last })
}
