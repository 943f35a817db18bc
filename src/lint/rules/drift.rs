//! 9xx: what changed between a recording of a policy and what DNS says now.
//!
//! One change is one finding: a loss that is too large takes the place of the
//! single ranges, and answers that changed are told only where nothing else
//! did.

use std::collections::BTreeMap;

use crate::addr::{Address, Range};
use crate::lint::facts::{Drifted, Facts};
use crate::lint::finding::Finding;
use crate::lint::rule::{Check, Consequence, Rule, Severity};
use crate::policy::{Branch, Change, Decider, Difference, Drift, End, Passing, Verdict};

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: "SPF901",
        name: "drifted-addresses",
        severity: Severity::Error,
        off: false,
        consequence: Consequence::Advice,
        reference: "RFC 7208 section 5.2",
        page: include_str!("../../../docs/rules/SPF901.md"),
        check: Check::Graph(drifted_addresses),
    },
    Rule {
        code: "SPF902",
        name: "shrunken-policy",
        severity: Severity::Error,
        off: false,
        consequence: Consequence::Advice,
        reference: "RFC 7208 section 5.2",
        page: include_str!("../../../docs/rules/SPF902.md"),
        check: Check::Graph(shrunken_policy),
    },
    Rule {
        code: "SPF903",
        name: "lookups-gained",
        severity: Severity::Warning,
        off: false,
        consequence: Consequence::Advice,
        reference: "RFC 7208 section 4.6.4",
        page: include_str!("../../../docs/rules/SPF903.md"),
        check: Check::Graph(lookups_gained),
    },
    Rule {
        code: "SPF904",
        name: "changed-record",
        severity: Severity::Note,
        off: false,
        consequence: Consequence::Advice,
        reference: "RFC 7208 section 5.2",
        page: include_str!("../../../docs/rules/SPF904.md"),
        check: Check::Graph(changed_record),
    },
];

/// Branches that a message names at most.
const MOST_BRANCHES: usize = 3;
/// What to do about any change.
const RECORD_ANEW: &str = "where the change is meant, compile what was compiled from the policy \
                           and record it anew with 'spfc lock'";

/// What changed; nothing where there is no recording, or where DNS failed.
fn drifted<'a>(facts: &'a Facts) -> Option<&'a Drifted> {
    facts.on_request.drifted.as_ref().filter(|drifted| drifted.drift.failed.is_none())
}

/// How many addresses one branch gained and lost.
#[derive(Default)]
struct Amounts {
    gained: Amount,
    lost: Amount,
    /// The first term that decides.
    term: Option<String>,
    /// Other terms do too.
    several: bool,
}

/// Addresses of both families.
#[derive(Default)]
struct Amount {
    ip4: u128,
    ip6_prefixes: usize,
}

impl Amount {
    /// `65 IPv4 addresses and 1 IPv6 prefix`; `None` for none.
    fn describe(&self) -> Option<String> {
        let ip4 = (self.ip4 > 0).then(|| counted(self.ip4, "IPv4 address", "es"));
        let ip6 = (self.ip6_prefixes > 0)
            .then(|| counted(self.ip6_prefixes as u128, "IPv6 prefix", "es"));
        let parts: Vec<String> = ip4.into_iter().chain(ip6).collect();
        (!parts.is_empty()).then(|| parts.join(" and "))
    }
}

fn counted(count: u128, noun: &str, plural: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { plural })
}

/// What each branch gained and lost, in the order of their names.
fn by_branch(drift: &Drift) -> BTreeMap<&Branch, Amounts> {
    let mut branches: BTreeMap<&Branch, Amounts> = BTreeMap::new();
    for part in &drift.ip4 {
        add(&mut branches, &part.difference, &part.decider, |amount, range: Range<u32>| {
            amount.ip4 += range.addresses();
        });
    }
    for part in &drift.ip6 {
        add(&mut branches, &part.difference, &part.decider, |amount, range: Range<u128>| {
            amount.ip6_prefixes += range.prefixes().count();
        });
    }
    branches
}

fn add<'a, A: Address>(
    branches: &mut BTreeMap<&'a Branch, Amounts>,
    difference: &Difference<A>,
    decider: &'a Decider,
    count: impl Fn(&mut Amount, Range<A>),
) {
    let change = difference.change();
    if change == Change::Other {
        return;
    }
    let amounts = branches.entry(&decider.branch).or_default();
    match &amounts.term {
        None => amounts.term = decider.term.clone(),
        Some(known) => amounts.several |= Some(known) != decider.term.as_ref(),
    }
    // What a term that only the message can decide passes has no size.
    match change {
        _ if !difference.witness.matching.is_empty() => {}
        Change::Gained => count(&mut amounts.gained, difference.range),
        _ => count(&mut amounts.lost, difference.range),
    }
}

/// A branch as it is named in a message.
fn named(branch: &Branch) -> String {
    match &branch.include {
        Some(include) => format!("'{}'", include.as_bytes().escape_ascii()),
        None => format!("the record of {}", branch.domain),
    }
}

fn drifted_addresses(facts: &Facts) -> Vec<Finding> {
    let Some(found) = drifted(facts).filter(|found| shrunken(facts, found).is_none()) else {
        return Vec::new();
    };
    let drift = &found.drift;
    let mut findings = Vec::new();
    for (branch, amounts) in by_branch(drift) {
        let more = amounts.gained.describe().map(|amount| format!("{amount} more"));
        let less = amounts.lost.describe().map(|amount| format!("{amount} less"));
        let parts: Vec<String> = more.into_iter().chain(less).collect();
        let who = named(branch);
        let message = match parts.is_empty() {
            false => format!("{who} passes {} than when it was recorded", parts.join(" and ")),
            true => format!(
                "{who} decides other messages than when it was recorded, by terms that only the \
                 message can decide"
            ),
        };
        // Of the record's other terms one alone can be pointed at.
        let only = amounts.term.as_ref().filter(|_| !amounts.several);
        let term = branch.include.as_ref().or(only);
        let place = found.place(&branch.domain, term.map(String::as_str));
        findings.push(Finding::new(place, message).help(RECORD_ANEW));
    }
    findings.extend(other_results(facts, found));
    findings
}

/// Addresses that pass neither before nor now, with another result.
fn other_results(facts: &Facts, found: &Drifted) -> Option<Finding> {
    let drift = &found.drift;
    let other4 = drift.comparison.ip4.iter().find(|it| it.change() == Change::Other);
    let other6 = drift.comparison.ip6.iter().find(|it| it.change() == Change::Other);
    let said = match (other4, other6) {
        (Some(it), _) => (it.range.first.to_ip(), it.witness.first, it.witness.second),
        (None, it) => it.map(|it| (it.range.first.to_ip(), it.witness.first, it.witness.second))?,
    };
    let (address, before, after) = said;
    let word = |end| word(end, drift);
    let message = format!(
        "addresses that do not pass get another result than when the policy was recorded: \
         {address} gets {}, which was {}",
        word(after),
        word(before)
    );
    Some(Finding::new(found.place(&facts.domain, None), message).help(RECORD_ANEW))
}

/// What is decided in the end, in a word.
fn word(end: End, drift: &Drift) -> String {
    match end {
        End::Undecided => "neutral".to_owned(),
        End::Outcome(outcome) => outcome.to_string(),
        End::Redirect(term) => {
            format!("'{}'", drift.decisions.dynamic(term).text.as_bytes().escape_ascii())
        }
        End::Error(_) => "permerror".to_owned(),
    }
}

/// The family that lost more than it may, the one that lost more first.
fn shrunken(facts: &Facts, found: &Drifted) -> Option<(Passing, &'static str)> {
    let (ip4, ip6) = (found.drift.passing_ip4, found.drift.passing_ip6);
    let families = [(ip4, "IPv4 addresses"), (ip6, "IPv6 networks (/64)")];
    let lost = families.into_iter().filter(|(it, _)| it.lost_more_than(facts.options.max_shrink));
    // Of equal shares the first counts.
    lost.rev().max_by_key(|(passing, _)| passing.lost_percent())
}

fn shrunken_policy(facts: &Facts) -> Vec<Finding> {
    let Some(found) = drifted(facts) else { return Vec::new() };
    let Some((passing, what)) = shrunken(facts, found) else { return Vec::new() };
    let Passing { before, kept, .. } = passing;
    let message = format!(
        "{} % of the {what} that passed when the policy was recorded do not pass now: {} of \
         {before}, and at most {} % may be lost",
        passing.lost_percent(),
        before.saturating_sub(kept),
        facts.options.max_shrink
    );
    let help = match found.drift.errors.first() {
        Some(error) => {
            let error = error.to_string();
            format!("receivers call the policy permerror: {}", error.as_bytes().escape_ascii())
        }
        None => format!("lost by {}; {RECORD_ANEW}", losers(&found.drift)),
    };
    vec![Finding::new(found.place(&facts.domain, None), message).help(help)]
}

/// The branches that lost addresses, with how many.
fn losers(drift: &Drift) -> String {
    let lost = by_branch(drift).into_iter().filter_map(|(branch, amounts)| {
        Some(format!("{} ({})", named(branch), amounts.lost.describe()?))
    });
    let lost: Vec<String> = lost.collect();
    let more = match lost.len().saturating_sub(MOST_BRANCHES) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let shown: Vec<String> = lost.into_iter().take(MOST_BRANCHES).collect();
    shown.join(", ") + &more
}

/// Lookups now and how many of them are new, in words; `None` where none is.
fn gained(before: u32, now: u32) -> Option<(u32, u32)> {
    now.checked_sub(before).filter(|more| *more > 0).map(|more| (now, more))
}

fn lookups_gained(facts: &Facts) -> Vec<Finding> {
    let Some(found) = drifted(facts).filter(|found| found.drift.errors.is_empty()) else {
        return Vec::new();
    };
    let (before, now) = (found.lookups_before, found.now.lookups);
    let terms = gained(before.terms, now.terms).map(|(now, more)| {
        format!(
            "needs {}, {more} more than when it was recorded",
            counted(now.into(), "DNS lookup", "s")
        )
    });
    let void = gained(before.void(), now.void()).map(|(now, more)| {
        let lookups = counted(now.into(), "DNS lookup", "s");
        format!("finds nothing in {lookups}, {more} more than when it was recorded")
    });
    let parts: Vec<String> = terms.into_iter().chain(void).collect();
    if parts.is_empty() {
        return Vec::new();
    }
    let message = format!("evaluation {}", parts.join(", and "));
    let help = "'spfc tree' shows which terms cause them; the limits are 10 lookups, and 2 that \
                find nothing";
    vec![Finding::new(found.place(&facts.domain, None), message).help(help)]
}

fn changed_record(facts: &Facts) -> Vec<Finding> {
    let quiet = |found: &&Drifted| {
        found.drift.comparison.verdict == Verdict::Equal && lookups_gained(facts).is_empty()
    };
    let Some(found) = drifted(facts).filter(quiet) else { return Vec::new() };
    let finding = |question: &crate::dns::Question| {
        let message = format!(
            "the answer to {question} changed since it was recorded, and no result with it"
        );
        let help = "record it anew with 'spfc lock', so that the next change stands alone";
        Finding::new(found.place(&question.name, None), message).help(help)
    };
    found.drift.answers.iter().map(|changed| finding(&changed.question)).collect()
}
