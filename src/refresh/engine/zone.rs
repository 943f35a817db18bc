//! One zone, as the engine has it: put together from its sources, and what was last
//! handed out of it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::image::{ImageFile, ZoneImage, mismatch};
use crate::name::DomainName;
use crate::refresh::{SourceSets, ZoneStatus, assemble};

use super::source::Source;
use super::{Engine, Severity, ZonePlan};

/// A zone as it is to be served.
#[derive(Clone, Debug, PartialEq)]
pub struct ZoneOutput {
    /// Its name.
    pub zone: DomainName,
    /// What it holds; none where nothing is known of any of its sources.
    pub image: Option<Arc<ZoneImage>>,
    /// When that came to be so, in seconds since 1970.
    pub created: u64,
    /// Domains of the zone of which nothing is known.
    pub unready: Vec<DomainName>,
}

/// A zone.
#[derive(Debug)]
pub(super) struct Zone {
    pub(super) plan: ZonePlan,
    /// The names of its sources.
    pub(super) used: BTreeSet<String>,
    /// What it is asked, in one form.
    pub(super) key: String,
    /// A source of it may have other sets.
    pub(super) dirty: bool,
    /// It was not yet handed out as it is.
    fresh: bool,
    served: Option<ZoneOutput>,
    /// The texts of its sets.
    texts: Vec<Option<String>>,
}

/// What an image in the state directory keeps of the source of a set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    /// The source.
    pub(super) source: String,
    /// The number of its version.
    pub(super) version: u64,
    /// What the zone is asked.
    pub(super) terms: String,
    /// The record that goes with them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) record: Option<String>,
}

impl Zone {
    pub(super) fn new(plan: ZonePlan) -> Zone {
        let key = plan.asked.terms.asked();
        let used = plan.tenants.values().cloned().collect();
        Zone { plan, used, key, dirty: true, fresh: false, served: None, texts: Vec::new() }
    }

    pub(super) fn name(&self) -> &DomainName {
        self.plan.asked.terms.zone()
    }

    /// What is to be served, if it is not yet.
    pub(super) fn take(&mut self) -> Option<ZoneOutput> {
        std::mem::take(&mut self.fresh).then(|| self.served.clone()).flatten()
    }

    /// As it was handed out before under another plan.
    pub(super) fn take_over(&mut self, before: &mut Zone) {
        if self.key == before.key {
            (self.served, self.texts) = (before.served.take(), std::mem::take(&mut before.texts));
            self.fresh = before.fresh;
        }
    }

    pub(super) fn status(&self) -> ZoneStatus {
        let image = self.served.as_ref().and_then(|served| served.image.as_ref());
        ZoneStatus {
            zone: self.name().to_string(),
            served: image.is_some(),
            since: self.served.as_ref().map(|served| served.created),
            names: image.map_or(0, |image| image.trees().len()),
            unready: self.served.as_ref().map_or(0, |served| served.unready.len()),
        }
    }

    /// What an image has of each source: its sets and the version that they are of.
    pub(super) fn parts(&self, image: &ImageFile) -> Vec<(Mark, SourceSets)> {
        let terms = &self.plan.asked.terms;
        let same =
            image.zone.layout() == &terms.layout && image.zone.mechanism() == terms.mechanism;
        if !same || mismatch(&image.zone, terms).is_some() {
            return Vec::new();
        }
        let numbers: HashMap<&DomainName, u32> =
            image.zone.trees().iter().map(|tree| (&tree.name, tree.set)).collect();
        let mut found: BTreeMap<&str, (Mark, SourceSets)> = BTreeMap::new();
        for (domain, source) in &self.plan.tenants {
            if found.contains_key(source.as_str()) {
                continue;
            }
            let of_outcome = |outcome: &DomainName| {
                let number = *numbers.get(&domain.prefixed(outcome).ok()?)? as usize;
                let text = image.sources.get(number)?.clone()?;
                let set = image.zone.sets().get(number)?;
                Some(((outcome.clone(), Arc::clone(set)), text))
            };
            let parts: Option<Vec<_>> =
                terms.outcomes.iter().map(|outcome| of_outcome(&outcome.name)).collect();
            let Some((text, parts)) =
                parts.and_then(|parts| Some((parts.first()?.1.clone(), parts)))
            else {
                continue;
            };
            let Ok(mark) = serde_json::from_str::<Mark>(&text) else { continue };
            if mark.source == *source && mark.terms == self.key {
                let sets = parts.into_iter().map(|(set, _)| set).collect();
                found.insert(source, (mark, SourceSets { sets, text: Some(text) }));
            }
        }
        found.into_values().collect()
    }

    /// Puts it together anew; what is to be written where it is not as it was.
    pub(super) fn assemble(
        &mut self,
        sources: &BTreeMap<String, Source>,
        now: i64,
    ) -> Result<Option<ImageFile>, String> {
        self.dirty = false;
        let mut known: BTreeMap<&str, &SourceSets> = BTreeMap::new();
        for name in &self.used {
            if let Some(served) = sources.get(name).and_then(|source| source.sets.get(&self.key)) {
                known.insert(name, &served.sets);
            }
        }
        let assembled = assemble(&self.plan.asked.terms, &self.plan.tenants, &known)
            .map_err(|error| format!("the zone {} stays as it is: {error}", self.name()))?;
        let nothing = known.is_empty();
        let before = self.served.as_ref();
        let image = before.and_then(|before| before.image.as_ref());
        let same = image.is_some_and(|image| **image == assembled.zone);
        let unready = before.is_some_and(|before| before.unready == assembled.unready);
        if before.is_some()
            && unready
            && (same || nothing && image.is_none())
            && self.texts == assembled.texts
        {
            return Ok(None);
        }
        let created = match before.filter(|_| same) {
            Some(before) => before.created,
            None => u64::try_from(now).unwrap_or_default(),
        };
        self.texts.clone_from(&assembled.texts);
        self.fresh = true;
        let zone = match image.filter(|_| same) {
            Some(image) => Arc::clone(image),
            None => Arc::new(assembled.zone),
        };
        let (image, written) = match nothing {
            true => (None, None),
            false => {
                let file = ImageFile { zone: (*zone).clone(), sources: assembled.texts, created };
                (Some(zone), Some(file))
            }
        };
        let zone = self.name().clone();
        self.served = Some(ZoneOutput { zone, image, created, unready: assembled.unready });
        Ok(written)
    }

    /// Takes the time of an image that says the same.
    pub(super) fn created_at(&mut self, image: &ImageFile) {
        if let Some(served) = &mut self.served
            && served.image.as_ref().is_some_and(|own| **own == image.zone)
        {
            served.created = image.created;
        }
    }
}

impl Engine {
    /// Puts together the zones whose sources changed.
    pub(super) fn assemble(&mut self) {
        let now = self.clock.unix_seconds();
        let mut broken = Vec::new();
        for zone in self.zones.iter_mut().filter(|zone| zone.dirty) {
            match zone.assemble(&self.sources, now) {
                Ok(Some(image)) => self.keeper.zone(image),
                Ok(None) => {}
                Err(reason) => broken.push(reason),
            }
        }
        broken.into_iter().for_each(|reason| self.notice(Severity::Error, reason));
    }

    /// Lets the zones of a source be put together anew.
    pub(super) fn touch(&mut self, source: &str) {
        for zone in &mut self.zones {
            zone.dirty |= zone.used.contains(source);
        }
    }
}
