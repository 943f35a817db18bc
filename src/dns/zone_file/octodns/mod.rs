//! Zones as OctoDNS keeps them in YAML: names at the top, for each a record or
//! a list of records, each with its type and values.
//!
//! OctoDNS checks far more than is checked here: what SPF does not use is passed
//! over. Dynamic answers are not known, only the values beside them. Where the
//! address of a name is another name's (ALIAS), DNS has to be asked for it.

mod tree;

use granit_parser::ScalarStyle;
use thiserror::Error;

use super::place::{Place, Writing, octodns_value};
use super::read::{ZoneFileError, ZoneFileFault};
use super::{ZoneFile, ZoneText};
use crate::dns::closed::Alias;
use crate::dns::presentation::{PresentationError, read_name};
use crate::dns::{MailExchange, Records, Txt};
use crate::name::DomainName;

pub use tree::YamlFault;
use tree::{Kind, Node, NodeIndex, Tree};

/// Records, keys and values that are looked at: links make a small file large.
const MOST_STEPS: usize = 4_000_000;
/// Maps that may be merged into each other.
const MOST_MERGES: usize = 16;

/// What is wrong with a zone in YAML.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum OctodnsFault {
    /// No YAML.
    #[error(transparent)]
    Yaml(#[from] YamlFault),
    /// Something else than names with their records.
    #[error("expected the zone's names, each with its records")]
    NoZone,
    /// A name that is none.
    #[error("the name {name:?} {reason}")]
    Name {
        /// As it is written.
        name: String,
        /// What is wrong with it.
        reason: PresentationError,
    },
    /// A value that is none of its type.
    #[error("expected a value of type {0}")]
    Value(&'static str),
    /// A record without values.
    #[error("a record of type {0} has no value")]
    NoValue(&'static str),
    /// `!include`.
    #[error("!include is not followed; put the zone into one file")]
    Include,
}

type Fault = (usize, OctodnsFault);

/// Reads the YAML of a zone.
pub(super) fn read(text: &[u8], zone: &DomainName) -> Result<ZoneFile, ZoneFileError> {
    let mut reading = Reading { tree: Tree::default(), zone, file: ZoneFile::default(), steps: 0 };
    reading.read(text).map_err(|(offset, fault)| {
        let above = text.get(..offset).unwrap_or(text);
        let line = 1 + above.iter().filter(|octet| **octet == b'\n').count();
        ZoneFileError { file: 0, line, offset, fault: ZoneFileFault::Octodns(fault) }
    })?;
    reading.file.names.drop_repeated();
    Ok(reading.file)
}

struct Reading<'a> {
    tree: Tree,
    zone: &'a DomainName,
    file: ZoneFile,
    steps: usize,
}

impl Reading<'_> {
    fn read(&mut self, text: &[u8]) -> Result<(), Fault> {
        let tree = Tree::read(text).map_err(|(offset, fault)| (offset, fault.into()))?;
        let entries = match tree.top() {
            None => return Ok(()),
            Some(Node { kind: Kind::Map(entries), .. }) => entries.clone(),
            Some(Node { kind: Kind::Scalar(text, ScalarStyle::Plain), .. })
                if ["", "~", "null"].contains(&text.as_str()) =>
            {
                return Ok(());
            }
            Some(node) => return Err((node.octets.start, OctodnsFault::NoZone)),
        };
        self.tree = tree;
        for (key, value) in entries {
            let Some(name) = self.tree.text(key).map(str::to_owned) else { continue };
            let at = self.tree.node(key).map_or(0, |node| node.octets.start);
            for record in self.items(value)? {
                self.record(&name, at, record)?;
            }
        }
        Ok(())
    }

    /// Counts the work.
    fn step(&mut self, at: usize, steps: usize) -> Result<(), Fault> {
        self.steps = self.steps.saturating_add(steps);
        match self.steps > MOST_STEPS {
            true => Err((at, YamlFault::TooLarge.into())),
            false => Ok(()),
        }
    }

    /// The items of a list; a node that is none is its own only item.
    fn items(&mut self, index: NodeIndex) -> Result<Vec<NodeIndex>, Fault> {
        let Some(node) = self.tree.node(index) else { return Ok(Vec::new()) };
        let at = node.octets.start;
        if node.tag.as_deref() == Some("include") {
            return Err((at, OctodnsFault::Include));
        }
        let items = match &node.kind {
            Kind::List(items) => items.clone(),
            _ => vec![index],
        };
        self.step(at, 1 + items.len())?;
        Ok(items)
    }

    /// The value of a key of a map, or of one merged into it (`<<`).
    fn get(&mut self, map: NodeIndex, key: &str) -> Result<Option<NodeIndex>, Fault> {
        let mut maps = vec![(map, 0)];
        while let Some((index, level)) = maps.pop() {
            let Some(node) = self.tree.node(index) else { continue };
            let at = node.octets.start;
            let mut steps = 1;
            let merged = match &node.kind {
                Kind::List(items) if level > 0 => items.clone(),
                Kind::Map(entries) => {
                    steps += entries.len();
                    let named = |wanted: &str| {
                        entries.iter().find(|(k, _)| self.tree.text(*k) == Some(wanted))
                    };
                    if let Some((_, value)) = named(key) {
                        return Ok(Some(*value));
                    }
                    named("<<").map(|(_, value)| *value).into_iter().collect()
                }
                _ => Vec::new(),
            };
            steps += merged.len();
            if level < MOST_MERGES {
                maps.extend(merged.into_iter().rev().map(|index| (index, level + 1)));
            }
            self.step(at, steps)?;
        }
        Ok(None)
    }

    fn record(&mut self, name: &str, at: usize, record: NodeIndex) -> Result<(), Fault> {
        // Templates of other programs and empty names are no records.
        let Some(kind) = self.get(record, "type")? else { return Ok(()) };
        let kind = self.tree.text(kind).unwrap_or_default().to_ascii_uppercase();
        let owner = self
            .owner(name)
            .map_err(|reason| (at, OctodnsFault::Name { name: name.to_owned(), reason }))?;
        let ttl = self.get(record, "ttl")?.and_then(|ttl| self.tree.text(ttl)?.parse().ok());
        let kind = match kind.as_str() {
            "A" => "A",
            "AAAA" => "AAAA",
            "MX" => "MX",
            "TXT" => "TXT",
            "SPF" => "SPF",
            "PTR" => "PTR",
            "CNAME" => "CNAME",
            "ALIAS" => {
                self.file.elsewhere.insert(owner.clone());
                self.file.names.owner_mut(&owner);
                return Ok(());
            }
            // Others make the name exist.
            _ => {
                self.file.names.owner_mut(&owner);
                return Ok(());
            }
        };
        for value in self.values(record, kind)? {
            let records = self.value(&owner, kind, value)?;
            let known = self.file.names.owner_mut(&owner);
            match records {
                Value::Records(records) => known.add(records, ttl),
                Value::Alias(target) => known.alias = Some(Alias { target, ttl }),
            }
        }
        Ok(())
    }

    fn owner(&self, name: &str) -> Result<DomainName, PresentationError> {
        if name.is_empty() || name == "@" {
            return Ok(self.zone.clone());
        }
        let relative = read_name(name)?;
        let labels = relative.labels().chain(self.zone.labels());
        Ok(DomainName::from_labels(labels)?)
    }

    /// The values of a record, under either of their keys.
    fn values(&mut self, record: NodeIndex, kind: &'static str) -> Result<Vec<NodeIndex>, Fault> {
        let values = match self.get(record, "values")? {
            Some(values) => Some(values),
            None => self.get(record, "value")?,
        };
        match values {
            Some(values) => self.items(values),
            None => {
                let at = self.tree.node(record).map_or(0, |node| node.octets.start);
                Err((at, OctodnsFault::NoValue(kind)))
            }
        }
    }

    fn value(
        &mut self,
        owner: &DomainName,
        kind: &'static str,
        index: NodeIndex,
    ) -> Result<Value, Fault> {
        let at = self.tree.node(index).map_or(0, |node| node.octets.start);
        let wrong = || (at, OctodnsFault::Value(kind));
        if self.tree.node(index).is_some_and(|node| node.tag.as_deref() == Some("include")) {
            return Err((at, OctodnsFault::Include));
        }
        if kind == "MX" {
            let preference = self.either(index, ["preference", "priority"])?.ok_or_else(wrong)?;
            let exchange = self.either(index, ["exchange", "value"])?.ok_or_else(wrong)?;
            let preference = preference.parse().map_err(|_| wrong())?;
            let exchange = read_name(&exchange).map_err(|_| wrong())?;
            return Ok(Value::Records(Records::Mx(vec![MailExchange { preference, exchange }])));
        }
        let node = self.tree.node(index).ok_or_else(wrong)?;
        let Kind::Scalar(text, style) = &node.kind else { return Err(wrong()) };
        let name = || read_name(text).map_err(|_| wrong());
        let records = match kind {
            "A" => Records::A(vec![text.parse().map_err(|_| wrong())?]),
            "AAAA" => Records::Aaaa(vec![text.parse().map_err(|_| wrong())?]),
            "PTR" => Records::Ptr(vec![name()?]),
            "CNAME" => return Ok(Value::Alias(name()?)),
            // TXT, and the obsolete SPF, whose records are none to receivers and
            // no texts of the zone.
            _ => {
                let octets = octodns_value(text.bytes().map(|octet| (octet, 0..0)).collect());
                let octets: Vec<u8> = octets.into_iter().map(|(octet, _)| octet).collect();
                let text = Txt::new([octets]);
                if kind == "SPF" {
                    return Ok(Value::Records(Records::Spf(vec![text])));
                }
                let place = place(node, *style);
                self.file.texts.push(ZoneText { owner: owner.clone(), text: text.clone(), place });
                Records::Txt(vec![text])
            }
        };
        Ok(Value::Records(records))
    }

    /// The text of one of two keys.
    fn either(&mut self, map: NodeIndex, keys: [&str; 2]) -> Result<Option<String>, Fault> {
        for key in keys {
            if let Some(value) = self.get(map, key)? {
                return Ok(self.tree.text(value).map(str::to_owned));
            }
        }
        Ok(None)
    }
}

enum Value {
    Records(Records),
    Alias(DomainName),
}

/// Where a scalar stands. One in a block or over several lines is folded, and
/// then its octets are not told one by one.
fn place(node: &Node, style: ScalarStyle) -> Place {
    let octets = node.octets.clone();
    let inside = octets.start + 1..octets.end.saturating_sub(1).max(octets.start + 1);
    let (strings, writing) = match style {
        ScalarStyle::Plain => (vec![octets.clone()], Writing::YamlPlain),
        ScalarStyle::SingleQuoted => (vec![inside], Writing::YamlSingle),
        ScalarStyle::DoubleQuoted => (vec![inside], Writing::YamlDouble),
        _ => (Vec::new(), Writing::YamlPlain),
    };
    Place { file: 0, line: node.line, octets, strings, writing }
}

#[cfg(test)]
mod tests;
