//! Pictures of the IPv4 space: what a policy passes, coloured by who answers
//! for it, and what a change gains and loses; as SVG and as PNG.
//!
//! Everything here is a pure function of what `policy` says. IPv6 is not drawn,
//! nor is what hangs on the message: the legend says how much there is.

mod canvas;
mod cells;
mod change;
mod legend;
mod marks;
mod numbers;
mod palette;
mod passing;
mod raster;
mod scene;
mod svg;
mod view;

use crate::addr::Prefix;
use crate::policy::Branch;

pub use change::{Changed, change};
pub use palette::Theme;
pub use passing::passing;
pub use raster::PngError;
pub use scene::Scene;
pub use view::{Rectangle, View};

/// How a picture is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// The part of the space that is shown.
    pub view: View,
    /// Light or dark.
    pub theme: Theme,
}

impl Default for Style {
    fn default() -> Style {
        Style { view: View::new(Prefix::new(0, 0)), theme: Theme::default() }
    }
}

/// `include:spf.mail.example`, or the domain whose record has the other terms.
pub fn provider(branch: &Branch) -> String {
    match &branch.include {
        Some(include) => include.clone(),
        None => format!("{} itself", branch.domain),
    }
}

#[cfg(test)]
mod tests;
