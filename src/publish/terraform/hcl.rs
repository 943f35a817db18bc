//! Terraform's language: strings and identifiers.

use std::fmt::Write;

use crate::name::DomainName;

/// A text as a quoted template that holds nothing to evaluate. SPF macros look
/// like directives to Terraform: `%{i}` is written `%%{i}`.
pub(super) fn string(text: &str) -> String {
    let mut quoted = String::from("\"");
    let mut before = None;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' | '\\' => {
                quoted.push('\\');
                quoted.push(character);
            }
            '$' | '%' if characters.peek() == Some(&'{') => {
                // Behind another one, doubling could be read in two ways.
                if before == Some(character) {
                    let _ = write!(quoted, "\\u{:04x}", u32::from(character));
                } else {
                    quoted.push(character);
                    quoted.push(character);
                }
            }
            ' '..='~' => quoted.push(character),
            _ => {
                let _ = match u32::from(character) {
                    code @ ..=0xffff => write!(quoted, "\\u{code:04x}"),
                    code => write!(quoted, "\\U{code:08x}"),
                };
            }
        }
        before = Some(character);
    }
    quoted.push('"');
    quoted
}

/// A name as part of an identifier that starts with a letter; no two plain
/// names have the same. Most names of mail look like themselves, with `_` for
/// dots; what could be mistaken is spelled out behind a hyphen.
pub(super) fn identifier(name: &DomainName) -> String {
    let simple = |label: &[u8]| {
        let body = label.strip_prefix(b"_").unwrap_or(label);
        !body.is_empty() && body.iter().all(|octet| octet.is_ascii_alphanumeric() || *octet == b'-')
    };
    let all_simple = name.labels().all(simple);
    let mut text = String::from(if all_simple { "_" } else { "-" });
    for (index, label) in name.labels().enumerate() {
        if index > 0 {
            text.push('_');
        }
        for &octet in label {
            match octet {
                b'_' if !all_simple => text.push_str("-u"),
                b'-' if !all_simple => text.push_str("--"),
                b'*' => text.push_str("-w"),
                _ => text.push(char::from(octet.to_ascii_lowercase())),
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn macros_are_no_directives() {
        assert_eq!(string("exists:%{ir}.x"), "\"exists:%%{ir}.x\"");
        assert_eq!(string("${a}"), "\"$${a}\"");
        assert_eq!(string("$${a} 5% $"), "\"$\\u0024{a} 5% $\"");
        assert_eq!(string("\"\\\n"), "\"\\\"\\\\\\u000a\"");
    }

    #[test]
    fn identifiers_are_one_to_one() {
        let labels =
            ["a", "b", "_a", "a_", "a_b", "-", "a-b", "*", "__a", "_", "a-_b", "a_-b", "-u"];
        let mut found = HashSet::new();
        for first in labels {
            for second in labels {
                for name in [format!("{first}.{second}"), format!("{first}.a.{second}")] {
                    let name = DomainName::parse(name).unwrap();
                    assert!(found.insert(identifier(&name)), "{name}");
                }
            }
        }
        let chunk = DomainName::parse("_spf1a.My-Host.com").unwrap();
        assert_eq!(identifier(&chunk), "__spf1a_my-host_com");
    }
}
