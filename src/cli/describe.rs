//! Words and numbers that several subcommands print.

pub(super) use crate::counts::{counted, counted_all, number};

use super::style::{BAD, GOOD, STRONG, WARN, paint};
use crate::documents::Addresses;
use crate::escape;
use crate::limits::{LOOKUP_TERMS, VOID_LOOKUPS};
use crate::policy::LookupCount;
use crate::refresh::ProviderChange;

/// `- _spf.example.net  2 ranges of 512 IPv4 addresses`
pub(super) fn provider_change(change: &ProviderChange) -> String {
    let sign = match change.change.as_str() {
        "gained" => paint(GOOD, "+"),
        "lost" => paint(BAD, "-"),
        _ => paint(WARN, "~"),
    };
    // There is nothing but digits.
    let [ip4, ip6] = [&change.ip4, &change.ip6].map(|digits| digits.parse().unwrap_or(u128::MAX));
    let families = [(ip4, "IPv4 address"), (ip6, "IPv6 network")];
    let some = families.into_iter().filter(|(count, _)| *count > 0);
    let some: Vec<String> = some.map(|(count, noun)| counted_all(count, noun)).collect();
    let ranges = counted_all(change.ranges.into(), "range");
    format!("{sign} {}  {ranges} of {}", escape::text(&change.provider), some.join(", "))
}

/// `1,024 IPv4, 3 IPv6 prefixes`; empty for none.
pub(super) fn addresses(addresses: Addresses) -> String {
    let Addresses { ip4, ip6_prefixes } = addresses;
    let ip4 = (ip4 > 0).then(|| match ip4 == 1 << 32 {
        true => "all IPv4".to_owned(),
        false => format!("{} IPv4", number(u128::from(ip4))),
    });
    let ip6 = (ip6_prefixes > 0).then(|| counted(ip6_prefixes, "IPv6 prefix"));
    ip4.into_iter().chain(ip6).collect::<Vec<_>>().join(", ")
}

/// The lookups of a policy beside their limits, in colours.
pub(super) fn lookups(count: &LookupCount) -> String {
    let terms = against(count.terms, LOOKUP_TERMS, "lookup");
    let void = match (count.void_ip4, count.void_ip6) {
        (ip4, ip6) if ip4 != ip6 && ip4.max(ip6) > 0 => {
            let void = against(count.void(), VOID_LOOKUPS, "void lookup");
            format!("{void} ({ip4} for IPv4 clients, {ip6} for IPv6 clients)")
        }
        _ => against(count.void(), VOID_LOOKUPS, "void lookup"),
    };
    format!("{terms}, {void}, {}", counted(count.queries as usize, "DNS question"))
}

/// `13 lookups, 3 over the limit of 10`
fn against(count: u32, limit: u32, noun: &str) -> String {
    if count > limit {
        let said = counted(count as usize, noun);
        return paint(BAD, format!("{said}, {} over the limit of {limit}", count - limit));
    }
    let style = if count == limit { WARN } else { GOOD };
    format!("{} of {limit} {noun}s", paint(style, count))
}

/// A heading.
pub(super) fn heading(text: impl std::fmt::Display) -> String {
    paint(STRONG, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_family_is_said_in_words() {
        let all = addresses(Addresses { ip4: 1 << 32, ip6_prefixes: 1 });
        assert_eq!(all, "all IPv4, 1 IPv6 prefix");
        assert_eq!(addresses(Addresses { ip4: 1_024, ip6_prefixes: 0 }), "1,024 IPv4");
        assert_eq!(addresses(Addresses::default()), "");
    }
}
