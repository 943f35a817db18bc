//! What a picture is made of: areas and texts at their places, in the order in
//! which they are drawn.
//!
//! A scene knows nothing of policies; the writers of SVG and PNG know nothing
//! else.

use super::view::Rectangle;

/// A colour: red, green and blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Colour(pub(super) u8, pub(super) u8, pub(super) u8);

/// Which way the lines of a pattern go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Hatch {
    /// From the lower left to the upper right.
    Rising,
    /// From the upper left to the lower right.
    Falling,
}

/// How far the lines of a pattern are apart, in points along an edge.
pub(super) const HATCH_STEP: u32 = 8;
/// How thick they are, measured the same way.
pub(super) const HATCH_WIDTH: u32 = 3;

/// What an area is filled with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Fill {
    /// One colour.
    Solid(Colour),
    /// Lines of one colour over what is there.
    Lines(Hatch, Colour),
}

/// Where a text stands from its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    /// To the right of it.
    Start,
    /// To the left of it.
    End,
}

/// A line of text. Its letters are all of one width.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) x: u32,
    /// The line that the letters stand on.
    pub(super) baseline: u32,
    /// The size of the font, in points.
    pub(super) size: u32,
    pub(super) anchor: Anchor,
    pub(super) colour: Colour,
    pub(super) content: String,
}

/// One thing that is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Rectangles of one fill, and what they stand for.
    Area { fill: Fill, rectangles: Vec<Rectangle>, label: Option<String> },
    /// A line of text.
    Text(Text),
}

/// A picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scene {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) background: Colour,
    /// What it shows, for those who do not see it.
    pub(super) title: String,
    pub(super) shapes: Vec<Shape>,
}

impl Scene {
    /// How wide the picture is, in points.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// How high it is.
    pub fn height(&self) -> u32 {
        self.height
    }

    pub(super) fn fill(&mut self, fill: Fill, rectangles: impl IntoIterator<Item = Rectangle>) {
        self.labelled(fill, rectangles, None);
    }

    pub(super) fn labelled(
        &mut self,
        fill: Fill,
        rectangles: impl IntoIterator<Item = Rectangle>,
        label: Option<String>,
    ) {
        let rectangles: Vec<Rectangle> = rectangles.into_iter().collect();
        if !rectangles.is_empty() {
            self.shapes.push(Shape::Area { fill, rectangles, label });
        }
    }

    pub(super) fn text(&mut self, text: Text) {
        self.shapes.push(Shape::Text(text));
    }
}

/// How wide a letter is at a size of 1,000 points.
pub(super) const LETTER: u32 = 602;

/// How many letters of a size fit into so many points.
pub(super) fn letters(width: u32, size: u32) -> usize {
    (width * 1_000 / (size * LETTER).max(1)) as usize
}

/// The text with its end left out where it has more than `most` letters.
pub(super) fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some(_) => text.chars().take(most.saturating_sub(1)).chain(['…']).collect(),
    }
}

/// The text in lines of at most `most` letters, cut between words where that
/// can be.
pub(super) fn wrapped(text: &str, most: usize) -> Vec<String> {
    let most = most.max(1);
    let mut lines: Vec<String> = vec![String::new()];
    let mut free = most;
    for word in text.split(' ') {
        let letters: Vec<char> = word.chars().collect();
        for (index, piece) in letters.chunks(most).enumerate() {
            let line =
                lines.last_mut().filter(|line| line.is_empty() || index == 0 && piece.len() < free);
            match line {
                Some(line) => {
                    let blank = usize::from(!line.is_empty());
                    line.extend(std::iter::repeat_n(' ', blank).chain(piece.iter().copied()));
                    free = free.saturating_sub(piece.len() + blank);
                }
                None => {
                    lines.push(piece.iter().collect());
                    free = most - piece.len();
                }
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_end_between_words() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("onetwothree a", 4), ["onet", "woth", "ree", "a"]);
        assert_eq!(wrapped("", 4), [""]);
        assert_eq!(shortened("one two", 4), "one…");
        assert_eq!(shortened("four", 4), "four");
    }

    proptest! {
        #[test]
        fn no_line_is_too_long_and_nothing_is_lost(text in "[a-zé ]{0,80}", most in 1_usize..20) {
            let lines = wrapped(&text, most);
            prop_assert!(lines.iter().all(|line| line.chars().count() <= most));
            let letters = |text: &str| text.replace(' ', "");
            prop_assert_eq!(letters(&lines.concat()), letters(&text));
            prop_assert!(shortened(&text, most).chars().count() <= most);
        }
    }
}
