//! 8xx: the size of records and of the DNS messages that carry them (RFC 7208
//! section 3.4).
//!
//! The sizes are those of unsigned answers: signatures come on top where the
//! one who asks wants them.

use crate::dns::UDP_PAYLOAD_OCTETS;
use crate::lint::facts::{Facts, Text};
use crate::lint::finding::{Finding, Place};
use crate::lint::rule::{Check, Consequence, Rule, Severity};
use crate::lint::rules::selection::{boundaries, joints};
use crate::message::{MessageSize, STRING_OCTETS, UDP_OCTETS};
use crate::policy::Graph;
use crate::syntax::Span;

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: "SPF801",
        name: "overlong-string",
        severity: Severity::Warning,
        off: false,
        consequence: Consequence::Advice,
        reference: "RFC 7208 section 3.3",
        page: include_str!("../../../docs/rules/SPF801.md"),
        check: Check::Record(overlong_string),
    },
    Rule {
        code: "SPF802",
        name: "message-over-512",
        severity: Severity::Warning,
        off: false,
        consequence: Consequence::Advice,
        reference: "RFC 7208 section 3.4",
        page: include_str!("../../../docs/rules/SPF802.md"),
        check: Check::Record(message_over_512),
    },
    Rule {
        code: "SPF803",
        name: "message-over-1232",
        severity: Severity::Warning,
        off: false,
        consequence: Consequence::Advice,
        reference: "RFC 7208 section 3.4",
        page: include_str!("../../../docs/rules/SPF803.md"),
        check: Check::Record(message_over_1232),
    },
    Rule {
        code: "SPF804",
        name: "record-over-450",
        severity: Severity::Note,
        off: false,
        consequence: Consequence::Advice,
        reference: "RFC 7208 section 3.4",
        page: include_str!("../../../docs/rules/SPF804.md"),
        check: Check::Record(record_over_450),
    },
    Rule {
        code: "SPF805",
        name: "split-inside-term",
        severity: Severity::Note,
        off: false,
        consequence: Consequence::Advice,
        reference: "RFC 7208 section 3.3",
        page: include_str!("../../../docs/rules/SPF805.md"),
        check: Check::Record(split_inside_term),
    },
];

/// Octets of a record for which there is room in most answers (RFC 7208 section 3.4).
const RECORD_OCTETS: usize = 450;

fn overlong_string(facts: &Facts) -> Vec<Finding> {
    let Some(file) = facts.subject.file.as_deref() else { return Vec::new() };
    let mut findings = Vec::new();
    for record in file.records_of(facts.subject.domain.as_ref()) {
        let linted = facts.subject.record.as_deref().is_none_or(|text| *text == *record.octets);
        let mut start = 0;
        for octets in record.strings.iter().filter(|_| linted) {
            let span = Span::new(start, start + octets);
            start += octets;
            if *octets <= STRING_OCTETS {
                continue;
            }
            let place = Place {
                record: Some((*record.octets).into()),
                span: Some(span),
                ..facts.domain_place()
            };
            let message = format!(
                "a character-string has {octets} octets, the limit is {STRING_OCTETS}: servers \
                 refuse the zone"
            );
            let help = "split it between terms, with the blank at the start of the second string";
            findings.push(Finding::new(place, message).help(help));
        }
    }
    findings
}

/// The answer that holds the policy's own record.
struct OwnAnswer<'a> {
    record: &'a Text,
    /// Octets of the whole message.
    octets: usize,
    /// The other TXT records, and the octets that they take.
    others: usize,
    others_octets: usize,
}

/// The answer to a question for the policy's own record; `None` without a name
/// or without the one record.
fn own_answer<'a>(facts: &'a Facts) -> Option<OwnAnswer<'a>> {
    let domain = facts.subject.domain.as_ref()?;
    let own = facts.record_place(Graph::ROOT).record?;
    let at = facts.texts.iter().position(|text| text.octets == own)?;
    let record = facts.texts.get(at)?;
    let rdata = record.txt.rdata_octets();
    let others = facts.texts.iter().enumerate().filter(|(index, _)| *index != at);
    let others: Vec<usize> = others.map(|(_, text)| text.txt.rdata_octets()).collect();
    let octets = MessageSize::new(domain, &others).octets(rdata);
    let others_octets = octets - MessageSize::new(domain, &[]).octets(rdata);
    Some(OwnAnswer { record, octets, others: others.len(), others_octets })
}

fn message_over(facts: &Facts, over: impl Fn(usize) -> bool, consequence: &str) -> Vec<Finding> {
    let Some(answer) = own_answer(facts).filter(|answer| over(answer.octets)) else {
        return Vec::new();
    };
    let place =
        Place { record: Some(answer.record.octets.clone()), ..facts.record_place(Graph::ROOT) };
    let message =
        format!("the answer with the record takes {} octets: {consequence}", answer.octets);
    let help = match answer.others {
        0 => "drop terms that nothing uses, or move some into a record of their own and include it"
            .to_owned(),
        1 => format!(
            "the other TXT record at the name takes {} of them: move it elsewhere, or shorten \
             the policy",
            answer.others_octets
        ),
        others => format!(
            "the {others} other TXT records at the name take {} of them: drop those that nothing \
             needs, or shorten the policy",
            answer.others_octets
        ),
    };
    vec![Finding::new(place, message).help(help)]
}

fn message_over_512(facts: &Facts) -> Vec<Finding> {
    let over = |octets| octets > UDP_OCTETS && octets <= usize::from(UDP_PAYLOAD_OCTETS);
    let consequence = format!("over {UDP_OCTETS}, what every receiver takes over UDP");
    message_over(facts, over, &consequence)
}

fn message_over_1232(facts: &Facts) -> Vec<Finding> {
    let over = |octets| octets > usize::from(UDP_PAYLOAD_OCTETS);
    let consequence = format!("over {UDP_PAYLOAD_OCTETS}, so receivers have to ask again over TCP");
    message_over(facts, over, &consequence)
}

/// Where the name is known, the message is counted, and a count says more.
fn record_over_450(facts: &Facts) -> Vec<Finding> {
    let place = facts.record_place(Graph::ROOT);
    let octets = place.record.as_ref().map_or(0, |record| record.len());
    if facts.subject.domain.is_some() || octets <= RECORD_OCTETS {
        return Vec::new();
    }
    let message = format!(
        "the record has {octets} octets: over {RECORD_OCTETS}, its answer may not fit into \
         {UDP_OCTETS} octets"
    );
    let help = "give the domain as well, and the answer is counted to the octet";
    vec![Finding::new(place, message).help(help)]
}

fn split_inside_term(facts: &Facts) -> Vec<Finding> {
    let place = facts.record_place(Graph::ROOT);
    let Some(record) = &place.record else { return Vec::new() };
    let joints = joints(facts);
    let inside = |at: &usize| {
        let blank = |at: usize| record.get(at).is_none_or(|octet| *octet == b' ');
        !blank(at - 1) && !blank(*at) && joints.iter().all(|joint| joint.at != *at)
    };
    let breaks: Vec<usize> = boundaries(facts).into_iter().filter(inside).collect();
    let Some(&first) = breaks.first() else { return Vec::new() };
    let start = record[..first].iter().rposition(|octet| *octet == b' ').map_or(0, |at| at + 1);
    let length = record[first..].iter().position(|octet| *octet == b' ');
    let span = Span::new(start, length.map_or(record.len(), |length| first + length));
    let term = span.of(record).escape_ascii().to_string();
    let more = match breaks.len() {
        1 => String::new(),
        breaks => format!(", and {} more do so too", breaks - 1),
    };
    let message = format!("a string of the record ends inside of '{term}'{more}");
    let help = "end strings between terms, with the blank at the start of the next one";
    vec![Finding::new(Place { span: Some(span), ..place.clone() }, message).help(help)]
}
