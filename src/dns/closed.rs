//! The names of a closed world, and what each of them holds.
//!
//! A name exists when it holds something or when a name below it does
//! (RFC 8020, RFC 4592 section 2.2.2). Wildcards are not known here.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use super::alias::{Found, shorter};
use super::{Failure, RecordType, Records, Reply};
use crate::name::DomainName;

/// The records of one type at one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordSet {
    /// The records.
    pub records: Records,
    /// How long they hold, in seconds; `None` where nothing says.
    pub ttl: Option<u32>,
}

/// An alias (CNAME, RFC 1035 section 3.3.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    /// The name that the owner stands for.
    pub target: DomainName,
    /// How long the alias holds, in seconds; `None` where nothing says.
    pub ttl: Option<u32>,
}

/// A name with what it holds.
#[derive(Clone, Debug)]
pub struct Owner {
    /// The name.
    pub name: DomainName,
    /// The records, at most one set of each type.
    pub sets: Vec<RecordSet>,
    /// The alias, where the name is one.
    pub alias: Option<Alias>,
    /// Types that fail, where a recording wants them to.
    pub(super) failures: Vec<(RecordType, Failure)>,
}

impl Owner {
    fn new(name: DomainName) -> Owner {
        Owner { name, sets: Vec::new(), alias: None, failures: Vec::new() }
    }

    /// Whether the name holds neither records nor an alias of those that SPF
    /// uses.
    pub fn is_empty(&self) -> bool {
        self.sets.is_empty() && self.alias.is_none()
    }

    /// What the name says to a question of this type. `negative` is the TTL of
    /// the answer that there is no such record.
    pub(super) fn find(&self, record_type: RecordType, negative: Option<u32>) -> Found {
        if let Some((_, failure)) =
            self.failures.iter().find(|(failing, _)| *failing == record_type)
        {
            return Found::Reply(Reply::Failure(*failure), None);
        }
        let set = self.sets.iter().find(|set| set.records.record_type() == record_type);
        match (set, &self.alias) {
            (Some(set), _) => Found::Reply(Reply::from(set.records.clone()), set.ttl),
            (None, Some(alias)) => Found::Alias(alias.target.clone(), alias.ttl),
            (None, None) => Found::Reply(Reply::NoData, negative),
        }
    }

    /// Adds records to those of their type; the shorter TTL counts.
    pub(super) fn add(&mut self, records: Records, ttl: Option<u32>) {
        let record_type = records.record_type();
        match self.sets.iter_mut().find(|set| set.records.record_type() == record_type) {
            Some(set) => {
                set.ttl = shorter(set.ttl, ttl);
                set.records.append(records);
            }
            None => self.sets.push(RecordSet { records, ttl }),
        }
    }
}

impl Records {
    /// Adds the records of `other`, unless they are of another type.
    pub(super) fn append(&mut self, other: Records) {
        match (self, other) {
            (Records::A(list), Records::A(mut more)) => list.append(&mut more),
            (Records::Aaaa(list), Records::Aaaa(mut more)) => list.append(&mut more),
            (Records::Mx(list), Records::Mx(mut more)) => list.append(&mut more),
            (Records::Txt(list), Records::Txt(mut more)) => list.append(&mut more),
            (Records::Ptr(list), Records::Ptr(mut more)) => list.append(&mut more),
            (Records::Spf(list), Records::Spf(mut more)) => list.append(&mut more),
            _ => {}
        }
    }

    /// Keeps the first of equal records: in a zone they are one (RFC 2181
    /// section 5).
    fn drop_repeated(&mut self) {
        fn keep_first<T: Clone + Eq + Hash>(list: &mut Vec<T>) {
            let mut seen = HashSet::with_capacity(list.len());
            list.retain(|record| seen.insert(record.clone()));
        }
        match self {
            Records::A(list) => keep_first(list),
            Records::Aaaa(list) => keep_first(list),
            Records::Mx(list) => keep_first(list),
            Records::Txt(list) | Records::Spf(list) => keep_first(list),
            Records::Ptr(list) => keep_first(list),
        }
    }
}

/// The names that exist.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    owners: Vec<Owner>,
    /// Each name that exists, with its place in `owners` unless it exists only
    /// because a name below it does.
    existing: HashMap<DomainName, Option<usize>>,
}

impl Names {
    /// The owner of this name, made if it is new. The names above it exist too.
    pub(super) fn owner_mut(&mut self, name: &DomainName) -> &mut Owner {
        let known = self.existing.get(name).copied();
        let index = match known {
            Some(Some(index)) => index,
            _ => {
                self.existing.insert(name.clone(), Some(self.owners.len()));
                self.owners.push(Owner::new(name.clone()));
                self.owners.len() - 1
            }
        };
        // The names above an existing name exist already.
        let mut above = if known.is_none() { name.parent() } else { None };
        while let Some(parent) = above {
            if self.existing.contains_key(&parent) {
                break;
            }
            above = parent.parent();
            self.existing.insert(parent, None);
        }
        &mut self.owners[index]
    }

    /// Keeps the first of equal records at each name.
    pub(super) fn drop_repeated(&mut self) {
        for set in self.owners.iter_mut().flat_map(|owner| &mut owner.sets) {
            set.records.drop_repeated();
        }
    }

    /// Whether the name exists.
    pub(super) fn exists(&self, name: &DomainName) -> bool {
        self.existing.contains_key(name)
    }

    /// The owner of this name; `None` where the name holds nothing of its own.
    pub(super) fn owner(&self, name: &DomainName) -> Option<&Owner> {
        self.owners.get((*self.existing.get(name)?)?)
    }

    /// All owners, in the order in which they came.
    pub(super) fn owners(&self) -> &[Owner] {
        &self.owners
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn name(text: &str) -> DomainName {
        DomainName::parse(text).unwrap()
    }

    #[test]
    fn names_above_exist() {
        let mut names = Names::default();
        names.owner_mut(&name("a.b.example"));
        names.owner_mut(&name("b.example"));
        assert!(names.exists(&name("EXAMPLE")));
        assert!(names.exists(&DomainName::root()));
        assert!(names.owner(&name("example")).is_none());
        assert!(names.owner(&name("B.example")).is_some());
        assert!(!names.exists(&name("c.example")));
        assert_eq!(names.owners().len(), 2);
    }

    #[test]
    fn equal_records_are_one() {
        let mut names = Names::default();
        let owner = names.owner_mut(&name("example"));
        for ttl in [300, 60, 900] {
            owner.add(Records::A(vec![Ipv4Addr::LOCALHOST]), Some(ttl));
        }
        names.drop_repeated();
        let owner = names.owner(&name("example")).unwrap();
        assert_eq!(owner.sets.len(), 1);
        assert_eq!(owner.sets[0].records, Records::A(vec![Ipv4Addr::LOCALHOST]));
        assert_eq!(owner.sets[0].ttl, Some(60));
    }
}
