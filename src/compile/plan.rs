//! From what is published and what is to be published to the change between
//! the two.

use std::collections::HashSet;

use crate::dns::{Lookup, Txt};
use crate::limits::LOOKUP_TERMS;
use crate::name::DomainName;
use crate::publish::{Action, NameChange, Plan};
use crate::target::{ChunkNames, ChunkSet, FlatLayout, OutputRecord};

use super::output::TTL_BOUNDS;
use super::publication::{NameTexts, Standing, all, includes_chunks, is_chunk};
use super::{CompileError, Halt, Publication};

/// What a plan is made from.
pub(super) struct Planner<'a> {
    /// How names are looked at.
    pub(super) publication: &'a Publication,
    /// DNS as it is.
    pub(super) lookup: &'a dyn Lookup,
    /// What stands where the policy is published.
    pub(super) standing: &'a Standing,
    /// Where records go.
    pub(super) layout: &'a FlatLayout,
    /// The names that the source reads.
    pub(super) reached: &'a HashSet<DomainName>,
    /// What is to be published.
    pub(super) records: &'a [OutputRecord],
}

impl Planner<'_> {
    /// The change that publishes the records.
    ///
    /// # Errors
    ///
    /// Questions to ask first; a name that holds something else, or is an alias.
    pub(super) fn plan(&self) -> Result<Plan, Halt> {
        let names = &self.layout.names;
        let changes = all(self.records.iter().map(|record| self.change(record)))?;
        let is_chunk = |change: &NameChange| names.is_own(&change.name);
        let (chunks, mut own) = changes.into_iter().partition::<Vec<_>, _>(is_chunk);
        // The domain comes first among the records, and last when it is changed.
        own.reverse();
        let old = self.old()?;
        let ttls = chunks.iter().chain(&own).chain(&old).filter_map(|change| change.before_ttl);
        let wait = ttls.chain([self.layout.ttl, TTL_BOUNDS.1]).max().unwrap_or(TTL_BOUNDS.1);
        let looked_at = self.publication.check;
        Ok(Plan { domain: names.domain.clone(), looked_at, chunks, own, old, wait })
    }

    /// The change at one record's name.
    fn change(&self, record: &OutputRecord) -> Result<NameChange, Halt> {
        let change = |texts: &NameTexts| NameChange {
            name: record.name.clone(),
            ttl: record.ttl,
            before: texts.spf.clone(),
            before_ttl: texts.ttl,
            after: Some(record.strings()),
            others: texts.others.clone(),
        };
        if record.name == self.standing.domain.name {
            return Ok(change(&self.standing.domain));
        }
        // What the domain redirects to below itself is its own record.
        let moved = self.standing.moved.as_ref();
        if let Some(moved) = moved.filter(|moved| moved.name == record.name) {
            return Ok(change(moved));
        }
        self.publication.no_alias(self.lookup, &record.name)?;
        let texts = self.texts(&record.name)?;
        let names = &self.layout.names;
        let foreign = |text: &Txt| match names.is_own(&record.name) {
            true => !is_chunk(&text.joined(), &record.text),
            // A name that people choose themselves too.
            false => {
                text.joined() != record.text.as_bytes() && !includes_chunks(&text.joined(), names)
            }
        };
        if !self.publication.overwrite && texts.spf.iter().chain(&texts.others).any(foreign) {
            return Err(CompileError::NameTaken { name: record.name.clone() }.into());
        }
        let before = texts.spf.iter().chain(&texts.others).cloned().collect();
        Ok(NameChange { before, others: Vec::new(), ..change(&texts) })
    }

    /// What stands at the names of chunks and leads nowhere once the records
    /// are published, also what an earlier run left behind. What the source
    /// reads is never among it.
    fn old(&self) -> Result<Vec<NameChange>, Halt> {
        let names = &self.layout.names;
        let numbers = self.records.iter().filter_map(|record| names.place(&record.name));
        let published = self.standing.chunks.iter().map(|(number, set, _)| (*number, *set));
        // A record that lookups allow has had no more chunks than this.
        let most = numbers.chain(published).map(|(number, _)| number).max().unwrap_or(0);
        let most = most.clamp(LOOKUP_TERMS as usize, MOST_LOOKED_AT);
        let both = (1..=most).flat_map(|number| {
            ChunkSet::BOTH.into_iter().filter_map(move |set| names.chunk(number, set).ok())
        });
        let used = |name: &DomainName| {
            self.records.iter().any(|record| record.name == *name) || self.reached.contains(name)
        };
        let candidates = both.chain(names.redirect().ok()).filter(|name| !used(name));
        let texts = all(candidates.map(|name| self.texts(&name)))?;
        Ok(texts.into_iter().filter_map(|texts| old(names, texts)).collect())
    }

    /// What really stands at a name below the domain.
    fn texts(&self, name: &DomainName) -> Result<NameTexts, Halt> {
        Ok(self.standing.written(self.publication.texts(self.lookup, name)?))
    }
}

/// What is to be known about chunks that are written where others stand.
pub(super) fn overwritten(plan: &Plan) -> Option<String> {
    let written = |change: &&NameChange| change.action() == Action::Change;
    let names: Vec<String> =
        plan.chunks.iter().filter(written).map(|change| change.name.to_string()).collect();
    (!names.is_empty()).then(|| {
        format!(
            "{} hold chunks of an earlier record: write them when no cache can have that record any more, {} \
             seconds after it was changed",
            names.join(", "),
            plan.wait
        )
    })
}

/// Numbers of chunks up to which leftovers are looked for.
const MOST_LOOKED_AT: usize = 20;

/// The deletion of what is left at a name, where that is the policy's: a chunk,
/// or the record that a full domain redirected to, which nobody can tell from
/// somebody else's but by the chunks that it includes.
fn old(names: &ChunkNames, texts: NameTexts) -> Option<NameChange> {
    let NameTexts { name, spf, mut others, ttl, .. } = texts;
    let ours = |text: &Txt| match names.is_own(&name) {
        true => is_chunk(&text.joined(), ""),
        false => includes_chunks(&text.joined(), names),
    };
    let (before, foreign): (Vec<Txt>, Vec<Txt>) = spf.into_iter().partition(ours);
    others.extend(foreign);
    (!before.is_empty()).then(|| NameChange {
        name,
        ttl: ttl.unwrap_or(TTL_BOUNDS.1),
        before,
        before_ttl: ttl,
        after: None,
        others,
    })
}
