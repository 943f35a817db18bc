//! Domains that are none, and arguments where there may be none.

use std::net::IpAddr;

use crate::lint::finding::FixKind;
use crate::syntax::SyntaxErrorKind;

use super::mistake::{Class, Repair};
use super::written::{one_meant, pieces, qualified, separator, shown};

const WHOLE_NAME: &str = "write the name with all its labels, as it stands in DNS: until then all \
                          mail gets permerror";

/// A known name with an argument that it cannot have.
pub(super) fn bad_domain(term: &str, kind: SyntaxErrorKind) -> Option<Repair> {
    let pieces = pieces(term);
    let name = pieces.name.to_ascii_lowercase();
    let sign = separator(&name)?;
    let (qualifier, argument) = (pieces.qualifier, pieces.argument);
    let start = term.len() - argument.len();
    let other = |message: String| Repair::new(Class::Other, message).at(start, term.len());
    if name == "all" {
        let message = "'all' takes no argument".to_owned();
        let repair = other(message).at(start - 1, term.len());
        return Some(repair.text(FixKind::Offered, format!("{qualifier}all")));
    }
    let url = argument.contains("://");
    if kind != SyntaxErrorKind::DomainEnd && !url || argument.is_empty() {
        return None;
    }
    let address = argument.split('/').next().unwrap_or_default();
    if let Ok(address) = address.parse::<IpAddr>() {
        let network = if address.is_ipv4() { "ip4" } else { "ip6" };
        let message = format!("{} is an address, and '{name}{sign}' takes a name", shown(argument));
        let kind = match name.as_str() {
            "a" | "mx" | "include" => FixKind::Declared,
            _ => FixKind::Offered,
        };
        return Some(other(message).text(kind, format!("{qualifier}{network}:{argument}")));
    }
    if one_meant(&format!("{qualifier}{argument}")) && argument.contains(':') {
        let message = format!("'{name}{sign}' before a whole term");
        let repair = other(message).at(0, start);
        return Some(repair.text(FixKind::Declared, format!("{qualifier}{argument}")));
    }
    if !qualified(argument).0.is_empty() && one_meant(argument) {
        let message = format!("{} where a domain name has to be", shown(argument));
        let text = match name.as_str() {
            "a" | "mx" | "ptr" => format!("{qualifier}{name} {argument}"),
            _ => argument.to_owned(),
        };
        return Some(other(message).text(FixKind::Offered, text));
    }
    let with = |argument: &str| format!("{qualifier}{name}{sign}{argument}");
    let host = host(argument);
    if host.len() < argument.len() && one_meant(&with(host)) {
        let message = format!("{} is more than a domain name", shown(argument));
        return Some(other(message).text(FixKind::Declared, with(host)));
    }
    let tail = argument.trim_end_matches(['-', '_', '~', '+', '?', '=', '*', '!', '#', '$', '^']);
    if tail.len() < argument.len() && one_meant(&with(tail)) {
        let message = format!("stray {} behind the domain name", shown(&argument[tail.len()..]));
        let at = start + tail.len();
        return Some(other(message).at(at, term.len()).text(FixKind::Offered, with(tail)));
    }
    let dotted = with(&argument.replace(',', "."));
    if argument.contains(',') && one_meant(&dotted) {
        let message = format!("a comma in the domain name {}", shown(argument));
        return Some(other(message).text(FixKind::Offered, dotted));
    }
    single_label(argument).map(|message| other(message).help(WHOLE_NAME))
}

/// What is wrong with a name of one label.
fn single_label(argument: &str) -> Option<String> {
    let label = argument.strip_suffix('.').unwrap_or(argument);
    let single = !label.is_empty() && !label.contains(['.', '%', '/', ':']);
    single.then(|| format!("{} is a single label, not a whole domain name", shown(argument)))
}

/// The name in a web address, in a mail address or before a port.
fn host(argument: &str) -> &str {
    let host = argument.split_once("://").map_or(argument, |(_, behind)| behind);
    let host = host.split('/').next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|octet| octet.is_ascii_digit()) => name,
        _ => host,
    }
}
