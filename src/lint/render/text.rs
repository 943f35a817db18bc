//! Text made fit for where it is shown. Nothing that came from DNS or from a
//! file may move a cursor, change colours or turn the direction of writing.

use std::fmt::Write;

/// Whether a character does something else than show itself.
pub fn is_hostile(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{fffe}'..='\u{ffff}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// The text with characters written out that do not show themselves.
pub(super) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match is_hostile(character) {
            true => {
                let _ = write!(shown, "{}", character.escape_unicode());
            }
            false => shown.push(character),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn nothing_hostile_is_left(text: String) {
            prop_assert!(!visible(&text).chars().any(is_hostile));
        }
    }
}
