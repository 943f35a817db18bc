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

impl Publication {
    /// The change that publishes these records.
    ///
    /// # Errors
    ///
    /// Questions to ask first; a name that holds something else, or is an alias.
    pub(super) fn plan(
        &self,
        lookup: &dyn Lookup,
        standing: &Standing,
        layout: &FlatLayout,
        reached: &HashSet<DomainName>,
        records: &[OutputRecord],
    ) -> Result<Plan, Halt> {
        let names = &layout.names;
        let change = |record| self.change(lookup, standing, names, record);
        let changes = all(records.iter().map(change))?;
        let is_chunk = |change: &NameChange| layout.names.is_own(&change.name);
        let (chunks, mut own) = changes.into_iter().partition::<Vec<_>, _>(is_chunk);
        // The domain comes first among the records, and last when it is changed.
        own.reverse();
        let old = self.old(lookup, standing, layout, reached, records)?;
        let ttls = chunks.iter().chain(&own).chain(&old).filter_map(|change| change.before_ttl);
        let wait = ttls.chain([layout.ttl, TTL_BOUNDS.1]).max().unwrap_or(TTL_BOUNDS.1);
        let looked_at = self.check;
        Ok(Plan { domain: layout.names.domain.clone(), looked_at, chunks, own, old, wait })
    }

    /// The change at one record's name.
    fn change(
        &self,
        lookup: &dyn Lookup,
        standing: &Standing,
        names: &ChunkNames,
        record: &OutputRecord,
    ) -> Result<NameChange, Halt> {
        let change = |texts: &NameTexts| NameChange {
            name: record.name.clone(),
            ttl: record.ttl,
            before: texts.spf.clone(),
            before_ttl: texts.ttl,
            after: Some(record.strings()),
            others: texts.others.clone(),
        };
        if record.name == standing.domain.name {
            return Ok(change(&standing.domain));
        }
        // What the domain redirects to below itself is its own record.
        if let Some(moved) = standing.moved.as_ref().filter(|moved| moved.name == record.name) {
            return Ok(change(moved));
        }
        self.no_alias(lookup, &record.name)?;
        let texts = standing.written(self.texts(lookup, &record.name)?);
        let foreign = |text: &Txt| match names.is_own(&record.name) {
            true => !is_chunk(&text.joined(), &record.text),
            // A name that people choose themselves too.
            false => {
                text.joined() != record.text.as_bytes() && !includes_chunks(&text.joined(), names)
            }
        };
        if !self.overwrite && texts.spf.iter().chain(&texts.others).any(foreign) {
            return Err(CompileError::NameTaken { name: record.name.clone() }.into());
        }
        let before = texts.spf.iter().chain(&texts.others).cloned().collect();
        Ok(NameChange { before, others: Vec::new(), ..change(&texts) })
    }

    /// What stands at the names of chunks and leads nowhere once the records
    /// are published, also what an earlier run left behind. What the source
    /// reads is never among it.
    fn old(
        &self,
        lookup: &dyn Lookup,
        standing: &Standing,
        layout: &FlatLayout,
        reached: &HashSet<DomainName>,
        records: &[OutputRecord],
    ) -> Result<Vec<NameChange>, Halt> {
        let names = &layout.names;
        let numbers = records.iter().filter_map(|record| names.place(&record.name));
        let published = standing.chunks.iter().map(|(number, set, _)| (*number, *set));
        // A record that lookups allow has had no more chunks than this.
        let most = numbers.chain(published).map(|(number, _)| number).max().unwrap_or(0);
        let most = most.clamp(LOOKUP_TERMS as usize, MOST_LOOKED_AT);
        let both = (1..=most).flat_map(|number| {
            ChunkSet::BOTH.into_iter().filter_map(move |set| names.chunk(number, set).ok())
        });
        let used = |name: &DomainName| {
            records.iter().any(|record| record.name == *name) || reached.contains(name)
        };
        let candidates = both.chain(names.redirect().ok()).filter(|name| !used(name));
        let texts = all(candidates.map(|name| self.texts(lookup, &name)))?;
        let left = texts.into_iter().map(|texts| standing.written(texts));
        Ok(left.filter_map(|texts| old(names, texts)).collect())
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
