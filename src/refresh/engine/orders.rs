//! What a person orders: to serve what waits, or an earlier version.

use std::sync::Arc;

use thiserror::Error;

use crate::dns::{Recording, Step};
use crate::history::{EventKind, HistoryError, Why};
use crate::refresh::{AddressSource, Found, Identity, find, rfc3339};

use super::outcome::tally;
use super::turn::Candidate;
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
    /// What waits is not what was meant.
    #[error("another change of '{name}' waits, since {since}: {reason}")]
    OtherChange {
        /// The source.
        name: String,
        /// Since when (RFC 3339).
        since: String,
        /// Why it waits.
        reason: String,
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
        "version {number} of '{name}' is of another 'source' or 'record' in the configuration: put that \
         back first"
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
    /// version a person chose. Says what was done. `since`, in seconds since 1970, says
    /// which change is meant: the one that waits since then.
    ///
    /// # Errors
    ///
    /// Nothing waits, or another change does, or it cannot be served.
    pub fn accept(&mut self, name: &str, since: Option<i64>) -> Result<String, OrderError> {
        let name = self.find_source(name)?;
        let Some(source) = self.sources.get(&name) else { return Err(self.unknown(&name)) };
        let Some(held) = source.state.held.clone() else {
            return match since {
                None => self.unpin(&name),
                Some(_) => Err(self.nothing_held(&name)),
            };
        };
        if since.is_some_and(|since| since != held.since) {
            return Err(OrderError::OtherChange {
                name,
                since: rfc3339(held.since),
                reason: held.reason,
            });
        }
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
        let word = format!("a person accepted it: {}", held.reason);
        Ok(self.served(&name, Why::Accepted, candidate, Some(word)))
    }

    /// Nothing waits.
    fn unpin(&mut self, name: &str) -> Result<String, OrderError> {
        let Some(source) = self.sources.get_mut(name) else { return Err(self.unknown(name)) };
        if !source.state.pinned {
            return Err(self.nothing_held(name));
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
        let Some(version) = version else { return Err(OrderError::NoVersion { name, number }) };
        let Some(lock) = &version.lock else { return Err(OrderError::NoAnswers(name)) };
        let answers = Recording::read(lock.as_bytes())
            .map_err(|error| OrderError::Unfit { name: name.clone(), reason: error.to_string() })?;
        let configured = self.sources.get(&name).map(|source| Identity::of(&source.definition));
        if configured.as_ref().and_then(|it| it.domain.as_ref()) != Some(&version.domain) {
            return Err(OrderError::OtherDomain { name, number, domain: version.domain });
        }
        // Its answers say nothing about another name or record.
        if Identity::of_version(&version, &answers) != configured {
            return Err(OrderError::OtherDefinition { name, number });
        }
        let candidate = self.compiled(&name, &Arc::new(answers))?;
        Ok(self.served(&name, Why::RolledBack { to: number }, candidate, None))
    }

    /// Answers compiled for the zones of now.
    fn compiled(&self, name: &str, answers: &Arc<Recording>) -> Result<Candidate, OrderError> {
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

    fn nothing_held(&self, name: &str) -> OrderError {
        let failing = self.sources.get(name).and_then(|source| source.state.failing.as_ref());
        let why = failing.map_or_else(String::new, |failing| format!(": {}", failing.reason));
        OrderError::NothingHeld { name: name.to_owned(), why }
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

    /// Serves it, and says so.
    fn served(
        &mut self,
        name: &str,
        why: Why,
        candidate: Candidate,
        word: Option<String>,
    ) -> String {
        let difference = candidate.difference.as_ref();
        let changed = difference.map(|it| format!("; {}", tally(&it.changes))).unwrap_or_default();
        self.serve(name, why, candidate, word);
        self.plan_next(name);
        let good = self.sources.get(name).and_then(|source| source.state.good.as_ref());
        let number = good.map_or(0, |good| good.number);
        format!("version {number} of '{name}' is served{changed}")
    }
}
