//! The text of one record, its character-strings, and their octets.

use crate::message::STRING_OCTETS;

/// Splits a record into character-strings between its terms, each blank at the
/// start of the next string, for receivers join them with nothing between. A
/// term longer than a string is cut where the string ends.
pub fn split_strings(text: &str) -> Vec<String> {
    let mut strings: Vec<String> = Vec::new();
    for term in text.split_inclusive(' ').scan(false, next_term) {
        match strings.last_mut() {
            Some(open) if open.len() + term.len() <= STRING_OCTETS => open.push_str(&term),
            _ => {
                // Records are ASCII, so any octet is a place to cut.
                let pieces = term.as_bytes().chunks(STRING_OCTETS);
                strings.extend(pieces.map(|piece| String::from_utf8_lossy(piece).into_owned()));
            }
        }
    }
    strings
}

/// Moves the blank behind a term to the start of the next one.
fn next_term(blank: &mut bool, term: &str) -> Option<String> {
    let body = term.strip_suffix(' ');
    let moved = if *blank { " " } else { "" };
    *blank = body.is_some();
    Some(format!("{moved}{}", body.unwrap_or(term)))
}

/// Octets of a TXT record's data: the strings with their length octets.
pub fn rdata_octets(text: &str) -> usize {
    split_strings(text).iter().map(|string| 1 + string.len()).sum()
}

/// A record that grows term by term and knows its octets.
#[derive(Clone, Debug)]
pub struct RecordText {
    text: String,
    rdata: usize,
    open_string: usize,
}

impl Default for RecordText {
    fn default() -> Self {
        let text = String::from("v=spf1");
        RecordText { rdata: 1 + text.len(), open_string: text.len(), text }
    }
}

impl RecordText {
    /// The text so far.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Octets of the record's data so far.
    pub fn rdata_octets(&self) -> usize {
        self.rdata
    }

    /// Octets of the record's data with one more term, qualifier included.
    pub fn rdata_with(&self, term_octets: usize) -> usize {
        self.grown(term_octets).0
    }

    fn grown(&self, term_octets: usize) -> (usize, usize) {
        let added = 1 + term_octets;
        if self.open_string + added <= STRING_OCTETS {
            return (self.rdata + added, self.open_string + added);
        }
        let strings = added.div_ceil(STRING_OCTETS);
        (self.rdata + added + strings, added - (strings - 1) * STRING_OCTETS)
    }

    /// Adds a term with its qualifier.
    pub fn push(&mut self, term: &str) {
        (self.rdata, self.open_string) = self.grown(term.len());
        self.text.push(' ');
        self.text.push_str(term);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn strings_break_between_terms() {
        let long = format!("v=spf1 {} -all", vec!["ip4:192.0.2.1"; 30].join(" "));
        let strings = split_strings(&long);
        assert_eq!(strings.concat(), long);
        assert!(strings.iter().skip(1).all(|string| string.starts_with(' ')));
        assert!(strings.iter().all(|string| string.len() <= 255));
    }

    proptest! {
        #[test]
        fn growing_counts_as_splitting_does(lengths in proptest::collection::vec(1usize..300, 0..40)) {
            let mut record = RecordText::default();
            for length in lengths {
                let term = "x".repeat(length);
                let foretold = record.rdata_with(term.len());
                record.push(&term);
                prop_assert_eq!(record.rdata_octets(), foretold);
                prop_assert_eq!(record.rdata_octets(), rdata_octets(record.text()));
            }
            prop_assert_eq!(split_strings(record.text()).concat(), record.text());
        }
    }
}
