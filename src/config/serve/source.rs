//! The tables `[source.NAME]`: from where addresses come.
//!
//! A new key is a field, a line of `SOURCE_KEYS`, an arm of `read`, and a
//! paragraph of `examples/spfc.toml`.

use toml::Spanned;
use toml::de::DeString;

use crate::config::value::{Value, string, table};
use crate::config::{ConfigFault, Misplaced, in_order, unknown_key};
use crate::name::DomainName;
use crate::refresh::{AddressSource, PolicySource};
use crate::syntax::is_spf_record;

use super::ServeFault;
use super::server::path;

/// The keys of the tables.
pub const SOURCE_KEYS: &[&str] = &["domain", "source", "recording", "record", "cidrs"];

/// Octets of a source's name at most: files have it.
const NAME_OCTETS: usize = 128;

/// Reads one source, with its name.
pub(super) fn read(
    name: &Spanned<DeString<'_>>,
    value: &Value<'_>,
) -> Result<(String, AddressSource), Misplaced> {
    let text = name.get_ref();
    let at_name = |fault: ServeFault| (name.span().start, ConfigFault::from(fault));
    // Lists of tenants have it as a word.
    let plain = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_' | b'.');
    if !(1..=NAME_OCTETS).contains(&text.len()) || !text.bytes().all(plain) {
        return Err(at_name(ServeFault::SourceName(text.to_string())));
    }
    let (mut domain, mut source, mut recording, mut record, mut cidrs) =
        (None, None, None, None, None);
    let mut only_policy = None;
    for (key, value) in in_order(table(value)?) {
        match key.get_ref().as_ref() {
            "domain" => domain = Some(read_domain(value)?),
            "source" => source = Some(read_domain(value)?),
            "recording" => recording = Some(path(value)?),
            "record" => record = Some(read_record(value)?),
            "cidrs" => cidrs = Some(path(value)?),
            _ => return Err(unknown_key("source", key, SOURCE_KEYS)),
        }
        let known = SOURCE_KEYS.iter().find(|known| **known == *key.get_ref());
        if let Some(known) = known.filter(|known| !matches!(**known, "domain" | "cidrs")) {
            only_policy.get_or_insert((key.span().start, *known));
        }
    }
    if source.is_some() && record.is_some() {
        return Err(at_name(ServeFault::Excluded("source", "record")));
    }
    let source = match (domain, cidrs, only_policy) {
        (Some(_), Some(_), _) => return Err(at_name(ServeFault::Excluded("domain", "cidrs"))),
        (None, _, Some((offset, key))) => {
            return Err((offset, ServeFault::OnlyWith(key, "domain").into()));
        }
        (None, None, None) => return Err(at_name(ServeFault::EmptySource)),
        (None, Some(cidrs), None) => AddressSource::Cidrs(cidrs),
        (Some(domain), None, _) => {
            AddressSource::Policy(PolicySource { domain, source, recording, record })
        }
    };
    Ok((text.to_string(), source))
}

/// A domain as people write it: in any case, with or without a final dot, in
/// Unicode.
pub(super) fn read_domain(value: &Value<'_>) -> Result<DomainName, Misplaced> {
    domain(string(value)?).map_err(|fault| (value.span().start, fault.into()))
}

/// The same of a text.
pub(super) fn domain(text: &str) -> Result<DomainName, ServeFault> {
    let name = DomainName::from_user(text)
        .map_err(|reason| ServeFault::Name { text: text.to_owned(), reason })?;
    match name.is_root() {
        true => Err(ServeFault::NoDomain(text.to_owned())),
        false => Ok(name),
    }
}

fn read_record(value: &Value<'_>) -> Result<String, Misplaced> {
    let text = string(value)?.trim();
    match is_spf_record(text.as_bytes()) {
        true => Ok(text.to_owned()),
        false => Err((value.span().start, ServeFault::NoRecord(text.to_owned()).into())),
    }
}
