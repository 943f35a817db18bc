//! A scene as a PNG file: rectangles, lines and letters as points.
//!
//! The font is part of the program, so that a picture is the same wherever it
//! is drawn.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use ab_glyph::{Font, FontRef, GlyphId, PxScale, ScaleFont, point};
use epaint_default_fonts::HACK_REGULAR;
use thiserror::Error;

use super::scene::{Anchor, Colour, Fill, HATCH_STEP, HATCH_WIDTH, Hatch, Scene, Shape, Text};
use super::view::Rectangle;
use crate::escape;

/// Steps between a colour and what it is drawn on, at the edges of letters.
const SHADES: f32 = 6.0;

/// Why there is no PNG file. The fault is this program's.
#[derive(Debug, Error)]
pub enum PngError {
    /// The font cannot be read.
    #[error("the font of pictures cannot be read: {0}")]
    Font(#[from] ab_glyph::InvalidFont),
    /// The points cannot be written as a file.
    #[error("the picture cannot be written as PNG: {0}")]
    Encoding(#[from] png::EncodingError),
}

impl Scene {
    /// The picture as a PNG file.
    ///
    /// # Errors
    ///
    /// A [`PngError`], which no scene should meet.
    pub fn to_png(&self) -> Result<Vec<u8>, PngError> {
        let font = FontRef::try_from_slice(HACK_REGULAR)?;
        let mut points = Points::new(self.width, self.height, self.background);
        for shape in &self.shapes {
            match shape {
                Shape::Area { fill, rectangles, .. } => {
                    rectangles.iter().for_each(|rectangle| points.fill(*rectangle, *fill));
                }
                Shape::Text(text) => points.write(text, &font),
            }
        }
        points.encoded()
    }
}

/// The points of a picture, row by row, three octets each.
struct Points {
    width: u32,
    height: u32,
    octets: Vec<u8>,
}

impl Points {
    fn new(width: u32, height: u32, Colour(red, green, blue): Colour) -> Points {
        let octets = [red, green, blue].repeat(width as usize * height as usize);
        Points { width, height, octets }
    }

    /// The octets of a point; `None` outside of the picture.
    fn at(&mut self, x: u32, y: u32) -> Option<&mut [u8]> {
        if x >= self.width || y >= self.height {
            return None;
        }
        let place = (y as usize * self.width as usize + x as usize) * 3;
        self.octets.get_mut(place..place + 3)
    }

    /// Mixes a colour into a point; all of it for 1. There are few shades, so
    /// that all colours of a picture fit into a palette.
    fn mix(&mut self, x: u32, y: u32, Colour(red, green, blue): Colour, share: f32) {
        let share = (share.clamp(0.0, 1.0) * SHADES).round() / SHADES;
        let Some(octets) = self.at(x, y) else { return };
        for (octet, colour) in octets.iter_mut().zip([red, green, blue]) {
            let (was, is) = (f32::from(*octet), f32::from(colour));
            // A number between two octets is one.
            *octet = (was + (is - was) * share).round() as u8;
        }
    }

    fn fill(&mut self, rectangle: Rectangle, fill: Fill) {
        let Rectangle { x, y, width, height } = rectangle;
        for y in y..(y + height).min(self.height) {
            for x in x..(x + width).min(self.width) {
                let (Fill::Solid(colour) | Fill::Lines(_, colour)) = fill;
                let across = match fill {
                    Fill::Solid(_) => 0,
                    Fill::Lines(Hatch::Rising, _) => (x + y) % HATCH_STEP,
                    Fill::Lines(Hatch::Falling, _) => {
                        (x + HATCH_STEP - y % HATCH_STEP) % HATCH_STEP
                    }
                };
                if across < HATCH_WIDTH {
                    self.mix(x, y, colour, 1.0);
                }
            }
        }
    }

    fn write(&mut self, text: &Text, font: &FontRef<'_>) {
        // Fonts are sized by the height of a line, pictures by that of an em.
        let em = font.units_per_em().unwrap_or(1.0);
        let font = font.as_scaled(PxScale::from(text.size as f32 * font.height_unscaled() / em));
        let glyphs: Vec<GlyphId> =
            escape::text(&text.content).chars().map(|letter| font.glyph_id(letter)).collect();
        let width: f32 = glyphs.iter().map(|glyph| font.h_advance(*glyph)).sum();
        let mut x = match text.anchor {
            Anchor::Start => text.x as f32,
            Anchor::End => text.x as f32 - width,
        };
        for id in glyphs {
            let glyph = id.with_scale_and_position(font.scale(), point(x, text.baseline as f32));
            x += font.h_advance(id);
            let Some(outline) = font.outline_glyph(glyph) else { continue };
            let bounds = outline.px_bounds();
            outline.draw(|right, down, share| {
                let (x, y) = (bounds.min.x + right as f32, bounds.min.y + down as f32);
                if x >= 0.0 && y >= 0.0 {
                    // Whole numbers, as those of bounds are.
                    self.mix(x as u32, y as u32, text.colour, share);
                }
            });
        }
    }

    /// The file, with a palette where the colours fit into one.
    fn encoded(&self) -> Result<Vec<u8>, PngError> {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, self.width, self.height);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_compression(png::Compression::High);
        // Of areas of one colour nothing makes a shorter file.
        encoder.set_filter(png::Filter::NoFilter);
        match self.indexed() {
            Some((colours, indices)) => {
                encoder.set_color(png::ColorType::Indexed);
                encoder.set_palette(colours);
                encoder.write_header()?.write_image_data(&indices)?;
            }
            None => {
                encoder.set_color(png::ColorType::Rgb);
                encoder.write_header()?.write_image_data(&self.octets)?;
            }
        }
        Ok(file)
    }

    /// The colours, three octets each, and for each point which one it has;
    /// `None` for more colours than an octet counts.
    fn indexed(&self) -> Option<(Vec<u8>, Vec<u8>)> {
        let mut known: HashMap<&[u8], u8> = HashMap::new();
        let mut colours = Vec::new();
        let mut indices = Vec::with_capacity(self.octets.len() / 3);
        for point in self.octets.chunks_exact(3) {
            let next = known.len();
            let index = match known.entry(point) {
                Entry::Occupied(index) => *index.get(),
                Entry::Vacant(place) => {
                    colours.extend_from_slice(point);
                    *place.insert(u8::try_from(next).ok()?)
                }
            };
            indices.push(index);
        }
        Some((colours, indices))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WHITE: Colour = Colour(255, 255, 255);
    const RED: Colour = Colour(200, 0, 0);

    fn scene(shapes: Vec<Shape>) -> Scene {
        Scene { width: 40, height: 30, background: WHITE, title: String::new(), shapes }
    }

    /// The size and the points of a file, as a reader has them.
    fn read(file: &[u8]) -> ((u32, u32), Vec<u8>) {
        let mut decoder = png::Decoder::new(std::io::Cursor::new(file));
        decoder.set_transformations(png::Transformations::EXPAND);
        let mut reader = decoder.read_info().unwrap();
        let mut octets = vec![0; reader.output_buffer_size().unwrap()];
        let frame = reader.next_frame(&mut octets).unwrap();
        assert_eq!(frame.color_type, png::ColorType::Rgb);
        ((frame.width, frame.height), octets)
    }

    #[test]
    fn areas_have_their_colour_and_nothing_else_has() {
        let rectangles = vec![Rectangle::new(10, 20, 3, 100)];
        let area = Shape::Area { fill: Fill::Solid(RED), rectangles, label: None };
        let (size, octets) = read(&scene(vec![area]).to_png().unwrap());
        assert_eq!(size, (40, 30));
        for (index, point) in octets.chunks(3).enumerate() {
            let inside = (10..13).contains(&(index % 40)) && index / 40 >= 20;
            assert_eq!(point == [200, 0, 0], inside, "{index}");
        }
    }

    #[test]
    fn letters_stand_on_their_line() {
        let text = Text {
            x: 40,
            baseline: 20,
            size: 20,
            anchor: Anchor::End,
            colour: RED,
            content: "H".into(),
        };
        let (_, octets) = read(&scene(vec![Shape::Text(text)]).to_png().unwrap());
        let inked = |(index, point): (usize, &[u8])| (point != [255; 3]).then_some(index / 40);
        let rows: Vec<usize> = octets.chunks(3).enumerate().filter_map(inked).collect();
        let (first, last) = (rows.iter().min().unwrap(), rows.iter().max().unwrap());
        assert!((4..=7).contains(first) && *last == 19, "{first} to {last}");
    }

    #[test]
    fn many_colours_are_kept_too() {
        let shade = |index: u32| Shape::Area {
            fill: Fill::Solid(Colour((index % 40) as u8, (index / 40) as u8, 9)),
            rectangles: vec![Rectangle::new(index % 40, index / 40, 1, 1)],
            label: None,
        };
        let (_, octets) = read(&scene((0..1_200).map(shade).collect()).to_png().unwrap());
        for (index, point) in octets.chunks(3).enumerate() {
            assert_eq!(point, [(index % 40) as u8, (index / 40) as u8, 9]);
        }
    }

    proptest! {
        #[test]
        fn any_text_can_be_drawn(content in any::<String>(), x in 0_u32..99, baseline in 0_u32..99) {
            let text = Text { x, baseline, size: 12, anchor: Anchor::End, colour: RED, content };
            prop_assert!(scene(vec![Shape::Text(text)]).to_png().is_ok());
        }
    }
}
