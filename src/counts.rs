//! Numbers as people read them: digits in groups, and nouns in their plural.

/// A number with separators between groups of three digits.
pub fn number(number: u128) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 record`, `2 records`, `3 addresses`
pub fn counted(count: usize, noun: &str) -> String {
    counted_all(count as u128, noun)
}

/// The same of what there may be very many of.
pub fn counted_all(count: u128, noun: &str) -> String {
    let plural = match count {
        1 => "",
        _ if noun.ends_with(['s', 'x']) => "es",
        _ => "s",
    };
    format!("{} {noun}{plural}", number(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_digits() {
        assert_eq!(number(0), "0");
        assert_eq!(number(999), "999");
        assert_eq!(number(1_000), "1,000");
        assert_eq!(number(4_294_967_296), "4,294,967,296");
        assert_eq!(counted(1, "record"), "1 record");
        assert_eq!(counted(1_024, "record"), "1,024 records");
        assert_eq!(counted(2, "IPv6 prefix"), "2 IPv6 prefixes");
    }
}
