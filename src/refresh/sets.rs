//! The addresses of a policy, in the sets that the record of a zone asks for.
//!
//! A policy is compiled to a macro record as `spfc macro` does, proof included;
//! what is taken of it are the address sets. The record must be the one that is
//! published: it is compared with what the zone is asked.

use std::collections::HashSet;

use thiserror::Error;

use crate::compile::{
    CompileError, Halt, InlineOptions, MacroOptions, MacroOutput, MacroStyle, Publication,
    RecordOptions, compile_macro,
};
use crate::dns::{Lookup, Noted, Question, Step};
use crate::image::{AddressIndex, ServedSet, ZoneMechanism, ZoneTerms};
use crate::name::DomainName;
use crate::outcome::Qualifier;
use crate::syntax::is_spf_record;

use super::PolicySource;

/// What a policy gives to a zone.
#[derive(Clone, Debug)]
pub struct PolicySets {
    /// Each set with its name relative to the zone, or to a domain of the zone.
    pub sets: Vec<(DomainName, AddressIndex)>,
    /// The questions that the policy was compiled from.
    pub asked: HashSet<Question>,
    /// The record that goes with them, with `%{d}` where the zone has it.
    pub record: String,
    /// What the operator should know, in sentences.
    pub remarks: Vec<String>,
}

/// Why a policy has no sets that go with the record of the zone.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum SetsError {
    /// The policy is in error, cannot be compiled, or DNS fails.
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// A policy that needs names which the record does not ask for.
    #[error(
        "the policy of {domain} needs the zone {needed}, and the record in the configuration does not ask \
         it: publish '{record}', and configure it"
    )]
    NotAsked {
        /// The policy's domain.
        domain: DomainName,
        /// The names.
        needed: DomainName,
        /// What to publish.
        record: String,
    },
    /// A policy that has an outcome's addresses in its record, not in the zone.
    #[error(
        "the policy of {domain} now has addresses with {outcome} in its record, and the record in the \
         configuration asks the zone for them: publish '{record}', and configure it"
    )]
    Inlined {
        /// The policy's domain.
        domain: DomainName,
        /// The outcome.
        outcome: Qualifier,
        /// What to publish.
        record: String,
    },
    /// A policy that gives another result than the record.
    #[error(
        "the policy of {domain} gives {policy} to the addresses of {zone}, and the record in the configuration gives {record}: publish '{published}', and configure it"
    )]
    OtherOutcome {
        /// The policy's domain.
        domain: DomainName,
        /// The names.
        zone: DomainName,
        /// What the policy gives.
        policy: Qualifier,
        /// What the record gives.
        record: Qualifier,
        /// What to publish.
        published: String,
    },
}

impl SetsError {
    /// Whether it may be another time: DNS failed.
    pub fn is_temporary(&self) -> bool {
        matches!(self, SetsError::Compile(error) if error.is_temporary())
    }
}

/// Whether a zone's record is not the one that goes with its sets. Of a zone that was
/// configured with a term alone nothing is known.
pub(super) fn is_other_record(written: &str, published: &str) -> bool {
    let written = written.trim();
    is_spf_record(written.as_bytes()) && !written.eq_ignore_ascii_case(published)
}

/// Compiles a policy for the names that `terms` ask, which are those of `record`, the
/// text or the term that is published.
///
/// Gives the questions that have to be asked first, or what came of it.
pub fn compile_sets(
    lookup: &dyn Lookup,
    policy: &PolicySource,
    terms: &ZoneTerms,
    record: &str,
) -> Step<Result<PolicySets, SetsError>> {
    let noted = Noted::new(lookup);
    let output = match Halt::step(compile_macro(&noted, &options(policy, terms))) {
        Step::Need(questions) => return Step::Need(questions),
        Step::Done(Err(error)) => return Step::Done(Err(error.into())),
        Step::Done(Ok(output)) => output,
    };
    let zone = Asked { policy, terms, record, output: &output };
    Step::Done(zone.sets(noted.into_asked()))
}

fn options(policy: &PolicySource, terms: &ZoneTerms) -> MacroOptions {
    let (order, version) = (terms.layout.order(), terms.layout.version());
    MacroOptions {
        source: policy.options(),
        records: RecordOptions::default(),
        qualifier: None,
        // What is published is the configuration's to say.
        publication: Publication::UNCHECKED,
        zone: terms.zone().clone(),
        style: match terms.mechanism {
            ZoneMechanism::Exists => MacroStyle::Exists { order, version },
            ZoneMechanism::Include => MacroStyle::Include { order, version },
        },
        inline: InlineOptions::default(),
    }
}

/// What was compiled, and what the zone is asked.
struct Asked<'a> {
    policy: &'a PolicySource,
    terms: &'a ZoneTerms,
    record: &'a str,
    output: &'a MacroOutput,
}

impl Asked<'_> {
    fn sets(&self, asked: HashSet<Question>) -> Result<PolicySets, SetsError> {
        if let Some(outcome) = self.inlined() {
            let (domain, record) = (self.policy.domain.clone(), self.published());
            return Err(SetsError::Inlined { domain, outcome, record });
        }
        let mut sets = Vec::new();
        for set in &self.output.sets {
            let relative = self.matching(set)?;
            // The text of a set is the library's own.
            sets.push((relative, AddressIndex::new(&set.read().unwrap_or_default())));
        }
        Ok(PolicySets { sets, asked, record: self.published(), remarks: self.remarks() })
    }

    /// The names that the record asks a set with, relative to the zone.
    fn matching(&self, set: &ServedSet) -> Result<DomainName, SetsError> {
        let (own, needed) = (self.terms.zone(), set.layout.zone());
        let below = needed.label_count().saturating_sub(own.label_count());
        let relative = DomainName::from_labels(needed.labels().take(below));
        let mut outcomes = self.terms.outcomes.iter();
        let asked =
            relative.ok().and_then(|relative| outcomes.find(|outcome| outcome.name == relative));
        let domain = self.policy.domain.clone();
        match asked {
            Some(asked) if asked.qualifier == set.outcome => Ok(asked.name.clone()),
            Some(asked) => Err(SetsError::OtherOutcome {
                domain,
                zone: needed.clone(),
                policy: set.outcome,
                record: asked.qualifier,
                published: self.published(),
            }),
            None => {
                let (needed, record) = (needed.clone(), self.published());
                Err(SetsError::NotAsked { domain, needed, record })
            }
        }
    }

    /// The record that goes with what was compiled, with `%{d}` where the zone has it.
    fn published(&self) -> String {
        let record = self.output.compiled.records.first().map(|record| record.text.clone());
        let record = record.unwrap_or_default();
        match self.terms.by_domain {
            true => {
                let zone = self.terms.zone().to_string();
                record.replace(&format!(".{zone}"), &format!(".%{{d}}.{zone}"))
            }
            false => record,
        }
    }

    /// An outcome that the published record asks the zone for, while the policy has its
    /// addresses in the record itself: the zone would hold none of them, and receivers
    /// would go on to another result. Tenants may each publish a record of their own, so
    /// that nothing is known of theirs.
    fn inlined(&self) -> Option<Qualifier> {
        let expected = self.published();
        if self.terms.by_domain || self.record.trim().eq_ignore_ascii_case(&expected) {
            return None;
        }
        let asked = self.terms.outcomes.iter().map(|outcome| outcome.qualifier);
        asked.filter(|asked| *asked != Qualifier::Pass).find(|asked| {
            let served = self.output.sets.iter().any(|set| set.outcome == *asked);
            let terms = ["ip4:", "ip6:"].map(|name| format!("{}{name}", asked.prefix()));
            let own = |term: &str| terms.iter().any(|own| term.starts_with(own.as_str()));
            !served && expected.split(' ').any(own)
        })
    }

    /// What does not stand in the way, but is not as it should be.
    fn remarks(&self) -> Vec<String> {
        let (domain, written) = (&self.policy.domain, self.record);
        let mut remarks = self.output.compiled.notes.clone();
        let published = self.published();
        if is_other_record(written, &published) {
            let written = written.trim();
            remarks.push(format!(
                "the policy of {domain} compiles to '{published}', and the configuration has '{written}'"
            ));
        }
        let others = self.output.compiled.records.len().saturating_sub(1);
        if others > 0 {
            remarks.push(format!(
                "the record of {domain} needs {others} more beside it: 'spfc macro' prints them"
            ));
        }
        let passes = |outcome: Qualifier| outcome == Qualifier::Pass;
        let unused = self.terms.outcomes.iter().any(|outcome| passes(outcome.qualifier))
            && !self.output.sets.iter().any(|set| passes(set.outcome));
        if unused {
            remarks.push(format!("the policy of {domain} passes no address by itself"));
        }
        remarks
    }
}
