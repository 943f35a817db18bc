//! Hostile text made fit for a terminal: nothing that came from DNS or from a
//! file may move the cursor, change colours or turn the direction of writing.

use std::fmt::Write;

/// Characters of one message at most.
const MESSAGE_CHARACTERS: usize = 1_500;

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

/// The text with control and invisible formatting characters written out.
pub fn text(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if is_hostile(character) {
            let _ = write!(escaped, "{}", character.escape_unicode());
        } else {
            escaped.push(character);
        }
    }
    escaped
}

/// Octets as visible ASCII and blanks; any other octet as in zone files, a
/// backslash and three digits (RFC 1035 section 5.1).
pub fn octets(octets: &[u8]) -> String {
    let mut escaped = String::with_capacity(octets.len());
    for &octet in octets {
        match octet {
            b'\\' => escaped.push_str("\\\\"),
            b' '..=b'~' => escaped.push(char::from(octet)),
            _ => {
                let _ = write!(escaped, "\\{octet:03}");
            }
        }
    }
    escaped
}

/// A message of bounded length.
pub fn message(message: &str) -> String {
    let mut escaped = text(message);
    if let Some((cut, _)) = escaped.char_indices().nth(MESSAGE_CHARACTERS) {
        let rest = escaped[cut..].chars().count();
        escaped.truncate(cut);
        let _ = write!(escaped, "… ({rest} more characters)");
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn writes_out_what_moves_the_cursor() {
        assert_eq!(text("a\x1b[2Jb\u{9b}\u{202e}c"), "a\\u{1b}[2Jb\\u{9b}\\u{202e}c");
        assert_eq!(text("grüße → ok"), "grüße → ok");
        assert_eq!(octets(b"a\\\x1b\xff"), "a\\\\\\027\\255");
    }

    #[test]
    fn long_messages_are_cut() {
        let cut = message(&"é".repeat(2_000));
        assert!(cut.ends_with("é… (500 more characters)"), "{cut}");
    }

    proptest! {
        #[test]
        fn nothing_hostile_is_left(input in any::<String>(), raw in proptest::collection::vec(any::<u8>(), 0..99)) {
            prop_assert!(!text(&input).chars().any(is_hostile));
            prop_assert!(!message(&input).chars().any(is_hostile));
            prop_assert!(octets(&raw).chars().all(|c| c == ' ' || c.is_ascii_graphic()));
        }
    }
}
