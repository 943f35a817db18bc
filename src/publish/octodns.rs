//! OctoDNS YAML: the zone's TXT records at the names of a change, as a file of
//! OctoDNS's YamlProvider.

use std::fmt::Write;

use super::sets::{RecordSet, desired};
use super::{Form, Plan, RenderError, RenderOptions, TextFault, names, notes};
use crate::dns::Txt;

/// The file.
pub(super) fn render(plan: &Plan, options: &RenderOptions) -> Result<String, RenderError> {
    let mut entries = Vec::new();
    for set in desired(plan, options.drop_old) {
        let values = values(&set)?;
        if !values.is_empty() {
            let name = names::relative(set.name, &options.dns_zone, Form::Octodns)?;
            entries.push((name, set.ttl, values));
        }
    }
    // OctoDNS demands this order of keys.
    entries.sort_by_cached_key(|(name, ..)| natural(name));

    let mut text = String::new();
    let mut comments = vec![notes::title(plan)];
    comments.push(format!("For OctoDNS, in the zone {}", options.dns_zone.to_lowercase()));
    comments.extend(notes::unknown_others(plan));
    comments.extend(notes::order(plan, "OctoDNS"));
    comments.extend(notes::old(plan, options));
    if entries.iter().any(|(.., values)| values.iter().any(|value| value.contains(';'))) {
        comments.push(String::from(
            "Semicolons have a backslash before them: this is for escaped_semicolons: true.",
        ));
    }
    for line in comments {
        let _ = writeln!(text, "# {line}");
    }
    text.push_str("---\n");
    for (name, ttl, values) in entries {
        let _ = write!(text, "{}:\n  ttl: {ttl}\n  type: TXT\n  values:\n", scalar(&name));
        for value in values {
            let _ = writeln!(text, "    - {}", scalar(&value));
        }
    }
    Ok(text)
}

/// The values of a name, each once: OctoDNS joins strings, so that records that
/// are split in other places are the same.
fn values(set: &RecordSet) -> Result<Vec<String>, RenderError> {
    let mut values = Vec::new();
    for record in set.records() {
        let value = value(record).map_err(|fault| RenderError::Text {
            form: Form::Octodns,
            name: set.name.clone(),
            fault,
        })?;
        if !values.contains(&value) {
            values.push(value);
        }
    }
    Ok(values)
}

/// A text as OctoDNS keeps it: joined, a backslash before each semicolon. It
/// takes quotation marks at both ends off, and any that stand around a blank.
fn value(record: &Txt) -> Result<String, TextFault> {
    let joined = record.joined();
    let text = std::str::from_utf8(&joined).ok().filter(|text| text.is_ascii());
    let text = text.ok_or(TextFault::NotAscii)?;
    if text.is_empty() {
        return Err(TextFault::Empty);
    }
    if text.contains("\" \"") {
        return Err(TextFault::QuotedBlank);
    }
    if text.contains("\\;") {
        return Err(TextFault::BackslashSemicolon);
    }
    // Providers that cut texts never cut behind a backslash, and would go on
    // looking for a place for ever.
    if text.ends_with('\\') {
        return Err(TextFault::FinalBackslash);
    }
    let escaped = text.replace(';', "\\;");
    match text.starts_with('"') {
        true => Ok(format!("\"{escaped}\"")),
        false => Ok(escaped),
    }
}

/// An ASCII text as a double-quoted scalar (YAML 1.2 section 7.3.1).
fn scalar(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => {
                quoted.push('\\');
                quoted.push(character);
            }
            ' '..='~' => quoted.push(character),
            _ => {
                let _ = write!(quoted, "\\x{:02x}", u32::from(character));
            }
        }
    }
    quoted.push('"');
    quoted
}

/// What names are sorted by: texts, and the numbers between them by their value.
fn natural(name: &str) -> Vec<(String, Option<(usize, String)>)> {
    let mut parts = Vec::new();
    let mut rest = name;
    while !rest.is_empty() {
        let number_at = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let (text, behind) = rest.split_at(number_at);
        let number_end = behind.find(|c: char| !c.is_ascii_digit()).unwrap_or(behind.len());
        let (digits, behind) = behind.split_at(number_end);
        let value = digits.trim_start_matches('0');
        let number = (!digits.is_empty()).then(|| (value.len(), value.to_owned()));
        parts.push((text.to_owned(), number));
        rest = behind;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_sorted_by_value() {
        let mut names = ["_spf10a", "_spf2a", "", "_spf2", "_spf", "1", "_spf02b"];
        names.sort_by_cached_key(|name| natural(name));
        assert_eq!(names, ["", "1", "_spf", "_spf2", "_spf2a", "_spf02b", "_spf10a"]);
    }

    #[test]
    fn what_would_be_read_as_something_else_is_refused() {
        let refused = |text: &str| value(&Txt::new([text])).unwrap_err();
        assert_eq!(refused("a\" \"b"), TextFault::QuotedBlank);
        assert_eq!(refused("a\\;b"), TextFault::BackslashSemicolon);
        assert_eq!(refused("a\\"), TextFault::FinalBackslash);
        assert_eq!(refused("\u{e9}"), TextFault::NotAscii);
        assert_eq!(refused(""), TextFault::Empty);
        assert_eq!(value(&Txt::new(["\"a", "\";b"])).unwrap(), "\"\"a\"\\;b\"");
    }
}
