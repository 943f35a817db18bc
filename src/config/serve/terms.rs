//! The zone that a macro record asks: its name, and how addresses become names
//! of it.
//!
//! What is published decides what is served, so nothing of this stands in the
//! configuration a second time. Of a message such a name may hold the client's
//! address alone, and with `%{d}` the domain, of which the zone knows all that
//! there are. Any other macro is refused: names over 253 octets lose labels from
//! the left (RFC 7208 section 7.3), so that a sender who chooses a long value
//! puts a listed address in place of its own.

use crate::image::{Layout, Order, ZoneMechanism, ZoneOutcome, ZoneTerms};
use crate::name::DomainName;
use crate::outcome::Qualifier;
use crate::syntax::{
    DomainSpec, MacroExpand, MacroLetter, MacroPart, Mechanism, Modifier, Record, Term, TermKind,
    is_spf_record, parse_record,
};

use super::RecordFault;

/// Reads the zone that a macro record, or one term of it, asks; where it asks
/// several, `name` says which.
///
/// # Errors
///
/// Why the record's names cannot be served.
pub fn read_zone_terms(text: &str, name: Option<&DomainName>) -> Result<ZoneTerms, RecordFault> {
    let text = match is_spf_record(text.as_bytes()) {
        true => text.to_owned(),
        false => format!("v=spf1 {}", text.trim()),
    };
    let parse = parse_record(text.as_bytes());
    if let Some(error) = parse.errors.first() {
        return Err(RecordFault::Syntax(error.describe(text.as_bytes())));
    }
    let record = &parse.record;
    let wanted = |term: &&Spec<'_>| {
        let below = |name: &DomainName| term.tail().is_some_and(|tail| tail.is_at_or_below(name));
        term.mechanism().is_some() && term.has_address() && name.is_none_or(below)
    };
    let specs: Vec<Spec<'_>> =
        record.terms().iter().filter_map(|it| Spec::new(record, it)).collect();
    let asked: Result<Vec<Asked>, _> = specs.iter().filter(wanted).map(Asked::read).collect();
    let asked = asked?;
    let zone = zone(&asked, name)?;
    for spec in specs.iter().filter(|spec| !wanted(spec)) {
        spec.refuse_in(&zone)?;
    }
    terms(&asked, &zone)
}

/// The zone: the shortest name that is asked, with all others below it.
fn zone(asked: &[Asked], name: Option<&DomainName>) -> Result<DomainName, RecordFault> {
    let Some(shortest) = asked.iter().min_by_key(|asked| asked.zone.label_count()) else {
        return Err(name.cloned().map_or(RecordFault::NoTerm, RecordFault::NotAsked));
    };
    let zone = shortest.zone.clone();
    if let Some(other) = asked.iter().find(|asked| !asked.zone.is_at_or_below(&zone)) {
        return Err(RecordFault::TwoZones(zone, other.zone.clone()));
    }
    match name {
        Some(name) if *name != zone => {
            Err(RecordFault::OtherZone { asked: zone, named: name.clone() })
        }
        _ => Ok(zone),
    }
}

fn terms(asked: &[Asked], zone: &DomainName) -> Result<ZoneTerms, RecordFault> {
    let Some(first) = asked.first() else { return Err(RecordFault::NoTerm) };
    let mut outcomes: Vec<ZoneOutcome> = Vec::new();
    for asked in asked {
        let same = (asked.mechanism, asked.order, asked.version, asked.before.is_some())
            == (first.mechanism, first.order, first.version, first.before.is_some());
        if !same {
            return Err(RecordFault::Mixed(first.term.clone(), asked.term.clone()));
        }
        let below = asked.zone.label_count() - zone.label_count();
        let name = match &asked.before {
            // With %{d} there is nothing behind it but the zone.
            Some(_) if below > 0 => {
                return Err(RecordFault::TwoZones(zone.clone(), asked.zone.clone()));
            }
            Some(before) => before.clone(),
            None => DomainName::from_labels(asked.zone.labels().take(below))
                .map_err(|reason| RecordFault::Name { term: asked.term.clone(), reason })?,
        };
        let name = name.to_lowercase();
        Layout::new(&asked.longest()?, asked.order, asked.version)?;
        if outcomes.iter().any(|outcome| outcome.name == name) {
            return Err(RecordFault::Twice(asked.longest()?));
        }
        outcomes.push(ZoneOutcome { name, qualifier: asked.qualifier });
    }
    outcomes.sort_by_key(|outcome| outcome.name.label_count());
    Ok(ZoneTerms {
        layout: Layout::new(zone, first.order, first.version)?,
        mechanism: first.mechanism,
        by_domain: first.before.is_some(),
        outcomes,
    })
}

/// A term's domain-spec.
struct Spec<'r> {
    record: &'r Record,
    term: &'r Term,
    spec: DomainSpec,
}

impl<'r> Spec<'r> {
    fn new(record: &'r Record, term: &'r Term) -> Option<Spec<'r>> {
        let spec = match term.kind {
            TermKind::Directive(directive) => match directive.mechanism {
                Mechanism::Include(spec) | Mechanism::Exists(spec) => Some(spec),
                Mechanism::A(spec, _) | Mechanism::Mx(spec, _) | Mechanism::Ptr(spec) => spec,
                Mechanism::All | Mechanism::Ip4(_) | Mechanism::Ip6(_) => None,
            },
            TermKind::Modifier(Modifier::Redirect(spec) | Modifier::Explanation(spec)) => {
                Some(spec)
            }
            TermKind::Modifier(Modifier::Unknown { .. }) => None,
        }?;
        Some(Spec { record, term, spec })
    }

    fn parts(&self) -> &'r [MacroPart] {
        self.record.parts(&self.spec.0)
    }

    fn macros(&self) -> impl Iterator<Item = &'r MacroExpand> {
        self.parts().iter().filter_map(|part| match part {
            MacroPart::Expand(expand) => Some(expand),
            _ => None,
        })
    }

    fn has_address(&self) -> bool {
        self.macros().any(|expand| expand.letter == MacroLetter::Ip)
    }

    /// The term as written.
    fn text(&self) -> String {
        self.record.slice_text(self.term.span)
    }

    fn mechanism(&self) -> Option<(ZoneMechanism, Qualifier)> {
        let TermKind::Directive(directive) = self.term.kind else { return None };
        match directive.mechanism {
            Mechanism::Exists(_) => Some((ZoneMechanism::Exists, directive.qualifier)),
            Mechanism::Include(_) => Some((ZoneMechanism::Include, directive.qualifier)),
            _ => None,
        }
    }

    /// The name behind the last macro, or the whole one where there is none.
    fn tail(&self) -> Option<DomainName> {
        let Some(MacroPart::Literal(span)) = self.parts().last() else { return None };
        let text = self.record.slice(*span);
        DomainName::parse(text.strip_prefix(b".").unwrap_or(text)).ok()
    }

    /// Refuses a name of the zone that is made in another way than those of
    /// clients.
    fn refuse_in(&self, zone: &DomainName) -> Result<(), RecordFault> {
        let Some(tail) = self.tail().filter(|tail| tail.is_at_or_below(zone)) else {
            return Ok(());
        };
        let redirect = matches!(self.term.kind, TermKind::Modifier(Modifier::Redirect(_)));
        let (macros, include) = (self.macros().next().is_some(), self.mechanism().is_some());
        self.refuse_chosen()?;
        match include || redirect || macros {
            true => Err(RecordFault::NotHeld { term: self.text(), name: tail }),
            // Servers of the zone may be mail servers too.
            false => Ok(()),
        }
    }

    fn refuse_chosen(&self) -> Result<(), RecordFault> {
        let chosen = |expand: &&MacroExpand| {
            !matches!(expand.letter, MacroLetter::Ip | MacroLetter::Version | MacroLetter::Domain)
        };
        match self.macros().find(chosen) {
            Some(expand) => {
                let found = self.record.slice_text(expand.span);
                Err(RecordFault::Chosen { term: self.text(), found })
            }
            None => Ok(()),
        }
    }
}

/// A term that asks for names of clients.
struct Asked {
    term: String,
    mechanism: ZoneMechanism,
    qualifier: Qualifier,
    order: Order,
    version: bool,
    /// With `%{d}`, what stands before it.
    before: Option<DomainName>,
    zone: DomainName,
}

impl Asked {
    fn read(spec: &Spec<'_>) -> Result<Asked, RecordFault> {
        let term = spec.text();
        spec.refuse_chosen()?;
        for expand in spec.macros() {
            plain(spec, expand)?;
        }
        let form = || RecordFault::Form(term.clone());
        let (mechanism, qualifier) = spec.mechanism().ok_or_else(form)?;
        let literal = |part: &MacroPart| match part {
            MacroPart::Literal(span) => spec.record.slice(*span),
            _ => &[],
        };
        let letter = |part: &MacroPart| match part {
            MacroPart::Expand(expand) => Some(expand.letter),
            _ => None,
        };
        let Some((first @ MacroPart::Expand(address), rest)) = spec.parts().split_first() else {
            return Err(form());
        };
        let letters: Vec<_> = rest.iter().map(letter).collect();
        let (version, before, zone) = match (rest, letters.as_slice()) {
            ([zone], [None]) => (false, None, zone),
            ([dot, _, zone], [None, Some(MacroLetter::Version), None]) if literal(dot) == b"." => {
                (true, None, zone)
            }
            (
                [dot, _, before, _, zone],
                [None, Some(MacroLetter::Version), None, Some(MacroLetter::Domain), None],
            ) if literal(dot) == b"." => (true, Some(before), zone),
            (_, letters)
                if letters.contains(&Some(MacroLetter::Domain))
                    && !letters.contains(&Some(MacroLetter::Version)) =>
            {
                return Err(RecordFault::DomainWithoutVersion(term));
            }
            _ => return Err(form()),
        };
        if letter(first) != Some(MacroLetter::Ip) {
            return Err(form());
        }
        let bad_name = |reason| RecordFault::Name { term: term.clone(), reason };
        let name = |text: &[u8]| DomainName::parse(text).map_err(bad_name);
        let zone = name(literal(zone).strip_prefix(b".").ok_or_else(form)?)?;
        let before = match before.map(literal) {
            None => None,
            Some(b".") => Some(DomainName::root()),
            Some(text) => {
                let text = text.strip_prefix(b".").and_then(|text| text.strip_suffix(b"."));
                Some(name(text.ok_or_else(form)?)?)
            }
        };
        let order = if address.reverse { Order::Reversed } else { Order::Forward };
        Ok(Asked { term, mechanism, qualifier, order, version, before, zone })
    }

    /// The name that all names of clients end in, but for a domain.
    fn longest(&self) -> Result<DomainName, RecordFault> {
        match &self.before {
            None => Ok(self.zone.clone()),
            Some(before) => self
                .zone
                .prefixed(before)
                .map_err(|reason| RecordFault::Name { term: self.term.clone(), reason }),
        }
    }
}

/// Refuses macros that split, cut or escape what they stand for.
fn plain(spec: &Spec<'_>, expand: &MacroExpand) -> Result<(), RecordFault> {
    let address = expand.letter == MacroLetter::Ip;
    let plain = !expand.url_escape
        && expand.keep.is_none()
        && expand.delimiters.is_empty()
        && (address || !expand.reverse);
    if plain {
        return Ok(());
    }
    Err(RecordFault::Macro {
        term: spec.text(),
        found: spec.record.slice_text(expand.span),
        expected: match expand.letter {
            MacroLetter::Version => "%{v}",
            MacroLetter::Domain => "%{d}",
            _ => "%{ir} or %{i}",
        },
    })
}

#[cfg(test)]
#[path = "terms_tests.rs"]
mod tests;
