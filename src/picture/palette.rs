//! Colours that people with any colour vision tell apart, on a light ground and
//! on a dark one.
//!
//! Those of providers are as far apart as seven colours and a grey can be for
//! people who lack one kind of cones; where two things must not be mixed up, such
//! as what is gained and what is lost, patterns say it too.

use super::scene::Colour;

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Theme {
    /// Dark on white.
    #[default]
    Light,
    /// Light on black.
    Dark,
}

/// Providers that have a colour of their own; all others share one.
pub(super) const PROVIDERS: usize = 7;

/// The colours of a theme.
#[derive(Clone, Copy, Debug)]
pub(super) struct Palette {
    /// Around the map.
    pub(super) background: Colour,
    /// Where nothing passes.
    pub(super) ground: Colour,
    pub(super) grid: Colour,
    /// The numbers of blocks.
    pub(super) number: Colour,
    /// The lines of blocks that are kept for a special use.
    pub(super) special: Colour,
    pub(super) ink: Colour,
    /// Text that stands back.
    pub(super) quiet: Colour,
    pub(super) providers: [Colour; PROVIDERS],
    pub(super) others: Colour,
    /// What passes before and after a change.
    pub(super) kept: Colour,
    pub(super) gained: Colour,
    /// What is drawn on what is gained.
    pub(super) on_gained: Colour,
    pub(super) lost: Colour,
}

impl Palette {
    pub(super) fn of(theme: Theme) -> Palette {
        match theme {
            Theme::Light => LIGHT,
            Theme::Dark => DARK,
        }
    }

    /// The colour of a provider by its rank.
    pub(super) fn provider(&self, rank: usize) -> Colour {
        self.providers.get(rank).copied().unwrap_or(self.others)
    }
}

const LIGHT: Palette = Palette {
    background: Colour(0xff, 0xff, 0xff),
    ground: Colour(0xf7, 0xf7, 0xf5),
    grid: Colour(0xd9, 0xd9, 0xd6),
    number: Colour(0x9a, 0x9a, 0x96),
    special: Colour(0xe0, 0xe0, 0xdc),
    ink: Colour(0x1c, 0x1c, 0x1c),
    quiet: Colour(0x55, 0x55, 0x55),
    providers: [
        Colour(0x00, 0x4a, 0xd9),
        Colour(0xdb, 0x88, 0x24),
        Colour(0x7b, 0xdc, 0xff),
        Colour(0x9e, 0x27, 0x0b),
        Colour(0xff, 0xe1, 0x29),
        Colour(0x0a, 0x99, 0x5b),
        Colour(0x8c, 0x2d, 0x6e),
    ],
    others: Colour(0xa8, 0xa8, 0xa8),
    kept: Colour(0x98, 0x98, 0x94),
    gained: Colour(0x00, 0x72, 0xb2),
    on_gained: Colour(0xff, 0xff, 0xff),
    lost: Colour(0xc4, 0x50, 0x00),
};

const DARK: Palette = Palette {
    background: Colour(0x14, 0x16, 0x1a),
    ground: Colour(0x1c, 0x1f, 0x25),
    grid: Colour(0x38, 0x3c, 0x45),
    number: Colour(0x7c, 0x82, 0x8c),
    special: Colour(0x2b, 0x2f, 0x37),
    ink: Colour(0xf2, 0xf2, 0xf0),
    quiet: Colour(0xb4, 0xb8, 0xc0),
    providers: [
        Colour(0x1f, 0x71, 0xda),
        Colour(0xd7, 0xa9, 0x07),
        Colour(0xa2, 0xe2, 0xff),
        Colour(0xcb, 0x3f, 0x13),
        Colour(0xff, 0xff, 0x3d),
        Colour(0x12, 0xb5, 0x6b),
        Colour(0xfd, 0x7e, 0xb6),
    ],
    others: Colour(0x5a, 0x5a, 0x5a),
    kept: Colour(0x7a, 0x80, 0x8c),
    gained: Colour(0x56, 0xb4, 0xe9),
    on_gained: Colour(0x14, 0x16, 0x1a),
    lost: Colour(0xff, 0x8a, 0x3c),
};

#[cfg(test)]
#[path = "palette_tests.rs"]
mod tests;
