//! Values of a configuration by their type.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::nearest::nearest;
use super::{ConfigFault, Misplaced};
use crate::lint::{Selector, rules};

/// A value with its place.
pub(super) type Value<'i> = Spanned<DeValue<'i>>;

/// What a value is, in words.
pub(super) fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}

/// The mistake of a value of another type.
pub(super) fn wrong(value: &Value<'_>, expected: &'static str) -> Misplaced {
    (value.span().start, ConfigFault::Type { expected, found: kind(value.get_ref()) })
}

/// A table.
pub(super) fn table<'t, 'i>(value: &'t Value<'i>) -> Result<&'t DeTable<'i>, Misplaced> {
    match value.get_ref() {
        DeValue::Table(table) => Ok(table),
        _ => Err(wrong(value, "a table")),
    }
}

/// `true` or `false`.
pub(super) fn boolean(value: &Value<'_>) -> Result<bool, Misplaced> {
    match value.get_ref() {
        DeValue::Boolean(boolean) => Ok(*boolean),
        _ => Err(wrong(value, "true or false")),
    }
}

/// A text.
#[cfg(feature = "refresh")]
pub(super) fn string<'t>(value: &'t Value<'_>) -> Result<&'t str, Misplaced> {
    match value.get_ref() {
        DeValue::String(text) => Ok(text),
        _ => Err(wrong(value, "a string")),
    }
}

/// The values of an array.
#[cfg(feature = "refresh")]
pub(super) fn array<'t, 'i>(
    value: &'t Value<'i>,
    expected: &'static str,
) -> Result<&'t [Value<'i>], Misplaced> {
    match value.get_ref() {
        DeValue::Array(array) => Ok(array),
        _ => Err(wrong(value, expected)),
    }
}

/// A whole number from `least` to `most`.
pub(super) fn number(value: &Value<'_>, least: u32, most: u32) -> Result<u32, Misplaced> {
    let DeValue::Integer(integer) = value.get_ref() else {
        return Err(wrong(value, "an integer"));
    };
    let number = u32::from_str_radix(integer.as_str(), integer.radix());
    number.ok().filter(|number| (least..=most).contains(number)).ok_or_else(|| {
        let fault = ConfigFault::Number { found: integer.to_string(), least, most };
        (value.span().start, fault)
    })
}

/// One of some words.
pub(super) fn word<T: Copy>(
    value: &Value<'_>,
    known: &'static [&'static str],
    meanings: &[T],
) -> Result<T, Misplaced> {
    let DeValue::String(word) = value.get_ref() else { return Err(wrong(value, "a string")) };
    let place = known.iter().position(|known| known == word);
    place.and_then(|place| meanings.get(place)).copied().ok_or_else(|| {
        let nearest = nearest(word, known.iter().copied());
        (value.span().start, ConfigFault::Word { word: word.to_string(), nearest, known })
    })
}

/// Rules, by code, name or prefix.
pub(super) fn selectors(value: &Value<'_>) -> Result<Vec<Selector>, Misplaced> {
    let DeValue::Array(array) = value.get_ref() else {
        return Err(wrong(value, "an array of strings"));
    };
    array.iter().map(selector).collect()
}

fn selector(value: &Value<'_>) -> Result<Selector, Misplaced> {
    let DeValue::String(text) = value.get_ref() else { return Err(wrong(value, "a string")) };
    Selector::parse(text).map_err(|rule| {
        let known = rules().flat_map(|rule| [rule.name, rule.code]);
        // All codes are near each other.
        let code = text.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("spf"));
        let nearest = if code { None } else { nearest(text, known) };
        (value.span().start, ConfigFault::Rule { rule, nearest })
    })
}
