//! What every compile target begins with: the source, read and, where that is
//! asked for, changed.

use crate::dns::Lookup;
use crate::limits::LOOKUP_TERMS;
use crate::outcome::Qualifier;
use crate::policy::{Comparison, Decisions, Known, WalkOptions, compare, lower, walk};

use super::source::{all_left_out, none_kept};
use super::{CompileError, Halt, SourceOptions, SourcePolicy, Spent, default, read_source};

/// A source, ready to be compiled.
pub(super) struct Prepared<'a> {
    /// DNS as the source is read.
    pub(super) view: Box<dyn Lookup + 'a>,
    /// The policy.
    pub(super) source: SourcePolicy,
    /// Ranges whose result the changed default changes.
    pub(super) changed: usize,
    /// What leaving out terms changes.
    pub(super) repaired: Option<Comparison>,
}

/// Reads a source, with another final `all` where one is given.
pub(super) fn prepare<'a>(
    lookup: &'a dyn Lookup,
    options: &SourceOptions,
    qualifier: Option<Qualifier>,
    decisions: &mut Decisions,
) -> Result<Prepared<'a>, Halt> {
    let repaired = repaired(lookup, options, decisions)?;
    let view = options.view(lookup);
    let source = read_source(&*view, options, decisions)?;
    if !options.without.is_empty() {
        none_kept(lookup, &source, &options.without)?;
    }
    few_stay(&source, decisions)?;
    let Some(qualifier) = qualifier else {
        return Ok(Prepared { view, source, changed: 0, repaired });
    };
    let view = default::changed(view, &source.graph, qualifier)?;
    let changed = read_source(&*view, options, decisions)?;
    let change = compare(&source.lowered.map, &changed.lowered.map, decisions);
    let count = change.ip4.len() + change.ip6.len();
    Ok(Prepared { view, source: changed, changed: count, repaired })
}

/// Each term that only the message can decide costs a lookup, wherever it
/// stands: more of them than lookups are allowed need not be put in order.
fn few_stay(source: &SourcePolicy, decisions: &Decisions) -> Result<(), CompileError> {
    let ids = source.lowered.map.decisions();
    let longest = ids.iter().map(|id| decisions.get(*id).dynamic.len()).max();
    let (terms, limit) = (longest.unwrap_or(0) as u32, LOOKUP_TERMS);
    if terms <= limit {
        return Ok(());
    }
    let spent = Spent::at_least(source.kept.iter().map(|kept| &kept.term));
    Err(CompileError::TooManyLookups { terms, limit, spent })
}

/// What leaving out terms changes in the policy's meaning.
fn repaired(
    lookup: &dyn Lookup,
    options: &SourceOptions,
    decisions: &mut Decisions,
) -> Result<Option<Comparison>, Halt> {
    if options.without.is_empty() {
        return Ok(None);
    }
    let whole = SourceOptions { without: Vec::new(), ..options.clone() };
    let (whole_view, view) = (whole.view(lookup), options.view(lookup));
    let walk_options = WalkOptions { keep: whole.keep.clone(), ceilings: whole.ceilings };
    let before = walk(&*whole_view, &whole.domain, &walk_options)?;
    let after = walk(&*view, &whole.domain, &walk_options)?;
    all_left_out(&after, &*whole_view, &options.without)?;
    let levels = whole.ceilings.levels;
    let before = lower(&before, &Known::new(), levels, decisions);
    let after = lower(&after, &Known::new(), levels, decisions);
    Ok(Some(compare(&before.map, &after.map, decisions)))
}
