//! What stands beside a policy in DNS: questions that no receiver asks to
//! evaluate it, but whose answers its findings depend on.

use std::sync::Arc;

use crate::dns::{Answer, Failure, Lookup, Question, RecordType};
use crate::lint::dmarc::{self, Dmarc};
use crate::name::DomainName;

/// Asks for what stands beside the policy.
pub(super) struct Beside<'a> {
    lookup: &'a dyn Lookup,
    /// Questions that have to be asked first.
    pub(super) missing: Vec<Question>,
    /// Questions that DNS failed to answer.
    pub(super) failures: Vec<(Question, Failure)>,
}

impl<'a> Beside<'a> {
    pub(super) fn new(lookup: &'a dyn Lookup) -> Self {
        Beside { lookup, missing: Vec::new(), failures: Vec::new() }
    }

    /// The answer; none where it has to be asked for first, which is noted.
    pub(super) fn ask(
        &mut self,
        name: &DomainName,
        record_type: RecordType,
    ) -> Option<Arc<Answer>> {
        let question = Question::new(name.clone(), record_type);
        match self.lookup.lookup(&question) {
            Ok(answer) => {
                self.failures.extend(answer.failure().map(|failure| (question, failure)));
                Some(answer)
            }
            Err(missing) => {
                self.missing.push(missing);
                None
            }
        }
    }

    /// The answer to a question that no receiver asks, and that a server may fail
    /// on for good: where it fails, nothing is known and nothing is said.
    pub(super) fn ask_aside(
        &mut self,
        name: &DomainName,
        record_type: RecordType,
    ) -> Option<Arc<Answer>> {
        let failures = self.failures.len();
        let answer = self.ask(name, record_type);
        self.failures.truncate(failures);
        answer.filter(|answer| answer.failure().is_none())
    }

    /// The DMARC record that counts: the nearest, at the domain or above it.
    pub(super) fn dmarc(&mut self, domain: &DomainName) -> Dmarc {
        let names = dmarc::record_names(domain);
        let answers: Vec<_> = names.iter().map(|name| self.ask(name, RecordType::Txt)).collect();
        for (index, (name, answer)) in names.into_iter().zip(answers).enumerate() {
            let Some(answer) = answer.filter(|answer| answer.failure().is_none()) else {
                return Dmarc::Unknown;
            };
            let texts: Vec<Vec<u8>> =
                answer.texts().iter().map(|text| text.joined().into_owned()).collect();
            if let Some(enforcing) = dmarc::enforcing(&texts, index > 0) {
                return Dmarc::Found { name, enforcing };
            }
        }
        Dmarc::Missing
    }
}
