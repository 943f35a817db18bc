//! A scenario's zone as a resolver shows it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde_json::Value;
use spfc::dns::{Answer, Failure, Lookup, MailExchange, Question, RecordType, Records, Reply, Txt};
use spfc::limits::ALIASES;
use spfc::name::DomainName;

use super::cases::{octets, plain};

/// What stands at a name, in the order of the suite.
#[derive(Clone, Debug)]
enum Entry {
    /// All that follows is out of reach.
    Failure(Failure),
    /// Questions of the type get no answer.
    NoAnswer(RecordType, Failure),
    /// An alias.
    Alias(DomainName),
    /// A record.
    Record(RecordType, Value),
}

/// A closed world: what is not in it does not exist.
pub(crate) struct Zone {
    entries: HashMap<DomainName, Vec<Entry>>,
    /// Names that exist because there is something below them.
    parents: HashSet<DomainName>,
}

impl Zone {
    /// Reads `{name: [{type: value} or TIMEOUT, …]}`.
    pub(crate) fn read(zonedata: &Value) -> Zone {
        let mut zone = Zone { entries: HashMap::new(), parents: HashSet::new() };
        for (name, entries) in zonedata.as_object().into_iter().flatten() {
            let name = name_of(name.as_bytes());
            let mut parent = name.parent();
            while let Some(above) = parent.filter(|above| !above.is_root()) {
                parent = above.parent();
                zone.parents.insert(above);
            }
            zone.entries.entry(name).or_default().extend(read_entries(entries));
        }
        zone
    }

    fn reply(&self, question: &Question) -> Reply {
        let mut name = question.name.clone();
        for _ in 0..ALIASES {
            let Some(entries) = self.entries.get(&name) else {
                let exists = name.is_root() || self.parents.contains(&name);
                return if exists { Reply::NoData } else { Reply::NoName };
            };
            match at_name(entries, question.record_type) {
                Ok(reply) => return reply,
                Err(alias) => name = alias,
            }
        }
        Reply::Failure(Failure::ServerFailure)
    }
}

impl Lookup for Zone {
    fn lookup(&self, question: &Question) -> Result<Arc<Answer>, Question> {
        Ok(Arc::new(Answer::new(self.reply(question))))
    }
}

/// What the entries at one name answer, or where an alias leads.
fn at_name(entries: &[Entry], wanted: RecordType) -> Result<Reply, DomainName> {
    let mut found = Vec::new();
    for entry in entries {
        match entry {
            Entry::Failure(failure) if found.is_empty() => return Ok(Reply::Failure(*failure)),
            Entry::Failure(_) => break,
            Entry::NoAnswer(record_type, failure) if *record_type == wanted => {
                return Ok(Reply::Failure(*failure));
            }
            Entry::Record(record_type, value) if *record_type == wanted => found.push(value),
            Entry::Alias(target) if found.is_empty() => return Err(target.clone()),
            _ => {}
        }
    }
    Ok(Reply::from(records(&found, wanted)))
}

fn records(values: &[&Value], record_type: RecordType) -> Records {
    let address = |value: &&Value| plain(value);
    match record_type {
        RecordType::A => {
            Records::A(values.iter().map(|value| address(value).parse().unwrap()).collect())
        }
        RecordType::Aaaa => {
            Records::Aaaa(values.iter().map(|value| address(value).parse().unwrap()).collect())
        }
        RecordType::Mx => Records::Mx(values.iter().map(|value| mail_exchange(value)).collect()),
        RecordType::Txt => Records::Txt(values.iter().map(|value| text(value)).collect()),
        RecordType::Spf => Records::Spf(values.iter().map(|value| text(value)).collect()),
        RecordType::Ptr => {
            Records::Ptr(values.iter().map(|value| name_of(&octets(value))).collect())
        }
    }
}

fn mail_exchange(value: &Value) -> MailExchange {
    let preference = plain(&value[0]).parse().unwrap();
    MailExchange { preference, exchange: name_of(&octets(&value[1])) }
}

fn text(value: &Value) -> Txt {
    match value {
        Value::Array(strings) => Txt::new(strings.iter().map(octets)),
        one => Txt::new([octets(one)]),
    }
}

fn name_of(text: &[u8]) -> DomainName {
    DomainName::parse(text).unwrap()
}

/// The entries at a name. Those of type SPF are TXT records where the name has
/// no TXT entry, and nothing where it has; `TXT: NONE` is such an entry and no
/// record.
fn read_entries(entries: &Value) -> Vec<Entry> {
    let entries: Vec<(String, Value)> =
        entries.as_array().into_iter().flatten().flat_map(pairs).collect();
    let has_text = entries.iter().any(|(key, _)| key == "TXT");
    let taken = |key: &str| match key {
        "SPF" if has_text => None,
        "SPF" => Some("TXT".to_owned()),
        _ => Some(key.to_owned()),
    };
    entries
        .into_iter()
        .filter(|(key, value)| !(matches!(key.as_str(), "TXT" | "SPF") && value == "NONE"))
        .filter_map(|(key, value)| taken(&key).map(|key| read_entry(&key, value)))
        .collect()
}

fn pairs(entry: &Value) -> Vec<(String, Value)> {
    match entry {
        Value::Object(pairs) => {
            pairs.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
        }
        word => vec![(plain(word), Value::Bool(true))],
    }
}

fn read_entry(key: &str, value: Value) -> Entry {
    let failure = |word: &str| match word {
        "TIMEOUT" => Some(Failure::Timeout),
        "SERVFAIL" | "CNAMELOOP" => Some(Failure::ServerFailure),
        _ => None,
    };
    if let Some(failure) = failure(key) {
        return Entry::Failure(failure);
    }
    if key == "CNAME" {
        return Entry::Alias(name_of(&octets(&value)));
    }
    let record_type =
        RecordType::from_mnemonic(key).unwrap_or_else(|| panic!("{key} is no record type"));
    match failure(value.as_str().unwrap_or_default()) {
        Some(failure) => Entry::NoAnswer(record_type, failure),
        None => Entry::Record(record_type, value),
    }
}
