//! What fits in place of an output that does not: each way is really tried,
//! packed and counted, before it is proposed.
//!
//! Nothing is printed or published from here; which flags stand for which way
//! is for the caller to say.

use crate::dns::Lookup;
use crate::image::Order;
use crate::limits::LOOKUP_TERMS;
use crate::name::DomainName;
use crate::policy::LookupCount;
use crate::target::OutputRecord;

use super::flatten::{Draft, FlattenOptions};
use super::{
    CoverChoice, Halt, InlineOptions, MacroOptions, MacroStyle, Publication, RecordOptions,
    SourceOptions, compile_macro, just_enough,
};

/// Octets of the largest DNS message there is (RFC 1035 section 4.2.2).
const LARGEST_MESSAGE: usize = 65_535;

/// What an alternative costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    /// Records to publish.
    pub records: usize,
    /// Lookups of the records.
    pub lookups: LookupCount,
}

impl Price {
    /// The price of these records; nothing where one of them is over the size.
    fn of(records: &[OutputRecord], lookups: LookupCount, most: usize) -> Option<Price> {
        let fits = records.iter().all(|record| record.message_octets <= most);
        fits.then_some(Price { records: records.len(), lookups })
    }
}

/// Another way to compile a policy, that fits its budget.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Alternative {
    /// As many lookups as this.
    MaxLookups {
        /// Terms that cause lookups.
        lookups: u32,
        /// What it costs then.
        price: Price,
    },
    /// Messages as large as this; no smaller one was found to do.
    MaxMessage {
        /// Octets of the largest message.
        octets: usize,
        /// What it costs then.
        price: Price,
    },
    /// Flat records.
    Flat {
        /// What they cost.
        price: Price,
    },
    /// Terms of which some are exclusions.
    Ordered {
        /// What they cost.
        price: Price,
    },
    /// Some targets stay live.
    JustEnough {
        /// How many terms are inlined.
        inlined: usize,
        /// What it costs then.
        price: Price,
    },
    /// What the user keeps is inlined too.
    KeepNothing {
        /// What it costs then.
        price: Price,
    },
    /// A macro record.
    Macro {
        /// What answers for its names, as the command line calls it.
        style: &'static str,
        /// What it costs then.
        price: Price,
    },
}

/// The way that was gone and did not fit.
#[derive(Clone, Copy, Debug)]
pub enum Gone<'a> {
    /// Flat records.
    Flat,
    /// Flat records with some targets live.
    JustEnough,
    /// A macro record of this style.
    Macro(&'a MacroOptions),
}

type Way<'a> = Box<dyn Fn() -> Result<Option<Alternative>, Halt> + 'a>;

/// The ways that fit, the nearest first. `options` are those of the one that
/// does not.
///
/// # Errors
///
/// Questions to ask first; a way that is refused is no error, but left out.
pub fn alternatives(
    lookup: &dyn Lookup,
    options: &FlattenOptions,
    gone: Gone,
) -> Result<Vec<Alternative>, Halt> {
    // Nothing of this is written, so that it does not matter what stands there.
    let publication = Publication { check: false, overwrite: true };
    let options = FlattenOptions { publication, ..options.clone() };
    let flat = allowed(Draft::new(lookup, &options))?;
    let mut found = Vec::new();
    for way in ways(lookup, &options, gone, flat.as_ref()) {
        found.extend(way()?);
    }
    Ok(found)
}

/// Every way there is but the one that was gone.
fn ways<'a>(
    lookup: &'a dyn Lookup,
    options: &'a FlattenOptions,
    gone: Gone<'a>,
    flat: Option<&'a Draft<'a>>,
) -> Vec<Way<'a>> {
    let mut ways: Vec<Way> = Vec::new();
    if let (Gone::Macro(_), Some(draft)) = (gone, flat) {
        ways.push(Box::new(move || as_flat(lookup, options, draft)));
    }
    if let (Gone::Flat, CoverChoice::Disjoint, Some(draft)) = (gone, options.cover, flat) {
        ways.push(Box::new(move || with_exclusions(lookup, options, draft)));
    }
    if !matches!(gone, Gone::JustEnough) {
        ways.push(Box::new(move || with_just_enough(lookup, options)));
    }
    match (gone, flat) {
        (Gone::Macro(style), _) => {
            ways.push(Box::new(move || more_for_macro(lookup, options, style)));
            ways.push(Box::new(move || larger_for_macro(lookup, options, style)));
        }
        (_, Some(draft)) => {
            ways.push(Box::new(move || more_lookups(lookup, options, draft)));
            ways.push(Box::new(move || larger_messages(lookup, options, draft)));
        }
        (_, None) => {}
    }
    if !options.source.keep.is_empty() {
        ways.push(Box::new(move || nothing_kept(lookup, options)));
    }
    ways.push(Box::new(move || a_macro(lookup, options, gone)));
    ways
}

/// The styles of macro records that a responder answers for, by their names: a
/// record is the same whoever answers.
fn macro_styles() -> Vec<(&'static str, MacroStyle)> {
    let (order, version) = (Order::Reversed, true);
    vec![
        ("exists", MacroStyle::Exists { order, version }),
        ("include", MacroStyle::Include { order, version }),
    ]
}

/// What is refused is no way; what has to be asked first is asked.
fn allowed<T>(result: Result<T, Halt>) -> Result<Option<T>, Halt> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(Halt::Refuse(_)) => Ok(None),
        Err(needed) => Err(needed),
    }
}

/// Packs a draft in another way; nothing where it is over a budget or a record
/// over the size.
fn packed(
    lookup: &dyn Lookup,
    options: &FlattenOptions,
    draft: &Draft,
    records: RecordOptions,
) -> Result<Option<Price>, Halt> {
    let most = records.max_message;
    let written = allowed(draft.write(lookup, &FlattenOptions { records, ..options.clone() }))?;
    Ok(written.and_then(|written| Price::of(&written.records, written.lookups, most)))
}

fn with_exclusions(
    lookup: &dyn Lookup,
    options: &FlattenOptions,
    draft: &Draft,
) -> Result<Option<Alternative>, Halt> {
    let options = FlattenOptions { cover: CoverChoice::Ordered, ..options.clone() };
    let price = packed(lookup, &options, draft, options.records.clone())?;
    Ok(price.map(|price| Alternative::Ordered { price }))
}

fn more_lookups(
    lookup: &dyn Lookup,
    options: &FlattenOptions,
    draft: &Draft,
) -> Result<Option<Alternative>, Halt> {
    let records = RecordOptions { max_lookups: LOOKUP_TERMS, ..options.records.clone() };
    let price = packed(lookup, options, draft, records)?;
    let more = price.filter(|price| price.lookups.terms > options.records.max_lookups);
    Ok(more.map(|price| Alternative::MaxLookups { lookups: price.lookups.terms, price }))
}

fn larger_messages(
    lookup: &dyn Lookup,
    options: &FlattenOptions,
    draft: &Draft,
) -> Result<Option<Alternative>, Halt> {
    least_message(&options.records, |records| packed(lookup, options, draft, records))
}

/// The least size at which the records fit, found by halving.
fn least_message(
    records: &RecordOptions,
    priced: impl Fn(RecordOptions) -> Result<Option<Price>, Halt>,
) -> Result<Option<Alternative>, Halt> {
    let at = |octets: usize| priced(RecordOptions { max_message: octets, ..records.clone() });
    let Some(mut price) = at(LARGEST_MESSAGE)? else { return Ok(None) };
    let (mut under, mut fits) = (records.max_message, LARGEST_MESSAGE);
    while under + 1 < fits {
        // Most policies need little more than they have.
        let middle = (under + (fits - under) / 2).min(under.saturating_mul(2).max(under + 1));
        match at(middle)? {
            Some(found) => (fits, price) = (middle, found),
            None => under = middle,
        }
    }
    Ok((fits > records.max_message).then_some(Alternative::MaxMessage { octets: fits, price }))
}

fn with_just_enough(
    lookup: &dyn Lookup,
    options: &FlattenOptions,
) -> Result<Option<Alternative>, Halt> {
    let enough = allowed(just_enough(lookup, options))?;
    Ok(enough.and_then(|enough| {
        let compiled = &enough.flattened.compiled;
        let price = Price::of(&compiled.records, compiled.lookups, options.records.max_message)?;
        Some(Alternative::JustEnough { inlined: enough.inlined.len(), price })
    }))
}

fn nothing_kept(
    lookup: &dyn Lookup,
    options: &FlattenOptions,
) -> Result<Option<Alternative>, Halt> {
    let source = SourceOptions { keep: Default::default(), ..options.source.clone() };
    let options = FlattenOptions { source, ..options.clone() };
    let Some(draft) = allowed(Draft::new(lookup, &options))? else { return Ok(None) };
    let price = packed(lookup, &options, &draft, options.records.clone())?;
    Ok(price.map(|price| Alternative::KeepNothing { price }))
}

fn as_flat(
    lookup: &dyn Lookup,
    options: &FlattenOptions,
    draft: &Draft,
) -> Result<Option<Alternative>, Halt> {
    let price = packed(lookup, options, draft, options.records.clone())?;
    Ok(price.map(|price| Alternative::Flat { price }))
}

fn more_for_macro(
    lookup: &dyn Lookup,
    options: &FlattenOptions,
    gone: &MacroOptions,
) -> Result<Option<Alternative>, Halt> {
    let records = RecordOptions { max_lookups: LOOKUP_TERMS, ..options.records.clone() };
    let price = macro_price(lookup, options, records, &gone.zone, &gone.style)?;
    let more = price.filter(|price| price.lookups.terms > options.records.max_lookups);
    Ok(more.map(|price| Alternative::MaxLookups { lookups: price.lookups.terms, price }))
}

fn larger_for_macro(
    lookup: &dyn Lookup,
    options: &FlattenOptions,
    gone: &MacroOptions,
) -> Result<Option<Alternative>, Halt> {
    least_message(&options.records, |records| {
        macro_price(lookup, options, records, &gone.zone, &gone.style)
    })
}

/// The first style that fits.
fn a_macro(
    lookup: &dyn Lookup,
    options: &FlattenOptions,
    gone: Gone,
) -> Result<Option<Alternative>, Halt> {
    let zone = match gone {
        Gone::Macro(gone) => Some(gone.zone.clone()),
        // The user chooses its name; one of some length is taken here.
        _ => options.source.domain.child(b"_spf-zone").ok(),
    };
    let Some(zone) = zone else { return Ok(None) };
    for (style, macro_style) in macro_styles() {
        let records = options.records.clone();
        if let Some(price) = macro_price(lookup, options, records, &zone, &macro_style)? {
            return Ok(Some(Alternative::Macro { style, price }));
        }
    }
    Ok(None)
}

fn macro_price(
    lookup: &dyn Lookup,
    options: &FlattenOptions,
    records: RecordOptions,
    zone: &DomainName,
    style: &MacroStyle,
) -> Result<Option<Price>, Halt> {
    let FlattenOptions { source, qualifier, publication, .. } = options.clone();
    let most = records.max_message;
    let (zone, style, inline) = (zone.clone(), style.clone(), InlineOptions::default());
    let options = MacroOptions { source, records, qualifier, publication, zone, style, inline };
    let output = allowed(compile_macro(lookup, &options))?;
    Ok(output.and_then(|output| {
        let compiled = &output.compiled;
        Price::of(&compiled.records, compiled.lookups, most)
    }))
}
