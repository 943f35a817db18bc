//! Records as JSON values, and JSON objects that tell a repeated key.
//!
//! Lock files and zone maps share these forms: addresses and names as strings,
//! MX as `"10 host"` or `[10, "host"]`, TXT as a string or as an array of
//! character-strings. Only lock files escape octets.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

use super::presentation::{escape, read_name, unescape};
use super::{MailExchange, RecordType, Records, Txt};
use crate::name::DomainName;

/// How text stands for octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TextForm {
    /// Each character stands for its UTF-8 octets.
    Plain,
    /// As in [`super::presentation`].
    Escaped,
}

impl TextForm {
    fn octets(self, text: &str) -> Option<Vec<u8>> {
        match self {
            TextForm::Plain => Some(text.as_bytes().to_vec()),
            TextForm::Escaped => unescape(text).ok(),
        }
    }

    fn name(self, text: &str) -> Option<DomainName> {
        match self {
            TextForm::Plain if text.is_empty() => None,
            TextForm::Plain if text == "." => Some(DomainName::root()),
            TextForm::Plain => DomainName::parse(text).ok(),
            TextForm::Escaped => read_name(text).ok(),
        }
    }
}

/// What a value of this type looks like.
pub(super) fn expected(record_type: RecordType) -> &'static str {
    match record_type {
        RecordType::A => "an array of IPv4 addresses",
        RecordType::Aaaa => "an array of IPv6 addresses",
        RecordType::Mx => "an array of \"10 host\" or [10, \"host\"]",
        RecordType::Txt | RecordType::Spf => {
            "an array of strings or of arrays of character-strings"
        }
        RecordType::Ptr => "an array of names",
    }
}

/// Reads records of one type; `None` where one of them is none.
pub(super) fn read_records(
    record_type: RecordType,
    values: &[Value],
    form: TextForm,
) -> Option<Records> {
    let strings = || values.iter().map(Value::as_str);
    Some(match record_type {
        RecordType::A => {
            Records::A(strings().map(|text| text?.parse().ok()).collect::<Option<_>>()?)
        }
        RecordType::Aaaa => {
            Records::Aaaa(strings().map(|text| text?.parse().ok()).collect::<Option<_>>()?)
        }
        RecordType::Ptr => {
            Records::Ptr(strings().map(|text| form.name(text?)).collect::<Option<_>>()?)
        }
        RecordType::Mx => Records::Mx(
            values.iter().map(|value| read_exchange(value, form)).collect::<Option<_>>()?,
        ),
        RecordType::Txt => Records::Txt(read_texts(values, form)?),
        RecordType::Spf => Records::Spf(read_texts(values, form)?),
    })
}

/// Reads a name.
pub(super) fn read_target(value: &Value, form: TextForm) -> Option<DomainName> {
    form.name(value.as_str()?)
}

fn read_exchange(value: &Value, form: TextForm) -> Option<MailExchange> {
    let (preference, host) = match value {
        Value::String(text) => {
            let (preference, host) = text.trim().split_once([' ', '\t'])?;
            (preference.parse().ok()?, host.trim_start())
        }
        Value::Array(pair) => match pair.as_slice() {
            [preference, Value::String(host)] => {
                (u16::try_from(preference.as_u64()?).ok()?, host.as_str())
            }
            _ => return None,
        },
        _ => return None,
    };
    Some(MailExchange { preference, exchange: form.name(host)? })
}

fn read_texts(values: &[Value], form: TextForm) -> Option<Vec<Txt>> {
    values.iter().map(|value| read_text(value, form)).collect()
}

fn read_text(value: &Value, form: TextForm) -> Option<Txt> {
    match value {
        Value::String(text) => Some(Txt::new([form.octets(text)?])),
        Value::Array(strings) => {
            let strings: Option<Vec<Vec<u8>>> =
                strings.iter().map(|string| form.octets(string.as_str()?)).collect();
            Some(Txt::new(strings?))
        }
        _ => None,
    }
}

/// Writes records with their octets escaped and their names in lower case,
/// sorted: the order of records means nothing, and servers change it.
pub(super) fn write_records(records: &Records) -> Vec<Value> {
    match records {
        Records::A(list) => sorted(list).map(|address| address.to_string().into()).collect(),
        Records::Aaaa(list) => sorted(list).map(|address| address.to_string().into()).collect(),
        Records::Ptr(list) => sorted(list).map(|name| write_name(name).into()).collect(),
        Records::Mx(list) => {
            let mut list: Vec<&MailExchange> = list.iter().collect();
            list.sort_by(|a, b| (a.preference, &a.exchange).cmp(&(b.preference, &b.exchange)));
            list.iter()
                .map(|mx| format!("{} {}", mx.preference, write_name(&mx.exchange)).into())
                .collect()
        }
        Records::Txt(list) | Records::Spf(list) => {
            let mut list: Vec<&Txt> = list.iter().collect();
            list.sort_by(|a, b| a.strings().cmp(b.strings()));
            list.iter().map(|text| write_text(text)).collect()
        }
    }
}

fn sorted<T: Ord>(list: &[T]) -> impl Iterator<Item = &T> {
    let mut list: Vec<&T> = list.iter().collect();
    list.sort();
    list.into_iter()
}

/// A name in lower case, escaped.
pub(super) fn write_name(name: &DomainName) -> String {
    name.to_lowercase().to_string()
}

fn write_text(text: &Txt) -> Value {
    let mut strings: Vec<Value> = text.strings().map(|string| escape(string).into()).collect();
    match (strings.pop(), strings.is_empty()) {
        (Some(only), true) => only,
        (last, _) => {
            strings.extend(last);
            Value::Array(strings)
        }
    }
}

/// The keys and values of a JSON object, in order, repeated keys included.
#[derive(Clone, Debug)]
pub(super) struct Pairs<V>(pub(super) Vec<(String, V)>);

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Pairs<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PairsVisitor<V>(PhantomData<V>);

        impl<'de, V: Deserialize<'de>> Visitor<'de> for PairsVisitor<V> {
            type Value = Pairs<V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }

        deserializer.deserialize_map(PairsVisitor(PhantomData))
    }
}
