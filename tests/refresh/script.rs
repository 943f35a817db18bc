//! What DNS says at which time: the records of the corpus and of tenants, those that
//! change, texts that SPF does not read, and the times at which DNS fails.
//!
//! Pure: what was said is the same whenever it is asked.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use spfc::dns::{Answer, Failure, Lookup, Question, RecordType, Records, Reply, Txt, ZoneMap};
use spfc::name::DomainName;

/// No answer is kept for less: what the engine has without a configuration.
pub(crate) const LEAST: Duration = Duration::from_secs(60);
/// Times to live, in seconds, as often as they are met.
const TTLS: [u32; 12] = [300, 300, 600, 900, 1800, 3600, 3600, 3600, 7200, 14_400, 43_200, 86_400];
/// How long a text that proves who owns a name stays the same.
const PROOF: Duration = Duration::from_secs(5 * 3600);
/// Octets of a character-string.
const STRING_OCTETS: usize = 255;

/// A policy that a name has from some time on.
#[derive(Clone, Debug)]
pub(crate) struct Policy {
    pub(crate) from: Duration,
    pub(crate) text: String,
    /// Nobody can evaluate it.
    pub(crate) broken: bool,
}

/// Names that fail for some time.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) from: Duration,
    pub(crate) until: Duration,
    /// The names; all of them where there are none.
    pub(crate) names: Option<BTreeSet<DomainName>>,
    pub(crate) failure: Failure,
}

impl Fault {
    pub(crate) fn meets(&self, name: &DomainName) -> bool {
        self.names.as_ref().is_none_or(|names| names.contains(name))
    }
}

/// What DNS says at which time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Script {
    pub(crate) base: Arc<ZoneMap>,
    /// The policies that stay as they are.
    pub(crate) steady: BTreeMap<DomainName, String>,
    /// Those that change, first to last.
    pub(crate) changing: BTreeMap<DomainName, Vec<Policy>>,
    pub(crate) faults: Vec<Fault>,
    /// Names whose texts live shortly, so that what happens there is met.
    pub(crate) short: BTreeSet<DomainName>,
}

impl Script {
    /// What DNS says to a question at a time since the beginning.
    pub(crate) fn answer(&self, question: &Question, at: Duration) -> Answer {
        let fails = |fault: &&Fault| (fault.from..fault.until).contains(&at);
        let mut faults = self.faults.iter().filter(fails);
        if let Some(fault) = faults.find(|fault| fault.meets(&question.name)) {
            return Answer::new(Reply::Failure(fault.failure));
        }
        let proof = number(question).is_multiple_of(3).then(|| at.as_secs() / PROOF.as_secs());
        self.said(question, self.place(&question.name, at), proof)
    }

    /// What is said while a changing name has the policy at a place of its list.
    pub(crate) fn said(&self, question: &Question, place: usize, proof: Option<u64>) -> Answer {
        let policy = self.changing.get(&question.name).map(|policies| &policies[place].text);
        let policy = policy.or_else(|| self.steady.get(&question.name));
        let mut answer = match policy {
            Some(policy) if question.record_type == RecordType::Txt => texts(policy, proof),
            Some(_) if self.base_lookup(question).is_void() => Answer::new(Reply::NoData),
            _ => self.base_lookup(question),
        };
        answer.ttl = Some(self.ttl(question));
        answer
    }

    fn base_lookup(&self, question: &Question) -> Answer {
        // A closed world knows every answer.
        (*self.base.lookup(question).unwrap()).clone()
    }

    /// Which policy of its list a name has at a time; the first where it has no list.
    pub(crate) fn place(&self, name: &DomainName, at: Duration) -> usize {
        let policies = self.changing.get(name).map(Vec::as_slice).unwrap_or_default();
        policies.partition_point(|policy| policy.from <= at).saturating_sub(1)
    }

    /// The time to live of an answer, in seconds.
    pub(crate) fn ttl(&self, question: &Question) -> u32 {
        match self.short.contains(&question.name) {
            true => TTLS[0],
            false => TTLS[(number(question) / 3) as usize % TTLS.len()],
        }
    }

    /// How long an answer is kept.
    pub(crate) fn kept(&self, question: &Question) -> Duration {
        Duration::from_secs(self.ttl(question).into()).max(LEAST)
    }
}

/// A number that a question always has.
fn number(question: &Question) -> u64 {
    let mut hasher = DefaultHasher::new();
    (question.name.to_lowercase().to_text_octets(), question.record_type).hash(&mut hasher);
    hasher.finish() >> 16
}

fn texts(policy: &str, proof: Option<u64>) -> Answer {
    let mut texts = vec![Txt::new(policy.as_bytes().chunks(STRING_OCTETS))];
    texts.extend(proof.map(|number| Txt::new([format!("site-verification={number}")])));
    Answer::new(Reply::Records(Records::Txt(texts)))
}
