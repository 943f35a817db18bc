//! A scene as SVG: one document without scripts, styles or anything that is
//! fetched from elsewhere.
//!
//! Texts come from DNS. They are written as text, never as markup.

use std::fmt::{self, Write};

use super::scene::{Anchor, Colour, Fill, HATCH_STEP, HATCH_WIDTH, Hatch, Scene, Shape, Text};
use super::view::Rectangle;
use crate::escape;

/// Fonts whose letters are all of one width; the first is that of PNG files.
const FONTS: &str = "Hack, 'DejaVu Sans Mono', Menlo, Consolas, monospace";

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

impl Scene {
    /// The picture as an SVG document.
    pub fn to_svg(&self) -> String {
        let mut out = String::new();
        // Writing to a string does not fail.
        let _ = self.write_svg(&mut out);
        out
    }

    fn write_svg(&self, out: &mut String) -> fmt::Result {
        let (width, height) = (self.width, self.height);
        writeln!(
            out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" role=\"img\" font-family=\"{FONTS}\">"
        )?;
        writeln!(out, "<title>{}</title>", escaped(&self.title))?;
        let patterns = self.patterns();
        if !patterns.is_empty() {
            writeln!(out, "<defs>")?;
            for (hatch, colour) in &patterns {
                write_pattern(*hatch, *colour, out)?;
            }
            writeln!(out, "</defs>")?;
        }
        let background = self.background;
        writeln!(out, "<rect width=\"{width}\" height=\"{height}\" fill=\"{background}\"/>")?;
        for shape in &self.shapes {
            match shape {
                Shape::Area { fill, rectangles, label } => {
                    write_area(*fill, rectangles, label.as_deref(), out)?;
                }
                Shape::Text(text) => write_text(text, out)?,
            }
        }
        writeln!(out, "</svg>")
    }

    /// The patterns that some area has, each once.
    fn patterns(&self) -> Vec<(Hatch, Colour)> {
        let of = |shape: &Shape| match shape {
            Shape::Area { fill: Fill::Lines(hatch, colour), .. } => Some((*hatch, *colour)),
            _ => None,
        };
        let mut patterns: Vec<(Hatch, Colour)> = self.shapes.iter().filter_map(of).collect();
        patterns.sort_unstable();
        patterns.dedup();
        patterns
    }
}

/// `rising-0072b2`
fn pattern_name(hatch: Hatch, colour: Colour) -> String {
    let way = match hatch {
        Hatch::Rising => "rising",
        Hatch::Falling => "falling",
    };
    format!("{way}-{:02x}{:02x}{:02x}", colour.0, colour.1, colour.2)
}

fn write_pattern(hatch: Hatch, colour: Colour, out: &mut String) -> fmt::Result {
    let (name, step, width) = (pattern_name(hatch, colour), HATCH_STEP, HATCH_WIDTH);
    // A line and its neighbour: the tile repeats without a seam.
    let line = |at: u32| match hatch {
        Hatch::Falling => format!("M{at} 0h{width}l{step} {step}h-{width}z"),
        Hatch::Rising => format!("M{at} {step}h{width}l{step} -{step}h-{width}z"),
    };
    let lines = format!("{}{}", line(0), line(0).replacen("M0", &format!("M-{step}"), 1));
    writeln!(
        out,
        "<pattern id=\"{name}\" width=\"{step}\" height=\"{step}\" \
         patternUnits=\"userSpaceOnUse\"><path fill=\"{colour}\" d=\"{lines}\"/></pattern>"
    )
}

fn write_area(
    fill: Fill,
    rectangles: &[Rectangle],
    label: Option<&str>,
    out: &mut String,
) -> fmt::Result {
    let fill = match fill {
        Fill::Solid(colour) => colour.to_string(),
        Fill::Lines(hatch, colour) => format!("url(#{})", pattern_name(hatch, colour)),
    };
    write!(out, "<path fill=\"{fill}\" shape-rendering=\"crispEdges\" d=\"")?;
    for Rectangle { x, y, width, height } in rectangles {
        write!(out, "M{x} {y}h{width}v{height}h-{width}z")?;
    }
    match label {
        Some(label) => writeln!(out, "\"><title>{}</title></path>", escaped(label)),
        None => writeln!(out, "\"/>"),
    }
}

fn write_text(text: &Text, out: &mut String) -> fmt::Result {
    let anchor = match text.anchor {
        Anchor::Start => "",
        Anchor::End => " text-anchor=\"end\"",
    };
    writeln!(
        out,
        "<text x=\"{}\" y=\"{}\" font-size=\"{}\" fill=\"{}\"{anchor}>{}</text>",
        text.x,
        text.baseline,
        text.size,
        text.colour,
        escaped(&text.content)
    )
}

/// Text for XML: nothing is left that XML forbids, and nothing that is markup.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in escape::text(text).chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(character),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use quick_xml::events::Event;
    use quick_xml::reader::Reader;

    /// The names of all elements and the texts in them, as a reader of XML has them.
    fn read(svg: &str) -> (Vec<String>, Vec<String>) {
        let mut reader = Reader::from_str(svg);
        let (mut elements, mut texts) = (Vec::new(), Vec::new());
        let mut text = String::new();
        loop {
            match reader.read_event().unwrap() {
                Event::Start(tag) | Event::Empty(tag) => {
                    elements.push(tag.name().as_ref().to_owned());
                    text.clear();
                }
                Event::Text(found) => text.push_str(&found),
                Event::GeneralRef(found) => {
                    let name = format!("&{};", &*found);
                    text.push_str(&quick_xml::escape::unescape(&name).unwrap());
                }
                Event::End(_) => texts.push(std::mem::take(&mut text)),
                Event::Eof => return (elements, texts),
                other => panic!("{other:?}"),
            }
        }
    }

    proptest! {
        #[test]
        fn hostile_texts_read_back_as_text(content in any::<String>(), more in "[<>&'\"a]{0,12}") {
            let hostile = format!("text {content}{more}");
            let colour = Colour(1, 2, 3);
            let mut scene = Scene {
                width: 9, height: 9, background: colour, title: hostile.clone(), shapes: Vec::new(),
            };
            let square = Rectangle::new(0, 0, 1, 1);
            scene.labelled(Fill::Lines(Hatch::Rising, colour), [square], Some(hostile.clone()));
            scene.text(Text {
                x: 0, baseline: 1, size: 2, anchor: Anchor::End, colour, content: hostile.clone(),
            });
            let (elements, texts) = read(&scene.to_svg());
            let expected =
                ["svg", "title", "defs", "pattern", "path", "rect", "path", "title", "text"];
            prop_assert_eq!(elements, expected);
            let said = escape::text(&hostile);
            prop_assert_eq!(texts.iter().filter(|text| **text == said).count(), 3, "{:?}", texts);
        }
    }
}
