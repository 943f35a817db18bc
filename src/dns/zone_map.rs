//! Zone maps: `{"name": {"TXT": […], "A": […], …}}`, a small closed world to
//! try policies on.
//!
//! What a map lacks is NXDOMAIN, or no data where the name has another type or
//! a name below it exists. Text stands for its UTF-8 octets, without escapes,
//! and a `*` label is a label like any other. The keys of a name are `A`,
//! `AAAA`, `MX`, `TXT`, `PTR`, `SPF`, `CNAME`, and `RCODE`, which makes the name, or
//! with an object single types of it, fail: `"SERVFAIL"`, `"REFUSED"` or
//! `"TIMEOUT"`.

use std::sync::Arc;

use serde_json::Value;
use thiserror::Error;

use super::alias::{Found, follow};
use super::closed::{Alias, Names, Owner};
use super::json::{Pairs, TextForm, expected, read_records, read_target};
use super::{Answer, Failure, Lookup, Question, RecordType, Reply};
use crate::name::{DomainName, NameError};

/// A zone map that was read.
#[derive(Clone, Debug, Default)]
pub struct ZoneMap {
    names: Names,
}

/// Why a text is no zone map. The fault lies with who wrote the file.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ZoneMapError {
    /// Not JSON, or not an object of objects.
    #[error("no zone map: {0}")]
    Json(#[from] serde_json::Error),
    /// A key of the map that is no domain name.
    #[error("the name {name:?} {error}")]
    Name {
        /// The key.
        name: String,
        /// What is wrong with it.
        error: NameError,
    },
    /// A name that is there twice, perhaps in another case.
    #[error("the name {name} is there twice")]
    RepeatedName {
        /// The name.
        name: DomainName,
    },
    /// A type that is there twice.
    #[error("{name}: the type {record_type:?} is there twice")]
    RepeatedType {
        /// The name.
        name: DomainName,
        /// The type, as written.
        record_type: String,
    },
    /// A type that zone maps do not have.
    #[error("{name}: the type {record_type:?} is none of A, AAAA, MX, TXT, PTR, SPF, CNAME, RCODE")]
    UnknownType {
        /// The name.
        name: DomainName,
        /// The type, as written.
        record_type: String,
    },
    /// A value that does not fit its type.
    #[error("{name} {record_type}: expected {expected}")]
    Value {
        /// The name.
        name: DomainName,
        /// The type.
        record_type: &'static str,
        /// What a value of the type looks like.
        expected: &'static str,
    },
}

impl ZoneMap {
    /// Reads a zone map.
    ///
    /// # Errors
    ///
    /// A [`ZoneMapError`] for the first name and type that cannot be read.
    pub fn read(text: &[u8]) -> Result<ZoneMap, ZoneMapError> {
        let Pairs(entries) = serde_json::from_slice::<Pairs<Pairs<Value>>>(text)?;
        let mut names = Names::default();
        for (key, Pairs(types)) in entries {
            let name = DomainName::parse(&key)
                .map_err(|error| ZoneMapError::Name { name: key.clone(), error })?;
            if names.owner(&name).is_some() {
                return Err(ZoneMapError::RepeatedName { name });
            }
            let owner = names.owner_mut(&name);
            for (index, (record_type, value)) in types.iter().enumerate() {
                if types[..index].iter().any(|(earlier, _)| earlier == record_type) {
                    let record_type = record_type.clone();
                    return Err(ZoneMapError::RepeatedType { name, record_type });
                }
                read_type(owner, record_type, value)?;
            }
        }
        Ok(ZoneMap { names })
    }

    /// The names of the map with what each holds, in the order of the text.
    pub fn owners(&self) -> impl Iterator<Item = &Owner> {
        self.names.owners().iter()
    }
}

impl Lookup for ZoneMap {
    fn lookup(&self, question: &Question) -> Result<Arc<Answer>, Question> {
        Ok(Arc::new(follow(question, |name| match self.names.owner(name) {
            Some(owner) => owner.find(question.record_type, None),
            None if self.names.exists(name) => Found::Reply(Reply::NoData, None),
            None => Found::Reply(Reply::NoName, None),
        })))
    }
}

fn read_type(owner: &mut Owner, key: &str, value: &Value) -> Result<(), ZoneMapError> {
    let wrong = |owner: &Owner, record_type, expected| ZoneMapError::Value {
        name: owner.name.clone(),
        record_type,
        expected,
    };
    match (key, RecordType::ALL.into_iter().find(|known| known.as_str() == key)) {
        (_, Some(record_type)) => {
            let records = value
                .as_array()
                .and_then(|values| read_records(record_type, values, TextForm::Plain))
                .ok_or_else(|| wrong(owner, record_type.as_str(), expected(record_type)))?;
            if !records.is_empty() {
                owner.add(records, None);
            }
        }
        ("CNAME", None) => {
            let target = match value {
                Value::Array(targets) => targets.first().filter(|_| targets.len() == 1),
                target => Some(target),
            };
            let target = target
                .and_then(|target| read_target(target, TextForm::Plain))
                .ok_or_else(|| wrong(owner, "CNAME", "one name"))?;
            owner.alias = Some(Alias { target, ttl: None });
        }
        ("RCODE", None) => {
            owner.failures = read_failures(value).ok_or_else(|| {
                let expected = "SERVFAIL, REFUSED or TIMEOUT, or an object of these by type";
                wrong(owner, "RCODE", expected)
            })?;
        }
        _ => {
            let (name, record_type) = (owner.name.clone(), key.to_owned());
            return Err(ZoneMapError::UnknownType { name, record_type });
        }
    }
    Ok(())
}

fn read_failures(value: &Value) -> Option<Vec<(RecordType, Failure)>> {
    match value {
        Value::Object(types) => types
            .iter()
            .map(|(record_type, code)| {
                Some((RecordType::from_mnemonic(record_type)?, read_failure(code)?))
            })
            .collect(),
        code => {
            let failure = read_failure(code)?;
            Some(RecordType::ALL.into_iter().map(|record_type| (record_type, failure)).collect())
        }
    }
}

fn read_failure(value: &Value) -> Option<Failure> {
    match value.as_str()? {
        "SERVFAIL" => Some(Failure::ServerFailure),
        "REFUSED" => Some(Failure::Refused),
        "TIMEOUT" => Some(Failure::Timeout),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::{MailExchange, Records, Txt};
    use proptest::prelude::*;

    const MAP: &str = r#"{
        "example.com": {"TXT": ["v=spf1 -all", ["v=", "x"]], "MX": ["10 a.example.com", [20, "."]]},
        "a.b.example.com.": {"A": ["192.0.2.1"], "AAAA": ["2001:db8::1"], "PTR": ["x.test."]},
        "www.example.com": {"CNAME": "A.B.example.com"},
        "loop.test": {"CNAME": ["loop.test"]},
        "bad.test": {"RCODE": "SERVFAIL"},
        "slow.test": {"RCODE": {"AAAA": "TIMEOUT"}, "A": ["192.0.2.2"]}
    }"#;

    fn name(text: &str) -> DomainName {
        DomainName::parse(text).unwrap()
    }

    fn ask(owner: &str, record_type: RecordType) -> Arc<Answer> {
        let map = ZoneMap::read(MAP.as_bytes()).unwrap();
        map.lookup(&Question::new(name(owner), record_type)).unwrap()
    }

    #[test]
    fn answers_what_it_has() {
        assert_eq!(
            ask("EXAMPLE.com", RecordType::Txt).texts(),
            [Txt::new(["v=spf1 -all"]), Txt::new(["v=", "x"])]
        );
        let exchanges = [(10, name("a.example.com")), (20, DomainName::root())]
            .map(|(preference, exchange)| MailExchange { preference, exchange });
        assert_eq!(ask("example.com", RecordType::Mx).mail_exchanges(), exchanges);
        assert_eq!(ask("a.b.example.com", RecordType::Ptr).names(), [name("x.test")]);
        let www = ask("www.example.com", RecordType::A);
        assert_eq!(www.reply, Reply::Records(Records::A(vec![[192, 0, 2, 1].into()])));
        assert_eq!(www.aliases, [name("a.b.example.com")]);
    }

    #[test]
    fn what_it_lacks_is_a_closed_world() {
        assert_eq!(ask("example.com", RecordType::A).reply, Reply::NoData);
        assert_eq!(ask("b.example.com", RecordType::A).reply, Reply::NoData);
        assert_eq!(ask("com", RecordType::A).reply, Reply::NoData);
        assert_eq!(ask("c.example.com", RecordType::A).reply, Reply::NoName);
        assert_eq!(ask("x.a.b.example.com", RecordType::A).reply, Reply::NoName);
        assert_eq!(ask("www.example.com", RecordType::Txt).reply, Reply::NoData);
    }

    #[test]
    fn fails_where_it_should() {
        assert_eq!(ask("bad.test", RecordType::Txt).failure(), Some(Failure::ServerFailure));
        assert_eq!(ask("slow.test", RecordType::Aaaa).failure(), Some(Failure::Timeout));
        assert_eq!(ask("slow.test", RecordType::A).failure(), None);
        assert_eq!(ask("loop.test", RecordType::A).failure(), Some(Failure::Aliases));
    }

    #[test]
    fn errors_name_the_place() {
        for (text, message) in [
            ("[]", "no zone map: invalid type: sequence, expected an object at line 1 column 0"),
            (r#"{"a..b": {}}"#, "the name \"a..b\" has an empty label"),
            (r#"{"a.test": {}, "A.test.": {}}"#, "the name A.test is there twice"),
            (r#"{"a.test": {"A": [], "A": []}}"#, "a.test: the type \"A\" is there twice"),
            (
                r#"{"a.test": {"SRV": []}}"#,
                "a.test: the type \"SRV\" is none of A, AAAA, MX, TXT, PTR, SPF, CNAME, RCODE",
            ),
            (r#"{"a.test": {"A": ["::1"]}}"#, "a.test A: expected an array of IPv4 addresses"),
            (
                r#"{"a.test": {"MX": ["host"]}}"#,
                "a.test MX: expected an array of \"10 host\" or [10, \"host\"]",
            ),
            (r#"{"a.test": {"CNAME": ["a", "b"]}}"#, "a.test CNAME: expected one name"),
            (
                r#"{"a.test": {"RCODE": "OOPS"}}"#,
                "a.test RCODE: expected SERVFAIL, REFUSED or TIMEOUT, or an object of these by type",
            ),
        ] {
            assert_eq!(ZoneMap::read(text.as_bytes()).unwrap_err().to_string(), message);
        }
    }

    proptest! {
        #[test]
        fn never_panics(octets in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = ZoneMap::read(&octets);
        }

        #[test]
        fn never_panics_on_near_misses(
            name in "[a-z.*]{0,6}", key in "(A|AAAA|MX|TXT|PTR|SPF|CNAME|RCODE|x)",
            value in "(\\[|\"|\\]|\\{|\\}|,|:|10|a| |null|192.0.2.1){0,8}",
        ) {
            let _ = ZoneMap::read(format!("{{\"{name}\":{{\"{key}\":{value}}}}}").as_bytes());
        }
    }
}
