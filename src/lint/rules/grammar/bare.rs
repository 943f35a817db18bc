//! SPF003: an address or a host name without the mechanism that it is for.

use std::net::IpAddr;

use crate::lint::finding::FixKind;

use super::addresses::term_of_address;
use super::mistake::{Class, Repair};
use super::written::{meant, pieces, qualified, separator, shown};

/// An address, a host name or a macro-string by itself.
pub(super) fn bare(term: &str) -> Option<Repair> {
    let (qualifier, written) = qualified(term);
    let body = written.trim_end_matches([',', ';']);
    let start = qualifier.len();
    let repair = |message: String| Repair::new(Class::Bare, message).at(start, start + body.len());
    // 'a:2001:db8::1' reads as an address, too.
    let named = separator(pieces(term).name).is_some() && {
        let argument = pieces(term).argument;
        argument.split('/').next().is_some_and(|argument| argument.parse::<IpAddr>().is_ok())
    };
    if named {
        return None;
    }
    if let Some((text, kind)) = term_of_address(qualifier, body) {
        let repair = repair(format!("{} is an address without 'ip4:' or 'ip6:'", shown(body)));
        return Some(match text.is_empty() {
            true => repair,
            false => repair.text(kind, text),
        });
    }
    let own_name = separator(pieces(term).name).is_some();
    if own_name || body.contains([':', '=', '@', '\\', ',', ';']) || !body.contains('.') {
        return None;
    }
    if body.contains('%') {
        let text = format!("{qualifier}exists:{body}");
        let message = format!("{} is a name without a mechanism", shown(body));
        return meant(&text).then(|| repair(message).text(FixKind::Offered, text));
    }
    let host = format!("{qualifier}a:{body}");
    if !meant(&host) {
        return None;
    }
    let message = format!("{} is a host name without a mechanism", shown(body));
    let policy = format!("{qualifier}include:{body}");
    let help = format!(
        "write '{qualifier}include:{body}' for the policy of that domain, or '{qualifier}a:{body}' \
         for the addresses of that host"
    );
    let of_policy = meant(&policy) && names_policy(body);
    let text = if of_policy { policy } else { host };
    Some(repair(message).help(help).text(FixKind::Offered, text))
}

/// Whether a name looks like one that a provider publishes a policy at.
fn names_policy(name: &str) -> bool {
    name.split('.').any(|label| {
        let label = label.to_ascii_lowercase();
        label.starts_with('_') || label.contains("spf") || label == "netblocks"
    })
}
