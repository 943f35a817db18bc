//! What the map would show, in words.

use std::fmt::Write;

use super::super::describe::{addresses, heading};
use super::super::style::{BAD, DIM, GOOD, STRONG, paint};
use super::Shown;
use crate::addr::{Address, Range};
use crate::documents::Addresses;
use crate::escape;
use crate::picture::provider;
use crate::policy::{Passed, PassedRange};

/// What passes by provider; where it is compared, what is gained and lost. With
/// `verbose` each range.
pub(super) fn text(shown: &Shown, verbose: bool) -> String {
    let mut out = String::new();
    let name = escape::text(&shown.name);
    let total = said(&shown.passed);
    let _ = writeln!(out, "{}  {total}", heading(name));
    match &shown.changed {
        None => out.push_str(&providers(&shown.passed, verbose)),
        Some((changed, against)) => {
            let against = escape::text(against);
            for (style, word, passed) in
                [(GOOD, "+ gained", &changed.gained), (BAD, "- lost", &changed.lost)]
            {
                let _ = writeln!(out, "{}  {}", paint(style, word), said(passed));
                out.push_str(&providers(passed, verbose));
            }
            let _ = writeln!(out, "{}", paint(DIM, format!("compared with {against}")));
        }
    }
    for term in &shown.passed.dynamic {
        let _ = writeln!(out, "decided by the message: {}", escape::text(term));
    }
    out
}

/// `1,024 IPv4, 3 IPv6 prefixes`
fn said(passed: &Passed) -> String {
    let ip6_prefixes = passed.prefixes_ip6();
    // No more than there are of IPv4.
    let ip4 = passed.addresses_ip4() as u64;
    or_nothing(addresses(Addresses { ip4, ip6_prefixes }))
}

fn or_nothing(text: String) -> String {
    if text.is_empty() { "no address".to_owned() } else { text }
}

/// A line for each branch that passes something, that of the most IPv4
/// addresses first.
fn providers(passed: &Passed, verbose: bool) -> String {
    let mut found: Vec<(usize, Addresses)> = (0..passed.branches.len())
        .map(|branch| (branch, amount(passed, branch)))
        .filter(|(_, amount)| *amount != Addresses::default())
        .collect();
    found.sort_by_key(|(branch, amount)| (std::cmp::Reverse(amount.ip4), *branch));
    let names: Vec<String> =
        passed.branches.iter().map(|branch| escape::text(&provider(branch))).collect();
    let width = |branch: usize| names.get(branch).map_or(0, |name| name.chars().count());
    let widest = found.iter().map(|(branch, _)| width(*branch)).max().unwrap_or(0);
    let mut out = String::new();
    for (branch, amount) in found {
        let Some(name) = names.get(branch) else { continue };
        let pad = widest.saturating_sub(width(branch));
        let _ = writeln!(out, "  {}{:pad$}  {}", paint(STRONG, name), "", addresses(amount));
        if verbose {
            write_ranges(&passed.ip4, branch, &mut out);
            write_ranges(&passed.ip6, branch, &mut out);
        }
    }
    out
}

fn amount(passed: &Passed, branch: usize) -> Addresses {
    let ip4: u128 = of(&passed.ip4, branch).map(|range| range.addresses()).sum();
    let ip6_prefixes = of(&passed.ip6, branch).map(|range| range.prefixes().count()).sum();
    // No more than there are of IPv4.
    Addresses { ip4: ip4 as u64, ip6_prefixes }
}

fn of<A: Address>(parts: &[PassedRange<A>], branch: usize) -> impl Iterator<Item = Range<A>> {
    parts.iter().filter(move |part| part.branch == branch).map(|part| part.range)
}

fn write_ranges<A: Address>(parts: &[PassedRange<A>], branch: usize, out: &mut String) {
    for prefix in of(parts, branch).flat_map(|range| range.prefixes()) {
        let _ = writeln!(out, "    {prefix}");
    }
}
