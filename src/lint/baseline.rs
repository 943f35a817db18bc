//! What a policy was when it was recorded: the side of drift that does not
//! change.
//!
//! Reading lock files is for `dns`, and what changed since for `policy`.

use crate::dns::{Question, Recording};
use crate::name::DomainName;
use crate::policy::Reading;

/// A recorded policy.
#[derive(Clone, Debug)]
pub struct Baseline {
    reading: Reading,
    source: Option<DomainName>,
}

impl Baseline {
    /// The policy of `domain` in a recording; `None` where it is not one of
    /// those that are recorded.
    ///
    /// # Errors
    ///
    /// A question that the policy needs and the recording lacks.
    pub fn of(recording: &Recording, domain: &DomainName) -> Result<Option<Baseline>, Question> {
        if !recording.domains().contains(domain) {
            return Ok(None);
        }
        let source = recording.source(domain);
        match Reading::read(recording, domain, source) {
            Ok(reading) => Ok(Some(Baseline { reading, source: source.cloned() })),
            Err(questions) => Err(questions
                .into_iter()
                .next()
                .unwrap_or_else(|| Question::new(domain.clone(), crate::dns::RecordType::Txt))),
        }
    }

    /// A policy as it was read.
    pub fn new(reading: Reading) -> Baseline {
        Baseline { reading, source: None }
    }

    /// The policy.
    pub fn reading(&self) -> &Reading {
        &self.reading
    }

    /// The name at which it was read, and is to be read again, if not its domain's.
    pub fn source(&self) -> Option<&DomainName> {
        self.source.as_ref()
    }
}
