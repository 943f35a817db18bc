//! The change as data: names with what stands there and what is to stand there.

use crate::dns::Txt;
use crate::name::DomainName;

/// A change of what is published, in three stages that follow each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The domain that the policy is published at.
    pub domain: DomainName,
    /// Whether what stands at the names was looked at. Without that, they are
    /// taken to hold nothing, and other TXT records of theirs are not known.
    pub looked_at: bool,
    /// The chunks that the new record includes, those that stay as they are
    /// included.
    pub chunks: Vec<NameChange>,
    /// The policy's own record: first the name that the domain redirects to,
    /// where it does, then the domain.
    pub own: Vec<NameChange>,
    /// What the new record no longer leads to, to be deleted.
    pub old: Vec<NameChange>,
    /// How long receivers may still use what was published before, in seconds:
    /// so long after the second stage the third may follow.
    pub wait: u32,
}

/// Which of the three stages a change belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Chunks, which nothing leads to yet.
    Chunks,
    /// The policy's own record.
    Own,
    /// What nothing leads to any more.
    Old,
}

/// The TXT records of one name: what changes and what stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameChange {
    /// The name.
    pub name: DomainName,
    /// Seconds that its new record may be cached.
    pub ttl: u32,
    /// The records of the policy that stand there now, as they are published.
    pub before: Vec<Txt>,
    /// Seconds that they may be cached, where DNS says so.
    pub before_ttl: Option<u32>,
    /// The character-strings of the record that is to stand there instead;
    /// `None` where it is deleted.
    pub after: Option<Vec<String>>,
    /// Other TXT records of the name, which stay.
    pub others: Vec<Txt>,
}

/// What is done at a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A record is written where none was.
    Add,
    /// A record takes the place of others.
    Change,
    /// The record stands there already.
    Keep,
    /// The records are deleted.
    Delete,
}

impl NameChange {
    /// What is done.
    pub fn action(&self) -> Action {
        match &self.after {
            None => Action::Delete,
            Some(_) if self.before.is_empty() => Action::Add,
            Some(strings) => {
                let same = |before: &Txt| before.joined() == strings.concat().as_bytes();
                match self.before.as_slice() {
                    [one] if same(one) => Action::Keep,
                    _ => Action::Change,
                }
            }
        }
    }
}

impl NameChange {
    /// All TXT records that stand at the name before its change.
    pub fn standing_before(&self) -> Vec<Txt> {
        self.before.iter().chain(&self.others).cloned().collect()
    }

    /// All TXT records that stand at the name behind its change.
    pub fn standing_after(&self) -> Vec<Txt> {
        match (&self.after, self.action()) {
            (_, Action::Keep) => self.standing_before(),
            (Some(strings), _) => {
                std::iter::once(Txt::new(strings)).chain(self.others.iter().cloned()).collect()
            }
            (None, _) => self.others.clone(),
        }
    }
}

impl Plan {
    /// All changes in their order, with their stages.
    pub fn changes(&self) -> impl Iterator<Item = (Stage, &NameChange)> {
        let chunks = self.chunks.iter().map(|change| (Stage::Chunks, change));
        let own = self.own.iter().map(|change| (Stage::Own, change));
        let old = self.old.iter().map(|change| (Stage::Old, change));
        chunks.chain(own).chain(old)
    }

    /// The plan as far as it is certain: where nobody looked at the names, they
    /// are taken to hold nothing.
    pub fn certain(&self) -> Plan {
        if self.looked_at {
            return self.clone();
        }
        let free = |changes: &[NameChange]| {
            let free = |change: &NameChange| NameChange {
                before: Vec::new(),
                before_ttl: None,
                others: Vec::new(),
                ..change.clone()
            };
            changes.iter().map(free).collect()
        };
        let (chunks, own) = (free(&self.chunks), free(&self.own));
        Plan { chunks, own, old: Vec::new(), ..self.clone() }
    }

    /// Whether everything already stands as it is to stand; what is old is not
    /// counted, for it does no harm.
    pub fn is_done(&self) -> bool {
        self.chunks.iter().chain(&self.own).all(|change| change.action() == Action::Keep)
    }
}
