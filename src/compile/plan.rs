//! From what is published and what is to be published to the change between
//! the two.

use crate::dns::{Lookup, Txt};
use crate::name::DomainName;
use crate::publish::{NameChange, Plan};
use crate::target::{ChunkNames, ChunkSet, FlatLayout, OutputRecord};

use super::output::TTL_BOUNDS;
use super::publication::{NameTexts, Standing, all, is_chunk};
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
        records: &[OutputRecord],
    ) -> Result<Plan, Halt> {
        let changes = all(records.iter().map(|record| self.change(lookup, standing, record)))?;
        let is_chunk = |change: &NameChange| layout.names.is_own(&change.name);
        let (chunks, mut own) = changes.into_iter().partition::<Vec<_>, _>(is_chunk);
        // The domain comes first among the records, and last when it is changed.
        own.reverse();
        let old = self.old(lookup, standing, &layout.names, records)?;
        let ttls = chunks.iter().chain(&own).chain(&old).filter_map(|change| change.before_ttl);
        let wait = ttls.chain([layout.ttl, TTL_BOUNDS.1]).max().unwrap_or(TTL_BOUNDS.1);
        let looked_at = self.check || standing.domain.known;
        Ok(Plan { domain: layout.names.domain.clone(), looked_at, chunks, own, old, wait })
    }

    /// The change at one record's name.
    fn change(
        &self,
        lookup: &dyn Lookup,
        standing: &Standing,
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
        let texts = self.texts(lookup, &record.name)?;
        let written = |text: &&Txt| !is_chunk(&text.joined(), &record.text);
        if !self.overwrite && texts.spf.iter().chain(&texts.others).any(|text| written(&text)) {
            return Err(CompileError::NameTaken { name: record.name.clone() }.into());
        }
        let before = texts.spf.iter().chain(&texts.others).cloned().collect();
        Ok(NameChange { before, others: Vec::new(), ..change(&texts) })
    }

    /// What stands at the names of chunks and leads nowhere once the records
    /// are published, also what an earlier run left behind.
    fn old(
        &self,
        lookup: &dyn Lookup,
        standing: &Standing,
        names: &ChunkNames,
        records: &[OutputRecord],
    ) -> Result<Vec<NameChange>, Halt> {
        let numbers = records.iter().filter_map(|record| names.place(&record.name));
        let published = standing.chunks.iter().map(|(number, set, _)| (*number, *set));
        let most = numbers.chain(published).map(|(number, _)| number).max().unwrap_or(0);
        let both = (1..=most.min(MOST_LOOKED_AT)).flat_map(|number| {
            ChunkSet::BOTH.into_iter().filter_map(move |set| names.chunk(number, set).ok())
        });
        let moved = standing.moved.iter().map(|moved| moved.name.clone());
        let written = |name: &DomainName| records.iter().any(|record| record.name == *name);
        let candidates = both.chain(moved).filter(|name| !written(name));
        let texts = all(candidates.map(|name| self.texts(lookup, &name)))?;
        Ok(texts.into_iter().filter_map(|texts| old(standing, texts)).collect())
    }
}

/// Numbers of chunks up to which leftovers are looked for.
const MOST_LOOKED_AT: usize = 20;

/// The deletion of what is left at a name, where that is the policy's.
fn old(standing: &Standing, texts: NameTexts) -> Option<NameChange> {
    let moved = standing.moved.as_ref().is_some_and(|moved| moved.name == texts.name);
    let left = |text: &Txt| moved || is_chunk(&text.joined(), "");
    let before: Vec<Txt> = texts.spf.into_iter().filter(left).collect();
    (!before.is_empty()).then(|| NameChange {
        name: texts.name,
        ttl: texts.ttl.unwrap_or(TTL_BOUNDS.1),
        before,
        before_ttl: texts.ttl,
        after: None,
        others: texts.others,
    })
}
