//! What a person orders: to serve what waits, or an earlier version.

use std::sync::Arc;

use thiserror::Error;

use crate::dns::{Recording, Step};
use crate::history::{EventKind, HistoryError, Why};
use crate::refresh::{AddressSource, Found, find};

use super::source::Source;
use super::{Engine, Severity};

/// Why an order is not followed. The fault lies with who gives it, unless it says
/// something else.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OrderError {
    /// No such source or domain.
    #[error("there is no source '{name}', only {known}")]
    NoSource {
        /// What was asked for.
        name: String,
        /// The sources.
        known: String,
    },
    /// A domain that several sources read.
    #[error("several sources read {domain}: {sources}")]
    Several {
        /// The domain.
        domain: String,
        /// The sources.
        sources: String,
    },
    /// Nothing waits for a person.
    #[error("nothing of '{name}' waits to be accepted{why}")]
    NothingHeld {
        /// The source.
        name: String,
        /// What is the matter instead, after a colon.
        why: String,
    },
    /// No such version.
    #[error("the history has no version {number} of '{name}'")]
    NoVersion {
        /// The source.
        name: String,
        /// The number.
        number: u64,
    },
    /// A version of a file, whose addresses are not kept.
    #[error(
        "'{0}' is a file of addresses, of which the history keeps what changed and not the file: put the \
         earlier file in its place, and send the server SIGHUP"
    )]
    NoAnswers(String),
    /// A version of another policy.
    #[error("version {number} of '{name}' is of {domain}, which the source no longer reads")]
    OtherDomain {
        /// The source.
        name: String,
        /// The number.
        number: u64,
        /// The domain that it is of.
        domain: String,
    },
    /// A version of another definition of the source.
    #[error(
        "version {number} of '{name}' is of the time before the configuration had the source in another way: \
         put the earlier configuration back"
    )]
    OtherDefinition {
        /// The source.
        name: String,
        /// The number.
        number: u64,
    },
    /// Answers that give no addresses for the zones of now.
    #[error("'{name}' cannot be served so: {reason}")]
    Unfit {
        /// The source.
        name: String,
        /// Why.
        reason: String,
    },
    /// The history cannot be used.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// Nothing is kept.
    #[error("there is no history: 'state' in [serve] names the directory for it")]
    NoState,
}

impl Engine {
    /// Serves what waits for a person; or lets DNS decide again about a source whose
    /// version a person chose. Says what was done.
    ///
    /// # Errors
    ///
    /// Nothing waits, or it cannot be served.
    pub fn accept(&mut self, name: &str) -> Result<String, OrderError> {
        let name = self.find_source(name)?;
        let Some(source) = self.sources.get(&name) else { return Err(self.unknown(&name)) };
        let Some(held) = source.state.held.clone() else { return self.unpin(&name) };
        let candidate = match (&held.answers, &source.candidate) {
            (Some(answers), _) => self.compiled(&name, answers)?,
            (None, Some(set)) => {
                let served = source.sets.values().next();
                let served = served.and_then(|served| served.sets.sets.first());
                self.addresses(&name, set, served.map(|(_, set)| &**set))
            }
            (None, None) => {
                let reason = "its file was not read again yet".to_owned();
                return Err(OrderError::Unfit { name, reason });
            }
        };
        self.serve(
            &name,
            Why::Accepted,
            candidate,
            Some(format!("a person accepted it: {}", held.reason)),
        );
        self.plan_next(&name);
        Ok(self.served(&name))
    }

    /// Nothing waits.
    fn unpin(&mut self, name: &str) -> Result<String, OrderError> {
        let Some(source) = self.sources.get_mut(name) else { return Err(self.unknown(name)) };
        if !source.state.pinned {
            let why = source.state.failing.as_ref().map(|failing| format!(": {}", failing.reason));
            let (name, why) = (name.to_owned(), why.unwrap_or_default());
            return Err(OrderError::NothingHeld { name, why });
        }
        source.state.pinned = false;
        let sentence = "a person lets DNS decide again".to_owned();
        self.happened(name, EventKind::Released, Severity::Info, sentence);
        self.save(name);
        Ok(format!("'{name}' follows DNS again"))
    }

    /// Serves an earlier version until a person accepts another one. Says what was
    /// done.
    ///
    /// # Errors
    ///
    /// No such version, or it cannot be served.
    pub fn roll_back(&mut self, name: &str, number: u64) -> Result<String, OrderError> {
        let name = self.find_source(name)?;
        let history = self.keeper.history().ok_or(OrderError::NoState)??;
        let version = history.version(&name, number)?;
        let since = history.versions(&name)?;
        let Some(version) = version else { return Err(OrderError::NoVersion { name, number }) };
        let Some(lock) = version.lock else { return Err(OrderError::NoAnswers(name)) };
        let domain = self.sources.get(&name).and_then(|source| source.domain());
        if domain.as_deref() != Some(version.domain.as_str()) {
            return Err(OrderError::OtherDomain { name, number, domain: version.domain });
        }
        let mut since = since.iter().filter(|version| version.number > number);
        let redefined = since.any(|version| version.why == Why::Configured);
        // Its answers say nothing about another name or record.
        if redefined || self.sources.get(&name).is_some_and(Source::is_redefined) {
            return Err(OrderError::OtherDefinition { name, number });
        }
        let answers = Recording::read(lock.as_bytes())
            .map_err(|error| OrderError::Unfit { name: name.clone(), reason: error.to_string() })?;
        let candidate = self.compiled(&name, &Arc::new(answers))?;
        self.serve(&name, Why::RolledBack { to: number }, candidate, None);
        self.plan_next(&name);
        Ok(self.served(&name))
    }

    /// Answers compiled for the zones of now.
    fn compiled(
        &self,
        name: &str,
        answers: &Arc<Recording>,
    ) -> Result<super::turn::Candidate, OrderError> {
        let unfit = |reason: String| OrderError::Unfit { name: name.to_owned(), reason };
        let source = self.sources.get(name).ok_or_else(|| self.unknown(name))?;
        let AddressSource::Policy(policy) = &source.definition else {
            return Err(OrderError::NoAnswers(name.to_owned()));
        };
        let zones: Vec<_> = source.zones.values().cloned().collect();
        let good = source.good();
        let good = good.as_ref().map(|(policy, answers)| (policy, &**answers));
        match find(&**answers, policy, &zones, good, true) {
            Step::Done(Found::New(new)) => {
                let mut candidate = self.candidate(name, *new, None);
                // With the time at which they were taken.
                candidate.answers = Some(Arc::clone(answers));
                Ok(candidate)
            }
            Step::Done(Found::Failed { reason, .. }) => Err(unfit(reason)),
            Step::Done(Found::Same) => Err(unfit("it is what is served".to_owned())),
            Step::Need(_) => Err(unfit("an answer is not recorded".to_owned())),
        }
    }

    /// The source of this name, or the one that reads this domain.
    fn find_source(&self, name: &str) -> Result<String, OrderError> {
        if self.sources.contains_key(name) {
            return Ok(name.to_owned());
        }
        let domain = name.trim_end_matches('.').to_ascii_lowercase();
        let of_domain = self.sources.iter().filter(|(_, source)| {
            source.domain().is_some_and(|own| own.eq_ignore_ascii_case(&domain))
        });
        let sources: Vec<&str> = of_domain.map(|(name, _)| name.as_str()).collect();
        match sources.as_slice() {
            [one] => Ok((*one).to_owned()),
            [] => Err(self.unknown(name)),
            several => Err(OrderError::Several { domain, sources: several.join(", ") }),
        }
    }

    fn unknown(&self, name: &str) -> OrderError {
        const NAMED: usize = 10;
        let mut known: Vec<&str> = self.sources.keys().map(String::as_str).take(NAMED).collect();
        let more = format!("{} more", self.sources.len().saturating_sub(NAMED));
        if self.sources.len() > NAMED {
            known.push(&more);
        }
        OrderError::NoSource { name: name.to_owned(), known: known.join(", ") }
    }

    fn served(&self, name: &str) -> String {
        let good = self.sources.get(name).and_then(|source| source.state.good.as_ref());
        format!("version {} of '{name}' is served", good.map_or(0, |good| good.number))
    }
}
