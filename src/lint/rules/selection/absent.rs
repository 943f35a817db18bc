//! SPF101 and SPF104: domains without a record that receivers see.

use crate::lint::facts::{Facts, Text};
use crate::lint::finding::{Finding, Place};
use crate::lint::rule::Severity;
use crate::policy::Fault;
use crate::syntax::{Span, is_spf_record, parse_record};

use super::root_fault;
use super::version::{junk, slip, without_junk};

/// The texts that are records but for octets before their version.
fn hidden<'a>(facts: &'a Facts) -> Vec<(&'a Text, usize)> {
    let version = |text: &[u8], before: usize| {
        // The version itself has to end as it should: what else is wrong with it
        // is another rule's.
        let behind = text.get(before + "v=spf1".len()..).unwrap_or_default();
        behind.first().is_none_or(|octet| b" \"'\\".contains(octet))
    };
    let found = facts.texts.iter().filter_map(|text| {
        let before = junk(&text.octets, &facts.domain)?;
        version(&text.octets, before).then_some((text, before))
    });
    found.collect()
}

pub(super) fn octets_before_version(facts: &Facts) -> Vec<Finding> {
    let hidden = hidden(facts);
    let published = facts.texts.iter().any(|text| is_spf_record(&text.octets));
    let only = hidden.len() == 1 && !published;
    let finding = |(text, before): (&Text, usize)| {
        let octets = match before {
            1 => "1 octet stands".to_owned(),
            octets => format!("{octets} octets stand"),
        };
        let place = Place {
            record: Some(text.octets.clone()),
            span: Some(Span::new(0, before)),
            ..facts.domain_place()
        };
        let message = format!("{octets} before 'v=spf1', so receivers do not see the record");
        let help = match published {
            true => {
                "another text is the domain's record: move what is missing there and delete this one"
            }
            false => "a record begins with 'v=spf1': delete what stands before it",
        };
        let severity = if published { Severity::Warning } else { Severity::Error };
        let mut finding = Finding::new(place, message).severity(severity).help(help);
        // Two records would be one too many.
        finding.fix = without_junk(&text.octets, before).filter(|_| only);
        finding
    };
    hidden.into_iter().map(finding).collect()
}

pub(super) fn missing_record(facts: &Facts) -> Vec<Finding> {
    let Some(Fault::NoRecord { .. }) = root_fault(facts) else { return Vec::new() };
    if !hidden(facts).is_empty() {
        return Vec::new();
    }
    let meant = |text: &Text| Some((text.octets.clone(), slip(&text.octets, &facts.domain)?));
    if let Some((octets, slip)) = facts.texts.iter().find_map(meant) {
        let place = Place { record: Some(octets), span: Some(slip.span), ..facts.domain_place() };
        let message = "the text is no SPF record, so receivers act as if there were none";
        if words_apart(facts, place.record.as_deref().unwrap_or_default()) {
            let help = "its strings are joined without blanks: put the whole record between one \
                        pair of quotation marks";
            return vec![Finding::new(place, message).help(help)];
        }
        let mut finding = Finding::new(place, message).help(slip.help);
        finding.fix = slip.fix;
        return vec![finding];
    }
    let target = facts.target_name();
    let message =
        format!("{target} has no SPF record, so receivers cannot tell its mail from forged mail");
    vec![Finding::new(facts.domain_place(), message).help(help(facts))]
}

/// Whether the strings of a text would be a record with blanks between them, as
/// when a zone file lacks the quotation marks around one.
fn words_apart(facts: &Facts, octets: &[u8]) -> bool {
    let file = facts.subject.file.as_deref();
    let written = file.and_then(|file| file.record(facts.subject.domain.as_ref(), octets));
    let strings = match written.filter(|written| !written.strings.is_empty()) {
        Some(written) => written.strings.clone(),
        None => match facts.texts.iter().find(|text| *text.octets == *octets) {
            Some(text) => text.txt.given(),
            None => return false,
        },
    };
    let mut rest = octets;
    let words: Vec<&[u8]> = strings
        .iter()
        .map(|length| {
            let (word, behind) = rest.split_at(rest.len().min(*length));
            rest = behind;
            word
        })
        .collect();
    let one_each = words.iter().all(|word| !word.contains(&b' '));
    let joined = words.join(&b' ');
    words.len() > 2 && one_each && is_spf_record(&joined) && parse_record(&joined).errors.is_empty()
}

fn help(facts: &Facts) -> String {
    match (
        &facts.surroundings.misplaced,
        facts.surroundings.obsolete.is_empty(),
        facts.receives_mail,
    ) {
        (Some((name, _)), ..) => format!("publish the record that stands at {name} here"),
        (None, false, _) => {
            "publish the record that stands in the obsolete type SPF as a TXT record".to_owned()
        }
        (None, true, Some(false)) => {
            "the domain names no mail exchange: if it sends no mail either, publish 'v=spf1 -all'"
                .to_owned()
        }
        (None, true, _) => {
            "list the hosts that send its mail and end with '~all'; 'v=spf1 -all' if there are none"
                .to_owned()
        }
    }
}
