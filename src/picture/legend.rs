//! What stands below a map: signs with what they mean and how much there is of
//! it, and what a picture cannot show.

use super::canvas::{Canvas, grid_length, shown};
use super::scene::{Fill, Hatch};
use super::view::{Rectangle, View};
use crate::counts::{counted, counted_all};
use crate::policy::{Passed, PolicyError};

/// Terms that are named; of more the rest is counted.
const TERMS: usize = 3;

/// A line of the legend.
pub(super) struct Row {
    pub(super) sign: Option<Sign>,
    /// Whether it is a part of what stands above.
    pub(super) part: bool,
    pub(super) name: String,
    /// How much there is; may be empty.
    pub(super) count: String,
}

impl Row {
    pub(super) fn new(sign: Sign, name: impl Into<String>, count: impl Into<String>) -> Row {
        Row { sign: Some(sign), part: false, name: name.into(), count: count.into() }
    }

    pub(super) fn part(name: String, addresses: u128) -> Row {
        Row { sign: None, part: true, name, count: counted_all(addresses, "address") }
    }
}

/// What stands before a line.
#[derive(Clone, Copy, Debug)]
pub(super) enum Sign {
    /// The colour of a provider, by its rank.
    Provider(usize),
    /// The frame of a marker.
    Frame,
    /// A block of a special use.
    Special,
    /// What passes before and after a change.
    Kept,
    Gained,
    Lost,
}

impl Sign {
    /// Draws the sign into a square.
    pub(super) fn draw(self, place: Rectangle, canvas: &mut Canvas) {
        let palette = canvas.palette;
        match self {
            Sign::Provider(rank) => {
                canvas.scene.fill(Fill::Solid(palette.provider(rank)), [place]);
            }
            Sign::Kept => canvas.scene.fill(Fill::Solid(palette.kept), [place]),
            Sign::Frame => canvas.scene.fill(Fill::Solid(palette.ink), place.frame(3)),
            Sign::Special => {
                canvas.scene.fill(Fill::Solid(palette.ground), [place]);
                canvas.scene.fill(Fill::Lines(Hatch::Rising, palette.special), [place]);
                canvas.scene.fill(Fill::Solid(palette.grid), place.frame(1));
            }
            Sign::Gained => canvas.gained_marker(place),
            Sign::Lost => canvas.lost_marker(place),
        }
    }
}

/// What the squares of the grid are; `None` where there is no grid.
pub(super) fn grid(view: &View) -> Option<String> {
    let octet = match grid_length(view) {
        8 => "first",
        16 => "second",
        24 => "third",
        32 => return Some("A square of the grid is an address, with its last octet.".to_owned()),
        _ => return None,
    };
    Some(format!("A square of the grid is a /{}, with its {octet} octet.", grid_length(view)))
}

/// That what passes elsewhere is not shown.
pub(super) fn elsewhere(view: &View, addresses: u128) -> Option<String> {
    let more = counted_all(addresses, "more address");
    (addresses > 0).then(|| format!("Outside of {}: {more}.", shown(view)))
}

/// That IPv6 is not drawn, with how much of it passes.
pub(super) fn ip6(passed: &Passed) -> String {
    match passed.prefixes_ip6() {
        0 => "IPv6 is not drawn; none of it passes.".to_owned(),
        count => format!("IPv6 is not drawn: {}.", passing(counted(count, "prefix"), count)),
    }
}

fn passing(what: String, count: usize) -> String {
    format!("{what} pass{}", if count == 1 { "es" } else { "" })
}

/// Which terms only a message decides.
pub(super) fn dynamic(terms: &[String], when: &str) -> Option<String> {
    if terms.is_empty() {
        return None;
    }
    let mut named: Vec<String> = terms.iter().take(TERMS).cloned().collect();
    if terms.len() > TERMS {
        named.push(format!("{} more", terms.len() - TERMS));
    }
    Some(format!("Decided by the message{when} and not drawn: {}.", named.join(", ")))
}

/// That a policy is in error for some addresses.
pub(super) fn errors(passed: &Passed, when: &str) -> Option<String> {
    let first: &PolicyError = passed.errors.first()?;
    let addresses = counted_all(passed.failing_ip4, "address");
    Some(format!("In error{when} for {addresses}: {first}."))
}
