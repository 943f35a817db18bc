//! DNS in which dynamic terms have answers: what the policies were read from,
//! and made-up answers to every other question.
//!
//! What only the message can decide is an unknown that both policies share.
//! Here it has a value: a question that neither policy's static part asks is
//! answered by a rule that depends on nothing but the question and the client,
//! so the same term gives the same answer wherever it stands.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use crate::dns::{Answer, Lookup, MailExchange, Question, RecordType, Records, Reply, Txt};
use crate::name::DomainName;

/// A rule for the answers of dynamic terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// No dynamic term matches.
    Nothing,
    /// Every dynamic term matches.
    Everything,
    /// Some match, by a hash of the question with this seed.
    Some(u64),
}

impl Rule {
    pub(super) const ALL: [Rule; 4] =
        [Rule::Nothing, Rule::Everything, Rule::Some(1), Rule::Some(2)];
}

/// One policy's DNS with a rule for what it does not hold.
pub(super) struct World<'a> {
    pub(super) lookup: &'a dyn Lookup,
    /// The answers that the policy's static part needs.
    pub(super) answers: HashMap<Question, Arc<Answer>>,
    /// Zones that `lookup` answers for.
    pub(super) zones: &'a [DomainName],
    /// Domains that clients may have names below, for `ptr`.
    pub(super) named: &'a [DomainName],
    pub(super) rule: Rule,
    pub(super) client: IpAddr,
}

impl Lookup for World<'_> {
    fn lookup(&self, question: &Question) -> Result<Arc<Answer>, Question> {
        if let Some(answer) = self.answers.get(question) {
            return Ok(Arc::clone(answer));
        }
        if self.zones.iter().any(|zone| question.name.is_at_or_below(zone)) {
            return self.lookup.lookup(question);
        }
        Ok(Arc::new(Answer::new(self.made_up(question))))
    }
}

impl World<'_> {
    fn made_up(&self, question: &Question) -> Reply {
        let matches = self.matches(question);
        match question.record_type {
            // An answer of the other family is an answer to `exists` all the same.
            RecordType::A if matches => Records::A(vec![match self.client {
                IpAddr::V4(client) => client,
                IpAddr::V6(_) => Ipv4Addr::new(127, 0, 0, 2),
            }])
            .into(),
            RecordType::Aaaa if matches => Records::Aaaa(vec![match self.client {
                IpAddr::V6(client) => client,
                IpAddr::V4(_) => Ipv6Addr::LOCALHOST,
            }])
            .into(),
            RecordType::Mx if matches => match question.name.child(b"mx") {
                Ok(exchange) => Records::Mx(vec![MailExchange { preference: 10, exchange }]).into(),
                Err(_) => Reply::NoName,
            },
            RecordType::Ptr if matches => self.client_names().into(),
            RecordType::Txt => {
                let record = if matches { "v=spf1 +all" } else { "v=spf1 -all" };
                Records::Txt(vec![Txt::new([record])]).into()
            }
            _ => Reply::NoName,
        }
    }

    /// A name of the client below each domain that a `ptr` could name.
    fn client_names(&self) -> Records {
        let below = self.named.iter().filter_map(|domain| domain.child(b"client").ok());
        Records::Ptr(below.take(crate::limits::PTR_NAMES).collect())
    }

    fn matches(&self, question: &Question) -> bool {
        match self.rule {
            Rule::Nothing => false,
            Rule::Everything => true,
            Rule::Some(seed) => {
                let mut hasher = DefaultHasher::new();
                (seed, question).hash(&mut hasher);
                hasher.finish() & 1 == 1
            }
        }
    }
}
